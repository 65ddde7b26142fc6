/* SPDX-License-Identifier: MIT */
/*
 * dataset_names.h - which class the name of a folder means: taken as it is,
 * with a number around it cut off, or as the caller's labels say.
 */
#ifndef EXPCLIP_DATASET_NAMES_H
#define EXPCLIP_DATASET_NAMES_H

#include "datasets/dataset_builder.h"

typedef struct expclip__class_name {
    expclip__field text; /* as it is a class; points into the name or labels */
    int32_t known;       /* class of the paper's order, -1 = none */
    int is_told;         /* labels say so */
    int is_numbered;     /* a number was cut off */
} expclip__class_name;

/** ARGUMENT when `labels` is not "NAME=CLASS,NAME=CLASS...", or "". */
expclip_status expclip__labels_check(const char *labels, expclip_error *err);
/** Class that labels give to a name. @return 1 when they do */
int expclip__labels_find(expclip__class_name *out, const char *labels,
                         const expclip__field *name);
/** ARGUMENT when a name of `labels` is none of `names`: a slip of the pen. */
expclip_status expclip__labels_unused(const expclip__builder *b,
                                      const char *const *names, size_t n,
                                      expclip_error *err);

/**
 * Read the name of a folder. FORMAT when it has no letters, or a number beside
 * a word that is no known class: what it means is not certain.
 */
expclip_status expclip__read_class_name(expclip__class_name *out,
                                        const expclip__builder *b,
                                        const char *name, expclip_error *err);

#endif
