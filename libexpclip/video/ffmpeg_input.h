/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_input.h - a file, its format and its video stream. For files that are
 * empty without EXPCLIP_HAVE_FFMPEG.
 */
#ifndef EXPCLIP_FFMPEG_INPUT_H
#define EXPCLIP_FFMPEG_INPUT_H

#include "base/io.h"
#include "video/ffmpeg_library.h"

typedef struct expclip__input {
    const expclip__ffmpeg *ff;
    expclip__file file;
    uint64_t at;            /* next byte to read */
    expclip_status failure; /* of reading the file */
    expclip_error why;
    const char *demuxer; /* "mov", "matroska", "avi" or "mpegts" */
    AVIOContext *io;
    AVFormatContext *format;
    AVStream *stream; /* of `format`; others are discarded */
} expclip__input;

/** Look at a file, and load FFmpeg. Close it whatever comes of it. */
expclip_status expclip__input_open(expclip__input *in, const char *path,
                                   expclip_error *err);
/** Find the stream and stand at its beginning, each time anew. */
expclip_status expclip__input_start(expclip__input *in, expclip_error *err);
/** Why FFmpeg gave `code`, or our own reading below it. */
expclip_status expclip__input_fail(const expclip__input *in, int code,
                                   expclip_error *err);
void expclip__input_close(expclip__input *in);

#endif
