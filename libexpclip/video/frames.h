/* SPDX-License-Identifier: MIT */
/*
 * frames.h - the images of a clip, one after the other, from a folder or a
 * video file.
 *
 * A source counts its frames from 0 in the window of start and end. A frame
 * that cannot be had has a status and a reason, like an image in a batch; it
 * never stops the ones after it.
 */
#ifndef EXPCLIP_VIDEO_FRAMES_H
#define EXPCLIP_VIDEO_FRAMES_H

#include <expclip_clips.h>

#include "image/image.h"

/** One frame that was asked for. */
typedef struct expclip__frame {
    expclip_status status;
    expclip_error why;    /* when it failed */
    expclip__image image; /* when it did not; for expclip__image_clear() */
    int64_t index;        /* in the window */
    double time;          /* seconds; -1 = not known */
    int32_t weight;       /* samples that it stands for */
} expclip__frame;

/* ---- sources ---- */

/** What a folder and a video file have in common. */
typedef struct expclip__frame_source {
    /**
     * Fill in frame->status, why, image and time of frame->index, which is
     * above the one of the call before. *missing = 1: there is none, and
     * n_frames says how many there are. A failure is of the call, which can be
     * repeated.
     */
    expclip_status (*read)(struct expclip__frame_source *source,
                           expclip__frame *frame, int *missing,
                           const expclip_image_options *options,
                           const expclip_cancel *cancel, expclip_error *err);
    void (*close)(struct expclip__frame_source *source);
    void *data;
    int64_t n_frames; /* in the window; -1 = not known yet */
    double duration;  /* of the window, seconds; 0 = not known */
} expclip__frame_source;

/** The image files of a folder. */
expclip_status expclip__folder_open(expclip__frame_source *out,
                                    const char *path,
                                    const expclip_frames_options *options,
                                    expclip_error *err);
/** The frames of a video file. With `count` their number is known. */
expclip_status expclip__video_open(expclip__frame_source *out, const char *path,
                                   const expclip_frames_options *options,
                                   int count, expclip_error *err);

/* ---- frames ---- */

/** As expclip_frames_open(), options complete and checked. */
expclip_status expclip__frames_open(expclip_frames **out, const char *path,
                                    const expclip_frames_options *options,
                                    expclip_error *err);
/** The next frame that the rule takes; *end = 1 when there is none. A failure
 * of the call leaves the frame to be the next again. */
expclip_status expclip__frames_next(expclip_frames *frames, expclip__frame *out,
                                    int *end,
                                    const expclip_image_options *options,
                                    const expclip_cancel *cancel,
                                    expclip_error *err);
/** Frames that next() gave since forget(), without status and image; NULL
 * when there is no i-th. */
typedef struct expclip__frame_note {
    int64_t index;
    double time;
    int32_t weight;
} expclip__frame_note;
void expclip__frames_forget(expclip_frames *frames);
const expclip__frame_note *expclip__frames_noted(const expclip_frames *frames,
                                                 size_t i);

int64_t expclip__frames_count(const expclip_frames *frames);
double expclip__frames_duration(const expclip_frames *frames);
void expclip__frames_free(expclip_frames *frames);

#endif
