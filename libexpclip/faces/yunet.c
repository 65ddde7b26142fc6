/* SPDX-License-Identifier: MIT */
/*
 * yunet.c - YuNet's units, and their weights as the pass wants them: outputs
 * together, the four heads of a stride as one unit, R, G, B for B, G, R.
 */
#include "faces/yunet.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "encoders/loader.h"
#include "faces/yunet_steps.h"

const expclip__yunet_step expclip__yunet_steps[EXPCLIP__YUNET_UNITS] = {
    { "stage0", 16, 16, 2, NONE, NONE, NONE, A },
    { "stage1.0", 16, 16, 4, A, NONE, B, NONE },
    { "stage1.1", 16, 32, 4, B, NONE, A, NONE },
    { "stage2.0", 32, 32, 4, A, NONE, B, NONE },
    { "stage2.1", 32, 64, 4, B, NONE, NONE, A },
    { "stage3.0", 64, 64, 8, A, NONE, B, NONE },
    { "stage3.1", 64, 64, 8, B, NONE, STRIDE_8, A },
    { "stage4.0", 64, 64, 16, A, NONE, B, NONE },
    { "stage4.1", 64, 64, 16, B, NONE, STRIDE_16, A },
    { "stage5.0", 64, 64, 32, A, NONE, B, NONE },
    { "stage5.1", 64, 64, 32, B, NONE, STRIDE_32, NONE },
    { "neck.32", 64, 64, 32, STRIDE_32, NONE, A, NONE },
    { NULL, 64, 16, 32, A, NONE, OUT_32, NONE },
    { "neck.16", 64, 64, 16, STRIDE_16, A, B, NONE },
    { NULL, 64, 16, 16, B, NONE, OUT_16, NONE },
    { "neck.8", 64, 64, 8, STRIDE_8, B, A, NONE },
    { NULL, 64, 16, 8, A, NONE, OUT_8, NONE },
};

static size_t unit_size(const expclip__yunet_step *s)
{
    return (size_t)(s->n_in + 1 + 9 + 1) * (size_t)s->n_out;
}

/* Read [n_out, n] as [n, width], from column `first` on, and what follows. */
static float *load_columns(expclip__loader *l, const char *name,
                           const char *part, const int64_t shape[4], float *to,
                           int64_t width, int64_t first)
{
    const int64_t n = shape[1] * shape[2] * shape[3];
    const float *values;
    char full[64];

    snprintf(full, sizeof(full), "%s.%s.weight", name, part);
    values = expclip__loader_read(l, full, 0, 4, shape);
    for (int64_t i = 0; values && i < n; i++)
        for (int64_t o = 0; o < shape[0]; o++)
            to[i * width + first + o] = values[o * n + i];
    snprintf(full, sizeof(full), "%s.%s.bias", name, part);
    values = expclip__loader_read(l, full, 0, 1, shape);
    for (int64_t o = 0; values && o < shape[0]; o++)
        to[n * width + first + o] = values[o];
    return to + (n + 1) * width;
}

/* A unit, or n_out channels of it. */
static void load_unit(expclip__loader *l, float *to,
                      const expclip__yunet_step *s, const char *name,
                      int64_t n_out, int64_t first)
{
    to = load_columns(l, name, "point", (int64_t[]){ n_out, s->n_in, 1, 1 }, to,
                      s->n_out, first);
    load_columns(l, name, "depth", (int64_t[]){ n_out, 1, 3, 3 }, to, s->n_out,
                 first);
}

static void load_heads(expclip__loader *l, float *to,
                       const expclip__yunet_step *s)
{
    static const struct {
        const char *name;
        int8_t first, n;
    } heads[] = { { "cls", EXPCLIP__YUNET_FACE, 1 },
                  { "bbox", EXPCLIP__YUNET_BOX, 4 },
                  { "obj", EXPCLIP__YUNET_OBJECT, 1 },
                  { "kps", EXPCLIP__YUNET_POINTS, 10 } };
    char name[16];

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        snprintf(name, sizeof(name), "%s.%d", heads[i].name, s->stride);
        load_unit(l, to, s, name, heads[i].n, heads[i].first);
    }
}

/* B, G, R of [16, 3, 3, 3] to [3, 3, R G B, 16]. */
static void load_stem(expclip__loader *l, float *to)
{
    const int64_t shape[] = { STEM_OUT, 3, 3, 3 };
    const float *values = expclip__loader_read(l, "stem.weight", 0, 4, shape);

    for (int i = 0; values && i < STEM_IN * STEM_OUT; i++) {
        const int o = i % STEM_OUT, c = i / STEM_OUT % 3, k = i / STEM_OUT / 3;

        to[i] = values[o * STEM_IN + (2 - c) * 9 + k];
    }
    values = expclip__loader_read(l, "stem.bias", 0, 1, shape);
    if (values)
        memcpy(to + STEM_IN * STEM_OUT, values, STEM_OUT * sizeof(*values));
}

expclip_status expclip__yunet_load(expclip__yunet *out,
                                   const expclip__weights *ws,
                                   int32_t n_threads, expclip_error *err)
{
    size_t size = (STEM_IN + 1) * STEM_OUT;
    expclip__loader loader;
    float *at;

    *out = (expclip__yunet){ .n_threads = n_threads };
    for (int i = 0; i < EXPCLIP__YUNET_UNITS; i++)
        size += unit_size(&expclip__yunet_steps[i]);
    out->values = at = expclip__alloc(size, sizeof(*at));
    if (!at)
        return expclip__fail_memory(err, "face detector");
    expclip__loader_init(&loader, ws, NULL, NULL, 1, err);
    load_stem(&loader, at);
    out->stem = at;
    at += (STEM_IN + 1) * STEM_OUT;
    for (int i = 0; i < EXPCLIP__YUNET_UNITS; i++) {
        const expclip__yunet_step *s = &expclip__yunet_steps[i];

        if (s->name)
            load_unit(&loader, at, s, s->name, s->n_out, 0);
        else
            load_heads(&loader, at, s);
        out->units[i] = at;
        at += unit_size(s);
    }
    return expclip__loader_end(&loader);
}

void expclip__yunet_close(expclip__yunet *y)
{
    expclip__free(y->values);
    y->values = NULL;
}
