/* SPDX-License-Identifier: MIT */
/*
 * framing.c - faces as they lie in what a face detector cuts out.
 */
#include "framing.h"
#include "draw_face.h"
#include "lots.h"

/* Lots of their own: the face is the same with a framing and without. */
#define FRAMING 0x6672616d696e67u

enum { MAX_HEADS = 3, N_BORDERS = 4 };

/* A neighbour of about the same size, so far away that it hides nothing. */
static head sample_neighbour(lots *l, frame beside, float direction)
{
    head out;
    float side = beside.side * lot_between(l, 0.7f, 1.25f);
    float away = beside.side * lot_between(l, 0.40f, 0.62f) + 0.36f * side;

    face_sample(&out.face, hash_pair(l->seed, l->drawn++), FACE_ANY);
    out.at.side = side;
    out.at.x = beside.x + 0.5f * (beside.side - side) + direction * away;
    out.at.y = beside.y + 0.5f * (beside.side - side) +
               beside.side * lot_around(l, 0.5f);
    return out;
}

static void fill_strip(uint8_t *rgb, int size, int border, int wide, colour ink)
{
    const uint8_t bytes[3] = { (uint8_t)(ink.r * 255.0f),
                               (uint8_t)(ink.g * 255.0f),
                               (uint8_t)(ink.b * 255.0f) };

    for (int i = 0; i < wide; i++)
        for (int k = 0; k < size; k++) {
            const int far = border % 2 ? size - 1 - i : i;
            const int at = border < 2 ? far * size + k : k * size + far;

            for (int channel = 0; channel < 3; channel++)
                rgb[3 * at + channel] = bytes[channel];
        }
}

/* Top, bottom, left, right: all of one colour, as around a photograph. */
static void sample_borders(lots *l, int size, uint8_t *rgb)
{
    const int all = lot(l) < 0.3f;
    const float grey = lot(l);
    colour ink = { grey, grey, grey };

    if (lot(l) < 0.4f)
        ink = pen_paint(lot_kind(l, 12));
    for (int border = 0; border < N_BORDERS; border++) {
        const float wide = lot_between(l, 0.01f, 0.13f);

        if (lot(l) < 0.3f || all)
            fill_strip(rgb, size, border, (int)(wide * (float)size + 0.5f),
                       ink);
    }
}

int draw_framed(face *f, uint64_t seed, int index, int size, uint8_t *rgb)
{
    lots l = { hash_pair(hash_pair(seed, (uint64_t)index),
                         FRAMING + (uint64_t)f->grain),
               0 };
    const float zoom = lot_between(&l, 0.88f, 1.35f);
    const float dx = lot_between(&l, -0.12f, 0.12f);
    const float dy = lot_between(&l, -0.12f, 0.12f);
    const float side = (float)size / zoom;
    const frame at = { 0.5f * ((float)size - side) + dx * (float)size,
                       0.5f * ((float)size - side) + dy * (float)size, side };
    head heads[MAX_HEADS];
    int n = 0;

    for (float direction = -1.0f; direction <= 1.0f; direction += 2.0f)
        if (lot(&l) < 0.35f)
            heads[n++] = sample_neighbour(&l, at, direction);
    heads[n++] = (head){ *f, at };
    if (rgb && draw_heads(heads, n, f, side, size, size, rgb) != 0)
        return -1;
    if (rgb && lot(&l) < 0.25f)
        sample_borders(&l, size, rgb);
    f->scale /= zoom;
    f->shift_x = f->shift_x / zoom + 2.0f * dx;
    f->shift_y = f->shift_y / zoom + 2.0f * dy;
    return 0;
}
