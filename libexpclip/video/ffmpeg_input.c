/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_input.c - a file, its format and its video stream.
 *
 * FFmpeg's demuxers get one open file to read and nothing else: no protocol, no
 * second file, and the format is known from the first bytes, so that none of
 * the many others (playlists among them) is even asked.
 */
#ifdef EXPCLIP_HAVE_FFMPEG

#include "video/ffmpeg_input.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "video/mp4_tables.h"

#define READ_BUFFER (64 << 10)
#define PROBE_BYTES (5 << 20)   /* to find the streams in */
#define PROBE_TIME 5000000      /* microseconds, the same */
#define PROBE_PIXELS (64 << 20) /* of a frame decoded while doing so */
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

static expclip_status find_format(expclip__input *in, expclip_error *err)
{
    uint8_t head[HEAD];
    const size_t size = in->file.size < HEAD ? (size_t)in->file.size : HEAD;
    expclip_status status = expclip__file_read(&in->file, 0, head, size, err);

    if (status)
        return status;
    in->demuxer = find_demuxer(head, size);
    if (in->demuxer)
        return EXPCLIP_OK;
    return expclip__fail(
        err, size < 16 ? EXPCLIP_ERROR_FORMAT : EXPCLIP_ERROR_UNSUPPORTED,
        "%s: %llu bytes of no known format, expected a folder of images or a "
        "video: MP4, MOV, Matroska, WebM, AVI or MPEG-TS",
        in->file.path, (unsigned long long)in->file.size);
}

/* ---- the file, as FFmpeg reads it ---- */

static int read_some(void *user, uint8_t *out, int size)
{
    expclip__input *in = user;
    const uint64_t left = in->at < in->file.size ? in->file.size - in->at : 0;
    const size_t now = (uint64_t)size < left ? (size_t)size : (size_t)left;

    if (now == 0)
        return AVERROR_EOF;
    in->failure = expclip__file_read(&in->file, in->at, out, now, &in->why);
    if (in->failure)
        return AVERROR(EIO);
    in->at += now;
    return (int)now;
}

static int64_t seek(void *user, int64_t offset, int whence)
{
    expclip__input *in = user;
    const int64_t size = (int64_t)in->file.size;

    if (whence & AVSEEK_SIZE)
        return size;
    whence &= ~AVSEEK_FORCE;
    if ((whence == SEEK_CUR &&
         __builtin_add_overflow(offset, (int64_t)in->at, &offset)) ||
        (whence == SEEK_END && __builtin_add_overflow(offset, size, &offset)) ||
        offset < 0)
        return AVERROR(EINVAL);
    in->at = (uint64_t)offset;
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

/* Does a box of MP4 reach beyond the end of the file? */
static int is_cut(const expclip__input *in)
{
    const uint64_t end = in->file.size;
    uint8_t b[16];

    if (strcmp(in->demuxer, "mov") != 0)
        return 0;
    for (uint64_t at = 0, n = 0; at < end && n < MAX_BOXES; n++) {
        uint64_t size;

        if (expclip__file_read(&in->file, at, b, 8, NULL))
            return 1;
        size = expclip__big_endian(b, 4);
        if (size == 1) { /* of 64 bits, behind the name */
            if (expclip__file_read(&in->file, at, b, 16, NULL))
                return 1;
            size = expclip__big_endian(b + 8, 8);
        }
        if (size < 8) /* 0: up to the end */
            return 0;
        if (size > end - at)
            return 1;
        at += size;
    }
    return 0;
}

static expclip_status fail_cut(const expclip__input *in, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                         "%s: ends too early, after %llu bytes", in->file.path,
                         (unsigned long long)in->file.size);
}

/* What went wrong in FFmpeg, or below it in our own reading. */
expclip_status expclip__input_fail(const expclip__input *in, int code,
                                   expclip_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    if (in->failure)
        return expclip__fail(err, in->failure, "%s", in->why.message);
    if (is_cut(in)) /* and what it says of the rest, FFmpeg has no memory for */
        return fail_cut(in, err);
    if (code == AVERROR(ENOMEM))
        return expclip__fail_memory(err, "video");
    in->ff->av_strerror(code, text, sizeof(text));
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: damaged: %s",
                         in->file.path, text);
}

/* ---- opening ---- */

