/* SPDX-License-Identifier: MIT */
/*
 * expclip_eval.h - evaluation: datasets in their native layouts, metrics as in
 * the paper's tables and what reviewers ask for. What lies between them, the
 * features of a dataset and their scores, is in expclip_rows.h.
 *
 * This header is a draft until 1.0. The rules at the top of expclip.h hold
 * here too.
 */
#ifndef EXPCLIP_EVAL_H
#define EXPCLIP_EVAL_H

#include "expclip.h"
#include "expclip_clips.h"
#include "expclip_tools.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Data sets ------------------------------------------------------- */

/** Pictures or clips with their true classes. Immutable; share between
 * threads. */
typedef struct expclip_dataset expclip_dataset;

/** What happens at a line or an item that cannot be used. */
enum {
    EXPCLIP_POLICY_STOP = 0, /* the call fails */
    EXPCLIP_POLICY_SKIP = 1  /* it is left out, counted and reported */
};

typedef struct expclip_dataset_options {
    size_t struct_size;
    const char *split;    /* "test" or "train"; AffectNet, AFEW: "test" is the
                             published validation set. Default: "test" */
    const char *map_from; /* beginning of paths in lists that is replaced, at
                             a folder's border; "" = none. Default: "" */
    const char *map_to;   /* by this. Default: "" */
    int32_t policy;       /* EXPCLIP_POLICY_... Default: STOP */
    int32_t reserved;     /* 0 */
    const char *labels;   /* classes of folders (data set "folder") or labels
                             (lists) by their names, "1=surprise,2=fear";
                             "" = as they are named; ARGUMENT for a folder
                             that is not there. Default: "" */
} expclip_dataset_options;
#define EXPCLIP_DATASET_OPTIONS_INIT                                           \
    {                                                                          \
        sizeof(expclip_dataset_options), "test", "", "", EXPCLIP_POLICY_STOP,  \
            0, ""                                                              \
    }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_dataset_options_init(expclip_dataset_options *options,
                                              size_t options_size);

/**
 * Open a data set. Native label codes become the class order of the paper
 * (expclip_prompts_builtin()).
 *
 * @param name   RAFDB, AffectNet7, AffectNet8, FERPlus, FER2013, DFEW, FERV39k,
 *               MAFW, AFEW, CAER-S, CKPlus (the last frame of a sequence, its
 *               peak), in their published layouts; or "folder", a
 *               folder a class, named after it (a number beside a known class
 *               is cut off and noted, "0_happy"; other names with numbers need
 *               `labels`); or "list"; or "images", pictures
 *               without labels: all in a folder and its folders, or a list of
 *               paths, a line each. Letters' case and
 *               "-" do not count
 * @param path   its folder (FER2013: or fer2013.csv); for "list" the list, or
 *               the folder that relative paths in lists start from
 * @param lists  list files, a fold each, rows `path frames label` separated by
 *               single spaces, labels in the order of the paper; a path may
 *               hold spaces. lists_size 0 = the layout's own
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND (names the file that the
 *         layout expects), IO, FORMAT (with file and line), LIMIT}
 */
EXPCLIP_API expclip_status expclip_dataset_open(
    expclip_dataset **out, const char *name, const char *path,
    const char *const *lists, size_t lists_size,
    const expclip_dataset_options *options, expclip_error *err);
/** Its name in this library's spelling, such as "RAFDB"; owned by it. */
EXPCLIP_API const char *expclip_dataset_name(const expclip_dataset *dataset);
/** Number of items. */
EXPCLIP_API size_t expclip_dataset_count(const expclip_dataset *dataset);
/** Path of item `index`, "" for none; owned by the data set. */
EXPCLIP_API const char *expclip_dataset_path(const expclip_dataset *dataset,
                                             size_t index);
/** True class of item `index`, from 0; -1 for none. */
EXPCLIP_API int32_t expclip_dataset_label(const expclip_dataset *dataset,
                                          size_t index);
/** Fold that tests item `index`, from 0; -1 for none. */
EXPCLIP_API int32_t expclip_dataset_fold(const expclip_dataset *dataset,
                                         size_t index);
/** Frames that the list gives for item `index`; 0 for a picture, -1 for a clip
 * whose list does not say. */
