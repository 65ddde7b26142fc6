/* SPDX-License-Identifier: MIT */
/*
 * webp.c - WebP through libwebp, where the build has it: the image, or the
 * first frame of an animation on its black canvas, as Pillow's convert("RGB")
 * shows it.
 *
 * The pixels go straight into the image. libwebp takes 4 bytes per pixel more
 * for files without loss; it has no allocator to be given.
 */
#include "image/encoded.h"

#include "base/error.h"

#ifdef EXPCLIP_HAVE_WEBP

#include <webp/decode.h>
#include <webp/demux.h>

#include "base/threads.h"

const int expclip__has_webp = 1;

static expclip_status explain(VP8StatusCode code, size_t size,
                              expclip_error *err)
{
    switch (code) {
    case VP8_STATUS_OK:
        return EXPCLIP_OK;
    case VP8_STATUS_OUT_OF_MEMORY:
        return expclip__fail_memory(err, "image");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "WebP: ends too early, after %zu bytes", size);
    default:
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "WebP: damaged");
    }
}

/* One frame to its place on the canvas. */
static expclip_status decode_frame(expclip__image *canvas,
                                   const WebPIterator *frame,
                                   expclip_error *err)
{
    const int32_t stride = canvas->width * 3;
    const size_t at =
        (size_t)frame->y_offset * (size_t)stride + (size_t)frame->x_offset * 3;
    WebPDecoderConfig config;

    if (!WebPInitDecoderConfig(&config))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "WebP: another libwebp than this build's");
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = canvas->rgb + at;
    config.output.u.RGBA.stride = stride;
    config.output.u.RGBA.size = (size_t)stride * (size_t)canvas->height - at;
    return explain(
        WebPDecode(frame->fragment.bytes, frame->fragment.size, &config),
        frame->fragment.size, err);
}

/* The frame lies on the canvas: libwebp looked, and it is looked at again. */
static expclip_status decode_first(expclip__image *out, WebPDemuxer *demuxer,
                                   const expclip__encoded *in,
                                   expclip_error *err)
{
    const int64_t width = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
    const int64_t height = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
    WebPIterator frame;
    expclip_status status =
        expclip__image_check_size(width, height, in->options, err);

    if (status)
        return status;
    if (!WebPDemuxGetFrame(demuxer, 1, &frame))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "WebP: it has no image");
    if (!frame.complete || frame.x_offset < 0 || frame.y_offset < 0 ||
        (int64_t)frame.x_offset + frame.width > width ||
        (int64_t)frame.y_offset + frame.height > height)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "WebP: its first frame is damaged");
    if (!status)
        status = expclip__image_create(out, width, height, in->options, err);
    if (!status)
        status = decode_frame(out, &frame, err);
    WebPDemuxReleaseIterator(&frame);
    return status;
}

expclip_status expclip__decode_webp(expclip__image *out,
                                    const expclip__encoded *in,
                                    expclip_error *err)
{
    const WebPData data = { in->bytes, in->size };
    WebPBitstreamFeatures features;
    expclip__image image = { 0 };
    WebPDemuxer *demuxer;
    WebPDemuxState state;
    expclip_status status =
        explain(WebPGetFeatures(in->bytes, in->size, &features), in->size, err);

    if (!status)
        status = expclip__image_check_size(features.width, features.height,
                                           in->options, err);
    if (!status)
        status = expclip__cancel_check(in->cancel, err);
    if (status)
        return status;
    demuxer = WebPDemuxPartial(&data, &state);
    if (demuxer && state == WEBP_DEMUX_DONE)
        status = decode_first(&image, demuxer, in, err);
    else
        status = expclip__fail(err,
                               state == WEBP_DEMUX_PARSE_ERROR
                                   ? EXPCLIP_ERROR_FORMAT
                                   : EXPCLIP_ERROR_TRUNCATED,
                               "WebP: damaged, or it ends too early, in %zu "
                               "bytes",
                               in->size);
    WebPDemuxDelete(demuxer);
    if (status)
        expclip__image_clear(&image);
    else
        *out = image;
    return status;
}

#else

const int expclip__has_webp = 0;

expclip_status expclip__decode_webp(expclip__image *out,
                                    const expclip__encoded *in,
                                    expclip_error *err)
{
    (void)out;
    (void)in;
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "WebP: this build has no libwebp; convert it to JPEG "
                         "or PNG");
}

#endif
