/* SPDX-License-Identifier: MIT */
/*
 * calibration.c - is a probability of 80 % right in 80 % of the cases?
 */
#include "metrics/calibration.h"

#include <math.h>

/* ---- reliability ---- */

static double largest(const float *logits, size_t n)
{
    double best = (double)logits[0];

    for (size_t i = 1; i < n; i++)
        best = fmax(best, (double)logits[i]);
    return best;
}

/* Probability of the class found. */
static double confidence_of(const expclip__prediction *p, size_t n_classes,
                            double temperature)
{
    const double best = largest(p->logits, n_classes);
    double sum = 0.0;

    for (size_t i = 0; i < n_classes; i++)
        sum += exp(((double)p->logits[i] - best) / temperature);
    return 1.0 / sum;
}

static void start_bins(expclip__reliability_bin *bins, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bins[i].low = (double)i / (double)n;
        bins[i].high = (double)(i + 1) / (double)n;
        bins[i].n = 0;
        bins[i].confidence = 0.0;
        bins[i].accuracy = 0.0;
    }
}

/* Sums to means. @return the expected calibration error */
static double finish_bins(expclip__reliability_bin *bins, size_t n_bins)
{
    double error = 0.0;
    size_t n = 0;

    for (size_t i = 0; i < n_bins; i++) {
        const double count = (double)bins[i].n;

        error += fabs(bins[i].confidence - bins[i].accuracy);
        n += bins[i].n;
        bins[i].confidence /= count; /* 0 / 0 is NaN, as it should be */
        bins[i].accuracy /= count;
    }
    return error / (double)n;
}

double expclip__reliability(expclip__reliability_bin *bins, size_t n_bins,
                            const expclip__part *part, double temperature)
{
    const expclip__predictions *p = part->all;

    start_bins(bins, n_bins);
    for (size_t i = part->first; i < p->n; i += part->step) {
        const expclip__prediction *item = &p->items[i];
        const double confidence =
            confidence_of(item, p->n_classes, temperature);
        const double place = ceil(confidence * (double)n_bins) - 1.0;
        expclip__reliability_bin *bin = &bins[place > 0.0 ? (size_t)place : 0];

        bin->n++;
        bin->confidence += confidence;
        bin->accuracy += item->truth == item->found;
    }
    return finish_bins(bins, n_bins);
}

/* ---- temperature ---- */

/* Of one item: how the negative log-likelihood changes with beta = 1 / T. The
 * slope is the mean logit minus the true one, the curvature their variance. */
static void add_slope(double *slope, double *curvature,
                      const expclip__prediction *p, size_t n_classes,
                      double beta)
{
    const double best = largest(p->logits, n_classes);
    double sum = 0.0, first = 0.0, second = 0.0;

    for (size_t i = 0; i < n_classes; i++) {
        const double below = (double)p->logits[i] - best;
        const double weight = exp(beta * below);

        sum += weight;
        first += weight * below;
        second += weight * below * below;
    }
    first /= sum;
    *slope += first - ((double)p->logits[p->truth] - best);
    *curvature += fmax(second / sum - first * first, 0.0);
}

static double slope_at(double *curvature, const expclip__part *part,
                       double beta)
{
    const expclip__predictions *p = part->all;
    double slope = 0.0;

    *curvature = 0.0;
    for (size_t i = part->first; i < p->n; i += part->step)
        add_slope(&slope, curvature, &p->items[i], p->n_classes, beta);
    return slope;
}

/*
 * The negative log-likelihood is convex in beta, so its slope has one zero:
 * Newton's step where it stays between the nearest points known to lie on
 * either side, else their geometric mean.
 */
double expclip__temperature(const expclip__part *part)
{
    double low = 1.0 / EXPCLIP__HIGHEST_TEMPERATURE;
    double high = 1.0 / EXPCLIP__LOWEST_TEMPERATURE;
    double beta = 1.0, curvature;
    const double slope_low = slope_at(&curvature, part, low);
    const double slope_high = slope_at(&curvature, part, high);

    if (slope_low >= 0.0)
        return slope_high > 0.0 ? EXPCLIP__HIGHEST_TEMPERATURE : 1.0;
    if (slope_high <= 0.0)
        return EXPCLIP__LOWEST_TEMPERATURE;
    for (int i = 0; i < 200; i++) {
        const double slope = slope_at(&curvature, part, beta);
        double next = beta - slope / curvature;

        if (slope < 0.0)
            low = beta;
        else if (slope > 0.0)
            high = beta;
        else
            break;
        if (!(next > low && next < high))
            next = sqrt(low * high);
        if (fabs(next - beta) <= 1e-12 * beta)
            return 1.0 / next;
        beta = next;
    }
    return 1.0 / beta;
}