static void close_format(expclip__input *in)
{
    if (in->format)
        in->ff->avformat_close_input(&in->format);
    if (in->io) {
        in->ff->av_freep(&in->io->buffer); /* it may be another one by now */
        in->ff->avio_context_free(&in->io);
    }
    in->stream = NULL;
}

static int new_io(expclip__input *in)
{
    uint8_t *buffer = in->ff->av_malloc(READ_BUFFER);

    in->at = 0;
    if (buffer)
        in->io = in->ff->avio_alloc_context(buffer, READ_BUFFER, 0, in,
                                            read_some, NULL, seek);
    if (!in->io)
        in->ff->av_free(buffer);
    return in->io ? 0 : AVERROR(ENOMEM);
}

static int open_format(expclip__input *in)
{
    AVDictionary *options = NULL;
    int code;

    in->format = in->ff->avformat_alloc_context();
    if (!in->format)
        return AVERROR(ENOMEM);
    in->format->pb = in->io;
    in->format->io_open = refuse_open;
    in->format->probesize = PROBE_BYTES;
    in->format->max_analyze_duration = PROBE_TIME;
    /* Twice locked: with io_open refused, no protocol is ever looked up. */
    if ((code = in->ff->av_dict_set(&options, "protocol_whitelist", "none",
                                    0)) >= 0 &&
        (code = in->ff->av_dict_set(&options, "format_whitelist", DEMUXERS,
                                    0)) >= 0)
        code = in->ff->avformat_open_input(
            &in->format, "", in->ff->av_find_input_format(in->demuxer),
            &options);
    in->ff->av_dict_free(&options);
    return code;
}

/* FFmpeg decodes a few frames to find out about streams that the container
 * says too little of: with one thread, and no large ones. */
static int find_streams(expclip__input *in)
{
    AVDictionary *options[64] = { NULL };
    const unsigned n = in->format->nb_streams;
    int code = 0;

    if (n > sizeof(options) / sizeof(options[0]))
        return AVERROR_INVALIDDATA;
    for (unsigned i = 0; code >= 0 && i < n; i++) {
        code =
            in->ff->av_dict_set_int(&options[i], "max_pixels", PROBE_PIXELS, 0);
        if (code >= 0)
            code = in->ff->av_dict_set_int(&options[i], "threads", 1, 0);
    }
    if (code >= 0)
        code = in->ff->avformat_find_stream_info(in->format, options);
    for (unsigned i = 0; i < n; i++)
        in->ff->av_dict_free(&options[i]);
    return code;
}

/* The first video stream; a cover image is none. */
static expclip_status choose_stream(expclip__input *in, expclip_error *err)
{
    for (unsigned i = 0; i < in->format->nb_streams; i++) {
        AVStream *s = in->format->streams[i];

        if (!in->stream && s->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
            !(s->disposition & AV_DISPOSITION_ATTACHED_PIC))
            in->stream = s;
        else
            s->discard = AVDISCARD_ALL;
    }
    if (in->stream && in->stream->time_base.num > 0 &&
        in->stream->time_base.den > 0)
        return EXPCLIP_OK;
    if (is_cut(in))
        return fail_cut(in, err);
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "%s: no video stream, expected one", in->file.path);
}

expclip_status expclip__input_start(expclip__input *in, expclip_error *err)
{
    int code;

    close_format(in);
    if ((code = new_io(in)) < 0 || (code = open_format(in)) < 0 ||
        (code = find_streams(in)) < 0)
        return expclip__input_fail(in, code, err);
    return choose_stream(in, err);
}

expclip_status expclip__input_open(expclip__input *in, const char *path,
                                   expclip_error *err)
{
    expclip_status status;

    memset(in, 0, sizeof(*in));
    if ((status = expclip__file_open(&in->file, path, err)) ||
        (status = find_format(in, err)))
        return status;
    if (strcmp(in->demuxer, "mov") == 0 &&
        (status = expclip__mp4_check_tables(&in->file, err)))
        return status;
    return expclip__ffmpeg_load(&in->ff, err);
}

void expclip__input_close(expclip__input *in)
{
    if (in->ff)
        close_format(in);
    expclip__file_close(&in->file);
}

#else
typedef int expclip__no_input; /* a file of C is not empty */
#endif
