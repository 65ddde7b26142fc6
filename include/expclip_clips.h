/* SPDX-License-Identifier: MIT */
/*
 * expclip_clips.h - clips: the frames of a folder or of a video file, with one
 * answer for all of them or a timeline of answers.
 *
 *     expclip_frames_open(&frames, "clip.mp4", NULL, &err)
 *     expclip_clip_create(&clip, model, &err)
 *     expclip_clip_add_frames(clip, frames, NULL, NULL, &err)
 *     expclip_clip_score(logits, 7, clip, classes, &err)
 *
 * Frames are read a few at a time, so that memory does not grow with the length
 * of a clip. The rules at the top of expclip.h hold here too.
 */
#ifndef EXPCLIP_CLIPS_H
#define EXPCLIP_CLIPS_H

#include "expclip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Frames: where the images of a clip come from -------------------- */

/** The frames of a folder or a video file. One thread at a time may use it. */
typedef struct expclip_frames expclip_frames;

/** Which frames of a clip are read. */
enum {
    /** Every frame. */
    EXPCLIP_SAMPLING_ALL = 0,
    /** The rule of the paper's reference (video_dataloader.py). With T =
     * n_samples, a clip of n > T frames is cut into T equal parts, and the
     * middle of each is read: frame int(n / T / 2 + n / T * i). Of a clip of n
     * <= T frames only frame 0 is read, and it stands for all T samples. */
    EXPCLIP_SAMPLING_EXACT = 1,
    /** The same middles when n > T. When n <= T all frames are read, and the
     * last one also stands for those that are missing (edge padding). */
    EXPCLIP_SAMPLING_SPREAD = 2
};

/** How the files of a folder are sorted. */
enum {
    EXPCLIP_ORDER_NATURAL = 0, /* as people count: 2 before 10 */
    EXPCLIP_ORDER_STRING = 1   /* by bytes, as in the paper's reference: 10
                                  before 2 */
};

typedef struct expclip_frames_options {
    size_t struct_size;
    int32_t sampling;    /* EXPCLIP_SAMPLING_... Default: SPREAD */
    int32_t n_samples;   /* T, at least 1. Default: 16 */
    int32_t order;       /* EXPCLIP_ORDER_... Default: NATURAL */
    int32_t rotate;      /* 1 = rotate a video as its metadata says.
                            Default: 1 */
    int64_t frame_count; /* sample as if the clip had this many frames, for
                            lists that give a number; 0 = as many as it has.
                            Default: 0 */
    double start;        /* seconds: read frames from this time on.
                            Default: 0 */
    double end;          /* seconds: read frames before this time; 0 = to the
                            end. Default: 0 */
    double frame_rate;   /* frames per second of a folder, from which its frames
                            get their times. Default: 25 */
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
 * Write the indices of the frames that a rule takes of n_frames; a frame that
 * stands for several is repeated.
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
 * Open a folder of images (.jpg, .png, .bmp, .gif and .webp; other files are
 * left out), or a video file (MP4/MOV, Matroska/WebM, AVI or MPEG-TS), of which
 * the first video stream is read. Videos need FFmpeg on the system. No other
 * file is opened, whatever the video refers to.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT (no frame),
 *         TRUNCATED, UNSUPPORTED (no FFmpeg, another format), LIMIT}
 */
EXPCLIP_API expclip_status
expclip_frames_open(expclip_frames **out, const char *path,
                    const expclip_frames_options *options, expclip_error *err);
/**
 * Decode the next frames, at most max_frames, and add them to a batch. A
 * damaged frame becomes a failed item. Frames that were added before a failure
 * stay in the batch.
 *
 * @param[out] n_added  number of items added; 0 at the end of the clip
 * @param max_frames    at least 1
 * @param options       of the images; exif has no effect on a video
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{IO, CANCELLED, FORK}
 */
