/* SPDX-License-Identifier: MIT */
/*
 * dataset_tables.h - what is published of each data set: its classes' codes in
 * the order of the paper, its folds and its counts. The one source of these.
 */
#ifndef EXPCLIP_DATASET_TABLES_H
#define EXPCLIP_DATASET_TABLES_H

#include <expclip.h>

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

/** The data set of a name, letters' case and "-" aside; NULL = none. */
const expclip__known *expclip__known_find(const char *name);

/** Class of a name or one of its other forms ("Happy"), by the paper's order;
 * -1 = none. `size` bytes, any case. */
int32_t expclip__class_of_name(const char *name, size_t size);

#endif
