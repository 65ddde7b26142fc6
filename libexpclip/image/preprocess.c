/* SPDX-License-Identifier: MIT */
/*
 * preprocess.c - where pixels become floats: the presets.
 *
 * Exp-CLIP trains and tests on [0, 1] pixels stretched to 224 x 224 (Resize and
 * ToTensor: reference train.py, test.py), without CLIP's mean and std and
 * without its centre crop. So the way to make pixels belongs to a head, and
 * "clip" is for a CLIP without one. Resizing is Pillow's: antialiased, first
 * across and then down, rounded to 8 bits after each. (Pillow 13 begins with
 * the height when that shrinks much more; what was trained before, did not.)
 */
#include "image/preprocess.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

static const struct {
    const char *name;
    tensor_filter filter;
    int crop;      /* short side to S, then the middle; else squash */
    int normalize; /* by mean and std */
} presets[] = {
    [EXPCLIP__PRESET_EXPCLIP] = { "expclip", TENSOR_BILINEAR, 0, 0 },
    [EXPCLIP__PRESET_CLIP] = { "clip", TENSOR_BICUBIC, 1, 1 },
    [EXPCLIP__PRESET_CLIP_SQUASH] = { "clip-squash", TENSOR_BICUBIC, 0, 1 },
};

#define N_PRESETS (sizeof(presets) / sizeof(presets[0]))

int expclip__preset_find(const char *name, expclip__preset *out)
{
    for (size_t i = 0; i < N_PRESETS; i++)
        if (strcmp(presets[i].name, name) == 0) {
            *out = (expclip__preset)i;
            return 1;
        }
    return 0;
}

const char *expclip__preset_name(expclip__preset preset)
{
    return presets[preset].name;
}

void expclip__pixels_init(expclip__pixels *p, expclip__preset preset,
                          int32_t size)
{
    /* clip.py, _transform() */
    static const float mean[3] = { 0.48145466f, 0.4578275f, 0.40821073f };
    static const float std[3] = { 0.26862954f, 0.26130258f, 0.27577711f };

    p->preset = preset;
    p->size = size;
    for (int c = 0; c < 3; c++) {
        p->mean[c] = presets[preset].normalize ? mean[c] : 0.0f;
        p->std[c] = presets[preset].normalize ? std[c] : 1.0f;
    }
}

/* An image or a middle of more pixels than these is resized in strips: libtorch
 * has copies of its own, and the peak stays little above the image. */
#define MANY_PIXELS ((int64_t)4 << 20)
#define STRIP_PIXELS ((int64_t)1 << 19)

/* Python's round(): halves go to the even neighbour (torchvision's crop). */
static int64_t half_to_even(int64_t twice)
{
    const int64_t whole = twice / 2;

    return twice % 2 && whole % 2 ? whole + 1 : whole;
}

/*
 * Sizes before the crop: the short side S, the long one as torchvision cuts it
 * off (int(S * long / short), functional.py _compute_resized_output_size).
 */
static void resized_sides(int64_t *height, int64_t *width,
                          const expclip__image *image,
                          const expclip__pixels *how)
{
    const int64_t s = how->size, h = image->height, w = image->width;
    const int crop = presets[how->preset].crop;

    *height = crop && h > w ? s * h / w : s;
    *width = crop && w > h ? s * w / h : s;
}

/* An image of 16384 x 1 would grow to 3.7 million pixels a row: refuse what is
 * larger, before the crop, than an image is by default. */
static expclip_status check_sides(int64_t height, int64_t width,
                                  expclip_error *err)
{
    const int64_t most = 64 << 20;

    if (height * width <= most)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "image: too narrow; its short side would make it "
                         "%lld x %lld pixels, expected at most %lld",
                         (long long)width, (long long)height, (long long)most);
}

static void to_floats(float *out, const uint8_t *planes,
                      const expclip__pixels *how)
{
    const size_t n = (size_t)how->size * (size_t)how->size;

    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < n; i++)
            out[c * n + i] =
                ((float)planes[c * n + i] / 255.0f - how->mean[c]) /
                how->std[c];
}

/* ---- resizing ---- */

enum { ACROSS, DOWN };

/* Pixels [3] wherever they lie: bytes from one colour, and from one place along
 * each axis, to the next. */
typedef struct view {
    uint8_t *at;
    size_t colour;
    size_t step[2];
    int64_t size[2];
} view;

static view view_planes(uint8_t *planes, int64_t width, int64_t height)
{
    return (view){ planes,
                   (size_t)(width * height),
                   { 1, (size_t)width },
                   { width, height } };
}

/* What a side becomes, and which part of it is kept. */
typedef struct side {
    int64_t size;
    int64_t first;
    int64_t kept;
} side;

/* Copy between planes [3, h, w] without gaps and a view of the same size. */
static void copy_view(uint8_t *planes, const view *v, int into_view)
{
    const size_t n = (size_t)(v->size[ACROSS] * v->size[DOWN]);

    for (int64_t y = 0; y < v->size[DOWN]; y++) {
        uint8_t *pixel = v->at + (size_t)y * v->step[DOWN];

        for (int64_t x = 0; x < v->size[ACROSS];
             x++, planes++, pixel += v->step[ACROSS])
            for (size_t c = 0; c < 3; c++)
                if (into_view)
                    pixel[c * v->colour] = planes[c * n];
                else
                    planes[c * n] = pixel[c * v->colour];
    }
}

/* Planes [3, h, w], which take room for the larger of in and out, to the part
 * of their resized ones that is kept. */
