/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_packets.c - the packets of a video stream, in a window of time.
 *
 * Every frame that should be there has its packet, or is told by the index of a
 * file that was cut: so what is lost is known, and where.
 */
#ifdef EXPCLIP_HAVE_FFMPEG

#include "video/ffmpeg_packets.h"

#include <limits.h>
#include <string.h>

#include "base/error.h"

#define MAX_PACKETS (1 << 25) /* 150 hours of 60 frames a second */
#define MAX_ERRORS 100        /* in a row, then it is the end */

/* ---- the window ---- */

static int64_t origin(const expclip__packets *p)
{
    const int64_t start = p->in.stream->start_time;

    return start == AV_NOPTS_VALUE ? 0 : start;
}

/* One multiplication and one division, each exact or rounded once. */
static double seconds(const expclip__packets *p, int64_t ts)
{
    const AVRational base = p->in.stream->time_base;

    return ((double)ts - (double)origin(p)) * base.num / base.den;
}

static int is_inside(const expclip__packets *p, double time)
{
    return (p->start <= 0.0 || time >= p->start) &&
           (p->end <= 0.0 || time < p->end);
}

/* ---- reading ---- */

/* What libvpx's VP8 stores between frames and never shows. */
static int is_hidden(const expclip__packets *p)
{
    return p->in.stream->codecpar->codec_id == AV_CODEC_ID_VP8 &&
           p->packet->size > 0 && !(p->packet->data[0] & 0x10);
}

/* The next packet of our stream; `at_end` is set when there is none. */
static expclip_status read_packet(expclip__packets *p, expclip_error *err)
{
    int code;

    while (!p->at_end) {
        p->in.ff->av_packet_unref(p->packet);
        code = p->in.ff->av_read_frame(p->in.format, p->packet);
        if (p->in.failure || code == AVERROR(ENOMEM))
            return expclip__input_fail(&p->in, code, err);
        if (++p->n_read > MAX_PACKETS)
            return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                                 "%s: more than %d packets", p->in.file.path,
                                 MAX_PACKETS);
        if (code == AVERROR_EOF || (code < 0 && ++p->n_errors > MAX_ERRORS))
            p->at_end = 1;
        if (code < 0 || p->packet->stream_index != p->in.stream->index)
            continue;
        p->n_errors = 0;
        if (!p->want_key || (p->packet->flags & AV_PKT_FLAG_KEY))
            return EXPCLIP_OK;
    }
    return EXPCLIP_OK;
}

/* Time stamps can be missing: of AVI all presentation times are. */
static void describe(expclip__packets *p, expclip__packet_note *note)
{
    const AVPacket *packet = p->packet;
    const int64_t no = AV_NOPTS_VALUE;

    memset(note, 0, sizeof(*note));
    note->has_pts = packet->pts != no;
    note->ts = note->has_pts ? packet->pts : packet->dts;
    if (note->ts == no)
        note->ts = p->last_ts == no ? origin(p) : p->last_ts + 1;
    if (packet->dts != no)
        p->last_dts = packet->dts;
    if (p->last_ts == no || note->ts > p->last_ts)
        p->last_ts = note->ts;
    note->time = seconds(p, note->ts);
    note->corrupt = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
    note->inside = is_inside(p, note->time) && !is_hidden(p) &&
                   !(packet->flags & AV_PKT_FLAG_DISCARD);
}

/*
 * After the end of a cut file: what its index tells of frames that should have
 * come. MP4's index has decoding times; they get the distance to presentation
 * times that the last packets had, so that they come after these.
 */
static int next_lost(expclip__packets *p, expclip__packet_note *note)
{
    const int n = p->in.ff->avformat_index_get_entries_count(p->in.stream);
    const int by_dts =
        strcmp(p->in.demuxer, "mov") == 0 && p->last_dts != AV_NOPTS_VALUE;
    const int64_t last = by_dts ? p->last_dts : p->last_ts;

    while (p->tail < n) {
        const AVIndexEntry *e =
            p->in.ff->avformat_index_get_entry(p->in.stream, p->tail++);

        if (last != AV_NOPTS_VALUE && e->timestamp <= last)
            continue;
        memset(note, 0, sizeof(*note));
        note->ts = e->timestamp + (by_dts ? p->last_ts - last : 0);
        note->time = seconds(p, note->ts);
        note->has_pts = 1;
        note->lost = 1;
        note->inside =
            is_inside(p, note->time) && !(e->flags & AVINDEX_DISCARD_FRAME);
        return 1;
    }
    return 0;
}

