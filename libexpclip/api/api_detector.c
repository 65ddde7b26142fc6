/* SPDX-License-Identifier: MIT */
/*
 * api_detector.c - finding faces in images and frames.
 */
#include <string.h>

#include "api/check.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/io.h"
#include "faces/faces.h"
#include "video/frames.h"

/* More than any machine has; each is a thread of the system. */
#define MAX_THREADS 4096

static expclip_status check_detector_options(const expclip_detector_options *o,
                                             expclip_error *err)
{
    expclip_status status;

    if (!(o->threshold >= 0.0f && o->threshold <= 1.0f))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "threshold: %g, expected 0 to 1",
                             (double)o->threshold);
    if ((status =
             expclip__check_range(o->long_side, "long_side", 32, 8192, err)) ||
        (status = expclip__check_range(o->smallest, "smallest", 1, INT32_MAX,
                                       err)) ||
        (status = expclip__check_range(o->threads, "threads", 0, MAX_THREADS,
                                       err)) ||
        (status = expclip__check_flag(o->quick, "quick", err)))
        return status;
    return expclip__check_flag(o->turn, "turn", err);
}

expclip_status expclip_detector_create(expclip_detector **out,
                                       const expclip_detector_options *options,
                                       expclip_error *err)
{
    expclip_detector_options o = EXPCLIP_DETECTOR_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = check_detector_options(&o, err)))
        return status;
    return expclip__returned(expclip__detector_create(out, &o, err), err);
}

void expclip_detector_free(expclip_detector *detector)
{
    expclip__detector_free(detector);
}

/* ---- finding ---- */

/* What all find functions look at first. */
static expclip_status check_find(expclip_image_options *o, const void *out,
                                 const expclip_detector *detector,
                                 const expclip_image_options *options,
                                 expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(detector, "detector", err)) ||
        (status = expclip__check_image_options(o, options, err)))
        return status;
    if (o->box_width)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "box: %d x %d, expected none, since faces are "
                             "looked for in the whole image",
                             (int)o->box_width, (int)o->box_height);
    return expclip__fork_check(detector->fork_generation, err);
}

expclip_status expclip_detector_find_file(expclip_faces **out,
                                          const expclip_detector *detector,
                                          const char *path,
                                          const expclip_image_options *options,
                                          expclip_error *err)
{
    expclip_image_options o;
    uint8_t *bytes;
    size_t size;
    expclip_status status;

    if ((status = check_find(&o, out, detector, options, err)) ||
        (status = expclip__check_pointer(path, "path", err)) ||
        (status = expclip__image_read(&bytes, &size, path, err)))
        return status;
    return expclip__returned(
        expclip__faces_find_encoded(out, detector, path, bytes, size, &o, err),
        err);
}

expclip_status expclip_detector_find_bytes(
    expclip_faces **out, const expclip_detector *detector, const uint8_t *bytes,
    size_t bytes_size, const expclip_image_options *options, expclip_error *err)
{
    expclip_image_options o;
    uint8_t *copy;
    expclip_status status;

    if ((status = check_find(&o, out, detector, options, err)) ||
        (status = expclip__check_array(bytes, bytes_size, "bytes", err)))
        return status;
    copy = expclip__alloc(bytes_size ? bytes_size : 1, 1);
    if (!copy)
        return expclip__fail_memory(err, "image");
    if (bytes_size)
        memcpy(copy, bytes, bytes_size);
    return expclip__returned(expclip__faces_find_encoded(out, detector, NULL,
                                                         copy, bytes_size, &o,
                                                         err),
                             err);
}

expclip_status expclip_detector_find_pixels(
    expclip_faces **out, const expclip_detector *detector,
    const uint8_t *pixels, size_t pixels_size, int32_t width, int32_t height,
    int64_t stride, int32_t layout, const expclip_image_options *options,
    expclip_error *err)
{
    expclip_image_options o;
    expclip__image image;
    expclip_status status;

    if ((status = check_find(&o, out, detector, options, err)) ||
        (status = expclip__check_array(pixels, pixels_size, "pixels", err)) ||
        (status = expclip__image_from_pixels(&image, pixels, pixels_size, width,
                                             height, stride, layout, &o, err)))
        return status;
    return expclip__returned(
        expclip__faces_find_image(out, detector, &image, err), err);
}

expclip_status expclip_detector_find_frame(expclip_faces **out,
                                           const expclip_detector *detector,
                                           expclip_frames *frames,
                                           const expclip_image_options *options,
                                           const expclip_cancel *cancel,
                                           expclip_error *err)
{
    expclip_image_options o;
    expclip__frame frame;
    expclip_faces *faces = NULL;
    int end = 0;
    expclip_status status;

    if ((status = check_find(&o, out, detector, options, err)) ||
        (status = expclip__check_pointer(frames, "frames", err)))
        return status;
    expclip__frames_forget(frames);
    o.exif = 1;
    status = expclip__frames_next(frames, &frame, &end, &o, cancel, err);
    if (!status && !end && frame.status)
        status = expclip__faces_create_failed(&faces, frame.status,
                                              frame.why.message, err);
    else if (!status && !end)
        status = expclip__faces_find_image(&faces, detector, &frame.image, err);
    if (!status)
        *out = faces;
    return expclip__returned(status, err);
}
