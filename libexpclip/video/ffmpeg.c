/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg.c - the frames of a video file, decoded by FFmpeg.
 *
 * Which frames there are is told by the packets, not by what the decoder gives:
 * a packet's frame that never comes out, or comes out damaged, is a failed
 * frame at its place, and the frames after it keep theirs. So there is a short
 * queue of packets whose frames are awaited. A frame that comes out is that of
 * the packet with its time stamp, and older ones in the queue are lost.
 */
#include "base/alloc.h"
#include "base/error.h"
#include "base/io.h"
#include "base/threads.h"
#include "video/frames.h"

#ifdef EXPCLIP_HAVE_FFMPEG

#include <stdlib.h>
#include <string.h>

#include "image/pixels.h"
#include "video/ffmpeg_packets.h"

#define MAX_SIDE 16384 /* as of pictures */
#define MAX_THREADS 8
#define MAX_WAITING                                                            \
    64                  /* 8 threads, 16 frames that are shown later, and more \
                         */
#define MAX_FAILURES 64 /* of a decoder, without taking a packet */
#define ROW_ALIGNMENT 64 /* swscale writes whole vectors */

/* The next frame in order of time: decoded, or why not. */
typedef struct event {
    int ready;
    expclip__packet_note note;
    int has_frame; /* in video.frame */
} event;

typedef struct video {
    const expclip__ffmpeg *ff;
    expclip__packets packets;
    AVCodecContext *decoder; /* NULL before the first read */
    int careful;             /* one thread, see give_up_threads() */
    AVFrame *frame;          /* the one that came out last */
    int holds_frame;
    expclip__packet_note waiting[MAX_WAITING]; /* by ts, the last one first */
    int n_waiting;
    int without_pts;   /* frames are told by their order alone */
    int64_t last_sent; /* time stamp of the last packet */
    int draining;
    int finished;
    event event;
    int64_t next_index; /* of the event, if it is inside the window */
    double last_time;   /* that was given */
    int orientation;    /* as EXIF's */
    struct SwsContext *sws;
    int sws_form[5]; /* width, height, format, matrix, range */
    uint8_t *pixels; /* where swscale writes, [height, stride] */
    size_t n_pixels; /* bytes */
} video;

/* ---- rotation ---- */

/*
 * The display matrix sends a stored pixel (x, y) to (a x + c y, b x + d y);
 * quarter turns and mirrors are EXIF's eight orientations. Others, which
 * nothing writes, are left alone.
 */
static int orientation_of(const int32_t *m)
{
    /* [swapped][first sign][second sign]: of a and d, or of b and c */
    static const int table[2][2][2] = { { { 1, 4 }, { 2, 3 } },
                                        { { 5, 6 }, { 8, 7 } } };
    const int64_t straight = llabs((long long)m[0]) + llabs((long long)m[4]);
    const int64_t swapped = llabs((long long)m[1]) + llabs((long long)m[3]);

    if (straight > 32 * swapped)
        return table[0][m[0] < 0][m[4] < 0];
    if (swapped > 32 * straight)
        return table[1][m[1] < 0][m[3] < 0];
    return 1;
}

static const uint8_t *find_matrix(const video *v, size_t *size)
{
    const AVStream *s = v->packets.stream;

#if LIBAVFORMAT_VERSION_MAJOR < 61
    return v->ff->av_stream_get_side_data(s, AV_PKT_DATA_DISPLAYMATRIX, size);
#else
    for (int i = 0; i < s->codecpar->nb_coded_side_data; i++)
        if (s->codecpar->coded_side_data[i].type == AV_PKT_DATA_DISPLAYMATRIX) {
            *size = s->codecpar->coded_side_data[i].size;
            return s->codecpar->coded_side_data[i].data;
        }
    return NULL;
#endif
}

static void find_orientation(video *v)
{
    int32_t m[9];
    size_t size = 0;
    const uint8_t *matrix = find_matrix(v, &size);

    v->orientation = 1;
    if (!matrix || size < sizeof(m))
        return;
    memcpy(m, matrix, sizeof(m));
    v->orientation = orientation_of(m);
}

/* ---- the decoder ---- */

/*
 * Threads decode frames side by side, and one that finds damage marks its frame
 * perhaps after another thread has handed it out. They are used for decoders
 * that say so by an error as well; H.264 and MPEG-4, for example, do not.
 */
