/* SPDX-License-Identifier: MIT */
/*
 * expclip_faces.h - the faces in photographs and videos: found, cut out and
 * followed.
 *
 *     expclip_detector_create(&detector, NULL, &err)
 *     expclip_detector_find_file(&faces, detector, "party.jpg", NULL, &err)
 *     expclip_batch_add_faces(&n, batch, faces, EXPCLIP_FACES_ALL, NULL, &err)
 *     expclip_model_score_images(logits, n * 7, model, classes, batch, NULL,
 *                                &err)
 *
 * The detector is YuNet (Wu et al., 2023; face_detection_yunet_2023mar of the
 * OpenCV Zoo, MIT), whose weights are in the library. Its boxes, points and
 * scores are those of OpenCV's FaceDetectorYN. It misses faces that are lower
 * than about 20 pixels or turned by more than 45 degrees, and it also finds the
 * faces of statues, masks and drawings.
 *
 * Nothing here tells who a person is: the library computes no embedding that
 * identifies a face, and a track is nothing but a path in one video.
 *
 * The rules at the top of expclip.h hold here too.
 */
#ifndef EXPCLIP_FACES_H
#define EXPCLIP_FACES_H

#include "expclip.h"
#include "expclip_clips.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Detector: finds faces, without a model -------------------------- */

/** The network that finds faces. Immutable: threads may share it. */
typedef struct expclip_detector expclip_detector;
typedef struct expclip_detector_options {
    size_t struct_size;
    const char *weights; /* a safetensors file with other weights of the same
                            shapes; NULL = those in the library.
                            Default: NULL */
    float threshold;     /* a face has at least this score, 0..1.
                            Default: 0.7 */
    int32_t long_side;   /* a larger image is shrunk so that its longer side has
                            this many pixels, 32 to 8192; where no face is found
                            it is looked at again, twice as large. Default: 640
                            */
    int32_t smallest;    /* a face is at least this many pixels high, in the
                            image as it is, at least 1. Default: 20 */
    int32_t quick;       /* 1 = look first with a long side of 320, and no more
                            when that shows one close face, which is at least
                            0.45 times as wide as the image; for this one face a
                            score of 0.5 is enough. Default: 0 */
    int32_t turn;        /* 1 = where no face is found, also look at the image
                            turned by 90, 180 and 270 degrees. Default: 0 */
    int32_t threads;     /* number of threads that one call uses, at most 4096;
                            0 = one per core. Default: 0 */
} expclip_detector_options;
#define EXPCLIP_DETECTOR_OPTIONS_INIT \
    { sizeof(expclip_detector_options), 0, 0.7f, 640, 20, 0, 0, 0 }

/** As expclip_load_options_init(). */
EXPCLIP_API void
expclip_detector_options_init(expclip_detector_options *options,
                              size_t options_size);

/**
 * Create a detector.
 *
 * @param[out] out  a new detector for expclip_detector_free()
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, UNSAFE, LIMIT, SHAPE (weights of another network),
 *         NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status
expclip_detector_create(expclip_detector **out,
                        const expclip_detector_options *options,
                        expclip_error *err);
EXPCLIP_API void expclip_detector_free(expclip_detector *detector);

/* ---- Faces: an image and the faces that were found in it ------------- */

/** A box in pixels of an image, from its upper left corner. */
typedef struct expclip_box {
    int32_t x;      /* left edge */
    int32_t y;      /* upper edge */
    int32_t width;  /* at least 1 */
    int32_t height; /* at least 1 */
} expclip_box;

/** A face, in pixels of its image. Parts of it may lie outside the image. */
typedef struct expclip_face {
    float x; /* left edge of its box */
    float y; /* upper edge */
    float width;      /* of its box, from forehead to chin */
    float height;     /* of its box */
    float score;      /* 0..1, how sure the detector is */
    float points[10]; /* x, y of the right eye, the left eye, the tip of the
                         nose, the right and the left corner of the mouth; right
                         and left are the person's */
} expclip_face;

/*
 * An expclip_faces is an image and the faces in it. It keeps the image, encoded
 * where it came so. Immutable: threads may share it.
 *
 * The find functions decode an image as the add functions of a batch do and
 * look for faces in it. An image without a face is no failure: the object has
 * no faces then. A JPEG file is decoded at a reduced scale where that suffices.
 *
 * The EXIF orientation is always applied, whatever the options say, and the
 * options must have no box.
 *
 * The functions fail with NOT_FOUND, IO, FORMAT, TRUNCATED, FORK, BACKEND,
 * UNSUPPORTED, LIMIT, NONFINITE (weights that overflow).
 */

