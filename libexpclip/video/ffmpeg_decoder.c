/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_decoder.c - from packets to frames, and to those that are lost.
 *
 * Which frames there are is told by the packets, not by what the decoder gives:
 * a packet's frame that never comes out, or comes out damaged, is a failed
 * frame at its place, and the frames after it keep theirs. So there is a short
 * queue of packets whose frames are awaited. A frame that comes out is that of
 * the packet with its time stamp, and older ones in the queue are lost.
 */
#ifdef EXPCLIP_HAVE_FFMPEG

#include "video/ffmpeg_decoder.h"

#include "base/error.h"
#include "base/threads.h"

#define MAX_SIDE 16384 /* as of images */
#define MAX_THREADS 8
#define THREADED_PIXELS ((int64_t)64 << 20) /* of all threads' frames */
#define MAX_FAILURES 64 /* of a decoder, without taking a packet */

/* ---- the decoder ---- */

/*
 * Threads decode frames side by side, and one that finds damage marks its frame
 * perhaps after another thread has handed it out. They are used for decoders
 * that say so by an error as well; H.264 and MPEG-4, for example, do not.
 *
 * Each thread holds a frame of its own beside those that the video refers to,
 * so large frames have fewer threads: 8K has two, and what is larger has one.
 */
static int32_t n_threads(const expclip__decoder *d)
{
    static const enum AVCodecID strict[] = { AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8,
                                             AV_CODEC_ID_VP9, AV_CODEC_ID_AV1 };
    const AVCodecParameters *c = d->packets.in.stream->codecpar;
    const int64_t pixels = (int64_t)c->width * c->height;
    int32_t n = expclip__n_cores();

    if (n > MAX_THREADS)
        n = MAX_THREADS;
    if (pixels * n > THREADED_PIXELS)
        n = (int32_t)(THREADED_PIXELS / pixels);
    for (size_t i = 0; i < sizeof(strict) / sizeof(strict[0]); i++)
        if (c->codec_id == strict[i] && !d->careful)
            return n < 1 ? 1 : n;
    return 1;
}

static expclip_status fail_decoder(const expclip__decoder *d, int code,
                                   expclip_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    if (code == AVERROR(ENOMEM))
        return expclip__fail_memory(err, "video decoder");
    d->ff->av_strerror(code, text, sizeof(text));
    return expclip__fail(
        err, EXPCLIP_ERROR_UNSUPPORTED, "%s: %s: %s", d->packets.in.file.path,
        d->ff->avcodec_get_name(d->packets.in.stream->codecpar->codec_id),
        text);
}

static const AVCodec *find_codec(const expclip__decoder *d)
{
    return d->ff->avcodec_find_decoder(
        d->packets.in.stream->codecpar->codec_id);
}

static expclip_status open_decoder(expclip__decoder *d,
                                   const expclip_image_options *options,
                                   expclip_error *err)
{
    const AVCodec *codec = find_codec(d);
    AVCodecContext *c = d->ff->avcodec_alloc_context3(codec);
    int code;

    if (!c)
        return expclip__fail_memory(err, "video decoder");
    code =
        d->ff->avcodec_parameters_to_context(c, d->packets.in.stream->codecpar);
    if (code >= 0) {
        c->pkt_timebase = d->packets.in.stream->time_base;
        c->thread_count = n_threads(d);
        c->max_pixels = options->max_pixels;
        c->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
        if (c->thread_count > 1)
            c->err_recognition |= AV_EF_EXPLODE;
        code = d->ff->avcodec_open2(c, codec, NULL);
    }
    if (code < 0) {
        d->ff->avcodec_free_context(&c);
        return fail_decoder(d, code, err);
    }
    d->context = c;
    return EXPCLIP_OK;
}

/* ---- the queue ---- */

static void await(expclip__decoder *d, const expclip__packet_note *note)
{
    int place = d->n_waiting++;

    if (!note->has_pts && !note->lost)
        d->without_pts = 1;
    for (; place > 0 && d->waiting[place - 1].ts <= note->ts; place--)
        d->waiting[place] = d->waiting[place - 1];
    d->waiting[place] = *note;
}

static void take_first(expclip__decoder *d, int has_frame)
{
    d->note = d->waiting[--d->n_waiting];
    d->has_frame = has_frame;
    d->is_ready = 1;
    if (has_frame)
        d->holds_frame = 0;
}

/* Is the frame that came out the one of the first packet in the queue? Not when
 * there is a later packet whose time stamp fits as well. */
static int is_of_first(const expclip__decoder *d)
{
    const int64_t ts = d->frame->pts != AV_NOPTS_VALUE
                           ? d->frame->pts
                           : d->frame->best_effort_timestamp;

    return d->without_pts || ts == AV_NOPTS_VALUE || d->n_waiting < 2 ||
           d->waiting[d->n_waiting - 2].ts > ts;
}

/* ---- decoding ---- */

expclip_status expclip__decoder_check_size(int64_t width, int64_t height,
                                           const expclip_image_options *o,
                                           expclip_error *err)
{
    if (width <= MAX_SIDE && height <= MAX_SIDE &&
        width * height <= o->max_pixels)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "%lld x %lld pixels, expected at most %lld in all "
                         "(max_pixels) and %d on a side",
                         (long long)width, (long long)height,
                         (long long)o->max_pixels, MAX_SIDE);
}

/* The file says how large its frames are: then nothing is allocated. */
static int is_too_large(const expclip__decoder *d,
                        const expclip_image_options *options)
{
    const AVCodecParameters *c = d->packets.in.stream->codecpar;

    return expclip__decoder_check_size(c->width, c->height, options, NULL) !=
           EXPCLIP_OK;
}

