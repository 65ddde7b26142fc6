/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_decoder.h - the frames of a video stream in order of time, with those
 * that are lost. For files that are empty without EXPCLIP_HAVE_FFMPEG.
 */
#ifndef EXPCLIP_FFMPEG_DECODER_H
#define EXPCLIP_FFMPEG_DECODER_H

#include "video/ffmpeg_packets.h"

/* 8 threads, 16 frames that are shown later, and as many again. */
#define EXPCLIP__MAX_WAITING 64

typedef struct expclip__decoder {
    const expclip__ffmpeg *ff;
    expclip__packets packets;
    AVCodecContext *context; /* NULL before the first frame */
    int careful;             /* one thread, see give_up_threads() */
    AVFrame *frame;          /* the one that came out last */
    int holds_frame;
    expclip__packet_note waiting[EXPCLIP__MAX_WAITING]; /* by ts, last first */
    int n_waiting;
    int without_pts;   /* frames are told by their order alone */
    int64_t last_sent; /* time stamp of the last packet */
    int draining;
    int finished;
    /* The next frame in order of time: */
    int is_ready;              /* there is one */
    expclip__packet_note note; /* what it should be */
    int has_frame;             /* it is in `frame`; 0 = it is lost */
    int64_t next_index;        /* its number, when it is inside the window */
} expclip__decoder;

/** Start from zeros; close it whatever comes of it. */
expclip_status expclip__decoder_open(expclip__decoder *d, const char *path,
                                     double start, double end,
                                     expclip_error *err);
/** Make the next one ready, if it is not; none is when all is over. Those
 * before number `wanted` need not be good. */
expclip_status expclip__decoder_next(expclip__decoder *d, int64_t wanted,
                                     const expclip_image_options *options,
                                     const expclip_cancel *cancel,
                                     expclip_error *err);
/** Go on behind it. */
void expclip__decoder_drop(expclip__decoder *d);
/** LIMIT when a frame of this size is not to be decoded. */
expclip_status expclip__decoder_check_size(int64_t width, int64_t height,
                                           const expclip_image_options *o,
                                           expclip_error *err);
void expclip__decoder_close(expclip__decoder *d);

#endif
