/* SPDX-License-Identifier: MIT */
/*
 * features.h - rows that are embeddings of a dataset's items before the head.
 */
#ifndef EXPCLIP_ROWS_FEATURES_H
#define EXPCLIP_ROWS_FEATURES_H

#include "expression/model.h"
#include "rows/feature_scores.h"
#include "rows/image_ahead.h"
#include "rows/rows.h"

typedef struct expclip__features {
    expclip_rows rows;
    expclip_model *model;             /* retained */
    expclip_features_options options; /* `cache` is not kept */
    expclip__ahead ahead;
    expclip__face_choice choice;
    expclip_detector *detector; /* own; NULL = images are taken whole */
    expclip__head_view head;
} expclip__features;

/** As expclip_rows_create_features(), arguments checked. */
expclip_status expclip__features_create(expclip_rows **out,
                                        const expclip_model *model,
                                        const expclip_dataset *dataset,
                                        const expclip_features_options *options,
                                        expclip_error *err);
/** Of rows that are features, all done and made by the model's encoder; else
 * ARGUMENT or STATE. */
expclip_status expclip__features_of(expclip__features **out,
                                    const expclip_rows *rows,
                                    const expclip_model *model,
                                    expclip_error *err);

#endif
