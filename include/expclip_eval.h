/* SPDX-License-Identifier: MIT */
/*
 * expclip_eval.h - evaluation: datasets in their published layouts, and the
 * metrics of the paper's tables with what else reviewers ask for. The step
 * between the two, features of a dataset and their scores, is in
 * expclip_rows.h.
 *
 * This header is a draft until 1.0. The rules at the top of expclip.h hold here
 * too.
 */
#ifndef EXPCLIP_EVAL_H
#define EXPCLIP_EVAL_H

#include "expclip.h"
#include "expclip_clips.h"
#include "expclip_tools.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Datasets -------------------------------------------------------- */

/** Images or clips with their true classes. Immutable: threads may share it. */
typedef struct expclip_dataset expclip_dataset;

/** What is done about a line or an item that cannot be used. */
enum {
    EXPCLIP_POLICY_STOP = 0, /* the call fails */
    EXPCLIP_POLICY_SKIP = 1  /* it is left out, counted and reported */
};

typedef struct expclip_dataset_options {
    size_t struct_size;
    const char *split;    /* "test" or "train". The test split of AffectNet and
                             AFEW is their published validation set.
                             Default: "test" */
    const char *map_from; /* the folders at the beginning of paths in lists that
                             map_to replaces; "" = none. Default: "" */
    const char *map_to;   /* what replaces map_from. Default: "" */
    int32_t policy;       /* EXPCLIP_POLICY_... Default: STOP */
    int32_t reserved;     /* 0 */
    const char *labels;   /* the class of each folder (dataset "folder") or of
                             each label (lists), such as "1=surprise,2=fear";
                             "" = each has the name of its class. A folder that
                             does not exist is an ARGUMENT error. Default: "" */
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
 * Open a dataset. Labels in a dataset's own code are translated to the class
 * order of the paper, that of expclip_prompts_builtin().
 *
 * @param name   one of these; upper and lower case and "-" make no difference:
 *               - a published dataset in its published layout: RAFDB,
 *                 AffectNet7, AffectNet8, FERPlus, FER2013, DFEW, FERV39k,
 *                 MAFW, AFEW, CAER-S, or CKPlus (the last frame of each
 *                 sequence, its peak);
 *               - "folder": one folder per class, named after it. A number
 *                 beside a known class, as in "0_happy", is cut off and noted;
 *                 other names with numbers need `labels`;
 *               - "list": what list files name;
 *               - "images": images without labels, either all images in a
 *                 folder and the folders inside it, or a list with one path per
 *                 line
 * @param path   the dataset's folder, or for FER2013 also its fer2013.csv; for
 *               "list" the list itself, or the folder where relative paths in
 *               `lists` start
 * @param lists  list files, one per fold, with rows `path frames label`
 *               separated by single spaces and labels in the order of the
 *               paper; a path may hold spaces. lists_size 0 = the layout's own
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND (names the file that the
 *         layout expects), IO, FORMAT (with file and line), LIMIT}
 */
EXPCLIP_API expclip_status expclip_dataset_open(
    expclip_dataset **out, const char *name, const char *path,
    const char *const *lists, size_t lists_size,
    const expclip_dataset_options *options, expclip_error *err);
/** The dataset's name in this library's spelling, such as "RAFDB"; owned by
 * it. */
EXPCLIP_API const char *expclip_dataset_name(const expclip_dataset *dataset);
/** Number of items. */
EXPCLIP_API size_t expclip_dataset_count(const expclip_dataset *dataset);
/** Path of item `index`, "" when there is none; owned by the dataset. */
EXPCLIP_API const char *expclip_dataset_path(const expclip_dataset *dataset,
                                             size_t index);
/** True class of item `index`, from 0; -1 when there is none. */
EXPCLIP_API int32_t expclip_dataset_label(const expclip_dataset *dataset,
                                          size_t index);
/** Fold that tests item `index`, from 0; -1 when there is none. */
EXPCLIP_API int32_t expclip_dataset_fold(const expclip_dataset *dataset,
                                         size_t index);
/** Number of frames that the list gives for item `index`; 0 for an image, -1
 * for a clip whose list does not say. */
EXPCLIP_API int64_t expclip_dataset_frame_count(const expclip_dataset *dataset,
                                                size_t index);
/** Number of folds; 1 when the dataset has none. */
EXPCLIP_API int32_t expclip_dataset_fold_count(const expclip_dataset *dataset);
/** Number of classes. */
EXPCLIP_API size_t expclip_dataset_class_count(const expclip_dataset *dataset);
/** Name of class `index`, "" when there is none; owned by the dataset. */
EXPCLIP_API const char *
expclip_dataset_class_name(const expclip_dataset *dataset, size_t index);
/** Number of lines that were left out under SKIP. */
EXPCLIP_API size_t
expclip_dataset_problem_count(const expclip_dataset *dataset);
/** File, line and reason of problem `index`, "" when there is none; owned by
 * the dataset. */
EXPCLIP_API const char *expclip_dataset_problem(const expclip_dataset *dataset,
                                                size_t index);
/** Number of notes on what opening the dataset did by itself: which files and
 * folders it left out, and which folder names it read as classes. (Texts beside
 * images, such as README.md, are noted only in the JSON of
 * expclip_dataset_check().) */