EXPCLIP_API int64_t expclip_dataset_frame_count(const expclip_dataset *dataset,
                                                size_t index);
/** Number of folds, 1 without. */
EXPCLIP_API int32_t expclip_dataset_fold_count(const expclip_dataset *dataset);
/** Number of classes. */
EXPCLIP_API size_t expclip_dataset_class_count(const expclip_dataset *dataset);
/** Name of class `index`, "" for none; owned by the data set. */
EXPCLIP_API const char *
expclip_dataset_class_name(const expclip_dataset *dataset, size_t index);
/** Lines that were left out under SKIP. */
EXPCLIP_API size_t
expclip_dataset_problem_count(const expclip_dataset *dataset);
/** File, line and reason of one, "" for none; owned by the data set. */
EXPCLIP_API const char *expclip_dataset_problem(const expclip_dataset *dataset,
                                                size_t index);
/** What the opening did on its own: files and folders that it left out (texts
 * beside images, such as README.md, only in the JSON of
 * expclip_dataset_check()), folder names that it read as classes. */
EXPCLIP_API size_t expclip_dataset_note_count(const expclip_dataset *dataset);
/** One of them as a sentence, "" for none; owned by the data set. */
EXPCLIP_API const char *expclip_dataset_note(const expclip_dataset *dataset,
                                             size_t index);
/**
 * Look at all files and compare with what is published, as JSON:
 *
 *     {"dataset", "n", "n_classes", "n_folds",
 *      "folds": [{"n", "expected": N or null, "classes": {name: n}}],
 *      "findings": [{"kind", "severity": "error" | "warning", "path", "list",
 *                    "line", "message"}],
 *      "counts": {kind: n}}
 *
 * "expected" is what is published, null when nothing is, and for folds of the
 * caller's own. "path", "list" and "line" are null where there is none.
 *
 * Kinds: count (another number than published), missing (file or folder),
 * missing_frames, extra_frames (than the list says), short_clip (16 frames or
 * fewer, which the reference judges by frame 0 alone), order (string and
 * natural order of frames differ), duplicate (in one fold twice), leak (in two
 * folds), empty_class, skipped_line, left_out and read_as (the notes above).
 * Warnings are extra_frames, short_clip, order, empty_class, left_out and
 * read_as. At most 1000 findings a kind are listed; "counts" has
 * them all.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_CANCELLED
 */
EXPCLIP_API expclip_status expclip_dataset_check(expclip_string **out,
                                                 const expclip_dataset *dataset,
                                                 const expclip_cancel *cancel,
                                                 expclip_error *err);
/**
 * One part of a data set, to share work among machines: part `shard` (from 0)
 * of n_shards, which differ in size by one item at most and follow each other.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_STATE (a part of a part, or an empty one)
 */
EXPCLIP_API expclip_status expclip_dataset_shard(expclip_dataset **out,
                                                 const expclip_dataset *dataset,
                                                 int32_t shard,
                                                 int32_t n_shards,
                                                 expclip_error *err);
EXPCLIP_API void expclip_dataset_free(expclip_dataset *dataset);

/* ---- Metrics --------------------------------------------------------- */

typedef struct expclip_metrics_options {
    size_t struct_size;
    int32_t n_bootstrap; /* samples for intervals; 0 = no. Default: 1000 */
    int32_t n_bins;      /* of the reliability curve. Default: 15 */
    double confidence;   /* of the intervals, 0..1. Default: 0.95 */
    int64_t seed;        /* of the samples, not negative. Default: 1 */
} expclip_metrics_options;
#define EXPCLIP_METRICS_OPTIONS_INIT                                           \
    {                                                                          \
        sizeof(expclip_metrics_options), 1000, 15, 0.95, 1                     \
    }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_metrics_options_init(expclip_metrics_options *options,
                                              size_t options_size);

/** The rates that tables report, in percent. */
typedef struct expclip_rates {
    double uar;      /* unweighted average recall: the mean of the per-class
                        recalls of the classes that have items */
    double war;      /* weighted average recall, that is accuracy */
    double macro_f1; /* mean F1 of the classes that have items or were found */
    int64_t n;        /* items that were counted */
    int64_t n_failed; /* items left out, since their row holds a NaN */
} expclip_rates;

