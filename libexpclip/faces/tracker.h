/* SPDX-License-Identifier: MIT */
/*
 * tracker.h - the faces of a film's frames, joined to tracks.
 *
 * A track joins boxes by where they are, how large and how fast, never by what
 * they show: there is no embedding of a face and no identity. Somebody who goes
 * and comes back is a new track, and two who cross may be taken for each other.
 *
 * A box of the upper band of scores begins a track, which opens once `hits`
 * frames in a row have a box for it; one of the lower band only continues one.
 * A track gets its number when it opens, so that numbers are 0, 1, 2 ...
 * without those of chance boxes that came once. A timeline should begin with
 * the first of its boxes all the same: the step that opens it names the faces
 * of frames before that belong to it (`earlier`). Who cannot wait leaves them
 * without number.
 *
 * Frames should come at 5 a second or more: when more than `lost` seconds are
 * between two of them no track goes on.
 *
 * Memory is that of the tracks that may go on, at most
 * EXPCLIP__TRACKER_MOST_TRACKS. Equal calls have equal results. A tracker
 * belongs to one film and is used by one thread at a time.
 */
#ifndef EXPCLIP_FACES_TRACKER_H
#define EXPCLIP_FACES_TRACKER_H

#include "faces/candidates.h"

enum {
    EXPCLIP__TRACKER_MOST_HITS = 16,
    EXPCLIP__TRACKER_MOST_FACES = 500,  /* of a frame, from its first on */
    EXPCLIP__TRACKER_MOST_TRACKS = 1000 /* with all open, no new one begins */
};

typedef struct expclip__tracker_options {
    float upper;  /* score from which a box opens a track */
    float lower;  /* score from which it continues one: 0 .. upper */
    float reach;  /* face widths a second: how far the second box of a track may
                     be from the first one, 0.1 .. 100 */
    float lost;   /* seconds without a box until a track ends, 0 .. 60 */
    int32_t hits; /* frames until it opens, 1 .. EXPCLIP__TRACKER_MOST_HITS */
} expclip__tracker_options;

/* A `lower` of 0.5 has a third fewer false boxes and loses more faces who turn
 * or hide: at 5 frames a second IDF1 0.92 instead of 0.96. */
#define EXPCLIP__TRACKER_OPTIONS                                               \
    {                                                                          \
        0.7f, 0.3f, 12.0f, 0.5f, 2                                             \
    }

typedef struct expclip__tracker_frame {
    double time;               /* seconds, above that of the frame before */
    int32_t width, height;     /* pixels: boxes stay where they are in the image
                                  when a film changes its size */
    int is_cut;                /* tracks of before end */
    const expclip_face *faces; /* the best first, from `lower` on */
    size_t n_faces;
} expclip__tracker_frame;

/** A face of a frame before, of a track that opened in this step. */
typedef struct expclip__track_face {
    int64_t track;
    int64_t frame; /* number of the step, from 0 */
    size_t face;   /* its index there */
} expclip__track_face;

/** A track that ended. */
typedef struct expclip__track_end {
    int64_t track;
    double first, last; /* times of its first and last box */
    int64_t n_frames;   /* with a box */
} expclip__track_end;

/** What a step says. It is the tracker's, and lasts until its next call. */
typedef struct expclip__tracks {
    int64_t frame;          /* number of the step, from 0 */
    size_t n_faces;         /* as the frame had */
    const int64_t *of_face; /* [n_faces] number, or -1: no open track's */
    size_t n_earlier;
    const expclip__track_face *earlier; /* by track, then by frame */
    size_t n_ended;
    const expclip__track_end *ended; /* by track */
} expclip__tracks;

typedef struct expclip__tracker expclip__tracker;

/** @return EXPCLIP_OK or EXPCLIP_ERROR_{ARGUMENT, MEMORY} */
expclip_status expclip__tracker_create(expclip__tracker **out,
                                       const expclip__tracker_options *options,
                                       expclip_error *err);
void expclip__tracker_free(expclip__tracker *t);

/**
 * The next frame. A box that is not finite, or has no size, is no track's.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{ARGUMENT, MEMORY}, ARGUMENT when the
 *         time is not finite or not above the last one's; then the tracker is
 *         as before, and the next frame may follow
 */
expclip_status expclip__tracker_step(expclip__tracks *out, expclip__tracker *t,
                                     const expclip__tracker_frame *frame,
                                     expclip_error *err);

/**
 * The film is at its end: all tracks end. Another may follow with times of its
 * own; its numbers go on.
 */
expclip_status expclip__tracker_end(expclip__tracks *out, expclip__tracker *t,
                                    expclip_error *err);

#endif
