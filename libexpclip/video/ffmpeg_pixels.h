/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_pixels.h - from a decoded frame to RGB, and which way up it is. For
 * files that are empty without EXPCLIP_HAVE_FFMPEG.
 */
#ifndef EXPCLIP_FFMPEG_PIXELS_H
#define EXPCLIP_FFMPEG_PIXELS_H

#include "image/image.h"
#include "video/ffmpeg_library.h"

/** EXIF's orientation 1..8 that a stream's display matrix stands for. */
int expclip__stream_orientation(const expclip__ffmpeg *ff,
                                const AVStream *stream);

/** What is kept from frame to frame. Start from ff and path, the rest 0. */
typedef struct expclip__converter {
    const expclip__ffmpeg *ff;
    const char *path; /* borrowed, for messages */
    struct SwsContext *sws;
    int sws_form[5]; /* width, height, format, matrix, range */
} expclip__converter;

/** The size of the frame is checked by the caller. */
expclip_status expclip__converter_run(expclip__image *out,
                                      expclip__converter *c, const AVFrame *f,
                                      expclip_error *err);
void expclip__converter_clear(expclip__converter *c);

#endif
