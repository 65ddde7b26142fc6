/* SPDX-License-Identifier: MIT */
/*
 * crop.c - a square around a face, and its pixels.
 */
#include "faces/crop.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define PI 3.14159265358979323846

int expclip__crop_is_sound(const expclip__crop *crop)
{
    return crop->side >= EXPCLIP__CROP_LEAST_SIDE &&
           crop->side <= EXPCLIP__CROP_MOST_SIDE &&
           fabsf(crop->up) <= EXPCLIP__CROP_MOST_UP;
}

expclip_status expclip__crop_choose(expclip__crop *crop, float side, float up,
                                    expclip_error *err)
{
    const expclip__crop wanted = { side, up };

    if (side == 0.0f && up == 0.0f)
        return EXPCLIP_OK;
    if (side == 0.0f)
        return expclip__fail(
            err, EXPCLIP_ERROR_ARGUMENT,
            "up of the crop: found %g without a side, expected "
            "both or none",
            (double)up);
    if (!expclip__crop_is_sound(&wanted))
        return expclip__fail(
            err, EXPCLIP_ERROR_ARGUMENT,
            "side and up of the crop: found %g and %g, expected %g to %g (or "
            "0 for the model's) and -%g to %g",
            (double)side, (double)up, (double)EXPCLIP__CROP_LEAST_SIDE,
            (double)EXPCLIP__CROP_MOST_SIDE, (double)EXPCLIP__CROP_MOST_UP,
            (double)EXPCLIP__CROP_MOST_UP);
    *crop = wanted;
    return EXPCLIP_OK;
}

/* ---- where ---- */

/* `size` pixels around `centre`, moved so that they lie in 0 .. most. */
static void place(int32_t *first, int32_t *size, double centre, int32_t side,
                  int32_t most)
{
    const double left = floor(centre - (double)side / 2.0 + 0.5);

    *size = side < most ? side : most;
    *first = left < 0.0                      ? 0
             : left > (double)(most - *size) ? most - *size
                                             : (int32_t)left;
}

expclip_box expclip__crop_box(const expclip_face *face,
                              const expclip__crop *crop, int32_t width,
                              int32_t height)
{
    const double high = (double)face->height;
    const double wanted = floor((double)crop->side * high + 0.5);
    const int32_t longer = width > height ? width : height;
    const int32_t side = wanted < 1.0              ? 1
                         : wanted > (double)longer ? longer
                                                   : (int32_t)wanted;
    expclip_box box;

    place(&box.x, &box.width, (double)face->x + (double)face->width / 2.0, side,
          width);
    place(&box.y, &box.height,
          (double)face->y + high / 2.0 - (double)crop->up * high, side, height);
    return box;
}

float expclip__crop_tilt(const expclip_face *face)
{
    const double across = (double)face->points[2] - (double)face->points[0];
    const double down = (double)face->points[3] - (double)face->points[1];
    const double degrees = -atan2(down, across) * 180.0 / PI;

    if (hypot(across, down) < 1.0 || fabs(degrees) > 90.0)
        return 0.0f;
    return (float)degrees;
}

/* ---- pixels ---- */

/* A box of the original in an image of another size, at least one pixel. */
static int32_t reduced(int64_t x, int32_t to, int32_t from)
{
    return (int32_t)((2 * x * to + from) / (2 * (int64_t)from));
}

static void reduce(int32_t *first, int32_t *size, int32_t to, int32_t from)
{
    const int32_t a = reduced(*first, to, from);
    const int32_t b = reduced((int64_t)*first + *size, to, from);

    *first = a < to ? a : to - 1;
    *size = b > *first ? b - *first : 1;
}

static void copy_straight(expclip__image *out, const expclip__image *image,
                          const expclip_box *box)
{
    const size_t row = (size_t)box->width * 3;

    for (int32_t y = 0; y < box->height; y++)
        memcpy(out->rgb + (size_t)y * row,
               image->rgb + ((size_t)(box->y + y) * (size_t)image->width +
                             (size_t)box->x) *
                                3,
               row);
}

static double clamped(double x, int32_t size)
{
    return x < 0.0 ? 0.0 : x > size - 1 ? size - 1 : x;
}

/* Bilinear, at a place in pixels of the image; the edge repeats. */
static void sample(uint8_t *rgb, const expclip__image *image, double x,
                   double y)
{
    const double cx = clamped(x, image->width), cy = clamped(y, image->height);
    const int32_t x0 = (int32_t)cx, y0 = (int32_t)cy;
    const size_t right = x0 + 1 < image->width ? 3 : 0;
    const size_t below = y0 + 1 < image->height ? (size_t)image->width * 3 : 0;
    const uint8_t *p =
        image->rgb + ((size_t)y0 * (size_t)image->width + (size_t)x0) * 3;
    const double fx = cx - x0, fy = cy - y0;

    for (int c = 0; c < 3; c++, p++) {
        const double up = p[0] + fx * (p[right] - p[0]);
        const double down = p[below] + fx * (p[below + right] - p[below]);

        rgb[c] = (uint8_t)(up + fy * (down - up) + 0.5);
    }
}

static void copy_turned(expclip__image *out, const expclip__image *image,
                        const expclip_box *box, float tilt)
{
    const double angle = -(double)tilt * PI / 180.0;
    const double cosine = cos(angle), sine = sin(angle);
    const double cx = box->x + (box->width - 1) / 2.0;
    const double cy = box->y + (box->height - 1) / 2.0;

    for (int32_t y = 0; y < box->height; y++)
        for (int32_t x = 0; x < box->width; x++) {
            const double dx = box->x + x - cx, dy = box->y + y - cy;

            sample(out->rgb + ((size_t)y * (size_t)box->width + (size_t)x) * 3,
                   image, cx + cosine * dx - sine * dy,
                   cy + sine * dx + cosine * dy);
        }
}

expclip_status expclip__crop_copy(expclip__image *out,
                                  const expclip__image *image,
                                  const expclip_box *box, int32_t width,
                                  int32_t height, float tilt,
                                  expclip_error *err)
{
    expclip_box b = *box;
    expclip__image crop;

    reduce(&b.x, &b.width, image->width, width);
    reduce(&b.y, &b.height, image->height, height);
    crop = (expclip__image){
        b.width, b.height, expclip__alloc((size_t)b.width * (size_t)b.height, 3)
    };
    if (!crop.rgb)
        return expclip__fail_memory(err, "crop");
    if (tilt != 0.0f)
        copy_turned(&crop, image, &b, tilt);
    else
        copy_straight(&crop, image, &b);
    *out = crop;
    return EXPCLIP_OK;
}
