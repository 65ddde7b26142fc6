/* SPDX-License-Identifier: MIT */
/*
 * sources.h - which files a model and its head come from.
 *
 * Loading and converting start alike: find the files, read what they say of
 * themselves, and settle on a head and a preset.
 */
#ifndef EXPCLIP_SOURCES_H
#define EXPCLIP_SOURCES_H

#include "encoders/config.h"
#include "faces/crop.h"
#include "weights/weights.h"

typedef struct expclip__sources {
    expclip__weights *model;
    expclip__weights *head_file; /* NULL = the head is in `model` */
    const expclip__weight *head; /* NULL = plain CLIP */
    expclip__config config;
    expclip__pixels pixels; /* of the encoder's own image size */
    expclip__crop crop;     /* of faces, as the files say */
    const char *name;       /* the file's own, may be NULL */
    const char *path;       /* of the model, while the files are opened */
    const char *head_path;  /* of head_file */
} expclip__sources;

/** What the user may say of the files, as in expclip_load_options. */
typedef struct expclip__source_options {
    const char *head;
    const char *preprocess;
    const char *activation;
} expclip__source_options;

expclip_status expclip__sources_open(expclip__sources *out, const char *path,
                                     const expclip__source_options *options,
                                     expclip_error *err);
void expclip__sources_close(expclip__sources *s);

/** The set that the head's weight belongs to. */
const expclip__weights *expclip__sources_head(const expclip__sources *s);

#endif
