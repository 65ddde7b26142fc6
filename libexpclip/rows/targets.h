/* SPDX-License-Identifier: MIT */
/*
 * targets.h - what a teacher says of each picture of a data set.
 */
#ifndef EXPCLIP_ROWS_TARGETS_H
#define EXPCLIP_ROWS_TARGETS_H

#include "datasets/dataset.h"
#include "rows/descriptions.h"
#include "rows/row_store.h"
#include "teacher/teacher.h"

struct expclip_targets {
    expclip_teacher *teacher; /* retained */
    expclip_dataset *dataset; /* retained */
    expclip__row_store store;
    expclip__descriptions descriptions; /* where the teacher reads texts */
};

/** As the functions of expclip_train.h, arguments checked. */
expclip_status expclip__targets_create(expclip_targets **out,
                                       const expclip_teacher *teacher,
                                       const expclip_dataset *dataset,
                                       const char *path, expclip_error *err);
expclip_status expclip__targets_step(expclip_targets *t,
                                     const expclip_cancel *cancel,
                                     expclip_error *err);
void expclip__targets_free(expclip_targets *t);

#endif
