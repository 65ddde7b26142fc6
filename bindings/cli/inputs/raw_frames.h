/* SPDX-License-Identifier: MIT */
/*
 * raw_frames.h - frames that come as bare pixels, R, G, B, on stdin: a camera
 * or a stream behind a program such as ffmpeg.
 *
 * A second thread reads, so that the newest frame is always at hand. A source
 * that keeps to the clock cannot wait: what comes while the caller computes is
 * dropped and counted, but for the newest. A source that is ahead of the clock,
 * such as a file, is made to wait instead.
 */
#ifndef EXPCLIP_CLI_RAW_FRAMES_H
#define EXPCLIP_CLI_RAW_FRAMES_H

#include <stddef.h>
#include <stdint.h>

/** "640x480@25"; without a rate, frames have the time at which they come. */
typedef struct raw_format {
    int32_t width;
    int32_t height;
    double rate; /* frames per second; 0 = not given */
} raw_format;

/** @return 1, or 0 when `text` is none */
int raw_format_parse(raw_format *out, const char *text);

typedef struct raw_frame {
    const uint8_t *rgb; /* [height, width, 3] */
    int64_t index;      /* from 0, dropped ones counted */
    double time;        /* seconds */
} raw_frame;

typedef struct raw_frames raw_frames;

/** @return 0 or EXIT_RESOURCES, reported */
int raw_frames_start(raw_frames **out, const raw_format *format);
/** Wait for the next frame, which ends the use of the one before. @return 1, or
 * 0 at the end of stdin or when stop_wanted() */
int raw_frames_next(raw_frames *r, raw_frame *out);
int64_t raw_frames_dropped(raw_frames *r);
/** Bytes of a frame that stdin ended in, 0 when it ended between two. */
size_t raw_frames_rest(raw_frames *r);
/** The errno with which stdin could not be read, or 0. */
int raw_frames_failure(raw_frames *r);
/** Wait for the thread and free all; takes NULL. */
void raw_frames_stop(raw_frames *r);

#endif
