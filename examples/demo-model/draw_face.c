/* SPDX-License-Identifier: MIT */
/*
 * draw_face.c - painter's order: what is behind is drawn first.
 */
#include "draw_face.h"
#include "features.h"
#include "framing.h"

#include <stdlib.h>
#include <string.h>

static void draw_layers(const pen *p)
{
    draw_back_hair(p);
    draw_body(p);
    draw_head(p);
    draw_beard(p);
    draw_hair(p);
    draw_hat(p);
    draw_folds(p);
    draw_nose(p);
    draw_mouth(p);
    draw_eyes(p);
    draw_brows(p);
    draw_glasses(p);
}

static int is_size(int pixels)
{
    return pixels >= 1 && pixels <= CANVAS_MAX_SIZE;
}

int draw_heads(const head *heads, int n, const face *setting, float side,
               int width, int height, uint8_t *rgb)
{
    canvas c = { .width = width, .height = height };

    if (!is_size(width) || !is_size(height))
        return -1;
    c.pixels = calloc((size_t)width * (size_t)height * 3, sizeof(float));
    if (!c.pixels)
        return -1;
    draw_background(&c, setting);
    for (int i = 0; i < n; i++) {
        const pen p = pen_create(&c, &heads[i].face, heads[i].at);

        draw_layers(&p);
    }
    draw_finish(&c, setting, side);
    canvas_store(&c, rgb);
    free(c.pixels);
    return 0;
}

int draw_face(const face *f, int size, uint8_t *rgb)
{
    const head one = { *f, { 0.0f, 0.0f, (float)size } };

    return draw_heads(&one, 1, f, (float)size, size, size, rgb);
}

void face_at(face *out, uint64_t seed, int index, int expression)
{
    face_sample(out, hash_pair(seed, (uint64_t)index), expression);
}

int draw_batch(uint64_t seed, int first, int n, int size,
               const int *expressions, const int *framed, uint8_t *rgb,
               float *fields)
{
    const size_t bytes = (size_t)size * (size_t)size * 3;

    for (int i = 0; i < n; i++) {
        uint8_t *image = rgb ? rgb + (size_t)i * bytes : NULL;
        int failed = 0;
        face f;

        face_at(&f, seed, first + i, expressions[i]);
        if (framed && framed[i])
            failed = draw_framed(&f, seed, first + i, size, image);
        else if (rgb)
            failed = draw_face(&f, size, image);
        if (failed)
            return -1;
        if (fields)
            memcpy(fields + (size_t)i * FACE_N_FIELDS, &f, sizeof(f));
    }
    return 0;
}