/** Find the faces in an image file. */
EXPCLIP_API expclip_status expclip_detector_find_file(
    expclip_faces **out, const expclip_detector *detector, const char *path,
    const expclip_image_options *options, expclip_error *err);
/** Find the faces in a file's bytes. */
EXPCLIP_API expclip_status expclip_detector_find_bytes(
    expclip_faces **out, const expclip_detector *detector, const uint8_t *bytes,
    size_t bytes_size, const expclip_image_options *options,
    expclip_error *err);
/** Find the faces in raw pixels, described as for expclip_batch_add_pixels().
 */
EXPCLIP_API expclip_status expclip_detector_find_pixels(
    expclip_faces **out, const expclip_detector *detector,
    const uint8_t *pixels, size_t pixels_size, int32_t width, int32_t height,
    int64_t stride, int32_t layout, const expclip_image_options *options,
    expclip_error *err);
/**
 * Decode the next frame of a clip and find the faces in it.
 * expclip_frames_index() and expclip_frames_time() of 0 say which frame it was.
 * A damaged frame becomes an object without faces that carries its status.
 *
 * @param[out] out  NULL at the end of the clip
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{IO, CANCELLED, FORK, BACKEND, NONFINITE}
 */
EXPCLIP_API expclip_status expclip_detector_find_frame(
    expclip_faces **out, const expclip_detector *detector,
    expclip_frames *frames, const expclip_image_options *options,
    const expclip_cancel *cancel, expclip_error *err);

/** EXPCLIP_OK, or why the frame of a clip could not be decoded. This is data
 * and not the status of the call, so its type is int32_t. */
EXPCLIP_API int32_t expclip_faces_status(const expclip_faces *faces);
/** The message of that status, else ""; owned by the object. */
EXPCLIP_API const char *expclip_faces_message(const expclip_faces *faces);
/** Number of faces. */
EXPCLIP_API size_t expclip_faces_count(const expclip_faces *faces);
/** Copy face `index`; the faces with the highest scores come first. Fails with
 * ARGUMENT when there is no such face. */
EXPCLIP_API expclip_status expclip_faces_get(expclip_face *out,
                                             const expclip_faces *faces,
                                             size_t index, expclip_error *err);
/**
 * Copy all faces: float [n, 15], n = expclip_faces_count(). A row has x, y,
 * width, height, the ten numbers of `points`, and the score, in OpenCV's order.
 *
 * @param values_size  n * 15
 */
EXPCLIP_API expclip_status expclip_faces_copy(float *values, size_t values_size,
                                              const expclip_faces *faces,
                                              expclip_error *err);
/** Index of the face with the largest box; of equals the one with the highest
 * score. The number of faces when there is none. */
EXPCLIP_API size_t expclip_faces_largest(const expclip_faces *faces);
/** The score of the most likely face, also when it is below the threshold; it
 * says how close an image without a face was. */
EXPCLIP_API float expclip_faces_best_score(const expclip_faces *faces);
/** Width in pixels of the image after all turning. */
EXPCLIP_API int32_t expclip_faces_width(const expclip_faces *faces);
/** Height in pixels of the image after all turning. */
EXPCLIP_API int32_t expclip_faces_height(const expclip_faces *faces);
/** Degrees, clockwise, by which `turn` turned the image beyond its EXIF
 * orientation: 0, 90, 180 or 270. */
EXPCLIP_API int32_t expclip_faces_turn(const expclip_faces *faces);
/**
 * Copy the image: RGB [height, width, 3], turned.
 *
 * @param rgb_size  height * width * 3
 * @return as for finding, or the status of a damaged frame
 */
EXPCLIP_API expclip_status
expclip_faces_copy_image(uint8_t *rgb, size_t rgb_size,
                         const expclip_faces *faces, expclip_error *err);
EXPCLIP_API void expclip_faces_free(expclip_faces *faces);

/* ---- Crop: the part of an image that an encoder sees of a face ------- */

/**
 * The crop of face `index`: a square in whole pixels, moved so that it lies
 * inside the image. Where the square is larger than the image, it becomes as
 * wide or as high as the image is.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_ARGUMENT (no such face)
 */
EXPCLIP_API expclip_status
expclip_faces_crop(expclip_box *out, const expclip_faces *faces, size_t index,
                   const expclip_crop_options *options, expclip_error *err);
/**
 * Copy the pixels of that crop: RGB [height, width, 3]. With `upright` they may
 * be turned; what then lies outside the image repeats its edge.
 *
 * @param rgb_size  height * width * 3 of the box from expclip_faces_crop()
 * @return as for expclip_faces_copy_image()
 */
