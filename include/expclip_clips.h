/* SPDX-License-Identifier: MIT */
/*
 * expclip_clips.h - clips: the frames of a folder or of a video file, one
 * answer for all of them, or a timeline of answers.
 *
 *     expclip_frames_open(&frames, "clip.mp4", NULL, &err)
 *     expclip_clip_create(&clip, model, &err)
 *     expclip_clip_add_frames(clip, frames, NULL, NULL, &err)
 *     expclip_clip_score(logits, 7, clip, classes, &err)
 *
 * Frames are read a few at a time, so memory does not grow with the length of
 * a clip. The rules at the top of expclip.h hold here too.
 */
#ifndef EXPCLIP_CLIPS_H
#define EXPCLIP_CLIPS_H

#include "expclip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Frames: where the pictures of a clip come from ------------------ */

/** The frames of a folder or a video file. One thread at a time. */
typedef struct expclip_frames expclip_frames;

/** Which frames of a clip are read. */
enum {
    EXPCLIP_SAMPLING_ALL = 0,
    /** The reference's rule (video_dataloader.py): of n > n_samples frames the
     * middles of n_samples equal parts, int(n / T / 2 + n / T * i); else frame
     * 0 alone, which stands for all. */
    EXPCLIP_SAMPLING_EXACT = 1,
    /** The same middles; of n <= n_samples frames all, the last one standing
     * for those that are missing (edge padding). */
    EXPCLIP_SAMPLING_SPREAD = 2
};

/** How the files of a folder are sorted. */
enum {
    EXPCLIP_ORDER_NATURAL = 0, /* as people count: 2 before 10 */
    EXPCLIP_ORDER_STRING = 1   /* by bytes, as the reference: 10 before 2 */
};

typedef struct expclip_frames_options {
    size_t struct_size;
    int32_t sampling;    /* EXPCLIP_SAMPLING_... Default: SPREAD */
    int32_t n_samples;   /* T, at least 1. Default: 16 */
    int32_t order;       /* EXPCLIP_ORDER_... Default: NATURAL */
    int32_t rotate;      /* 1 = turn a video as its metadata says. Default: 1 */
    int64_t frame_count; /* sample as if there were this many frames, as a list
                            says; 0 = as many as there are. Default: 0 */
    double start;        /* seconds; frames from here on. Default: 0 */
    double end;          /* seconds; frames before it; 0 = all. Default: 0 */
    double frame_rate;   /* of a folder, a second; gives the frames their times.
                            Default: 25 */
} expclip_frames_options;
#define EXPCLIP_FRAMES_OPTIONS_INIT                                            \
    {                                                                          \
        sizeof(expclip_frames_options), EXPCLIP_SAMPLING_SPREAD, 16,           \
            EXPCLIP_ORDER_NATURAL, 1, 0, 0.0, 0.0, 25.0                        \
    }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_frames_options_init(expclip_frames_options *options,
                                             size_t options_size);

/**
 * Indices of the frames that a rule takes of n_frames, repeated ones too.
 *
 * @param[out] indices  indices_size = T, at least 1
 * @param n_frames      at least 1
 * @param sampling      EXACT or SPREAD
 */
EXPCLIP_API expclip_status expclip_frames_sample(int32_t *indices,
                                                 size_t indices_size,
                                                 int64_t n_frames,
                                                 int32_t sampling,
                                                 expclip_error *err);
/**
 * Open a folder of pictures (.jpg .jpeg .png .bmp; other files are left out),
 * or a video file through FFmpeg when the system has it: the first video
 * stream, MP4/MOV, Matroska/WebM, AVI, MPEG-TS. Nothing but this file is read.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT (no frame),
 *         TRUNCATED, UNSUPPORTED (no FFmpeg, another format), LIMIT}
 */
EXPCLIP_API expclip_status
expclip_frames_open(expclip_frames **out, const char *path,
                    const expclip_frames_options *options, expclip_error *err);