/* Nothing that is decoded later is shown before the window's end. */
static int is_behind(const expclip__packets *p)
{
    return p->end > 0.0 && p->packet->dts != AV_NOPTS_VALUE &&
           seconds(p, p->packet->dts) >= p->end;
}

expclip_status expclip__packets_next(expclip__packets *p,
                                     expclip__packet_note *note, int *end,
                                     expclip_error *err)
{
    expclip_status status = read_packet(p, err);

    if (status)
        return status;
    if (p->at_end) {
        *end = !next_lost(p, note);
        return EXPCLIP_OK;
    }
    p->want_key = 0;
    *end = is_behind(p);
    if (*end) {
        p->at_end = 1;
        p->tail = INT_MAX;
    } else {
        describe(p, note);
    }
    return EXPCLIP_OK;
}

/* ---- seeking ---- */

/* At the beginning of the file. */
static expclip_status start(expclip__packets *p, expclip_error *err)
{
    p->want_key = 0;
    p->last_dts = AV_NOPTS_VALUE;
    p->last_ts = AV_NOPTS_VALUE;
    p->n_errors = 0;
    p->at_end = 0;
    p->tail = 0;
    return expclip__input_start(&p->in, err);
}

/* Is the key frame that we stand before shown at `start` or earlier? */
static expclip_status is_before_start(int *out, expclip__packets *p,
                                      expclip_error *err)
{
    expclip_status status;

    p->want_key = 1;
    status = read_packet(p, err);
    *out = !status && !p->at_end && p->packet->pts != AV_NOPTS_VALUE &&
           seconds(p, p->packet->pts) <= p->start;
    return status;
}

static int seek_to(expclip__packets *p, double time)
{
    const AVRational base = p->in.stream->time_base;
    const double ts = time * base.den / base.num + (double)origin(p);

    if (ts > 4e18 || ts < -4e18)
        return -1;
    return p->in.ff->av_seek_frame(p->in.format, p->in.stream->index,
                                   (int64_t)ts, AVSEEK_FLAG_BACKWARD);
}

/*
 * Stand before the key frame at or before the window. Where an index has
 * decoding times, or none is there, the first try may be too late; so it is
 * looked at, and in the end the file is read from its beginning.
 */
static expclip_status seek_to_start(expclip__packets *p, expclip_error *err)
{
    static const double back[] = { 0.0, 1.0, 10.0 };
    int found;
    expclip_status status;

    for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
        if (p->start <= back[i])
            break;
        if (seek_to(p, p->start - back[i]) < 0)
            continue;
        status = is_before_start(&found, p, err);
        if (status)
            return status;
        /* Reading moved on: seek again. */
        if (found && seek_to(p, p->start - back[i]) >= 0) {
            p->want_key = 1;
            return EXPCLIP_OK;
        }
        p->at_end = 0;
        p->n_errors = 0;
    }
    return start(p, err);
}

expclip_status expclip__packets_rewind(expclip__packets *p, expclip_error *err)
{
    expclip_status status;

    p->n_read = 0;
    status = start(p, err);
    if (!status && p->start > 0.0)
        status = seek_to_start(p, err);
    return status;
}

/* ---- life ---- */

expclip_status expclip__packets_open(expclip__packets *p, const char *path,
                                     double start, double end,
                                     expclip_error *err)
{
    expclip_status status;

    memset(p, 0, sizeof(*p));
    p->start = start;
    p->end = end;
    status = expclip__input_open(&p->in, path, err);
    if (status)
        return status;
    p->packet = p->in.ff->av_packet_alloc();
    if (!p->packet)
        return expclip__fail_memory(err, "video");
    return expclip__packets_rewind(p, err);
}

void expclip__packets_close(expclip__packets *p)
{
    if (p->packet)
        p->in.ff->av_packet_free(&p->packet);
    expclip__input_close(&p->in);
}

double expclip__packets_duration(const expclip__packets *p)
{
    const int64_t of_stream = p->in.stream->duration;
    double end = 0.0;

    if (of_stream > 0)
        end = (double)of_stream * p->in.stream->time_base.num /
              p->in.stream->time_base.den;
    else if (p->in.format->duration > 0)
        end = (double)p->in.format->duration / AV_TIME_BASE;
    if (p->end > 0.0 && p->end < end)
        end = p->end;
    return end > p->start ? end - p->start : 0.0;
}

#else
typedef int expclip__no_packets; /* a file of C is not empty */
#endif
