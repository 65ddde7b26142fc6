/* SPDX-License-Identifier: MIT */
/*
 * pixels.c - raw pixels to RGB, turning, and cutting out a face.
 */
#include "image/pixels.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "image/encoded.h"

/* No image has longer sides, and one line of them is kept whole when it is
 * resized; max_pixels is the limit that people meet. */
#define MAX_SIDE (1 << 20)

void expclip__image_clear(expclip__image *image)
{
    expclip__free(image->rgb);
    memset(image, 0, sizeof(*image));
}

static expclip_status new_image(expclip__image *out, int32_t width,
                                int32_t height, expclip_error *err)
{
    uint8_t *rgb = expclip__alloc((size_t)width * (size_t)height, 3);

    if (!rgb)
        return expclip__fail_memory(err, "image");
    *out = (expclip__image){ width, height, rgb };
    return EXPCLIP_OK;
}

expclip_status expclip__image_check_size(int64_t width, int64_t height,
                                         const expclip_image_options *o,
                                         expclip_error *err)
{
    if (width <= MAX_SIDE && height <= MAX_SIDE &&
        width * height <= o->max_pixels)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "image: %lld x %lld pixels, expected at most %lld in "
                         "all (max_pixels) and %d on a side",
                         (long long)width, (long long)height,
                         (long long)o->max_pixels, MAX_SIDE);
}

expclip_status expclip__image_create(expclip__image *out, int64_t width,
                                     int64_t height,
                                     const expclip_image_options *options,
                                     expclip_error *err)
{
    expclip_status status =
        expclip__image_check_size(width, height, options, err);

    if (!status)
        status = new_image(out, (int32_t)width, (int32_t)height, err);
    if (!status)
        memset(out->rgb, 0, (size_t)width * (size_t)height * 3);
    return status;
}

/* ---- raw pixels ---- */

/* Bytes of a pixel, and where red, green and blue are in it. */
static const struct {
    int32_t size;
    int32_t place[3];
} layouts[] = {
    [EXPCLIP_PIXELS_RGB] = { 3, { 0, 1, 2 } },
    [EXPCLIP_PIXELS_BGR] = { 3, { 2, 1, 0 } },
    [EXPCLIP_PIXELS_RGBA] = { 4, { 0, 1, 2 } },
    [EXPCLIP_PIXELS_BGRA] = { 4, { 2, 1, 0 } },
    [EXPCLIP_PIXELS_GREY] = { 1, { 0, 0, 0 } },
};

static expclip_status check_raw(size_t pixels_size, int32_t width,
                                int32_t height, int64_t stride, int32_t layout,
                                const expclip_image_options *options,
                                expclip_error *err)
{
    int64_t row, needed;
    expclip_status status;

    if (layout < 0 || layout >= (int32_t)(sizeof(layouts) / sizeof(layouts[0])))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "layout: %d, expected EXPCLIP_PIXELS_...",
                             (int)layout);
    if (width < 1 || height < 1)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "pixels: %d x %d, expected both above 0",
                             (int)width, (int)height);
    if ((status = expclip__image_check_size(width, height, options, err)))
        return status;
    row = (int64_t)width * layouts[layout].size;
    if (stride != 0 && stride < row)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "stride: %lld, expected 0 or at least %lld",
                             (long long)stride, (long long)row);
    if (__builtin_mul_overflow(stride ? stride : row, height - 1, &needed) ||
        __builtin_add_overflow(needed, row, &needed) ||
        (uint64_t)needed > pixels_size)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "pixels_size: %zu, expected at least %lld",
                             pixels_size, (long long)needed);
    return EXPCLIP_OK;
}

expclip_status expclip__image_from_pixels(
    expclip__image *out, const uint8_t *pixels, size_t pixels_size,
    int32_t width, int32_t height, int64_t stride, int32_t layout,
    const expclip_image_options *options, expclip_error *err)
{
    expclip__image image = { 0 };
    int32_t size;
    expclip_status status =
        check_raw(pixels_size, width, height, stride, layout, options, err);

    if (!status)
        status = new_image(&image, width, height, err);
    if (status)
        return status;
    size = layouts[layout].size;
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *in =
            pixels + y * (stride ? stride : (int64_t)width * size);
        uint8_t *rgb = image.rgb + (int64_t)y * width * 3;

        for (int32_t x = 0; x < width; x++, in += size, rgb += 3)
            for (int c = 0; c < 3; c++)
                rgb[c] = in[layouts[layout].place[c]];
    }
    status = expclip__image_cut(&image, options, err);
    if (status)
        expclip__image_clear(&image);
    else
        *out = image;
    return status;
}