/**
 * Add the next frames, decoded, to a batch: at most max_frames. A damaged frame
 * becomes a failed item. At the end none is added. What was added before a
 * failure stays added.
 *
 * @param[out] n_added  items that were added; 0 = the end
 * @param max_frames    at least 1
 * @param options       of the pictures; exif has no meaning for a video
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{IO, CANCELLED, FORK}
 */
EXPCLIP_API expclip_status expclip_frames_read(
    size_t *n_added, expclip_frames *frames, expclip_batch *batch,
    int32_t max_frames, const expclip_image_options *options,
    const expclip_cancel *cancel, expclip_error *err);
/** Of frame `index` (from 0) of the last read: its place in the clip, from 0;
 * -1 when there is none. */
EXPCLIP_API int64_t expclip_frames_index(const expclip_frames *frames,
                                         size_t index);
/** Its time in seconds, the presentation time of a video; -1 for none. */
EXPCLIP_API double expclip_frames_time(const expclip_frames *frames,
                                       size_t index);
/** How many samples it stands for, at least 1; 0 for none. */
EXPCLIP_API int32_t expclip_frames_weight(const expclip_frames *frames,
                                          size_t index);
/** Frames that the rule chooses from; -1 when that is not known. */
EXPCLIP_API int64_t expclip_frames_count(const expclip_frames *frames);
/** Seconds from start to end; 0 when that is not known. */
EXPCLIP_API double expclip_frames_duration(const expclip_frames *frames);
EXPCLIP_API void expclip_frames_free(expclip_frames *frames);

/* ---- Clip: one embedding of many frames ------------------------------ */

/** The weighted mean of frames' embeddings. One thread at a time. */
typedef struct expclip_clip expclip_clip;

/** Create a clip without frames for a model. */
EXPCLIP_API expclip_status expclip_clip_create(expclip_clip **out,
                                               const expclip_model *model,
                                               expclip_error *err);
/**
 * Add the items of a batch. Failed ones are counted and left out.
 *
 * The mean is of embeddings after the head, before they get unit length, so
 * frames with longer ones weigh more, as in the reference (Exp_CLIP.py).
 *
 * @param weights       one for each item, 1 or more; weights_size is
 *                      expclip_batch_count(), or 0 with NULL: all 1
 * @return as expclip_model_score_images()
 */
EXPCLIP_API expclip_status expclip_clip_add_images(
    expclip_clip *clip, const expclip_batch *batch, const int32_t *weights,
    size_t weights_size, const expclip_cancel *cancel, expclip_error *err);
/**
 * Read frames to their end and add them, a few at a time. What was added
 * before a failure stays added.
 */
EXPCLIP_API expclip_status
expclip_clip_add_frames(expclip_clip *clip, expclip_frames *frames,
                        const expclip_image_options *options,
                        const expclip_cancel *cancel, expclip_error *err);
/** Frames in the mean, each counted once. */
EXPCLIP_API int64_t expclip_clip_frame_count(const expclip_clip *clip);
/** Frames that failed. */
EXPCLIP_API int64_t expclip_clip_failed_count(const expclip_clip *clip);
/** Why the first of them failed, else ""; valid until the next call. */
EXPCLIP_API const char *expclip_clip_message(const expclip_clip *clip);
/**
 * Copy the embedding: float [d], as the options of
 * expclip_model_embed_images(). Fails with STATE when no frame is in it,
 * NONFINITE, BACKEND.
 */
EXPCLIP_API expclip_status expclip_clip_embed(
    float *embeddings, size_t embeddings_size, const expclip_clip *clip,
    const expclip_embed_options *options, expclip_error *err);
/** Score it: one row of logits, as expclip_model_score_images(). Fails with
 * STATE also when no frame is in it. */
EXPCLIP_API expclip_status expclip_clip_score(float *logits, size_t logits_size,
                                              const expclip_clip *clip,
                                              const expclip_classes *classes,
                                              expclip_error *err);
/** Forget all frames. */
EXPCLIP_API void expclip_clip_clear(expclip_clip *clip);
EXPCLIP_API void expclip_clip_free(expclip_clip *clip);

/* ---- Timeline: scores over time -------------------------------------- */

/** Frames' logits in, smoothed probabilities and segments out; its memory does
 * not grow as long as what came out is cleared. One thread at a time. */