static int32_t n_threads(const video *v)
{
    static const enum AVCodecID strict[] = { AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8,
                                             AV_CODEC_ID_VP9, AV_CODEC_ID_AV1 };
    const enum AVCodecID id = v->packets.stream->codecpar->codec_id;
    const int32_t n = expclip__n_cores();

    for (size_t i = 0; i < sizeof(strict) / sizeof(strict[0]); i++)
        if (id == strict[i] && !v->careful)
            return n < MAX_THREADS ? n : MAX_THREADS;
    return 1;
}

static expclip_status fail_decoder(const video *v, int code, expclip_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    if (code == AVERROR(ENOMEM))
        return expclip__fail_memory(err, "video decoder");
    v->ff->av_strerror(code, text, sizeof(text));
    return expclip__fail(
        err, EXPCLIP_ERROR_UNSUPPORTED, "%s: %s: %s", v->packets.file.path,
        v->ff->avcodec_get_name(v->packets.stream->codecpar->codec_id), text);
}

static const AVCodec *find_codec(const video *v)
{
    return v->ff->avcodec_find_decoder(v->packets.stream->codecpar->codec_id);
}

static expclip_status
open_decoder(video *v, const expclip_image_options *options, expclip_error *err)
{
    const AVCodec *codec = find_codec(v);
    AVCodecContext *c = v->ff->avcodec_alloc_context3(codec);
    int code;

    if (!c)
        return expclip__fail_memory(err, "video decoder");
    code = v->ff->avcodec_parameters_to_context(c, v->packets.stream->codecpar);
    if (code >= 0) {
        c->pkt_timebase = v->packets.stream->time_base;
        c->thread_count = n_threads(v);
        c->max_pixels = options->max_pixels;
        c->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
        if (c->thread_count > 1)
            c->err_recognition |= AV_EF_EXPLODE;
        code = v->ff->avcodec_open2(c, codec, NULL);
    }
    if (code < 0) {
        v->ff->avcodec_free_context(&c);
        return fail_decoder(v, code, err);
    }
    v->decoder = c;
    return EXPCLIP_OK;
}

/* ---- the queue ---- */

static void await(video *v, const expclip__packet_note *note)
{
    int place = v->n_waiting++;

    if (!note->has_pts && !note->lost)
        v->without_pts = 1;
    for (; place > 0 && v->waiting[place - 1].ts <= note->ts; place--)
        v->waiting[place] = v->waiting[place - 1];
    v->waiting[place] = *note;
}

static void take_first(video *v, int has_frame)
{
    v->event.note = v->waiting[--v->n_waiting];
    v->event.has_frame = has_frame;
    v->event.ready = 1;
    if (has_frame)
        v->holds_frame = 0;
}

/* Is the frame that came out the one of the first packet in the queue? Not when
 * there is a later packet whose time stamp fits as well. */
static int is_of_first(const video *v)
{
    const int64_t ts = v->frame->pts != AV_NOPTS_VALUE
                           ? v->frame->pts
                           : v->frame->best_effort_timestamp;

    return v->without_pts || ts == AV_NOPTS_VALUE || v->n_waiting < 2 ||
           v->waiting[v->n_waiting - 2].ts > ts;
}

/* ---- decoding ---- */

static expclip_status check_size(int64_t width, int64_t height,
                                 const expclip_image_options *o,
                                 expclip_error *err)
{
    if (width <= MAX_SIDE && height <= MAX_SIDE &&
        width * height <= o->max_pixels)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "%lld x %lld, expected sides of at most %d and "
                         "max_pixels of at least %lld",
                         (long long)width, (long long)height, MAX_SIDE,
                         (long long)(width * height));
}

/* The file says how large its frames are: then nothing is allocated. */
static int is_too_large(const video *v, const expclip_image_options *options)
{
    const AVCodecParameters *c = v->packets.stream->codecpar;

    return check_size(c->width, c->height, options, NULL) != EXPCLIP_OK;
}

/*
 * Frames that no other one needs are not decoded when none is wanted for a
 * while. With time stamps they are told from lost ones, without them not.
 */
