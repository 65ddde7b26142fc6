/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_packets.c - from a file to the packets of its video stream.
 *
 * FFmpeg's demuxers get one open file to read and nothing else: no protocol, no
 * second file, and the format is known from the first bytes, so that none of
 * the many others (playlists among them) is even asked.
 */
#ifdef EXPCLIP_HAVE_FFMPEG

#include "video/ffmpeg_packets.h"

#include <string.h>

#include "base/error.h"

#define READ_BUFFER (64 << 10)
#define PROBE_BYTES (5 << 20)   /* to find the streams in */
#define PROBE_TIME 5000000      /* microseconds, the same */
#define PROBE_PIXELS (64 << 20) /* of a frame decoded while doing so */
#define MAX_PACKETS (1 << 25)   /* 150 hours of 60 frames a second */
#define MAX_ERRORS 100          /* in a row, then it is the end */
#define MAX_BOXES 1000          /* of an MP4, looked at */
#define HEAD 1024               /* bytes that tell the format */
#define DEMUXERS "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts"

/* ---- formats ---- */

/* A box of MP4 that stands first in some file. */
static int is_mp4(const uint8_t *b, size_t size)
{
    static const char *const boxes[] = { "ftyp", "moov", "mdat",
                                         "free", "skip", "wide" };

    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++)
        if (size >= 8 && memcmp(b + 4, boxes[i], 4) == 0)
            return 1;
    return 0;
}

/* Packets of 188 bytes, or of 192 with a time before each. */
static int is_mpegts(const uint8_t *b, size_t size)
{
    for (size_t lead = 0; lead <= 4; lead += 4)
        if (size > lead + 2 * (188 + lead) && b[lead] == 0x47 &&
            b[lead + 188 + lead] == 0x47 && b[lead + 2 * (188 + lead)] == 0x47)
            return 1;
    return 0;
}

static const char *find_demuxer(const uint8_t *b, size_t size)
{
    if (is_mp4(b, size))
        return "mov";
    if (size >= 4 && memcmp(b, "\x1a\x45\xdf\xa3", 4) == 0)
        return "matroska";
    if (size >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "AVI", 3) == 0)
        return "avi";
    return is_mpegts(b, size) ? "mpegts" : NULL;
}

static expclip_status find_format(expclip__packets *p, expclip_error *err)
{
    uint8_t head[HEAD];
    const size_t size = p->file.size < HEAD ? (size_t)p->file.size : HEAD;
    expclip_status status = expclip__file_read(&p->file, 0, head, size, err);

    if (status)
        return status;
    p->demuxer = find_demuxer(head, size);
    if (p->demuxer)
        return EXPCLIP_OK;
    return expclip__fail(
        err, size < 16 ? EXPCLIP_ERROR_FORMAT : EXPCLIP_ERROR_UNSUPPORTED,
        "%s: %llu bytes of no known format, expected a folder of pictures or a "
        "video: MP4, MOV, Matroska, WebM, AVI or MPEG-TS",
        p->file.path, (unsigned long long)p->file.size);
}

/* ---- the file, as FFmpeg reads it ---- */

static int read_some(void *user, uint8_t *out, int size)
{
    expclip__packets *p = user;
    const uint64_t left = p->at < p->file.size ? p->file.size - p->at : 0;
    const size_t now = (uint64_t)size < left ? (size_t)size : (size_t)left;

    if (now == 0)
        return AVERROR_EOF;
    p->failure = expclip__file_read(&p->file, p->at, out, now, &p->why);
    if (p->failure)
        return AVERROR(EIO);
    p->at += now;
    return (int)now;
}

static int64_t seek(void *user, int64_t offset, int whence)
{
    expclip__packets *p = user;
    const int64_t size = (int64_t)p->file.size;

    if (whence & AVSEEK_SIZE)
        return size;
    whence &= ~AVSEEK_FORCE;
    if ((whence == SEEK_CUR &&
         __builtin_add_overflow(offset, (int64_t)p->at, &offset)) ||
        (whence == SEEK_END && __builtin_add_overflow(offset, size, &offset)) ||
        offset < 0)
        return AVERROR(EINVAL);
    p->at = (uint64_t)offset;
    return offset;
}

/* A file that names another one gets nothing. */
static int refuse_open(AVFormatContext *format, AVIOContext **io,
                       const char *url, int flags, AVDictionary **options)
{
    (void)format;
    (void)io;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EACCES);
}

