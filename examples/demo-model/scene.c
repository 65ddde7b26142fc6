/* SPDX-License-Identifier: MIT */
/*
 * scene.c - several people in one image, as in a photograph of a group.
 */
#include "scene.h"
#include "lots.h"

/* Lots of their own: faces of single images are never those of a scene. */
#define SCENE 0x7363656e65u

enum { RIM_POINTS = 64 };

/* Far heads are small, and stand behind near ones. */
static void sort_heads(scene *s)
{
    for (int i = 1; i < s->n; i++)
        for (int k = i; k > 0; k--) {
            const head kept = s->heads[k];
            const int expression = s->expressions[k];

            if (s->heads[k - 1].at.side <= kept.at.side)
                break;
            s->heads[k] = s->heads[k - 1];
            s->heads[k - 1] = kept;
            s->expressions[k] = s->expressions[k - 1];
            s->expressions[k - 1] = expression;
        }
}

/* Each has a column of the image to itself, so no head hides another. */
static frame sample_place(lots *l, const scene *s, float left, float column)
{
    const float height = (float)s->height;
    frame at = { .side = column * lot_between(l, 0.6f, 1.15f) };

    if (at.side > 0.85f * height)
        at.side = 0.85f * height;
    at.x = left + 0.5f * (column - at.side) + column * lot_around(l, 0.06f);
    at.y = lot_between(l, 0.02f, 0.8f) * (height - at.side);
    return at;
}

void scene_sample(scene *out, uint64_t seed, int index, int classes, int width,
                  int height)
{
    lots l = { hash_pair(hash_pair(seed, (uint64_t)index), SCENE), 0 };
    float widths[SCENE_MAX_HEADS], sum = 0.0f, left = 0.0f;

    *out = (scene){ .width = width, .height = height };
    out->n = 2 + (int)lot_kind(&l, SCENE_MAX_HEADS - 1);
    for (int i = 0; i < out->n; i++)
        sum += widths[i] = lot_between(&l, 0.75f, 1.25f);
    for (int i = 0; i < out->n; i++) {
        const float column = (float)width * widths[i] / sum;
        head *h = &out->heads[i];

        out->expressions[i] = (int)lot_kind(&l, classes);
        face_sample(&h->face, hash_pair(l.seed, l.drawn++),
                    out->expressions[i]);
        h->at = sample_place(&l, out, left, column);
        left += column;
    }
    face_sample(&out->setting, hash_pair(l.seed, l.drawn++), FACE_NEUTRAL);
    out->setting.noise = 0.0f; /* it makes a PNG ten times as large */
    sort_heads(out);
}

int scene_draw(const scene *s, uint8_t *rgb)
{
    /* Blur is measured by the smallest: it must stay a face. */
    return draw_heads(s->heads, s->n, &s->setting, s->heads[0].at.side,
                      s->width, s->height, rgb);
}

box scene_box(const scene *s, int head_index)
{
    const head *h = &s->heads[head_index];
    canvas nowhere = { .width = s->width, .height = s->height };
    const pen p = pen_create(&nowhere, &h->face, h->at);
    path rim = { .n = 0 };
    point low, high;

    for (int i = 0; i < RIM_POINTS; i++) {
        const point at = head_rim(&h->face, (float)i / RIM_POINTS);

        path_add(&rim, &p, at.x, at.y);
    }
    low = high = rim.points[0];
    for (int i = 1; i < rim.n; i++) {
        const point at = rim.points[i];

        low.x = at.x < low.x ? at.x : low.x;
        low.y = at.y < low.y ? at.y : low.y;
        high.x = at.x > high.x ? at.x : high.x;
        high.y = at.y > high.y ? at.y : high.y;
    }
    return (box){ low.x, low.y, high.x - low.x, high.y - low.y };
}
