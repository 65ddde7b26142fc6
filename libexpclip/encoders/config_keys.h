/* SPDX-License-Identifier: MIT */
/*
 * config_keys.h - every key of a model's configuration files, in tables.
 *
 * A key is used (its value is kept), harmless (no embedding depends on it), or
 * refused unless its value is the one that this library computes. So no key
 * can change a model in silence. The tables are in config_tables.c.
 */
#ifndef EXPCLIP_CONFIG_KEYS_H
#define EXPCLIP_CONFIG_KEYS_H

#include <expclip.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/** What is done with a key's value. */
typedef enum expclip__key_kind {
    EXPCLIP__KEY_HARMLESS, /* nothing */
    EXPCLIP__KEY_ONLY,     /* refused unless null or one of `values` */
    EXPCLIP__KEY_FAMILY,   /* refused by name unless empty: another model */
    EXPCLIP__KEY_NUMBER,   /* kept as double: a number above 0 */
    EXPCLIP__KEY_INTEGER,  /* kept as double: a whole number, 0 to 2^24 */
    EXPCLIP__KEY_FLAG,     /* kept as int32_t: true or false */
    EXPCLIP__KEY_CHOICE,   /* kept as int32_t: which one of `values` it is */
    EXPCLIP__KEY_THREE,    /* kept as float[3]: three numbers, or one */
    EXPCLIP__KEY_SIZE,     /* kept as expclip__size_keys */
    EXPCLIP__KEY_SECTION   /* an object with keys of its own */
} expclip__key_kind;

typedef struct expclip__key_section expclip__key_section;

typedef struct expclip__key {
    const char *name;
    expclip__key_kind kind;
    /* JSON texts between bars; of FAMILY the model's name, and of INTEGER the
     * name of a model that has a list there, or NULL. */
    const char *values;
    size_t place; /* where in the caller's struct the value goes */
    const expclip__key_section *section;
} expclip__key;

struct expclip__key_section {
    const expclip__key *keys;
    size_t n_keys;
    int32_t closed; /* 1: unknown keys are refused unless empty */
    int32_t nulls;  /* 1: null is as good as no key, for every kind */
};

/** Sides in pixels; 0 is not said. */
typedef struct expclip__size_keys {
    double shortest; /* a lone number too */
    double height;
    double width;
} expclip__size_keys;

/** One tower; numbers are 0 and choices are the default when not said. */
typedef struct expclip__tower_keys {
    double width;
    double layers;
    double heads;
    double head_width; /* open_clip, vision */
    double mlp_width;  /* Hugging Face */
    double mlp_ratio;  /* open_clip */
    double eps;
    double vocabulary;
    double context;
    double end_id; /* of a text */
    expclip__size_keys image;
    expclip__size_keys patch;
    int32_t quick_gelu; /* Hugging Face */
    int32_t pool_by_id; /* open_clip, text: 1 = pool_type "eos" */
} expclip__tower_keys;

typedef struct expclip__model_keys {
    expclip__tower_keys vision;
    expclip__tower_keys text;
    double embed_dim;
    int32_t quick_gelu; /* open_clip */
} expclip__model_keys;

typedef struct expclip__pixel_keys {
    float mean[3];
    float std[3];
    int32_t squash; /* open_clip */
    int32_t center_crop;
    int32_t normalize;
    expclip__size_keys size;
    expclip__size_keys crop;
} expclip__pixel_keys;

extern const expclip__key_section expclip__keys_open_clip;
extern const expclip__key_section expclip__keys_open_clip_pixels;
extern const expclip__key_section expclip__keys_hugging_face;
extern const expclip__key_section expclip__keys_hugging_face_pixels;

/**
 * Read an object by its table into the struct that the table's places mean.
 * Keys that are not there leave their place as it is.
 *
 * @param where  what stands before a key in messages: "config.json: "
 * @return OK, UNSUPPORTED (a value or key that this library does not compute),
 *         FORMAT (a value of another type than the key has)
 */
expclip_status expclip__keys_read(void *out, const json_t *object,
                                  const expclip__key_section *section,
                                  const char *where, expclip_error *err);

/** The side of a square; 0 when nothing is said, -1 when it is no square. */
double expclip__size_square(const expclip__size_keys *size);

#endif