/* ---- turning ---- */

/*
 * What each EXIF orientation means (EXIF 2.32, tag 0x0112): pixel (x, y) of
 * the upright image is where, in the stored one? Swapped sides for 5 to 8.
 */
static void stored_place(int orientation, int32_t width, int32_t height,
                         int32_t x, int32_t y, int32_t *from_x, int32_t *from_y)
{
    const int swapped = orientation >= 5;
    const int32_t a = swapped ? y : x, b = swapped ? x : y;
    const int mirror_x = orientation == 2 || orientation == 3 ||
                         orientation == 7 || orientation == 8;
    const int mirror_y = orientation == 3 || orientation == 4 ||
                         orientation == 6 || orientation == 7;

    *from_x = mirror_x ? width - 1 - a : a;
    *from_y = mirror_y ? height - 1 - b : b;
}

expclip_status expclip__image_turn(expclip__image *image, int orientation,
                                   expclip_error *err)
{
    const int swapped = orientation >= 5;
    expclip__image turned;
    expclip_status status;

    if (orientation <= 1 || orientation > 8)
        return EXPCLIP_OK;
    status = new_image(&turned, swapped ? image->height : image->width,
                       swapped ? image->width : image->height, err);
    if (status)
        return status;
    for (int32_t y = 0; y < turned.height; y++)
        for (int32_t x = 0; x < turned.width; x++) {
            int32_t from_x, from_y;

            stored_place(orientation, image->width, image->height, x, y,
                         &from_x, &from_y);
            memcpy(turned.rgb + ((int64_t)y * turned.width + x) * 3,
                   image->rgb + ((int64_t)from_y * image->width + from_x) * 3,
                   3);
        }
    expclip__image_clear(image);
    *image = turned;
    return EXPCLIP_OK;
}

/* ---- cutting ---- */

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* Columns from `left` to `right` and rows likewise, in place. */
static expclip_status keep_part(expclip__image *image, int64_t left,
                                int64_t top, int64_t right, int64_t bottom,
                                expclip_error *err)
{
    expclip__image part;
    expclip_status status =
        new_image(&part, (int32_t)(right - left), (int32_t)(bottom - top), err);

    if (status)
        return status;
    for (int64_t y = 0; y < part.height; y++)
        memcpy(part.rgb + y * part.width * 3,
               image->rgb + ((top + y) * image->width + left) * 3,
               (size_t)part.width * 3);
    expclip__image_clear(image);
    *image = part;
    return EXPCLIP_OK;
}

expclip_status expclip__image_cut_reduced(expclip__image *image,
                                          expclip__size full,
                                          const expclip_image_options *o,
                                          expclip_error *err)
{
    const int64_t w = image->width, h = image->height;
    const int64_t wide =
        (int64_t)floor((double)o->box_margin * (double)o->box_width + 0.5);
    const int64_t high =
        (int64_t)floor((double)o->box_margin * (double)o->box_height + 0.5);
    int64_t left, top, right, bottom;

    if (!o->box_x && !o->box_y && !o->box_width && !o->box_height)
        return EXPCLIP_OK;
    left = clamp((int64_t)o->box_x - wide, 0, full.width);
    top = clamp((int64_t)o->box_y - high, 0, full.height);
    right = clamp((int64_t)o->box_x + o->box_width + wide, 0, full.width);
    bottom = clamp((int64_t)o->box_y + o->box_height + high, 0, full.height);
    if (o->box_width < 1 || o->box_height < 1 || right <= left || bottom <= top)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "box %d, %d, %d x %d: nothing of it is in the "
                             "image of %d x %d",
                             (int)o->box_x, (int)o->box_y, (int)o->box_width,
                             (int)o->box_height, (int)full.width,
                             (int)full.height);
    return keep_part(image, left * w / full.width, top * h / full.height,
                     (right * w + full.width - 1) / full.width,
                     (bottom * h + full.height - 1) / full.height, err);
}

expclip_status expclip__image_cut(expclip__image *image,
                                  const expclip_image_options *options,
                                  expclip_error *err)
{
    const expclip__size full = { image->width, image->height };

    return expclip__image_cut_reduced(image, full, options, err);
}
