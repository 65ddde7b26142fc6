/* SPDX-License-Identifier: MIT */
/*
 * draw_face.c - painter's order: what is behind is drawn first.
 */
#include "draw_face.h"
#include "features.h"

#include <stdlib.h>
#include <string.h>

static void draw_layers(const pen *p)
{
    draw_background(p);
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
    draw_finish(p);
}

int draw_face(const face *f, int size, uint8_t *rgb)
{
    canvas c = { .size = size };
    pen p;

    if (size < 1 || size > CANVAS_MAX_SIZE)
        return -1;
    c.pixels = calloc((size_t)size * (size_t)size * 3, sizeof(float));
    if (!c.pixels)
        return -1;
    p = pen_create(&c, f);
    draw_layers(&p);
    canvas_store(&c, rgb);
    free(c.pixels);
    return 0;
}

void face_at(face *out, uint64_t seed, int index, int expression)
{
    face_sample(out, hash_pair(seed, (uint64_t)index), expression);
}

int draw_batch(uint64_t seed, int first, int n, int size,
               const int *expressions, uint8_t *rgb, float *fields)
{
    size_t bytes = (size_t)size * (size_t)size * 3;

    for (int i = 0; i < n; i++) {
        face f;

        face_at(&f, seed, first + i, expressions[i]);
        if (fields)
            memcpy(fields + (size_t)i * FACE_N_FIELDS, &f, sizeof(f));
        if (rgb && draw_face(&f, size, rgb + (size_t)i * bytes) != 0)
            return -1;
    }
    return 0;
}