/**
 * UAR, WAR and macro F1 of predictions. With folds, UAR and WAR are the means
 * of those of the folds that have items.
 *
 * @param logits  [n, C], n = labels_size
 * @param labels  [n], true classes, 0..C-1
 * @param folds   [n], from 0; or NULL and 0: one fold
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE (no item), NONFINITE (infinity),
 *         LIMIT (folds * C * C is more than 4,194,304)}
 */
EXPCLIP_API expclip_status expclip_metrics_rates(
    expclip_rates *rates, const float *logits, size_t logits_size,
    const int32_t *labels, size_t labels_size, const int32_t *folds,
    size_t folds_size, expclip_error *err);

/**
 * All that a report needs to know of predictions, as JSON. Rates are in percent
 * (but what a bin holds, and "confidence", are fractions of 1), and null where
 * there is nothing to divide by:
 *
 *     {"n", "n_failed", "uar", "war", "macro_f1",
 *      "recall": {class: x}, "precision": {class: x}, "f1": {class: x},
 *      "support": {class: n}, "missing_classes": [class],
 *      "top_k": {"1": x, ...}, "confusion": [[n]],
 *      "interval": {"confidence", "method", "uar": [low, high],
 *                   "war": [low, high], "macro_f1": [low, high]} or null,
 *      "folds": [{"n", "n_failed", "uar", "war", "missing_classes",
 *                 "confusion"}],
 *      "pooled": {"uar", "war"},
 *      "calibration": {"ece", "temperature", "ece_calibrated",
 *                      "bins": [{"low", "high", "n", "confidence",
 *                                "accuracy"}]}}
 *
 * Rows of "confusion" are true classes. The rates are those of
 * expclip_metrics_rates(). With folds, "uar" and "war" are the means of
 * those of the folds that have items, and "pooled" is of all items; the rest is
 * of all items. Items that failed (a NaN in their row) are left out. "top_k"
 * goes to 5, or to C. Intervals are percentiles of samples that are drawn with
 * replacement within each fold. A bin has the items whose largest probability
 * is above "low" and at most "high". "temperature", 0.001 to 1000, is fitted to
 * every second item and "ece_calibrated" measured on the others.
 *
 * @param logits       [n, C], C = class_names_size
 * @param labels       [n], true classes, 0..C-1
 * @param folds        [n], from 0; or NULL and 0: one
 * @param class_names  UTF-8, each another
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{CANCELLED, STATE (no item), NONFINITE
 *         (infinity), LIMIT (folds * C * C is more than 4,194,304)}
 */
EXPCLIP_API expclip_status expclip_metrics_compute(
    expclip_string **out, const float *logits, size_t logits_size,
    const int32_t *labels, size_t labels_size, const int32_t *folds,
    size_t folds_size, const char *const *class_names, size_t class_names_size,
    const expclip_metrics_options *options, const expclip_cancel *cancel,
    expclip_error *err);
/**
 * McNemar's test between two runs on the same items, as JSON: {"n",
 * "only_first", "only_second" (right), "statistic", "p", "method"}: exact
 * binomial when fewer than 25 items differ ("statistic": the smaller number),
 * else chi-squared with continuity correction. Items that either run failed
 * (NaN) are left out. Fails with STATE when none is left, NONFINITE.
 *
 * @param logits        [n, C] of the first run, n = labels_size
 * @param other_logits  [n, C] of the second
 */
EXPCLIP_API expclip_status expclip_metrics_compare(
    expclip_string **out, const float *logits, size_t logits_size,
    const float *other_logits, size_t other_logits_size, const int32_t *labels,
    size_t labels_size, expclip_error *err);
/** The temperature for expclip_logits_softmax() under which the labels are
 * likeliest, 0.001 to 1000; 1 when it makes no difference. Fails with STATE
 * when no item is left, NONFINITE. */
EXPCLIP_API expclip_status expclip_metrics_fit_temperature(
    float *temperature, const float *logits, size_t logits_size,
    const int32_t *labels, size_t labels_size, expclip_error *err);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_EVAL_H */
