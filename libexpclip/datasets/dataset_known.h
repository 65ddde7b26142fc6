/* SPDX-License-Identifier: MIT */
/*
 * dataset_known.h - what the library knows of a published dataset: a row of the
 * table in dataset_tables.c.
 */
#ifndef EXPCLIP_DATASETS_DATASET_KNOWN_H
#define EXPCLIP_DATASETS_DATASET_KNOWN_H

#include <expclip_base.h>

#define EXPCLIP__MAX_CLASSES 11
#define EXPCLIP__MAX_FOLDS 5

typedef struct expclip__builder expclip__builder;

typedef struct expclip__known {
    const char *name;
    int32_t n_classes; /* the first of the paper's; 0 = as found */
    int32_t n_folds;
    int takes_labels; /* of the caller's, without lists too */
    int32_t first_code;
    int32_t n_codes;                    /* 0: its labels are names */
    int8_t codes[EXPCLIP__MAX_CLASSES]; /* class of each code, -1 = dropped */
    /** Items of each fold of the test part; 0 = not published, or a rule is
     * needed to tell. */
    int32_t n_items[EXPCLIP__MAX_FOLDS];
    /** The same by class; all 0 = as above. */
    int32_t n_by_class[EXPCLIP__MAX_FOLDS][EXPCLIP__MAX_CLASSES];
    /** Add the items of the layout. */
    expclip_status (*read)(expclip__builder *b, expclip_error *err);
} expclip__known;

#endif
