/* SPDX-License-Identifier: MIT */
/*
 * confusion.c - where UAR is computed: counts of true against found classes,
 * and the rates made of them.
 */
#include "metrics/confusion.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* ---- counts ---- */

expclip_status expclip__tally_create(expclip__tally **out, size_t n_classes,
                                     expclip_error *err)
{
    expclip__tally *t = expclip__alloc_zero(1, sizeof(*t));

    if (!t)
        return expclip__fail_memory(err, "tally");
    t->n_classes = n_classes;
    t->support = expclip__alloc_zero(n_classes, 3 * sizeof(*t->support));
    if (!t->support) {
        expclip__tally_free(t);
        return expclip__fail_memory(err, "tally");
    }
    t->found = t->support + n_classes;
    t->right = t->found + n_classes;
    *out = t;
    return EXPCLIP_OK;
}

void expclip__tally_free(expclip__tally *t)
{
    if (!t)
        return;
    expclip__free(t->support); /* one block for all three */
    expclip__free(t);
}

void expclip__tally_clear(expclip__tally *t)
{
    memset(t->support, 0, 3 * t->n_classes * sizeof(*t->support));
}

void expclip__tally_merge(expclip__tally *t, const expclip__tally *other)
{
    for (size_t i = 0; i < 3 * t->n_classes; i++)
        t->support[i] += other->support[i];
}

void expclip__tally_read(expclip__tally *t, const size_t *matrix)
{
    const size_t n = t->n_classes;

    expclip__tally_clear(t);
    for (size_t truth = 0; truth < n; truth++)
        for (size_t found = 0; found < n; found++) {
            t->support[truth] += matrix[truth * n + found];
            t->found[found] += matrix[truth * n + found];
        }
    for (size_t i = 0; i < n; i++)
        t->right[i] = matrix[i * n + i];
}

void expclip__confusion_count(size_t *matrices, const expclip__predictions *p)
{
    const size_t n = p->n_classes;

    for (size_t i = 0; i < p->n; i++) {
        const expclip__prediction *item = &p->items[i];
        const size_t row = (size_t)item->fold * n + (size_t)item->truth;

        matrices[row * n + (size_t)item->found]++;
    }
}

/* ---- rates ---- */

static double fraction(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

size_t expclip__tally_count(const expclip__tally *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n_classes; i++)
        n += t->support[i];
    return n;
}

double expclip__tally_recall(const expclip__tally *t, size_t index)
{
    return fraction(t->right[index], t->support[index]);
}

double expclip__tally_precision(const expclip__tally *t, size_t index)
{
    return fraction(t->right[index], t->found[index]);
}

double expclip__tally_f1(const expclip__tally *t, size_t index)
{
    return fraction(2 * t->right[index], t->support[index] + t->found[index]);
}

double expclip__tally_war(const expclip__tally *t)
{
    size_t right = 0;

    for (size_t i = 0; i < t->n_classes; i++)
        right += t->right[i];
    return fraction(right, expclip__tally_count(t));
}

/* Mean over the classes that have the rate. */
static double mean_rate(const expclip__tally *t,
                        double (*rate)(const expclip__tally *, size_t))
{
    double sum = 0.0;
    size_t n = 0;

    for (size_t i = 0; i < t->n_classes; i++) {
        const double x = rate(t, i);

        if (!isnan(x)) {
            sum += x;
            n++;
        }
    }
    return n ? sum / (double)n : (double)NAN;
}

double expclip__tally_uar(const expclip__tally *t)
{
    return mean_rate(t, expclip__tally_recall);
}

double expclip__tally_macro_f1(const expclip__tally *t)
{
    return mean_rate(t, expclip__tally_f1);
}