/*
 * Frames that no other one needs are not decoded when none is wanted for a
 * while. With time stamps they are told from lost ones, without them not.
 */
static void choose_effort(expclip__decoder *d, int64_t wanted)
{
    const int far = d->next_index + 2 * EXPCLIP__MAX_WAITING < wanted;

    d->context->skip_frame =
        far && !d->without_pts ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

/*
 * With threads an error comes before all frames that may suffer from it, but
 * does not tell whose it is. So all begins anew with one thread, where it is
 * that of the last packet. What was given already is dropped.
 */
static expclip_status give_up_threads(expclip__decoder *d, expclip_error *err)
{
    d->ff->avcodec_free_context(&d->context);
    d->careful = 1;
    d->n_waiting = 0;
    d->next_index = 0;
    d->draining = 0;
    d->finished = 0;
    return expclip__packets_rewind(&d->packets, err);
}

/* The frame of the last packet may still come out, without a mark. */
static void mark_last(expclip__decoder *d)
{
    for (int i = 0; i < d->n_waiting; i++)
        if (d->waiting[i].ts == d->last_sent)
            d->waiting[i].corrupt = 1;
}

/* An error of the decoder. */
static expclip_status note_error(expclip__decoder *d, int code,
                                 expclip_error *err)
{
    if (code == AVERROR(ENOMEM))
        return fail_decoder(d, code, err);
    if (d->context->thread_count > 1)
        return give_up_threads(d, err);
    mark_last(d);
    return EXPCLIP_OK;
}

/* A packet that the decoder refuses stays in the queue: its frame is lost. */
static expclip_status send_next(expclip__decoder *d, int64_t wanted,
                                expclip_error *err)
{
    expclip__packet_note note;
    int end = 0, code = 0;
    expclip_status status =
        expclip__packets_next(&d->packets, &note, &end, err);

    if (status)
        return status;
    if (end) {
        d->draining = 1;
        if (d->context)
            code = d->ff->avcodec_send_packet(d->context, NULL);
    } else {
        await(d, &note);
        d->last_sent = note.ts;
        if (d->context)
            choose_effort(d, wanted);
        if (d->context && !note.lost)
            code = d->ff->avcodec_send_packet(d->context, d->packets.packet);
    }
    return code < 0 ? note_error(d, code, err) : EXPCLIP_OK;
}

/* Get a frame out of the decoder; *done = 1 when it gave one or changed. */
static expclip_status receive(expclip__decoder *d, int *done,
                              expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (int failures = 0; failures < MAX_FAILURES; failures++) {
        const int code = d->ff->avcodec_receive_frame(d->context, d->frame);

        if (code == AVERROR_EOF || code == AVERROR(EAGAIN))
            break;
        d->holds_frame = code >= 0;
        if (code < 0)
            status = note_error(d, code, err);
        *done = code >= 0 || !d->context;
        if (status || *done)
            break;
    }
    return status;
}

/* Do what brings the next frame nearer. */
static expclip_status pump(expclip__decoder *d, int64_t wanted,
                           const expclip_image_options *options,
                           expclip_error *err)
{
    int done = 0;
    expclip_status status = EXPCLIP_OK;

    if (!d->context && !is_too_large(d, options))
        return open_decoder(d, options, err);
    if (d->context)
        status = receive(d, &done, err);
    if (status || done)
        return status;
    d->finished = d->draining;
    return d->draining ? EXPCLIP_OK : send_next(d, wanted, err);
}

/* Make the next event ready; none is when all is over. */
expclip_status expclip__decoder_next(expclip__decoder *d, int64_t wanted,
                                     const expclip_image_options *options,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    while (!status && !d->is_ready) {
        if (d->holds_frame && d->n_waiting) {
            take_first(d, is_of_first(d));
        } else if (d->holds_frame) { /* of no packet that we know */
            d->ff->av_frame_unref(d->frame);
            d->holds_frame = 0;
        } else if (d->n_waiting == EXPCLIP__MAX_WAITING ||
                   (d->finished && d->n_waiting)) {
            take_first(d, 0);
        } else if (d->finished) {
            break;
        } else {
            status = expclip__cancel_check(cancel, err);
            if (!status)
                status = pump(d, wanted, options, err);
        }
    }
    return status;
}

void expclip__decoder_drop(expclip__decoder *d)
{
    d->next_index += d->note.inside;
    if (d->has_frame)
        d->ff->av_frame_unref(d->frame);
    d->is_ready = 0;
}

/* ---- life ---- */

expclip_status expclip__decoder_open(expclip__decoder *d, const char *path,
                                     double start, double end,
                                     expclip_error *err)
{
    expclip_status status =
        expclip__packets_open(&d->packets, path, start, end, err);

    if (status)
        return status;
    d->ff = d->packets.in.ff;
    if (!find_codec(d))
        return fail_decoder(d, AVERROR_DECODER_NOT_FOUND, err);
    d->frame = d->ff->av_frame_alloc();
    return d->frame ? EXPCLIP_OK : expclip__fail_memory(err, "video decoder");
}

void expclip__decoder_close(expclip__decoder *d)
{
    if (d->context)
        d->ff->avcodec_free_context(&d->context);
    if (d->frame)
        d->ff->av_frame_free(&d->frame);
    expclip__packets_close(&d->packets);
}

#else
typedef int expclip__no_decoder; /* a file of C is not empty */
#endif
