/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_packets.h - the packets of a file's video stream, in a window of time,
 * still compressed. For files that are empty without EXPCLIP_HAVE_FFMPEG.
 */
#ifndef EXPCLIP_FFMPEG_PACKETS_H
#define EXPCLIP_FFMPEG_PACKETS_H

#include "video/ffmpeg_input.h"

/** What is known of a packet: the frame that should come of it. */
typedef struct expclip__packet_note {
    int64_t
        ts; /* presentation time, else decoding time, in the stream's base */
    double time; /* the same in seconds after the stream's start */
    int has_pts;
    int inside;  /* of the window */
    int corrupt; /* the container says that bytes are missing */
    int lost;    /* the index has it and the file does not: no packet */
} expclip__packet_note;

typedef struct expclip__packets {
    expclip__input in;
    double start;     /* window */
    double end;       /* 0 = none */
    AVPacket *packet; /* of the last next() */
    int want_key;     /* drop all before the first key frame */
    int64_t last_dts;
    int64_t last_ts; /* the largest */
    int64_t n_read;  /* packets of all streams */
    int n_errors;    /* in a row */
    int at_end;
    int tail; /* next entry of the index that may be lost */
} expclip__packets;

/** Open a file at the beginning of its window. */
expclip_status expclip__packets_open(expclip__packets *p, const char *path,
                                     double start, double end,
                                     expclip_error *err);
/** Start again. */
expclip_status expclip__packets_rewind(expclip__packets *p, expclip_error *err);
/** The next packet is in p->packet, unless it is lost; *end = 1 for none. */
expclip_status expclip__packets_next(expclip__packets *p,
                                     expclip__packet_note *note, int *end,
                                     expclip_error *err);
/** Seconds in the window; 0 = not known. */
double expclip__packets_duration(const expclip__packets *p);
void expclip__packets_close(expclip__packets *p);

#endif