static expclip_status resize(uint8_t *out, const uint8_t *planes,
                             const int64_t *in_size, const side *sides,
                             tensor_filter filter, tensor_device *device,
                             expclip_error *err)
{
    const int64_t shape[] = { 3, in_size[DOWN], in_size[ACROSS] };
    tensor_scope *scope = tensor_scope_begin(device, err);
    tensor *t = tensor_from_u8(scope, planes, 3, shape);

    if (sides[DOWN].size != shape[1] || sides[ACROSS].size != shape[2])
        t = tensor_resize(scope, t, sides[DOWN].size, sides[ACROSS].size,
                          filter);
    t = tensor_narrow(scope, t, 1, sides[DOWN].first, sides[DOWN].kept);
    t = tensor_narrow(scope, t, 2, sides[ACROSS].first, sides[ACROSS].kept);
    tensor_to_u8(scope, t, out, 3 * sides[DOWN].kept * sides[ACROSS].kept);
    return tensor_scope_end(scope);
}

/* Lines of a strip, along the axis that is resized; two at least, as single
 * columns are slow to gather. */
static int64_t lines_of_strip(const view *in, int axis, const side *to)
{
    const int64_t longest =
        in->size[axis] > to->size ? in->size[axis] : to->size;
    const int64_t all = in->size[!axis];
    int64_t n = STRIP_PIXELS / longest;

    if (n < 2)
        n = 2;
    return n < all ? n : all;
}

/* Resize one axis, strip by strip. */
static expclip_status resize_axis(const view *out, const view *in, int axis,
                                  const side *to, tensor_filter filter,
                                  tensor_device *device, expclip_error *err)
{
    const int64_t n = lines_of_strip(in, axis, to);
    const int64_t longest =
        in->size[axis] > to->kept ? in->size[axis] : to->kept;
    uint8_t *strip = expclip__alloc((size_t)n * (size_t)longest, 3);
    expclip_status status =
        strip ? EXPCLIP_OK : expclip__fail_memory(err, "image");

    for (int64_t line = 0; !status && line < in->size[!axis]; line += n) {
        const int64_t left = in->size[!axis] - line;
        const int64_t lines = left < n ? left : n;
        view from = *in, into = *out;
        side sides[2];

        sides[axis] = *to;
        sides[!axis] = (side){ lines, 0, lines };
        from.at += (size_t)line * in->step[!axis];
        from.size[!axis] = lines;
        into.at += (size_t)line * out->step[!axis];
        into.size[!axis] = lines;
        copy_view(strip, &from, 0);
        status = resize(strip, strip, from.size, sides, filter, device, err);
        if (!status)
            copy_view(strip, &into, 1);
    }
    expclip__free(strip);
    return status;
}

/* Across, then down; the other way where a tall image would become huge between
 * them. */
static expclip_status resize_strips(uint8_t *out, const view *image,
                                    const side *sides, tensor_filter filter,
                                    tensor_device *device, expclip_error *err)
{
    const int64_t n = image->size[ACROSS] * image->size[DOWN];
    const int64_t across = image->size[DOWN] * sides[ACROSS].kept;
    const int64_t down = image->size[ACROSS] * sides[DOWN].kept;
    const int first =
        across > n / 4 && across > 4 * MANY_PIXELS && down < across ? DOWN
                                                                    : ACROSS;
    const view small = view_planes(out, sides[ACROSS].kept, sides[DOWN].kept);
    uint8_t *planes =
        expclip__alloc((size_t)(first == DOWN ? down : across), 3);
    expclip_status status;
    view middle;

    if (!planes)
        return expclip__fail_memory(err, "image");
    middle = first == DOWN
                 ? view_planes(planes, image->size[ACROSS], sides[DOWN].kept)
                 : view_planes(planes, sides[ACROSS].kept, image->size[DOWN]);
    status =
        resize_axis(&middle, image, first, &sides[first], filter, device, err);
    if (!status)
        status = resize_axis(&small, &middle, !first, &sides[!first], filter,
                             device, err);
    expclip__free(planes);
    return status;
}

static expclip_status resize_whole(uint8_t *out, const view *image,
                                   const side *sides, tensor_filter filter,
                                   tensor_device *device, expclip_error *err)
{
    uint8_t *planes =
        expclip__alloc((size_t)(image->size[ACROSS] * image->size[DOWN]), 3);
    expclip_status status;

    if (!planes)
        return expclip__fail_memory(err, "image");
    copy_view(planes, image, 0);
    status = resize(out, planes, image->size, sides, filter, device, err);
    expclip__free(planes);
    return status;
}

expclip_status expclip__preprocess(float *out, const expclip__image *image,
                                   const expclip__pixels *how,
                                   tensor_device *device, expclip_error *err)
{
    const view all = {
        image->rgb,
        1,
        { 3, 3 * (size_t)image->width },
        { image->width, image->height },
    };
    const int64_t s = how->size;
    const tensor_filter filter = presets[how->preset].filter;
    side sides[2];
    int64_t height, width;
    uint8_t *small;
    expclip_status status;

    resized_sides(&height, &width, image, how);
    if ((status = check_sides(height, width, err)))
        return status;
    sides[ACROSS] = (side){ width, half_to_even(width - s), s };
    sides[DOWN] = (side){ height, half_to_even(height - s), s };
    small = expclip__alloc((size_t)s * (size_t)s, 3);
    if (!small)
        return expclip__fail_memory(err, "image");
    status = all.size[ACROSS] * all.size[DOWN] > MANY_PIXELS ||
                     height * width > MANY_PIXELS ||
                     all.size[DOWN] * width > 4 * MANY_PIXELS
                 ? resize_strips(small, &all, sides, filter, device, err)
                 : resize_whole(small, &all, sides, filter, device, err);
    if (!status)
        to_floats(out, small, how);
    expclip__free(small);
    return status;
}
