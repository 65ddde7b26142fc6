/* SPDX-License-Identifier: MIT */
/*
 * faces.c - an image and the faces that were found in it: decode, look, and
 * turn the image and look again.
 */
#include "faces/faces.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "image/pixels.h"

#define QUICK_SIDE 320
#define CLOSE 0.45f          /* of the image's width */
#define CLOSE_THRESHOLD 0.5f /* what fills the image needs less certainty */
#define SMALL_TILT 15.0f     /* degrees */

/* ---- the detector ---- */

static expclip_status open_detector(expclip_detector *d,
                                    const expclip_detector_options *o,
                                    expclip_error *err)
{
    const int32_t threads = o->threads ? o->threads : expclip__n_cores();
    expclip_status status = expclip__threads_check(threads, err);

    if (!status)
        status = expclip__detector_open(&d->detector, o->weights, threads, err);
    d->fork_generation = expclip__fork_generation();
    d->detector.threshold = o->threshold;
    d->detector.side = o->long_side;
    d->detector.smallest = o->smallest;
    d->quick = o->quick;
    d->turn = o->turn;
    return status;
}

expclip_status expclip__detector_create(expclip_detector **out,
                                        const expclip_detector_options *options,
                                        expclip_error *err)
{
    expclip_detector *d = expclip__alloc_zero(1, sizeof(*d));
    expclip_status status;

    if (!d)
        return expclip__fail_memory(err, "detector");
    status = open_detector(d, options, err);
    if (status)
        expclip__detector_free(d);
    else
        *out = d;
    return status;
}

void expclip__detector_free(expclip_detector *detector)
{
    if (!detector)
        return;
    expclip__detector_close(&detector->detector);
    expclip__free(detector);
}

/* ---- the object ---- */

void expclip__faces_free(expclip_faces *faces)
{
    if (!faces)
        return;
    expclip__free(faces->message);
    expclip__free(faces->name);
    expclip__candidates_free(&faces->found);
    expclip__image_clear(&faces->image);
    expclip__free(faces->bytes);
    expclip__free(faces);
}

expclip_status expclip__faces_create_failed(expclip_faces **out,
                                            expclip_status why,
                                            const char *message,
                                            expclip_error *err)
{
    expclip_faces *faces = expclip__alloc_zero(1, sizeof(*faces));

    if (faces)
        faces->message = expclip__strdup(message);
    if (!faces || !faces->message) {
        expclip__faces_free(faces);
        return expclip__fail_memory(err, "faces");
    }
    faces->status = why;
    *out = faces;
    return EXPCLIP_OK;
}

size_t expclip__faces_largest(const expclip_faces *faces)
{
    const expclip__candidates *found = &faces->found;
    size_t largest = found->n;
    float area = -1.0f;

    for (size_t i = 0; i < found->n; i++)
        if (found->faces[i].width * found->faces[i].height > area) {
            area = found->faces[i].width * found->faces[i].height;
            largest = i;
        }
    return largest;
}

int expclip__faces_is_close(const expclip_faces *faces)
{
    return faces->found.n == 1 &&
           faces->found.faces[0].width >= CLOSE * (float)faces->width;
}

expclip_status expclip__faces_check(const expclip_faces *faces,
                                    expclip_error *err)
{
    if (faces->status)
        return expclip__fail(err, faces->status, "%s", faces->message);
    if (faces->found.n)
        return EXPCLIP_OK;
    return expclip__fail(
        err, EXPCLIP_ERROR_NO_FACE,
        "%s%sno face in %d x %d pixels; looked for faces of %d pixels and more "
        "with a score of at least %.2f, the best candidate has %.2f",
        faces->name ? faces->name : "", faces->name ? ": " : "",
        (int)faces->width, (int)faces->height, (int)faces->smallest,
        (double)faces->threshold, (double)faces->found.best);
}

/* ---- pixels ---- */

/* What turns an image by 90, 180 and 270 degrees is an orientation of EXIF. */
static int orientation_of(int32_t turn)
{
    return turn == 90 ? 6 : turn == 180 ? 3 : turn == 270 ? 8 : 1;
}

/* At `least_side` pixels or more on the longer side; 0 = all there are. */
static expclip_status decode(expclip__image *out, expclip__size *full,
                             const expclip_faces *faces, int32_t least_side,
                             expclip_error *err)
{
    expclip_status status =
        expclip__image_decode_reduced(out, full, faces->bytes, faces->size,
                                      &faces->options, least_side, NULL, err);

    if (!status)
        status = expclip__image_turn(out, orientation_of(faces->turn), err);
    return status;
}

expclip_status expclip__faces_image(const expclip__image **out,
                                    expclip__image *decoded,
                                    const expclip_faces *faces, float scale,
                                    expclip_error *err)
{
    const double longer = fmax(faces->width, faces->height);
    const double least = ceil((double)(scale < 1.0f ? scale : 1.0f) * longer);
    expclip_status status;

    if (!faces->bytes ||
        fmax(faces->image.width, faces->image.height) >= least) {
        *out = &faces->image;
        return EXPCLIP_OK;
    }
    status = decode(decoded, NULL, faces, (int32_t)least, err);
    if (!status)
        *out = decoded;
    return status;
}

