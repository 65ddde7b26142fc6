/* SPDX-License-Identifier: MIT */
/*
 * dataset_open.h - opening a dataset of any layout.
 */
#ifndef EXPCLIP_DATASETS_DATASET_OPEN_H
#define EXPCLIP_DATASETS_DATASET_OPEN_H

#include "datasets/dataset.h"

/** As expclip_dataset_open(), options complete and checked. */
expclip_status expclip__dataset_open(expclip_dataset **out, const char *name,
                                     const char *path, const char *const *lists,
                                     size_t n_lists,
                                     const expclip_dataset_options *options,
                                     expclip_error *err);
#endif
