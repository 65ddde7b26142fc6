/* SPDX-License-Identifier: MIT */
/*
 * targets.h - rows that a teacher makes of each image of a dataset.
 */
#ifndef EXPCLIP_ROWS_TARGETS_H
#define EXPCLIP_ROWS_TARGETS_H

#include "rows/rows.h"
#include "teacher/teacher.h"

/** As expclip_rows_create_targets(), arguments checked. */
expclip_status expclip__targets_create(expclip_rows **out,
                                       const expclip_teacher *teacher,
                                       const expclip_dataset *dataset,
                                       const char *path, expclip_error *err);

#endif
