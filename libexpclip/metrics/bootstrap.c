/* SPDX-License-Identifier: MIT */
/*
 * bootstrap.c - intervals of UAR, WAR and macro F1: percentile bootstrap
 * (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
 */
#include "metrics/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/threads.h"

/* ---- random numbers: integers only, the same on every machine ---- */

typedef struct random_source {
    uint64_t s[4];
} random_source;

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* xoshiro256** 1.0 by Blackman and Vigna, https://prng.di.unimi.it */
static uint64_t next_bits(random_source *r)
{
    uint64_t *s = r->s;
    const uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* Its authors start it from SplitMix64, so that no seed is a bad one. */
static void start_random(random_source *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = z ^ (z >> 31);
    }
}

/* Each of 0..n-1 equally often: Lemire, Fast Random Integer Generation in an
 * Interval, 2019. */
static uint32_t next_below(random_source *r, uint32_t n)
{
    uint64_t product = (next_bits(r) >> 32) * n;

    if ((uint32_t)product < n) {
        const uint32_t uneven = (uint32_t)(-n) % n;

        while ((uint32_t)product < uneven)
            product = (next_bits(r) >> 32) * n;
    }
    return (uint32_t)(product >> 32);
}

/* ---- samples ---- */

typedef struct outcome {
    int32_t truth;
    int32_t found;
} outcome;

/** What all samples are drawn from and counted with. */
typedef struct sampler {
    outcome *outcomes; /* [items], fold after fold */
    size_t *starts;    /* [n_folds + 1], of each fold in it */
    size_t n_folds;
    expclip__tally *fold;
    expclip__tally *all;
    double *rates; /* [EXPCLIP__N_RATES, n_samples] */
} sampler;

static void free_sampler(sampler *s)
{
    expclip__free(s->outcomes);
    expclip__free(s->starts);
    expclip__free(s->rates);
    expclip__tally_free(s->fold);
    expclip__tally_free(s->all);
}

static void sort_outcomes(sampler *s, const expclip__predictions *p)
{
    /* Afterwards starts[k + 1] is where the next item of fold k belongs. */
    for (size_t i = 0; i < p->n; i++)
        if ((size_t)p->items[i].fold + 2 <= s->n_folds)
            s->starts[p->items[i].fold + 2]++;
    for (size_t k = 2; k <= s->n_folds; k++)
        s->starts[k] += s->starts[k - 1];
    for (size_t i = 0; i < p->n; i++) {
        const expclip__prediction *item = &p->items[i];
        const size_t place = s->starts[item->fold + 1]++;

        s->outcomes[place].truth = item->truth;
        s->outcomes[place].found = item->found;
    }
}

static expclip_status make_sampler(sampler *s, const expclip__predictions *p,
                                   size_t n_samples, expclip_error *err)
{
    expclip_status status;

    s->n_folds = (size_t)p->n_folds;
    if ((status = expclip__tally_create(&s->fold, p->n_classes, err)) ||
        (status = expclip__tally_create(&s->all, p->n_classes, err)))
        return status;
    s->outcomes = expclip__alloc(p->n, sizeof(*s->outcomes));
    s->starts = expclip__alloc_zero(s->n_folds + 1, sizeof(*s->starts));
    s->rates = expclip__alloc(n_samples, EXPCLIP__N_RATES * sizeof(*s->rates));
    if (!s->outcomes || !s->starts || !s->rates)
        return expclip__fail_memory(err, "bootstrap");
    sort_outcomes(s, p);
    return EXPCLIP_OK;
}

static void draw(double rates[EXPCLIP__N_RATES], sampler *s, random_source *r)
{
    double uar = 0.0, war = 0.0;
    size_t n_filled = 0;

    expclip__tally_clear(s->all);
    for (size_t k = 0; k < s->n_folds; k++) {
        const outcome *outcomes = s->outcomes + s->starts[k];
        const uint32_t n = (uint32_t)(s->starts[k + 1] - s->starts[k]);

        if (n == 0)
            continue;
        expclip__tally_clear(s->fold);
        for (uint32_t i = 0; i < n; i++) {
            const outcome *o = &outcomes[next_below(r, n)];

            expclip__tally_add(s->fold, o->truth, o->found);
        }
        uar += expclip__tally_uar(s->fold);
        war += expclip__tally_war(s->fold);
        expclip__tally_merge(s->all, s->fold);
        n_filled++;
    }
    rates[EXPCLIP__UAR] = uar / (double)n_filled;
    rates[EXPCLIP__WAR] = war / (double)n_filled;
    rates[EXPCLIP__MACRO_F1] = expclip__tally_macro_f1(s->all);
}

/* ---- percentiles ---- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Between its neighbours in proportion, as numpy.percentile() does. */
static double quantile(const double *sorted, size_t n, double q)
{
    const double place = q * (double)(n - 1);
    const size_t below = (size_t)place;
    const size_t above = below + 1 < n ? below + 1 : below;

    return sorted[below] +
           (place - (double)below) * (sorted[above] - sorted[below]);
}

expclip_status expclip__bootstrap(expclip__interval *intervals,
                                  const expclip__predictions *p,
                                  size_t n_samples, double confidence,
                                  uint64_t seed, const expclip_cancel *cancel,
                                  expclip_error *err)
{
    const double tail = (1.0 - confidence) / 2.0;
    random_source random;
    sampler s;
    expclip_status status;

    memset(&s, 0, sizeof(s));
    start_random(&random, seed);
    status = make_sampler(&s, p, n_samples, err);
    for (size_t i = 0; !status && i < n_samples; i++) {
        double rates[EXPCLIP__N_RATES];

        draw(rates, &s, &random);
        for (size_t j = 0; j < EXPCLIP__N_RATES; j++)
            s.rates[j * n_samples + i] = rates[j];
        status = expclip__cancel_check(cancel, err);
    }
    for (size_t j = 0; !status && j < EXPCLIP__N_RATES; j++) {
        double *rates = s.rates + j * n_samples;

        qsort(rates, n_samples, sizeof(*rates), compare);
        intervals[j].low = quantile(rates, n_samples, tail);
        intervals[j].high = quantile(rates, n_samples, 1.0 - tail);
    }
    free_sampler(&s);
    return status;
}
