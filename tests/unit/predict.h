/* SPDX-License-Identifier: MIT */
/*
 * predict.h - logits made by hand, for the tests of rates.
 */
#ifndef EXPCLIP_TEST_PREDICT_H
#define EXPCLIP_TEST_PREDICT_H

#include "unit/scratch.h"

#include "metrics/predictions.h"

#define PREDICT_MOST 4096

/** Logits of 1 for the class found and 0 for the others. They stay where they
 * are until the next call. */
static inline expclip__predictions *predict(const int32_t *truth,
                                            const int32_t *found,
                                            const int32_t *folds, size_t n,
                                            size_t n_classes)
{
    static float logits[PREDICT_MOST];
    const expclip__scored scored = { logits, truth, folds, n, n_classes };
    expclip__predictions *p = NULL;

    assert_true(n * n_classes <= PREDICT_MOST);
    for (size_t i = 0; i < n * n_classes; i++)
        logits[i] = i % n_classes == (size_t)found[i / n_classes] ? 1.0f : 0.0f;
    assert_int_equal(expclip__predictions_create(&p, &scored, NULL),
                     EXPCLIP_OK);
    return p;
}

#endif
