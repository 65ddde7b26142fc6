/* SPDX-License-Identifier: MIT */
/*
 * predictions.c - which class was found for each item, and which is true.
 */
#include "metrics/predictions.h"

#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "metrics/logits.h"

void expclip__predictions_free(expclip__predictions *p)
{
    if (!p)
        return;
    expclip__free(p->items);
    expclip__free(p->n_failed);
    expclip__free(p);
}

static int32_t count_folds(const expclip__scored *s)
{
    int32_t last = 0;

    for (size_t i = 0; s->folds && i < s->n; i++)
        if (s->folds[i] > last)
            last = s->folds[i];
    return last + 1;
}

static int has_nan(const float *row, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(row[i]))
            return 1;
    return 0;
}

static expclip_status check_finite(const float *row, size_t n, size_t item,
                                   expclip_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (isinf(row[i]))
            return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                                 "logits of item %zu: infinity for class %zu, "
                                 "expected numbers, or NaN for an item that "
                                 "failed",
                                 item, i);
    return EXPCLIP_OK;
}

/* The first of equal logits stands before the others, as in
 * expclip_logits_top_k(). */
static void rank(expclip__prediction *p, size_t n_classes)
{
    const float of_truth = p->logits[p->truth];

    p->found = (int32_t)expclip__argmax(p->logits, n_classes);
    p->rank = 0;
    for (size_t i = 0; i < n_classes; i++) {
        const float logit = p->logits[i];

        if (logit > of_truth || (logit == of_truth && (int32_t)i < p->truth))
            p->rank++;
    }
}

static expclip_status read_items(expclip__predictions *p,
                                 const expclip__scored *s, expclip_error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const float *row = s->logits + i * s->n_classes;
        const int32_t fold = s->folds ? s->folds[i] : 0;
        expclip__prediction *item = &p->items[p->n];
        expclip_status status;

        if (has_nan(row, s->n_classes)) {
            p->n_failed[fold]++;
            continue;
        }
        if ((status = check_finite(row, s->n_classes, i, err)))
            return status;
        item->logits = row;
        item->truth = s->labels[i];
        item->fold = fold;
        rank(item, s->n_classes);
        p->n++;
    }
    if (p->n)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "items: %zu, of which all failed, expected one that "
                         "did not",
                         s->n);
}

expclip_status expclip__predictions_create(expclip__predictions **out,
                                           const expclip__scored *scored,
                                           expclip_error *err)
{
    expclip__predictions *p = expclip__alloc_zero(1, sizeof(*p));
    expclip_status status;

    if (!p)
        return expclip__fail_memory(err, "predictions");
    p->n_classes = scored->n_classes;
    p->n_folds = count_folds(scored);
    p->items = expclip__alloc(scored->n ? scored->n : 1, sizeof(*p->items));
    p->n_failed = expclip__alloc_zero((size_t)p->n_folds, sizeof(*p->n_failed));
    if (!p->items || !p->n_failed)
        status = expclip__fail_memory(err, "predictions");
    else
        status = read_items(p, scored, err);
    if (status)
        expclip__predictions_free(p);
    else
        *out = p;
    return status;
}
