/* SPDX-License-Identifier: MIT */
/*
 * predictions.h - which class was found for each item, and which is true.
 */
#ifndef EXPCLIP_METRICS_PREDICTIONS_H
#define EXPCLIP_METRICS_PREDICTIONS_H

#include <expclip.h>

/** What a caller has, checked: labels and folds are in range. Borrowed. */
typedef struct expclip__scored {
    const float *logits;   /* [n, n_classes] */
    const int32_t *labels; /* [n] */
    const int32_t *folds;  /* [n], or NULL: one */
    size_t n;
    size_t n_classes;
} expclip__scored;

/** One item that did not fail. */
typedef struct expclip__prediction {
    const float *logits; /* [n_classes], finite */
    int32_t truth;
    int32_t found; /* first of the largest logits, as expclip_logits_argmax() */
    int32_t rank;  /* how many classes stand before the true one */
    int32_t fold;
} expclip__prediction;

typedef struct expclip__predictions {
    expclip__prediction *items; /* [n], in the caller's order */
    size_t n;
    size_t n_classes;
    int32_t n_folds;
    size_t *n_failed; /* [n_folds] */
} expclip__predictions;

/**
 * Read logits. A row with a NaN is an item that failed and is left out.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NONFINITE (infinity), STATE (no item is
 *         left), MEMORY}
 */
expclip_status expclip__predictions_create(expclip__predictions **out,
                                           const expclip__scored *scored,
                                           expclip_error *err);
void expclip__predictions_free(expclip__predictions *p);

#endif