static uint64_t big_endian(const uint8_t *b, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | b[i];
    return value;
}

/* Does a box of MP4 reach beyond the end of the file? */
static int is_cut(const expclip__packets *p)
{
    const uint64_t end = p->file.size;
    uint8_t b[16];

    if (strcmp(p->demuxer, "mov") != 0)
        return 0;
    for (uint64_t at = 0, n = 0; at < end && n < MAX_BOXES; n++) {
        uint64_t size;

        if (expclip__file_read(&p->file, at, b, 8, NULL))
            return 1;
        size = big_endian(b, 4);
        if (size == 1) { /* of 64 bits, behind the name */
            if (expclip__file_read(&p->file, at, b, 16, NULL))
                return 1;
            size = big_endian(b + 8, 8);
        }
        if (size < 8) /* 0: up to the end */
            return 0;
        if (size > end - at)
            return 1;
        at += size;
    }
    return 0;
}

static expclip_status fail_cut(const expclip__packets *p, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                         "%s: ends too early, after %llu bytes", p->file.path,
                         (unsigned long long)p->file.size);
}

/* What went wrong in FFmpeg, or below it in our own reading. */
static expclip_status fail(const expclip__packets *p, int code,
                           expclip_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    if (code == AVERROR(ENOMEM))
        return expclip__fail_memory(err, "video");
    if (p->failure)
        return expclip__fail(err, p->failure, "%s", p->why.message);
    if (is_cut(p))
        return fail_cut(p, err);
    p->ff->av_strerror(code, text, sizeof(text));
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: damaged: %s",
                         p->file.path, text);
}

/* ---- opening ---- */

static void close_input(expclip__packets *p)
{
    if (p->format)
        p->ff->avformat_close_input(&p->format);
    if (p->io) {
        p->ff->av_freep(&p->io->buffer); /* it may be another one by now */
        p->ff->avio_context_free(&p->io);
    }
    p->stream = NULL;
}

static int new_io(expclip__packets *p)
{
    uint8_t *buffer = p->ff->av_malloc(READ_BUFFER);

    p->at = 0;
    if (buffer)
        p->io = p->ff->avio_alloc_context(buffer, READ_BUFFER, 0, p, read_some,
                                          NULL, seek);
    if (!p->io)
        p->ff->av_free(buffer);
    return p->io ? 0 : AVERROR(ENOMEM);
}

static int open_format(expclip__packets *p)
{
    AVDictionary *options = NULL;
    int code;

    p->format = p->ff->avformat_alloc_context();
    if (!p->format)
        return AVERROR(ENOMEM);
    p->format->pb = p->io;
    p->format->io_open = refuse_open;
    p->format->probesize = PROBE_BYTES;
    p->format->max_analyze_duration = PROBE_TIME;
    /* Twice locked: with io_open refused, no protocol is ever looked up. */
    if ((code = p->ff->av_dict_set(&options, "protocol_whitelist", "none",
                                   0)) >= 0 &&
        (code = p->ff->av_dict_set(&options, "format_whitelist", DEMUXERS,
                                   0)) >= 0)
        code = p->ff->avformat_open_input(
            &p->format, "", p->ff->av_find_input_format(p->demuxer), &options);
    p->ff->av_dict_free(&options);
    return code;
}

/* FFmpeg decodes a few frames to find out about streams that the container
 * says too little of: with one thread, and no large ones. */
static int find_streams(expclip__packets *p)
{
    AVDictionary *options[64] = { NULL };
    const unsigned n = p->format->nb_streams;
    int code = 0;

    if (n > sizeof(options) / sizeof(options[0]))
        return AVERROR_INVALIDDATA;
    for (unsigned i = 0; code >= 0 && i < n; i++) {
        code =
            p->ff->av_dict_set_int(&options[i], "max_pixels", PROBE_PIXELS, 0);
        if (code >= 0)
            code = p->ff->av_dict_set_int(&options[i], "threads", 1, 0);
    }
    if (code >= 0)
        code = p->ff->avformat_find_stream_info(p->format, options);
    for (unsigned i = 0; i < n; i++)
        p->ff->av_dict_free(&options[i]);
    return code;
}