EXPCLIP_API expclip_status expclip_frames_read(
    size_t *n_added, expclip_frames *frames, expclip_batch *batch,
    int32_t max_frames, const expclip_image_options *options,
    const expclip_cancel *cancel, expclip_error *err);
/** Position in the clip of frame `index` of the last read, both counted from
 * 0; -1 when there is none. */
EXPCLIP_API int64_t expclip_frames_index(const expclip_frames *frames,
                                         size_t index);
/** Time in seconds of frame `index` of the last read, which in a video is its
 * presentation time; -1 when there is none. */
EXPCLIP_API double expclip_frames_time(const expclip_frames *frames,
                                       size_t index);
/** Number of samples that frame `index` of the last read stands for, at least
 * 1; 0 when there is none. */
EXPCLIP_API int32_t expclip_frames_weight(const expclip_frames *frames,
                                          size_t index);
/** Number of frames that the rule chooses from; -1 when it is not known. */
EXPCLIP_API int64_t expclip_frames_count(const expclip_frames *frames);
/** Seconds from start to end; 0 when they are not known. */
EXPCLIP_API double expclip_frames_duration(const expclip_frames *frames);
EXPCLIP_API void expclip_frames_free(expclip_frames *frames);

/* ---- Clip: one embedding of many frames ------------------------------ */

/** The weighted mean of the embeddings of frames. One thread at a time may use
 * it. */
typedef struct expclip_clip expclip_clip;

/** Create an empty clip for a model. */
EXPCLIP_API expclip_status expclip_clip_create(expclip_clip **out,
                                               const expclip_model *model,
                                               expclip_error *err);
/**
 * Add the items of a batch. Failed items are counted and left out.
 *
 * The mean is that of the embeddings after the head, before they are scaled to
 * unit length. Frames with longer embeddings therefore weigh more, as in the
 * paper's reference (Exp_CLIP.py).
 *
 * @param weights  [n], at least 1 each, n = expclip_batch_count(); or NULL with
 *                 weights_size 0, when all weigh 1
 * @return as expclip_model_score_images()
 */
EXPCLIP_API expclip_status expclip_clip_add_images(
    expclip_clip *clip, const expclip_batch *batch, const int32_t *weights,
    size_t weights_size, const expclip_cancel *cancel, expclip_error *err);
/**
 * Read frames to their end and add them, a few at a time. Frames that were
 * added before a failure stay in the mean.
 */
EXPCLIP_API expclip_status
expclip_clip_add_frames(expclip_clip *clip, expclip_frames *frames,
                        const expclip_image_options *options,
                        const expclip_cancel *cancel, expclip_error *err);
/** Number of frames in the mean, each counted once. */
EXPCLIP_API int64_t expclip_clip_frame_count(const expclip_clip *clip);
/** Number of frames that failed. */
EXPCLIP_API int64_t expclip_clip_failed_count(const expclip_clip *clip);
/** The message of the first frame that failed, else ""; valid until the next
 * call. */
EXPCLIP_API const char *expclip_clip_message(const expclip_clip *clip);
/**
 * Copy the clip's embedding: float [d]. The options are those of
 * expclip_model_embed_images(). Fails with STATE when the clip has no frame,
 * NONFINITE, BACKEND.
 */
EXPCLIP_API expclip_status expclip_clip_embed(
    float *embeddings, size_t embeddings_size, const expclip_clip *clip,
    const expclip_embed_options *options, expclip_error *err);
/** Score the clip: one row of logits, as those of expclip_model_score_images().
 * Fails with STATE also when the clip has no frame. */
EXPCLIP_API expclip_status expclip_clip_score(float *logits, size_t logits_size,
                                              const expclip_clip *clip,
                                              const expclip_classes *classes,
                                              expclip_error *err);
/** Forget all frames. */
EXPCLIP_API void expclip_clip_clear(expclip_clip *clip);
EXPCLIP_API void expclip_clip_free(expclip_clip *clip);