typedef struct expclip_timeline expclip_timeline;

enum {
    EXPCLIP_SMOOTHING_NONE = 0,
    EXPCLIP_SMOOTHING_EMA = 1,   /* exponential, by time: right for a variable
                                    frame rate */
    EXPCLIP_SMOOTHING_MEDIAN = 2 /* of the frames around, class by class, then
                                    made to add up to 1 again */
};

typedef struct expclip_timeline_options {
    size_t struct_size;
    int32_t smoothing;     /* EXPCLIP_SMOOTHING_... Default: EMA */
    int32_t median_frames; /* odd, 1 to 999. Default: 5 */
    double ema_seconds;    /* after this time an old frame weighs 1/e; above
                              0. Default: 0.5 */
    double temperature;    /* as in expclip_logits_softmax(). Default: 1 */
    double enter;          /* a segment begins when its class is the largest
                              with at least this probability. Default: 0.6 */
    double leave;          /* and ends when it falls below, at most `enter`.
                              Default: 0.4 */
    double min_seconds;    /* shorter ones are dropped. Default: 0.2 */
} expclip_timeline_options;
#define EXPCLIP_TIMELINE_OPTIONS_INIT                                          \
    {                                                                          \
        sizeof(expclip_timeline_options), EXPCLIP_SMOOTHING_EMA, 5, 0.5, 1.0,  \
            0.6, 0.4, 0.2                                                      \
    }

/** As expclip_load_options_init(). */
EXPCLIP_API void
expclip_timeline_options_init(expclip_timeline_options *options,
                              size_t options_size);

/** Create a timeline of n_classes classes, at least 1. */
EXPCLIP_API expclip_status expclip_timeline_create(
    expclip_timeline **out, int32_t n_classes,
    const expclip_timeline_options *options, expclip_error *err);
/**
 * Add one frame. Rows come out at once, or with MEDIAN half a window later.
 *
 * @param time    seconds, not before the last one's
 * @param logits  one row; NaN as of a failed frame: the frame is left out
 */
EXPCLIP_API expclip_status expclip_timeline_add(expclip_timeline *timeline,
                                                double time,
                                                const float *logits,
                                                size_t logits_size,
                                                expclip_error *err);
/** No more frames: rows that wait come out, and an open segment ends at
 * `time`. Only clearing, reading and freeing are allowed afterwards. */
EXPCLIP_API expclip_status expclip_timeline_finish(expclip_timeline *timeline,
                                                   double time,
                                                   expclip_error *err);
/** Rows that came out and were not cleared. */
EXPCLIP_API size_t expclip_timeline_count(const expclip_timeline *timeline);
/** Time of row `index`; -1 for none. */
EXPCLIP_API double expclip_timeline_time(const expclip_timeline *timeline,
                                         size_t index);
/** Copy row `index`: its n_classes probabilities. */
EXPCLIP_API expclip_status expclip_timeline_copy(
    float *probabilities, size_t probabilities_size,
    const expclip_timeline *timeline, size_t index, expclip_error *err);
/** Segments that ended and were not cleared. */
EXPCLIP_API size_t
expclip_timeline_segment_count(const expclip_timeline *timeline);
/** Class of segment `index`; -1 for none. */
EXPCLIP_API int32_t
expclip_timeline_segment_class(const expclip_timeline *timeline, size_t index);
/** Its first frame's time; -1 for none. */
EXPCLIP_API double
expclip_timeline_segment_start(const expclip_timeline *timeline, size_t index);
/** The time of the frame that ended it; -1 for none. */
EXPCLIP_API double
expclip_timeline_segment_end(const expclip_timeline *timeline, size_t index);
/** Mean probability of its class over its frames; -1 for none. */
EXPCLIP_API double
expclip_timeline_segment_probability(const expclip_timeline *timeline,
                                     size_t index);
/** Drop the rows and the segments that came out. */
EXPCLIP_API void expclip_timeline_clear(expclip_timeline *timeline);
EXPCLIP_API void expclip_timeline_free(expclip_timeline *timeline);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_CLIPS_H */
