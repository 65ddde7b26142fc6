/* SPDX-License-Identifier: MIT */
/*
 * pickle_values.h - what a torch pickle describes, once it is read.
 *
 * Values are nodes of one array and refer to each other by index. A container
 * cannot be changed any more once it is in another one, so there are no
 * cycles; but a node may be reached in many ways: whoever walks, counts.
 */
#ifndef EXPCLIP_WEIGHTS_PICKLE_VALUES_H
#define EXPCLIP_WEIGHTS_PICKLE_VALUES_H

#include <stddef.h>

#include "weights/weight.h"

typedef enum expclip__pickle_kind {
    EXPCLIP__PICKLE_NONE,
    EXPCLIP__PICKLE_BOOL,   /* integer */
    EXPCLIP__PICKLE_INT,    /* integer */
    EXPCLIP__PICKLE_FLOAT,  /* value not kept */
    EXPCLIP__PICKLE_STRING, /* string */
    EXPCLIP__PICKLE_GLOBAL, /* integer: row of the table of names */
    EXPCLIP__PICKLE_TUPLE,  /* items */
    EXPCLIP__PICKLE_LIST,   /* items */
    EXPCLIP__PICKLE_DICT,   /* items with keys */
    EXPCLIP__PICKLE_OBJECT, /* items with keys: a TorchScript module */
    EXPCLIP__PICKLE_STORAGE,
    EXPCLIP__PICKLE_TENSOR,
    EXPCLIP__PICKLE_OTHER /* says nothing of tensors, whatever it is */
} expclip__pickle_kind;

/** Index of a node. */
typedef uint32_t expclip__pickle_ref;

/** One element of a container: key and value, or value. */
typedef struct expclip__pickle_item {
    expclip__pickle_ref key;
    expclip__pickle_ref value;
    uint32_t next; /* index of the next item, 0 = the last */
} expclip__pickle_item;

typedef struct expclip__pickle_node {
    expclip__pickle_kind kind;
    int held; /* a container that is in another one */
    union {
        int64_t integer;
        struct {
            const char *text; /* UTF-8, NULs inside too, not ended by one */
            size_t size;
        } string;
        struct {
            uint32_t first; /* index of an item, 0 = none */
            uint32_t last;
            uint32_t count;
        } items;
        struct {
            int64_t n_elements;
            uint64_t key; /* the archive's entry data/<key> */
            expclip__dtype dtype;
        } storage;
        struct {
            uint32_t view; /* index into views */
            expclip__pickle_ref storage;
        } tensor;
    } is;
} expclip__pickle_node;

/** How a tensor lies in its storage: checked to lie inside. */
typedef struct expclip__pickle_view {
    int64_t offset;
    int32_t n_dims;
    int64_t shape[EXPCLIP__MAX_DIMS];
    int64_t stride[EXPCLIP__MAX_DIMS];
    int64_t n_elements;
} expclip__pickle_view;

typedef struct expclip__pickle {
    expclip__pickle_node *nodes;
    expclip__pickle_item *items; /* item 0 is not used */
    expclip__pickle_view *views;
    uint32_t n_nodes;
    expclip__pickle_ref root;
} expclip__pickle;

#endif