/* ---- Timeline: scores over time -------------------------------------- */

/** A timeline takes the logits of frames and gives smoothed probabilities and
 * segments. Its memory does not grow as long as its results are cleared. One
 * thread at a time may use it. */
typedef struct expclip_timeline expclip_timeline;

enum {
    EXPCLIP_SMOOTHING_NONE = 0,
    EXPCLIP_SMOOTHING_EMA = 1,   /* exponential moving average by time, which
                                    suits a variable frame rate */
    EXPCLIP_SMOOTHING_MEDIAN = 2 /* for each class the median of the frames
                                    around; the medians are then scaled to add
                                    up to 1 */
};

typedef struct expclip_timeline_options {
    size_t struct_size;
    int32_t smoothing;     /* EXPCLIP_SMOOTHING_... Default: EMA */
    int32_t median_frames; /* width of the median: odd, 1 to 999. Default: 5 */
    double ema_seconds;    /* time constant of the average, above 0: a frame
                              that is older by this time weighs 1/e.
                              Default: 0.5 */
    double temperature;    /* as in expclip_logits_softmax(). Default: 1 */
    double enter;          /* a segment begins when a class is the likeliest and
                              has at least this probability. Default: 0.6 */
    double leave;          /* a segment ends when that probability falls below
                              this one, which is at most `enter`.
                              Default: 0.4 */
    double min_seconds;    /* shorter segments are dropped. Default: 0.2 */
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
 * Add one frame. Its row of probabilities is ready at once or, with MEDIAN,
 * half a window later.
 *
 * @param time    seconds, not before the time of the frame before
 * @param logits  one row; a row of NaN, as that of a failed frame, is left out
 */
EXPCLIP_API expclip_status expclip_timeline_add(expclip_timeline *timeline,
                                                double time,
                                                const float *logits,
                                                size_t logits_size,
                                                expclip_error *err);
/** Say that no frame follows: rows that wait become ready, and an open segment
 * ends at `time`. From then on the timeline may only be read, cleared and
 * freed. */
EXPCLIP_API expclip_status expclip_timeline_finish(expclip_timeline *timeline,
                                                   double time,
                                                   expclip_error *err);
/** Number of rows that are ready and were not cleared. */
EXPCLIP_API size_t expclip_timeline_count(const expclip_timeline *timeline);
/** Time in seconds of row `index`; -1 when there is none. */
EXPCLIP_API double expclip_timeline_time(const expclip_timeline *timeline,
                                         size_t index);
/** Copy row `index`: n_classes probabilities. */
EXPCLIP_API expclip_status expclip_timeline_copy(
    float *probabilities, size_t probabilities_size,
    const expclip_timeline *timeline, size_t index, expclip_error *err);
/** Number of segments that have ended and were not cleared. */
EXPCLIP_API size_t
expclip_timeline_segment_count(const expclip_timeline *timeline);
/** Class of segment `index`; -1 when there is none. */
EXPCLIP_API int32_t
expclip_timeline_segment_class(const expclip_timeline *timeline, size_t index);
/** Time in seconds of the first frame of segment `index`; -1 when there is
 * none. */
EXPCLIP_API double
expclip_timeline_segment_start(const expclip_timeline *timeline, size_t index);
/** Time in seconds of the frame that ended segment `index`; -1 when there is
 * none. */
EXPCLIP_API double
expclip_timeline_segment_end(const expclip_timeline *timeline, size_t index);
/** Mean probability of the segment's class over its frames; -1 when there is
 * no such segment. */
EXPCLIP_API double
expclip_timeline_segment_probability(const expclip_timeline *timeline,
                                     size_t index);
/** Drop the rows and the segments that are ready. */
EXPCLIP_API void expclip_timeline_clear(expclip_timeline *timeline);
EXPCLIP_API void expclip_timeline_free(expclip_timeline *timeline);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_CLIPS_H */
