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

/* More pixels than these are resized colour by colour: libtorch has copies of
 * its own, and the peak stays at twice the image. */
#define MANY_PIXELS (4u << 20)

/* Rows of RGB to `n_planes` planes, from colour `first` on. */
static void split_planes(uint8_t *planes, const expclip__image *image,
                         size_t first, size_t n_planes)
{
    const size_t n = (size_t)image->width * (size_t)image->height;

    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < n_planes; c++)
            planes[c * n + i] = image->rgb[3 * i + first + c];
}

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

/* A picture of 16384 x 1 would grow to 3.7 million pixels a row: refuse what
 * is larger, before the crop, than any picture may be. */
static expclip_status check_sides(int64_t height, int64_t width,
                                  expclip_error *err)
{
    const int64_t most = 16384 * (int64_t)16384;

    if (height * width <= most)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "picture: too narrow; its short side would make it "
                         "%lld x %lld pixels",
                         (long long)width, (long long)height);
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

/* Planes [n, h, w] to the S x S pixels that the preset keeps. */
static expclip_status resize(uint8_t *out, const uint8_t *planes,
                             size_t n_planes, const expclip__image *image,
                             const expclip__pixels *how, tensor_device *device,
                             expclip_error *err)
{
    const int64_t s = how->size;
    const int64_t shape[] = { (int64_t)n_planes, image->height, image->width };
    int64_t height, width;
    tensor_scope *scope;
    tensor *t;
    expclip_status status;

    resized_sides(&height, &width, image, how);
    status = check_sides(height, width, err);
    if (status)
        return status;
    scope = tensor_scope_begin(device, err);
    t = tensor_from_u8(scope, planes, 3, shape);
    if (height != image->height || width != image->width)
        t = tensor_resize(scope, t, height, width, presets[how->preset].filter);
    t = tensor_narrow(scope, t, 1, half_to_even(height - s), s);
    t = tensor_narrow(scope, t, 2, half_to_even(width - s), s);
    tensor_to_u8(scope, t, out, shape[0] * s * s);
    return tensor_scope_end(scope);
}

expclip_status expclip__preprocess(float *out, const expclip__image *image,
                                   const expclip__pixels *how,
                                   tensor_device *device, expclip_error *err)
{
    const size_t n = (size_t)image->width * (size_t)image->height;
    const size_t kept = (size_t)how->size * (size_t)how->size;
    const size_t at_once = n > MANY_PIXELS ? 1 : 3;
    uint8_t *planes = expclip__alloc(n, at_once);
    uint8_t *small = expclip__alloc(kept, 3);
    expclip_status status = EXPCLIP_OK;

    if (!planes || !small)
        status = expclip__fail_memory(err, "picture");
    for (size_t c = 0; !status && c < 3; c += at_once) {
        split_planes(planes, image, c, at_once);
        status =
            resize(small + c * kept, planes, at_once, image, how, device, err);
    }
    if (!status)
        to_floats(out, small, how);
    expclip__free(planes);
    expclip__free(small);
    return status;
}
