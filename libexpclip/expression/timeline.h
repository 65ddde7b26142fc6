/* SPDX-License-Identifier: MIT */
/*
 * timeline.h - frames' logits in, smoothed probabilities and segments out.
 *
 * Frames come one by one and nothing older than the median's window is kept, so
 * memory is that of what came out and was not cleared.
 */
#ifndef EXPCLIP_TIMELINE_H
#define EXPCLIP_TIMELINE_H

#include <expclip_clips.h>

/** The frames around one, for the median of each class. */
typedef struct expclip__median_window {
    size_t size;   /* frames at most, odd */
    double *times; /* [size], frame i at i % size */
    float *rows;   /* [size, n_classes], the same */
    float *sorted; /* [n_classes, size]: each class's values, rising */
    int64_t low;   /* frames low to high - 1 are in it, as in `sorted` */
    int64_t high;
    int64_t next; /* the frame whose row comes out next */
} expclip__median_window;

typedef struct expclip__segment {
    int32_t class_index;
    double start;
    double end;
    double sum; /* of the class's probabilities */
    int64_t n_frames;
} expclip__segment;

struct expclip_timeline {
    expclip_timeline_options options;
    size_t n_classes;
    int has_frame; /* one was added, be it a failed one: last_time holds */
    int finished;
    double last_time;
    float *row; /* [n_classes], scratch */

    int has_mean;     /* EMA */
    double mean_time; /* of the last frame in it */
    double *mean;     /* [n_classes] */
    expclip__median_window window;

    int inside; /* a segment is open */
    expclip__segment open;

    double *times; /* [n_rows]: what came out */
    float *rows;   /* [n_rows, n_classes] */
    size_t n_rows;
    size_t rows_capacity;
    expclip__segment *segments;
    size_t n_segments;
    size_t segments_capacity;
};

/** The options are complete and checked. */
expclip_status expclip__timeline_create(expclip_timeline **out,
                                        size_t n_classes,
                                        const expclip_timeline_options *options,
                                        expclip_error *err);
/** Add a frame, logits [n_classes]. When it fails, nothing has changed. */
expclip_status expclip__timeline_add(expclip_timeline *t, double time,
                                     const float *logits, expclip_error *err);
/** The end. When it fails, nothing has changed. */
expclip_status expclip__timeline_finish(expclip_timeline *t, double time,
                                        expclip_error *err);
void expclip__timeline_clear(expclip_timeline *t);
void expclip__timeline_free(expclip_timeline *t);

#endif