expclip_box expclip__faces_crop(const expclip_faces *faces, size_t index,
                                const expclip__crop *crop)
{
    return expclip__crop_box(&faces->found.faces[index], crop, faces->width,
                             faces->height);
}

expclip_status expclip__faces_cut(expclip__image *out,
                                  const expclip_faces *faces, size_t index,
                                  const expclip__image *image,
                                  const expclip__crop *crop, int32_t upright,
                                  expclip_error *err)
{
    const expclip_box box = expclip__faces_crop(faces, index, crop);
    const float tilt =
        upright ? expclip__crop_tilt(&faces->found.faces[index]) : 0.0f;

    return expclip__crop_copy(out, image, &box, faces->width, faces->height,
                              fabsf(tilt) > SMALL_TILT ? tilt : 0.0f, err);
}

/* ---- finding ---- */

static expclip_status look(expclip_faces *faces,
                           const expclip__detector *detector,
                           expclip_error *err)
{
    expclip__candidates found;
    const expclip__size full = { faces->width, faces->height };
    expclip_status status = expclip__detector_find_reduced(
        &found, detector, &faces->image, full, err);

    if (status)
        return status;
    expclip__candidates_free(&faces->found);
    faces->found = found;
    return EXPCLIP_OK;
}

/* Turn the image by a further quarter, three times and back; stay where a face
 * is found. */
static expclip_status look_around(expclip_faces *faces,
                                  const expclip__detector *detector,
                                  expclip_error *err)
{
    const float upright = faces->found.best;
    expclip_status status = EXPCLIP_OK;

    do {
        const int32_t width = faces->width;

        if ((status =
                 expclip__image_turn(&faces->image, orientation_of(90), err)))
            return status;
        faces->width = faces->height;
        faces->height = width;
        faces->turn = (faces->turn + 90) % 360;
        if (faces->turn == 0)
            break;
        status = look(faces, detector, err);
    } while (!status && faces->found.n == 0);
    if (!status && faces->turn == 0)
        faces->found.best = upright;
    return status;
}

static expclip_status find(expclip_faces *faces,
                           const expclip_detector *detector, expclip_error *err)
{
    expclip__detector quick = detector->detector;
    expclip_status status;

    faces->threshold = quick.threshold;
    faces->smallest = quick.smallest;
    if (detector->quick && QUICK_SIDE < quick.side) {
        quick.side = QUICK_SIDE;
        quick.once = 1;
        quick.threshold = fminf(quick.threshold, CLOSE_THRESHOLD);
        if ((status = look(faces, &quick, err)) ||
            expclip__faces_is_close(faces))
            return status;
    }
    status = look(faces, &detector->detector, err);
    if (!status && detector->turn && faces->found.n == 0)
        status = look_around(faces, &detector->detector, err);
    return status;
}

static expclip_faces *create(const char *name)
{
    expclip_faces *faces = expclip__alloc_zero(1, sizeof(*faces));

    if (faces && name) {
        faces->name = expclip__strdup(name);
        if (!faces->name) {
            expclip__free(faces);
            return NULL;
        }
    }
    return faces;
}

static expclip_status finish(expclip_faces **out, expclip_faces *faces,
                             expclip_status status)
{
    if (status)
        expclip__faces_free(faces);
    else
        *out = faces;
    return status;
}

expclip_status expclip__faces_find_encoded(expclip_faces **out,
                                           const expclip_detector *detector,
                                           const char *name, uint8_t *bytes,
                                           size_t size,
                                           const expclip_image_options *options,
                                           expclip_error *err)
{
    expclip_faces *faces = create(name);
    expclip__size full;
    expclip_status status;
    expclip_error why;

    if (!faces) {
        expclip__free(bytes);
        return expclip__fail_memory(err, "faces");
    }
    faces->bytes = bytes;
    faces->size = size;
    faces->options = *options;
    faces->options.exif = 1;
    status =
        decode(&faces->image, &full, faces, 2 * detector->detector.side, &why);
    if (status) {
        status = expclip__fail(err, status, "%s%s%s", name ? name : "",
                               name ? ": " : "", why.message);
    } else {
        faces->width = full.width;
        faces->height = full.height;
        if (faces->image.width == full.width) {
            expclip__free(faces->bytes);
            faces->bytes = NULL;
        }
        status = find(faces, detector, err);
    }
    return finish(out, faces, status);
}

expclip_status expclip__faces_find_image(expclip_faces **out,
                                         const expclip_detector *detector,
                                         expclip__image *image,
                                         expclip_error *err)
{
    expclip_faces *faces = create(NULL);

    if (!faces) {
        expclip__image_clear(image);
        return expclip__fail_memory(err, "faces");
    }
    faces->image = *image;
    faces->width = image->width;
    faces->height = image->height;
    memset(image, 0, sizeof(*image));
    return finish(out, faces, find(faces, detector, err));
}
