/* SPDX-License-Identifier: MIT */
/*
 * confusion.h - counts of true against found classes, and the rates made of
 * them.
 *
 * A rate is a fraction of 1, and NaN where there is nothing to divide by. Rates
 * of classes are averaged over those that have one:
 *
 *     WAR      = right ones / items, scikit-learn's accuracy_score
 *     UAR      = mean recall of the classes with samples: its
 *                balanced_accuracy_score
 *     macro F1 = mean F1 = 2 right / (samples + found) of the classes that have
 *                samples or were found: its f1_score(truth, found,
 *                average="macro"). With labels= of all classes that needs
 *                zero_division=nan; 0 there would count a class that occurs
 *                nowhere as a failure
 */
#ifndef EXPCLIP_METRICS_CONFUSION_H
#define EXPCLIP_METRICS_CONFUSION_H

#include "metrics/predictions.h"

/** Sums of a confusion matrix, all that rates need. */
typedef struct expclip__tally {
    size_t n_classes;
    size_t *support; /* [n_classes], items that are of the class */
    size_t *found;   /* [n_classes], items that were taken for it */
    size_t *right;   /* [n_classes], both */
} expclip__tally;

expclip_status expclip__tally_create(expclip__tally **out, size_t n_classes,
                                     expclip_error *err);
void expclip__tally_free(expclip__tally *t);
void expclip__tally_clear(expclip__tally *t);
/** One item more; in the header because samples of the bootstrap call it
 * millions of times. */
static inline void expclip__tally_add(expclip__tally *t, int32_t truth,
                                      int32_t found)
{
    t->support[truth]++;
    t->found[found]++;
    t->right[truth] += truth == found;
}
/** Add the counts of another tally of the same classes. */
void expclip__tally_merge(expclip__tally *t, const expclip__tally *other);

size_t expclip__tally_count(const expclip__tally *t);
double expclip__tally_recall(const expclip__tally *t, size_t index);
double expclip__tally_precision(const expclip__tally *t, size_t index);
double expclip__tally_f1(const expclip__tally *t, size_t index);
double expclip__tally_war(const expclip__tally *t);
double expclip__tally_uar(const expclip__tally *t);
double expclip__tally_macro_f1(const expclip__tally *t);

/** Count items: a matrix a fold, true classes as rows. The matrices, [n_folds,
 * n_classes, n_classes], are all zeros before. */
void expclip__confusion_count(size_t *matrices, const expclip__predictions *p);
/** Replace a tally by the sums of a matrix. */
void expclip__tally_read(expclip__tally *t, const size_t *matrix);

#endif
