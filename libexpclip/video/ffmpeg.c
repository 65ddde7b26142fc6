/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg.c - the frames of a video file, decoded by FFmpeg.
 */
#include "base/alloc.h"
#include "base/error.h"
#include "base/io.h"
#include "base/threads.h"
#include "video/frames.h"

#ifdef EXPCLIP_HAVE_FFMPEG

#include "image/pixels.h"
#include "video/ffmpeg_decoder.h"
#include "video/ffmpeg_pixels.h"

typedef struct video {
    expclip__decoder decoder;
    double last_time; /* that was given */
    int orientation;  /* as EXIF's */
    expclip__converter converter;
} video;

/* ---- frames ---- */

/* Why there is no good frame, if there is none. */
static expclip_status check_event(const video *v,
                                  const expclip_image_options *options,
                                  expclip_error *err)
{
    const AVCodecParameters *c = v->decoder.packets.in.stream->codecpar;
    const expclip__decoder *d = &v->decoder;
    expclip_status status = EXPCLIP_OK;

    if (d->has_frame)
        status = expclip__decoder_check_size(
            v->decoder.frame->width, v->decoder.frame->height, options, err);
    else if (!d->note.lost)
        status = expclip__decoder_check_size(c->width, c->height, options, err);
    if (status)
        return status;
    if (d->note.lost)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "the file ends before it");
    if (!d->has_frame)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "cannot be decoded");
    if (d->note.corrupt || v->decoder.frame->decode_error_flags ||
        (v->decoder.frame->flags & AV_FRAME_FLAG_CORRUPT))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "damaged");
    return EXPCLIP_OK;
}

static expclip_status make_image(expclip__image *out, video *v,
                                 const expclip_image_options *options,
                                 expclip_error *err)
{
    expclip_status status = check_event(v, options, err);

    if (!status)
        status =
            expclip__converter_run(out, &v->converter, v->decoder.frame, err);
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
    if (v->decoder.note.time > v->last_time)
        v->last_time = v->decoder.note.time;
    frame->time = v->last_time;
    frame->status = status;
    if (status)
        expclip__fail(&frame->why, status, "%s: frame %lld, at %.3f s: %s",
                      v->decoder.packets.in.file.path, (long long)frame->index,
                      frame->time, why.message);
    expclip__decoder_drop(&v->decoder);
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
        status = expclip__decoder_next(&v->decoder, frame->index, options,
                                       cancel, err);
        if (status)
            break;
        if (!v->decoder.is_ready) {
            source->n_frames = v->decoder.next_index;
            *missing = 1;
            break;
        }
        if (v->decoder.note.inside && v->decoder.next_index >= frame->index)
            return give(frame, v, options, err);
        expclip__decoder_drop(&v->decoder);
    }
    return status;
}

/* ---- opening ---- */

static void free_video(video *v)
{
    expclip__converter_clear(&v->converter);
    expclip__decoder_close(&v->decoder);
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
        status = expclip__packets_next(&v->decoder.packets, &note, &end, err);
        if (!status && !end)
            n += note.inside;
    }
    if (!status)
        status = expclip__packets_rewind(&v->decoder.packets, err);
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
        expclip__decoder_open(&v->decoder, path, o->start, o->end, err);

    if (status)
        return status;
    v->converter.ff = v->decoder.ff;
    v->converter.path = v->decoder.packets.in.file.path;
    v->orientation = 1;
    if (o->rotate)
        v->orientation = expclip__stream_orientation(
            v->decoder.ff, v->decoder.packets.in.stream);
    out->n_frames = -1;
    out->duration = expclip__packets_duration(&v->decoder.packets);
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
                         "images",
                         path);
}

#endif
