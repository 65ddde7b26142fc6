/* SPDX-License-Identifier: MIT */
/*
 * yunet.c - the forward pass of YuNet.
 *
 * Its one building block, the unit, is a convolution of each pixel alone (1 x
 * 1) and one of each channel alone (3 x 3). Shapes of a 640 x 480 image, as
 * [channels, height, width]:
 *
 *     image 3, 480, 640 -> stem 16, 240, 320 -> stage 0 and pool 16, 120, 160
 *     -> stage 1 32, 120, 160 -> stage 2 and pool 64, 60, 80 -> stage 3
 *     64, 60, 80 (stride 8) -> pool, stage 4 64, 30, 40 (stride 16) -> pool,
 *     stage 5 64, 15, 20 (stride 32)
 *
 * The neck goes back: each map is added, enlarged, to the next larger one.
 * Four heads read each of the three maps.
 */
#include "faces/yunet.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "encoders/loader.h"

/* Units, in the order of the file; the stem stands before them. */
enum { STAGE_0 = 0, STAGES = 1, NECK = 11, HEADS = 14, N_UNITS = 26 };
enum { N_HEADS = 4 };

static const char *const head_names[N_HEADS] = { "cls", "bbox", "obj", "kps" };
static const int32_t head_channels[N_HEADS] = { 1, 4, 1, 10 };

/* ---- names and shapes ---- */

static void name_unit(char *out, size_t size, int unit)
{
    if (unit == STAGE_0)
        snprintf(out, size, "stage0");
    else if (unit < NECK)
        snprintf(out, size, "stage%d.%d", (unit + 1) / 2, (unit - 1) % 2);
    else if (unit < HEADS)
        snprintf(out, size, "neck.%d", 32 >> (unit - NECK));
    else
        snprintf(out, size, "%s.%d", head_names[(unit - HEADS) / 3],
                 8 << ((unit - HEADS) % 3));
}

static void channels_of(int64_t *in, int64_t *out, int unit)
{
    static const int8_t first[5][2] = {
        { 16, 16 }, { 16, 16 }, { 16, 32 }, { 32, 32 }, { 32, 64 }
    };

    *in = unit < 5 ? first[unit][0] : 64;
    *out = unit < 5       ? first[unit][1]
           : unit < HEADS ? 64
                          : head_channels[(unit - HEADS) / 3];
}

/* ---- loading ---- */

static void load_one(expclip__yunet *y, expclip__loader *l, int index,
                     const char *name, const int64_t shape[4])
{
    char full[64];
    const float *values;

    snprintf(full, sizeof(full), "%s.weight", name);
    values = expclip__loader_read(l, full, 0, 4, shape);
    y->weights[index] = expclip__loader_keep(l, values, 4, shape);
    snprintf(full, sizeof(full), "%s.bias", name);
    values = expclip__loader_read(l, full, 0, 1, shape);
    y->biases[index] = expclip__loader_keep(l, values, 1, shape);
}

static void load_all(expclip__yunet *y, expclip__loader *l)
{
    load_one(y, l, 0, "stem", (int64_t[]){ 16, 3, 3, 3 });
    for (int i = 0; i < N_UNITS; i++) {
        char unit[32], name[40];
        int64_t in, out;

        name_unit(unit, sizeof(unit), i);
        channels_of(&in, &out, i);
        snprintf(name, sizeof(name), "%s.point", unit);
        load_one(y, l, 1 + 2 * i, name, (int64_t[]){ out, in, 1, 1 });
        snprintf(name, sizeof(name), "%s.depth", unit);
        load_one(y, l, 2 + 2 * i, name, (int64_t[]){ out, 1, 3, 3 });
    }
}

expclip_status expclip__yunet_load(expclip__yunet *out,
                                   const expclip__weights *ws,
                                   int32_t n_threads, expclip_error *err)
{
    const tensor_device_options options = { .name = "cpu",
                                            .dtype = EXPCLIP__F32,
                                            .n_threads = n_threads };
    expclip__loader loader;
    expclip_status status;

    memset(out, 0, sizeof(*out));
    status = tensor_device_open(&out->device, &options, err);
    if (status)
        return status;
    expclip__loader_init(&loader, ws, NULL, out->device, 1, err);
    load_all(out, &loader);
    return expclip__loader_end(&loader);
}

void expclip__yunet_close(expclip__yunet *y)
{
    for (int i = 0; i < EXPCLIP__YUNET_CONVOLUTIONS; i++) {
        tensor_free(y->weights[i]);
        tensor_free(y->biases[i]);
    }
    tensor_device_close(y->device);
}

/* ---- the pass ---- */

static tensor *unit(tensor_scope *s, const expclip__yunet *y, int i,
                    const tensor *x)
{
    const int point = 1 + 2 * i, depth = 2 + 2 * i;
    tensor *t =
        tensor_conv2d(s, x, y->weights[point], y->biases[point], 1, 0, 1);

    t = tensor_conv2d(s, t, y->weights[depth], y->biases[depth], 1, 1,
                      tensor_size(y->weights[depth], 0));
    return i < HEADS ? tensor_relu(s, t) : t;
}

/* Twice as high and wide, each number four times. */
static tensor *enlarge(tensor_scope *s, const tensor *x)
{
    const int64_t c = tensor_size(x, 1), h = tensor_size(x, 2);
    const int64_t w = tensor_size(x, 3);
    tensor *t = tensor_reshape(s, x, 6, (int64_t[]){ 1, c, h, 1, w, 1 });

    t = tensor_expand(s, t, 6, (int64_t[]){ 1, c, h, 2, w, 2 });
    return tensor_reshape(s, t, 4, (int64_t[]){ 1, c, 2 * h, 2 * w });
}