static void choose_effort(video *v, int64_t wanted)
{
    const int far = v->next_index + 2 * MAX_WAITING < wanted;

    v->decoder->skip_frame =
        far && !v->without_pts ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

/*
 * With threads an error comes before all frames that may suffer from it, but
 * does not tell whose it is. So all begins anew with one thread, where it is
 * that of the last packet. What was given already is dropped.
 */
static expclip_status give_up_threads(video *v, expclip_error *err)
{
    v->ff->avcodec_free_context(&v->decoder);
    v->careful = 1;
    v->n_waiting = 0;
    v->next_index = 0;
    v->draining = 0;
    v->finished = 0;
    return expclip__packets_rewind(&v->packets, err);
}

/* The frame of the last packet may still come out, without a mark. */
static void mark_last(video *v)
{
    for (int i = 0; i < v->n_waiting; i++)
        if (v->waiting[i].ts == v->last_sent)
            v->waiting[i].corrupt = 1;
}

/* An error of the decoder. */
static expclip_status note_error(video *v, int code, expclip_error *err)
{
    if (code == AVERROR(ENOMEM))
        return fail_decoder(v, code, err);
    if (v->decoder->thread_count > 1)
        return give_up_threads(v, err);
    mark_last(v);
    return EXPCLIP_OK;
}

/* A packet that the decoder refuses stays in the queue: its frame is lost. */
static expclip_status send_next(video *v, int64_t wanted, expclip_error *err)
{
    expclip__packet_note note;
    int end = 0, code = 0;
    expclip_status status =
        expclip__packets_next(&v->packets, &note, &end, err);

    if (status)
        return status;
    if (end) {
        v->draining = 1;
        if (v->decoder)
            code = v->ff->avcodec_send_packet(v->decoder, NULL);
    } else {
        await(v, &note);
        v->last_sent = note.ts;
        if (v->decoder)
            choose_effort(v, wanted);
        if (v->decoder && !note.lost)
            code = v->ff->avcodec_send_packet(v->decoder, v->packets.packet);
    }
    return code < 0 ? note_error(v, code, err) : EXPCLIP_OK;
}

/* Get a frame out of the decoder; *done = 1 when it gave one or changed. */
static expclip_status receive(video *v, int *done, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (int failures = 0; failures < MAX_FAILURES; failures++) {
        const int code = v->ff->avcodec_receive_frame(v->decoder, v->frame);

        if (code == AVERROR_EOF || code == AVERROR(EAGAIN))
            break;
        v->holds_frame = code >= 0;
        if (code < 0)
            status = note_error(v, code, err);
        *done = code >= 0 || !v->decoder;
        if (status || *done)
            break;
    }
    return status;
}

/* Do what brings the next frame nearer. */
static expclip_status pump(video *v, int64_t wanted,
                           const expclip_image_options *options,
                           expclip_error *err)
{
    int done = 0;
    expclip_status status = EXPCLIP_OK;

    if (!v->decoder && !is_too_large(v, options))
        return open_decoder(v, options, err);
    if (v->decoder)
        status = receive(v, &done, err);
    if (status || done)
        return status;
    v->finished = v->draining;
    return v->draining ? EXPCLIP_OK : send_next(v, wanted, err);
}

/* Make the next event ready; none is when all is over. */
static expclip_status next_event(video *v, int64_t wanted,
                                 const expclip_image_options *options,
                                 const expclip_cancel *cancel,
                                 expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    while (!status && !v->event.ready) {
        if (v->holds_frame && v->n_waiting) {
            take_first(v, is_of_first(v));
        } else if (v->holds_frame) { /* of no packet that we know */
            v->ff->av_frame_unref(v->frame);
            v->holds_frame = 0;
        } else if (v->n_waiting == MAX_WAITING ||
                   (v->finished && v->n_waiting)) {
            take_first(v, 0);
        } else if (v->finished) {
            break;
        } else {
            status = expclip__cancel_check(cancel, err);
            if (!status)
                status = pump(v, wanted, options, err);
        }
    }
    return status;
}

static void drop_event(video *v)
{
    v->next_index += v->event.note.inside;
    if (v->event.has_frame)
        v->ff->av_frame_unref(v->frame);
    v->event.ready = 0;
}

/* ---- pixels ---- */

/* The frame's own matrix and range; where it names none, swscale's default,
 * which is BT.601 at any size, as in the program ffmpeg. */
static expclip_status prepare_sws(video *v, expclip_error *err)
{
    const AVFrame *f = v->frame;
    const int form[5] = { f->width, f->height, f->format, (int)f->colorspace,
                          f->color_range == AVCOL_RANGE_JPEG };
    const int *matrix;

    if (v->sws && memcmp(form, v->sws_form, sizeof(form)) == 0)
        return EXPCLIP_OK;
    v->sws = v->ff->sws_getCachedContext(
        v->sws, f->width, f->height, (enum AVPixelFormat)f->format, f->width,
        f->height, AV_PIX_FMT_RGB24, SWS_BICUBIC, NULL, NULL, NULL);
    if (!v->sws)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: pixels of FFmpeg's format %d",
                             v->packets.file.path, f->format);
    matrix = v->ff->sws_getCoefficients((int)f->colorspace);
    v->ff->sws_setColorspaceDetails(v->sws, matrix, form[4],
                                    v->ff->sws_getCoefficients(SWS_CS_DEFAULT),
                                    0, 0, 1 << 16, 1 << 16);
    memcpy(v->sws_form, form, sizeof(form));
    return EXPCLIP_OK;
}