/* The first video stream; a cover picture is none. */
static expclip_status choose_stream(expclip__packets *p, expclip_error *err)
{
    for (unsigned i = 0; i < p->format->nb_streams; i++) {
        AVStream *s = p->format->streams[i];

        if (!p->stream && s->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
            !(s->disposition & AV_DISPOSITION_ATTACHED_PIC))
            p->stream = s;
        else
            s->discard = AVDISCARD_ALL;
    }
    if (p->stream && p->stream->time_base.num > 0 &&
        p->stream->time_base.den > 0)
        return EXPCLIP_OK;
    if (is_cut(p))
        return fail_cut(p, err);
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "%s: no video stream, expected one", p->file.path);
}

static expclip_status open_input(expclip__packets *p, expclip_error *err)
{
    int code;

    p->want_key = 0;
    p->last_dts = AV_NOPTS_VALUE;
    p->last_ts = AV_NOPTS_VALUE;
    p->n_errors = 0;
    p->at_end = 0;
    p->tail = 0;
    if ((code = new_io(p)) < 0 || (code = open_format(p)) < 0 ||
        (code = find_streams(p)) < 0)
        return fail(p, code, err);
    return choose_stream(p, err);
}

/* ---- the window ---- */

static int64_t origin(const expclip__packets *p)
{
    const int64_t start = p->stream->start_time;

    return start == AV_NOPTS_VALUE ? 0 : start;
}

/* One multiplication and one division, each exact or rounded once. */
static double seconds(const expclip__packets *p, int64_t ts)
{
    const AVRational base = p->stream->time_base;

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
    return p->stream->codecpar->codec_id == AV_CODEC_ID_VP8 &&
           p->packet->size > 0 && !(p->packet->data[0] & 0x10);
}

/* The next packet of our stream; `at_end` is set when there is none. */
static expclip_status read_packet(expclip__packets *p, expclip_error *err)
{
    int code;

    while (!p->at_end) {
        p->ff->av_packet_unref(p->packet);
        code = p->ff->av_read_frame(p->format, p->packet);
        if (p->failure || code == AVERROR(ENOMEM))
            return fail(p, code, err);
        if (++p->n_read > MAX_PACKETS)
            return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                                 "%s: more than %d packets", p->file.path,
                                 MAX_PACKETS);
        if (code == AVERROR_EOF || (code < 0 && ++p->n_errors > MAX_ERRORS))
            p->at_end = 1;
        if (code < 0 || p->packet->stream_index != p->stream->index)
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
    const int n = p->ff->avformat_index_get_entries_count(p->stream);
    const int by_dts =
        strcmp(p->demuxer, "mov") == 0 && p->last_dts != AV_NOPTS_VALUE;
    const int64_t last = by_dts ? p->last_dts : p->last_ts;

    while (p->tail < n) {
        const AVIndexEntry *e =
            p->ff->avformat_index_get_entry(p->stream, p->tail++);

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
    const AVRational base = p->stream->time_base;
    const double ts = time * base.den / base.num + (double)origin(p);

    if (ts > 4e18 || ts < -4e18)
        return -1;
    return p->ff->av_seek_frame(p->format, p->stream->index, (int64_t)ts,
                                AVSEEK_FLAG_BACKWARD);
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
    close_input(p);
    return open_input(p, err);
}

expclip_status expclip__packets_rewind(expclip__packets *p, expclip_error *err)
{
    expclip_status status;

    close_input(p);
    p->n_read = 0;
    status = open_input(p, err);
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
    if ((status = expclip__file_open(&p->file, path, err)) ||
        (status = find_format(p, err)) ||
        (status = expclip__ffmpeg_load(&p->ff, err)))
        return status;
    p->packet = p->ff->av_packet_alloc();
    if (!p->packet)
        return expclip__fail_memory(err, "video");
    return expclip__packets_rewind(p, err);
}

void expclip__packets_close(expclip__packets *p)
{
    if (p->ff) {
        close_input(p);
        p->ff->av_packet_free(&p->packet);
    }
    expclip__file_close(&p->file);
}

double expclip__packets_duration(const expclip__packets *p)
{
    const int64_t of_stream = p->stream->duration;
    double end = 0.0;

    if (of_stream > 0)
        end = (double)of_stream * p->stream->time_base.num /
              p->stream->time_base.den;
    else if (p->format->duration > 0)
        end = (double)p->format->duration / AV_TIME_BASE;
    if (p->end > 0.0 && p->end < end)
        end = p->end;
    return end > p->start ? end - p->start : 0.0;
}

#else
typedef int expclip__no_packets; /* a file of C is not empty */
#endif
