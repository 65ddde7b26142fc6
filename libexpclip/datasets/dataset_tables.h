/* SPDX-License-Identifier: MIT */
/*
 * dataset_tables.h - what is published of each dataset: its classes' codes in
 * the order of the paper, its folds and its counts. The one source of these.
 */
#ifndef EXPCLIP_DATASETS_DATASET_TABLES_H
#define EXPCLIP_DATASETS_DATASET_TABLES_H

#include "datasets/dataset_known.h"

/** The dataset of a name, letters' case and "-" aside; NULL = none. */
const expclip__known *expclip__known_find(const char *name);

/** Class of a name or one of its other forms ("Happy"), by the paper's order;
 * -1 = none. `size` bytes, any case. */
int32_t expclip__class_of_name(const char *name, size_t size);

#endif