EXPCLIP_API expclip_status
expclip_faces_copy_crop(uint8_t *rgb, size_t rgb_size,
                        const expclip_faces *faces, size_t index,
                        const expclip_crop_options *options,
                        expclip_error *err);

/* ---- Tracker: faces of a video, followed from frame to frame ---------- */

/**
 * A tracker joins the faces of frames to tracks, by where they are, how large
 * and how fast, never by what they show. It knows no identities: who goes and
 * comes back is a new track, and two who cross may be taken for each other. At
 * a scene cut all tracks end. Its memory is that of the tracks that are open.
 * One thread at a time may use it.
 *
 * A face of the upper band of scores opens a track when it is seen in `hits`
 * frames in a row; one of the lower band only continues a track. So create the
 * detector with `lower` as its threshold, and use the faces that have a track.
 * Frames more than `lost` seconds apart open none: give it 5 frames a second or
 * more.
 */
typedef struct expclip_tracker expclip_tracker;
typedef struct expclip_tracker_options {
    size_t struct_size;
    float upper;   /* a face that opens a track has at least this score.
                      Default: 0.7 */
    float lower;   /* a face that continues one has at least this score, 0 to
                      `upper`. Default: 0.3 */
    float reach;   /* how far a face may move: face widths per second, 0.1 to
                      100. Default: 12 */
    int32_t hits;  /* frames with a face until its track opens, 1 to 16.
                      Default: 2 */
    double lost;   /* seconds without its face after which a track ends, 0 to
                      60. Default: 0.5 */
} expclip_tracker_options;
#define EXPCLIP_TRACKER_OPTIONS_INIT \
    { sizeof(expclip_tracker_options), 0.7f, 0.3f, 12.0f, 2, 0.5 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_tracker_options_init(expclip_tracker_options *options,
                                              size_t options_size);

/** A track that has ended. */
typedef struct expclip_track {
    int64_t number;   /* from 0, of this tracker */
    int64_t n_frames; /* in which its face was found */
    double first;     /* seconds: the time of the first of them */
    double last;      /* and of the last */
} expclip_track;

/** A face of an earlier frame. */
typedef struct expclip_track_face {
    int64_t number; /* of its track */
    int64_t frame;  /* counted from 0 over the calls of expclip_tracker_add() */
    int64_t face;   /* index in that frame */
} expclip_track_face;

/** Create a tracker for one video. */
EXPCLIP_API expclip_status
expclip_tracker_create(expclip_tracker **out,
                       const expclip_tracker_options *options,
                       expclip_error *err);
/**
 * Follow the faces into the next frame.
 *
 * @param[out] tracks  [n], n = expclip_faces_count(): the number of each face's
 *                     track, or -1 when it has none (yet)
 * @param tracks_size  n
 * @param time         seconds, above the time of the frame before; otherwise
 *                     the call fails with ARGUMENT, and the tracker is as
 *                     before
 * @param faces        of the frame; a damaged frame has none
 */
EXPCLIP_API expclip_status expclip_tracker_add(
    int32_t *tracks, size_t tracks_size, expclip_tracker *tracker, double time,
    const expclip_faces *faces, expclip_error *err);
/** Say that the video is at its end: all tracks end. Another one may follow,
 * with times of its own; the numbers go on. */
EXPCLIP_API expclip_status expclip_tracker_finish(expclip_tracker *tracker,
                                                  expclip_error *err);
/** 1 when the last call of expclip_tracker_add() saw a scene cut, else 0. */
EXPCLIP_API int32_t expclip_tracker_cut(const expclip_tracker *tracker);
/** Number of faces of earlier frames whose tracks the last call opened. Who
 * wants a track from its first frame on adds them. */
EXPCLIP_API size_t
expclip_tracker_earlier_count(const expclip_tracker *tracker);
/** Copy one of them; ARGUMENT when there is none. */
EXPCLIP_API expclip_status expclip_tracker_earlier(
    expclip_track_face *out, const expclip_tracker *tracker, size_t index,
    expclip_error *err);
/** Number of tracks that the last call ended. */
EXPCLIP_API size_t expclip_tracker_ended_count(const expclip_tracker *tracker);
/** Copy one of them; ARGUMENT when there is none. */
EXPCLIP_API expclip_status expclip_tracker_ended(expclip_track *out,
                                                 const expclip_tracker *tracker,
                                                 size_t index,
                                                 expclip_error *err);
EXPCLIP_API void expclip_tracker_free(expclip_tracker *tracker);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_FACES_H */