static expclip_status reserve_pixels(video *v, size_t n, expclip_error *err)
{
    if (n <= v->n_pixels)
        return EXPCLIP_OK;
    expclip__free(v->pixels);
    v->n_pixels = 0;
    v->pixels = expclip__alloc(n, 1);
    if (!v->pixels)
        return expclip__fail_memory(err, "frame");
    v->n_pixels = n;
    return EXPCLIP_OK;
}

static expclip_status convert(expclip__image *out, video *v, expclip_error *err)
{
    const int width = v->frame->width, height = v->frame->height;
    const int stride =
        (width * 3 + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
    uint8_t *rows[4] = { NULL };
    const int strides[4] = { stride };
    expclip_status status = prepare_sws(v, err);

    if (!status)
        status = reserve_pixels(
            v, ((size_t)height + 1) * (size_t)stride + ROW_ALIGNMENT, err);
    if (status)
        return status;
    rows[0] = v->pixels + ROW_ALIGNMENT - (uintptr_t)v->pixels % ROW_ALIGNMENT;
    if (v->ff->sws_scale(v->sws, (const uint8_t *const *)v->frame->data,
                         v->frame->linesize, 0, height, rows, strides) < 0)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: pixels cannot be converted",
                             v->packets.file.path);
    out->rgb = expclip__alloc((size_t)width * (size_t)height, 3);
    if (!out->rgb)
        return expclip__fail_memory(err, "frame");
    out->width = width;
    out->height = height;
    for (int y = 0; y < height; y++)
        memcpy(out->rgb + (size_t)y * (size_t)width * 3,
               rows[0] + (size_t)y * (size_t)stride, (size_t)width * 3);
    return EXPCLIP_OK;
}

/* ---- frames ---- */

/* Why there is no good frame, if there is none. */
static expclip_status check_event(const video *v,
                                  const expclip_image_options *options,
                                  expclip_error *err)
{
    const AVCodecParameters *c = v->packets.stream->codecpar;
    const event *e = &v->event;
    expclip_status status = EXPCLIP_OK;

    if (e->has_frame)
        status = check_size(v->frame->width, v->frame->height, options, err);
    else if (!e->note.lost)
        status = check_size(c->width, c->height, options, err);
    if (status)
        return status;
    if (e->note.lost)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "the file ends before it");
    if (!e->has_frame)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "cannot be decoded");
    if (e->note.corrupt || v->frame->decode_error_flags ||
        (v->frame->flags & AV_FRAME_FLAG_CORRUPT))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "damaged");
    return EXPCLIP_OK;
}

static expclip_status make_image(expclip__image *out, video *v,
                                 const expclip_image_options *options,
                                 expclip_error *err)
{
    expclip_status status = check_event(v, options, err);

    if (!status)
        status = convert(out, v, err);
    if (!status && v->orientation != 1)
        status = expclip__image_turn(out, v->orientation, err);
    if (!status)
        status = expclip__image_cut(out, options, err);
    if (status)
        expclip__image_clear(out);
    return status;
}

/* The event becomes the frame that was asked for, unless memory runs out: then
 * it waits for the next try. */