/* The outputs of stages 3, 4 and 5; what they do not need is freed on the way,
 * since the first maps are the largest. */
static void backbone(tensor_scope *s, const expclip__yunet *y,
                     const tensor *image, tensor *out[3])
{
    const size_t mark = tensor_scope_mark(s);
    tensor *x = tensor_relu(
        s, tensor_conv2d(s, image, y->weights[0], y->biases[0], 2, 1, 1));

    x = tensor_max_pool2d(s, unit(s, y, STAGE_0, x));
    tensor_scope_release(s, mark, x);
    for (int stage = 1; stage <= 5; stage++) {
        const int first = STAGES + 2 * (stage - 1);

        x = unit(s, y, first + 1, unit(s, y, first, x));
        if (stage >= 3)
            out[stage - 3] = x;
        if (stage == 2 || stage == 3 || stage == 4)
            x = tensor_max_pool2d(s, x);
        if (stage < 3)
            tensor_scope_release(s, mark, x);
    }
}

static void neck(tensor_scope *s, const expclip__yunet *y, tensor *maps[3])
{
    maps[2] = unit(s, y, NECK, maps[2]);
    for (int i = 1; i >= 0; i--)
        maps[i] = unit(s, y, NECK + 2 - i,
                       tensor_add(s, maps[i], enlarge(s, maps[i + 1])));
}

/* Rows below and columns to the right are zero. */
static float *floats_of(const uint8_t *rgb, int32_t width, int32_t height,
                        int64_t padded_width, int64_t padded_height)
{
    float *out = expclip__alloc_zero((size_t)(padded_width * padded_height),
                                     3 * sizeof(*out));

    for (int64_t r = 0; out && r < height; r++) {
        const uint8_t *in = rgb + r * width * 3;
        float *row = out + r * padded_width * 3;

        for (int64_t q = 0; q < width; q++) {
            row[3 * q] = in[3 * q + 2];
            row[3 * q + 1] = in[3 * q + 1];
            row[3 * q + 2] = in[3 * q];
        }
    }
    return out;
}

/* The channels of a pixel lie together, here and in all maps: oneDNN is half
 * as fast again this way. */
static tensor *image_of(tensor_scope *s, const float *floats, int64_t width,
                        int64_t height)
{
    const int64_t shape[] = { 1, height, width, 3 };
    const int32_t channels_first[] = { 0, 3, 1, 2 };

    return tensor_permute(s, tensor_from_f32(s, floats, 4, shape), 4,
                          channels_first);
}

/* ---- the maps ---- */

static expclip_status allocate_maps(expclip__yunet_maps *m, int64_t width,
                                    int64_t height, expclip_error *err)
{
    size_t n = 0;

    for (int i = 0; i < EXPCLIP__YUNET_MAPS; i++) {
        expclip__yunet_map *map = &m->map[i];

        map->stride = 8 << i;
        map->rows = (int32_t)(height / map->stride);
        map->columns = (int32_t)(width / map->stride);
        n += (size_t)map->rows * (size_t)map->columns;
    }
    m->values = expclip__alloc(n, EXPCLIP__YUNET_CHANNELS * sizeof(float));
    return m->values ? EXPCLIP_OK : expclip__fail_memory(err, "face detector");
}

static void read_maps(tensor_scope *s, expclip__yunet_maps *m,
                      const expclip__yunet *y, tensor *const maps[3])
{
    float *at = m->values;

    for (int i = 0; i < EXPCLIP__YUNET_MAPS; i++) {
        expclip__yunet_map *map = &m->map[i];
        const float **heads[N_HEADS] = { &map->face, &map->box, &map->object,
                                         &map->points };

        for (int k = 0; k < N_HEADS; k++) {
            const int64_t n =
                (int64_t)map->rows * map->columns * head_channels[k];

            tensor_to_f32(s, unit(s, y, HEADS + 3 * k + i, maps[i]), at, n);
            *heads[k] = at;
            at += n;
        }
    }
}

void expclip__yunet_maps_free(expclip__yunet_maps *maps)
{
    expclip__free(maps->values);
    maps->values = NULL;
}

expclip_status expclip__yunet_run(expclip__yunet_maps *out,
                                  const expclip__yunet *y, const uint8_t *rgb,
                                  int32_t width, int32_t height,
                                  expclip_error *err)
{
    const int64_t w = ((int64_t)width + 31) / 32 * 32;
    const int64_t h = ((int64_t)height + 31) / 32 * 32;
    float *floats = floats_of(rgb, width, height, w, h);
    expclip__yunet_maps found = { .values = NULL };
    tensor *maps[3] = { NULL };
    expclip_status status;
    tensor_scope *s;

    if (!floats)
        return expclip__fail_memory(err, "face detector");
    status = allocate_maps(&found, w, h, err);
    if (!status) {
        s = tensor_scope_begin(y->device, err);
        backbone(s, y, image_of(s, floats, w, h), maps);
        neck(s, y, maps);
        read_maps(s, &found, y, maps);
        status = tensor_scope_end(s);
    }
    expclip__free(floats);
    if (status)
        expclip__yunet_maps_free(&found);
    else
        *out = found;
    return status;
}
