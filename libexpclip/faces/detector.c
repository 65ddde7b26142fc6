/* SPDX-License-Identifier: MIT */
/*
 * detector.c - the faces in an image: shrink, look, look again, scale back.
 */
#include "faces/detector.h"

#include "base/error.h"
#include "image/shrink.h"

expclip_status expclip__detector_open(expclip__detector *out,
                                      const char *weights, int32_t n_threads,
                                      expclip_error *err)
{
    size_t size;
    const uint8_t *bytes = expclip__yunet_bytes(&size);
    const char *name = weights ? weights : "face detector";
    expclip__weights *ws = NULL;
    expclip_error inner;
    expclip_status status;

    *out = (expclip__detector){ .threshold = EXPCLIP__DETECTOR_THRESHOLD,
                                .side = EXPCLIP__DETECTOR_SIDE,
                                .smallest = EXPCLIP__DETECTOR_SMALLEST };
    status = weights ? expclip__weights_open(&ws, weights, err)
                     : expclip__weights_open_bytes(&ws, bytes, size, name, err);
    if (!status &&
        (status = expclip__yunet_load(&out->yunet, ws, n_threads, &inner)))
        expclip__fail(err, status, "%s: %s", name, inner.message);
    expclip__weights_free(ws);
    return status;
}

void expclip__detector_close(expclip__detector *d)
{
    expclip__yunet_close(&d->yunet);
}

/* ---- shrinking ---- */

static int32_t longer_side(const expclip__image *image)
{
    return image->width > image->height ? image->width : image->height;
}

static int32_t scaled(int32_t x, int32_t to, int32_t from)
{
    const int64_t twice = 2 * (int64_t)x * to / from;
    const int64_t rounded = (twice + 1) / 2;

    return rounded > 0 ? (int32_t)rounded : 1;
}

/* ---- looking ---- */

static void scale_back(expclip_face *face, float across, float down)
{
    face->x *= across;
    face->width *= across;
    face->y *= down;
    face->height *= down;
    for (int i = 0; i < 10; i += 2) {
        face->points[i] *= across;
        face->points[i + 1] *= down;
    }
}

/* Those that are large enough, in pixels of the whole image. */
static void to_image(expclip__candidates *c, const expclip__detector *d,
                     expclip__size full, const expclip__image *seen)
{
    const float across = (float)full.width / (float)seen->width;
    const float down = (float)full.height / (float)seen->height;
    size_t kept = 0;

    for (size_t i = 0; i < c->n; i++) {
        expclip_face *face = &c->faces[i];

        scale_back(face, across, down);
        if (face->height >= (float)d->smallest)
            c->faces[kept++] = *face;
    }
    c->n = kept;
}

static expclip_status look(expclip__candidates *out, const expclip__detector *d,
                           const expclip__image *seen, expclip_error *err)
{
    expclip__yunet_maps maps;
    expclip_status status = expclip__yunet_run(&maps, &d->yunet, seen->rgb,
                                               seen->width, seen->height, err);

    if (status)
        return status;
    status = expclip__candidates_find(out, &maps, d->threshold, err);
    expclip__yunet_maps_free(&maps);
    return status;
}

static expclip_status look_at(expclip__candidates *out,
                              const expclip__detector *d,
                              const expclip__image *image, expclip__size full,
                              int32_t side, expclip_error *err)
{
    expclip__image small = { 0 };
    const expclip__image *seen = image;
    expclip_status status = EXPCLIP_OK;

    if (longer_side(image) > side) {
        status = expclip__image_shrink(
            &small, image, scaled(image->width, side, longer_side(image)),
            scaled(image->height, side, longer_side(image)), err);
        seen = &small;
    }
    if (!status)
        status = look(out, d, seen, err);
    if (!status)
        to_image(out, d, full, seen);
    expclip__image_clear(&small);
    return status;
}

expclip_status expclip__detector_find_reduced(expclip__candidates *out,
                                              const expclip__detector *d,
                                              const expclip__image *image,
                                              expclip__size full,
                                              expclip_error *err)
{
    expclip__candidates first, second;
    expclip_status status = look_at(&first, d, image, full, d->side, err);

    if (status)
        return status;
    if (first.n == 0 && !d->once && longer_side(image) > d->side) {
        status = look_at(&second, d, image, full, 2 * d->side, err);
        expclip__candidates_free(&first);
        if (status)
            return status;
        if (second.best < first.best)
            second.best = first.best;
        first = second;
    }
    *out = first;
    return EXPCLIP_OK;
}

expclip_status expclip__detector_find(expclip__candidates *out,
                                      const expclip__detector *d,
                                      const expclip__image *image,
                                      expclip_error *err)
{
    const expclip__size full = { image->width, image->height };

    return expclip__detector_find_reduced(out, d, image, full, err);
}