EXPCLIP_API size_t expclip_dataset_note_count(const expclip_dataset *dataset);
/** Note `index` as a sentence, "" when there is none; owned by the dataset. */
EXPCLIP_API const char *expclip_dataset_note(const expclip_dataset *dataset,
                                             size_t index);
/**
 * Look at all files, compare the dataset with what is published about it, and
 * write the findings as JSON:
 *
 *     {"dataset", "n", "n_classes", "n_folds",
 *      "folds": [{"n", "expected": N or null, "classes": {name: n}}],
 *      "findings": [{"kind", "severity": "error" | "warning", "path", "list",
 *                    "line", "message"}],
 *      "counts": {kind: n}}
 *
 * "expected" is the published number; it is null when none is published, and
 * for folds of the caller's own. "path", "list" and "line" are null where a
 * finding has none.
 *
 * The kinds that are errors: count (the number of items is not the published
 * one), missing (a file or folder does not exist), missing_frames (a clip has
 * fewer frames than its list says), duplicate (an item is twice in one fold),
 * leak (an item is in two folds), skipped_line (a line cannot be used).
 *
 * The kinds that are warnings: extra_frames (a clip has more frames than its
 * list says), short_clip (it has 16 frames or fewer, so that the paper's
 * reference judges it by frame 0 alone), order (string order and natural order
 * of its frames differ), empty_class (a class has no item), left_out and
 * read_as (the notes above).
 *
 * At most 1000 findings of a kind are listed; "counts" counts all of them.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_CANCELLED
 */
EXPCLIP_API expclip_status expclip_dataset_check(expclip_string **out,
                                                 const expclip_dataset *dataset,
                                                 const expclip_cancel *cancel,
                                                 expclip_error *err);
/**
 * Make a dataset of one part of another, to divide work among machines: part
 * `shard`, from 0, of n_shards consecutive parts, whose sizes differ by one
 * item at most.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_STATE (`dataset` is a part itself, or the
 *         part would be empty)
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
    int32_t n_bootstrap; /* number of bootstrap samples for the intervals; 0 =
                            no intervals. Default: 1000 */
    int32_t n_bins;      /* bins of the reliability curve. Default: 15 */
    double confidence;   /* of the intervals, 0..1. Default: 0.95 */
    int64_t seed;        /* of the bootstrap, not negative. Default: 1 */
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
    double macro_f1; /* mean F1 of the classes that have items or predictions */
    int64_t n;        /* items that were counted */
    int64_t n_failed; /* items that were left out because their row holds a
                         NaN */
} expclip_rates;

/**
 * UAR, WAR and macro F1 of predictions. With folds, UAR and WAR are means over
 * the folds that have items.
 *
 * @param logits  [n, C], n = labels_size
 * @param labels  [n], true classes, 0..C-1
 * @param folds   [n], from 0; or NULL with folds_size 0, which is one fold
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE (no item), NONFINITE (infinity),
 *         LIMIT (folds * C * C is more than 4,194,304)}
 */
EXPCLIP_API expclip_status expclip_metrics_rates(
    expclip_rates *rates, const float *logits, size_t logits_size,
    const int32_t *labels, size_t labels_size, const int32_t *folds,
    size_t folds_size, expclip_error *err);

/**
 * All that a report needs to know about predictions, as JSON. Rates are in
 * percent, and null where there is nothing to divide by; but "confidence" and
 * the edges and rates of a bin are fractions of 1:
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
 * "uar", "war" and "macro_f1" are those of expclip_metrics_rates(). With folds,
 * "uar" and "war" are means over folds; "pooled" and everything else is
 * computed over all items together. Items that failed, whose row holds a NaN,
 * are left out. Rows of "confusion" are true classes. "top_k" goes up to 5, or
 * up to C if that is less.
 *
 * An interval is between percentiles of bootstrap samples, which are drawn with
 * replacement within each fold. A bin of the reliability curve holds the items
 * whose largest probability is above "low" and at most "high". "temperature",
 * 0.001 to 1000, is fitted to every second item, and "ece_calibrated" is
 * measured on the others.
 *
 * @param logits       [n, C], C = class_names_size
 * @param labels       [n], true classes, 0..C-1
 * @param folds        [n], from 0; or NULL with folds_size 0, which is one
 *                     fold
 * @param class_names  UTF-8, no two equal
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
 * "only_first", "only_second", "statistic", "p", "method"}. "only_first" counts
 * the items that only the first run got right. The test is exactly binomial
 * when the runs differ on fewer than 25 items ("statistic" is then the smaller
 * count), else chi-squared with continuity correction. Items that failed (NaN)
 * in either run are left out. Fails with STATE when none is left, NONFINITE.
 *
 * @param logits        [n, C] of the first run, n = labels_size
 * @param other_logits  [n, C] of the second
 */
EXPCLIP_API expclip_status expclip_metrics_compare(
    expclip_string **out, const float *logits, size_t logits_size,
    const float *other_logits, size_t other_logits_size, const int32_t *labels,
    size_t labels_size, expclip_error *err);
/** Fit the temperature of expclip_logits_softmax(), 0.001 to 1000, under which
 * the labels are likeliest; it is 1 when no temperature is better than another.
 * Fails with STATE when no item is left, NONFINITE. */
EXPCLIP_API expclip_status expclip_metrics_fit_temperature(
    float *temperature, const float *logits, size_t logits_size,
    const int32_t *labels, size_t labels_size, expclip_error *err);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_EVAL_H */