static expclip_status give(expclip__frame *frame, video *v,
                           const expclip_image_options *options,
                           expclip_error *err)
{
    expclip_error why;
    const expclip_status status = make_image(&frame->image, v, options, &why);

    if (status == EXPCLIP_ERROR_MEMORY || status == EXPCLIP_ERROR_ARGUMENT)
        return expclip__fail(err, status, "%s", why.message);
    /* Time stamps of a damaged file may go back; a clip's times never do. */
    if (v->event.note.time > v->last_time)
        v->last_time = v->event.note.time;
    frame->time = v->last_time;
    frame->status = status;
    if (status)
        expclip__fail(&frame->why, status, "%s: frame %lld, at %.3f s: %s",
                      v->packets.file.path, (long long)frame->index,
                      frame->time, why.message);
    drop_event(v);
    return EXPCLIP_OK;
}

static expclip_status video_read(expclip__frame_source *source,
                                 expclip__frame *frame, int *missing,
                                 const expclip_image_options *options,
                                 const expclip_cancel *cancel,
                                 expclip_error *err)
{
    video *v = source->data;
    expclip_status status = expclip__cancel_check(cancel, err);

    while (!status) {
        status = next_event(v, frame->index, options, cancel, err);
        if (status)
            break;
        if (!v->event.ready) {
            source->n_frames = v->next_index;
            *missing = 1;
            break;
        }
        if (v->event.note.inside && v->next_index >= frame->index)
            return give(frame, v, options, err);
        drop_event(v);
    }
    return status;
}

/* ---- opening ---- */

static void free_video(video *v)
{
    if (v->decoder)
        v->ff->avcodec_free_context(&v->decoder);
    if (v->frame)
        v->ff->av_frame_free(&v->frame);
    if (v->sws)
        v->ff->sws_freeContext(v->sws);
    expclip__free(v->pixels);
    expclip__packets_close(&v->packets);
    expclip__free(v);
}

static void video_close(expclip__frame_source *source)
{
    free_video(source->data);
}

/* How many frames there are, without decoding any. */
static expclip_status count_frames(int64_t *out, video *v, expclip_error *err)
{
    expclip__packet_note note;
    int64_t n = 0;
    int end = 0;
    expclip_status status = EXPCLIP_OK;

    while (!status && !end) {
        status = expclip__packets_next(&v->packets, &note, &end, err);
        if (!status && !end)
            n += note.inside;
    }
    if (!status)
        status = expclip__packets_rewind(&v->packets, err);
    if (!status)
        *out = n;
    return status;
}

static expclip_status open_video(expclip__frame_source *out, video *v,
                                 const char *path,
                                 const expclip_frames_options *o, int count,
                                 expclip_error *err)
{
    expclip_status status =
        expclip__packets_open(&v->packets, path, o->start, o->end, err);

    if (status)
        return status;
    v->ff = v->packets.ff;
    if (!find_codec(v))
        return fail_decoder(v, AVERROR_DECODER_NOT_FOUND, err);
    v->frame = v->ff->av_frame_alloc();
    if (!v->frame)
        return expclip__fail_memory(err, "video");
    v->orientation = 1;
    if (o->rotate)
        find_orientation(v);
    out->n_frames = -1;
    out->duration = expclip__packets_duration(&v->packets);
    return count ? count_frames(&out->n_frames, v, err) : EXPCLIP_OK;
}

expclip_status expclip__video_open(expclip__frame_source *out, const char *path,
                                   const expclip_frames_options *options,
                                   int count, expclip_error *err)
{
    video *v = expclip__alloc_zero(1, sizeof(*v));
    expclip_status status = v ? open_video(out, v, path, options, count, err)
                              : expclip__fail_memory(err, "video");

    if (status) {
        if (v)
            free_video(v);
        return status;
    }
    out->data = v;
    out->read = video_read;
    out->close = video_close;
    return EXPCLIP_OK;
}

#else

expclip_status expclip__video_open(expclip__frame_source *out, const char *path,
                                   const expclip_frames_options *options,
                                   int count, expclip_error *err)
{
    expclip__file file;
    expclip_status status = expclip__file_open(&file, path, err);

    (void)out;
    (void)options;
    (void)count;
    if (status)
        return status;
    expclip__file_close(&file);
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "%s: this build reads no video files, it was made "
                         "without FFmpeg's headers; expected a folder of "
                         "pictures",
                         path);
}

#endif
