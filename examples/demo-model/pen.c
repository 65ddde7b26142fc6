/* SPDX-License-Identifier: MIT */
/*
 * pen.c - from face coordinates to pixels, curves, and the colours of a face.
 */
#include "pen.h"

#include <math.h>

#define CURVE_POINTS 11
#define ELLIPSE_POINTS 28
#define RIM_TOP 1.02f
#define RIM_CHIN 0.98f

static const colour SKINS[7] = {
    { 0.99f, 0.86f, 0.78f }, { 0.96f, 0.78f, 0.65f }, { 0.91f, 0.74f, 0.52f },
    { 0.80f, 0.58f, 0.40f }, { 0.64f, 0.43f, 0.29f }, { 0.47f, 0.30f, 0.20f },
    { 0.33f, 0.20f, 0.14f },
};

static const colour HAIRS[8] = {
    { 0.09f, 0.08f, 0.09f }, { 0.24f, 0.14f, 0.09f }, { 0.42f, 0.26f, 0.14f },
    { 0.87f, 0.70f, 0.36f }, { 0.72f, 0.33f, 0.12f }, { 0.68f, 0.68f, 0.70f },
    { 0.93f, 0.92f, 0.88f }, { 0.45f, 0.25f, 0.58f },
};

static const colour PAINTS[12] = {
    { 0.84f, 0.20f, 0.20f }, { 0.95f, 0.55f, 0.18f }, { 0.97f, 0.81f, 0.28f },
    { 0.27f, 0.62f, 0.33f }, { 0.18f, 0.60f, 0.60f }, { 0.42f, 0.72f, 0.90f },
    { 0.22f, 0.36f, 0.72f }, { 0.52f, 0.32f, 0.66f }, { 0.95f, 0.62f, 0.74f },
    { 0.52f, 0.36f, 0.24f }, { 0.94f, 0.94f, 0.92f }, { 0.18f, 0.19f, 0.23f },
};

colour pen_paint(float kind)
{
    return PAINTS[(int)kind];
}

pen pen_create(canvas *c, const face *f, frame at)
{
    const colour dark = { 0.16f, 0.07f, 0.06f };
    float half = 0.5f * at.side;
    pen p = { .canvas = c, .face = f };

    p.unit = half * f->scale;
    p.origin.x = at.x + half * (1.0f + f->shift_x);
    p.origin.y = at.y + half * (1.06f + f->shift_y);
    p.across.x = p.unit * sine(f->roll + 0.25f);
    p.across.y = p.unit * sine(f->roll);
    p.down = (point){ -p.across.y, p.across.x };
    p.skin = SKINS[(int)f->skin];
    p.shade = mix_colour(p.skin, dark, 0.22f);
    p.line = mix_colour(p.skin, dark, f->skin > 4.0f ? 0.85f : 0.7f);
    p.hair = HAIRS[(int)f->hair];
    return p;
}

void path_add(path *p, const pen *on, float x, float y)
{
    const face *f = on->face;
    float height = 1.0f - x * x * 1.4f - y * y * 0.75f;
    float rise = (height > 0.0f ? height : 0.0f) + on->lift;
    float fx = x * (1.0f - 0.3f * f->yaw * f->yaw) + f->yaw * 0.35f * rise;
    float fy = y + f->pitch * 0.3f * rise;
    point *out = &p->points[p->n++];

    /* Sums only: GCC 12 at -O3 makes a fused multiply of a sum beside a
     * difference (vfmaddsub) even where contraction is off. */
    out->x = on->origin.x + fx * on->across.x + fy * on->down.x;
    out->y = on->origin.y + fx * on->across.y + fy * on->down.y;
}

void path_add_curve(path *p, const pen *on, point a, point b, point c)
{
    /* The control point that makes the parabola pass b halfway. */
    float kx = 2.0f * b.x - 0.5f * (a.x + c.x);
    float ky = 2.0f * b.y - 0.5f * (a.y + c.y);

    for (int i = 0; i < CURVE_POINTS; i++) {
        float t = (float)i / (CURVE_POINTS - 1), s = 1.0f - t;

        path_add(p, on, s * s * a.x + 2.0f * s * t * kx + t * t * c.x,
                 s * s * a.y + 2.0f * s * t * ky + t * t * c.y);
    }
}

void pen_fill(const pen *on, const path *p, colour ink, float alpha)
{
    canvas_fill(on->canvas, p->points, p->n, ink, alpha);
}

void pen_stroke(const pen *on, const path *p, float width, float taper,
                colour ink, float alpha)
{
    canvas_stroke(on->canvas, p->points, p->n, width * on->unit, taper, ink,
                  alpha);
}

void pen_curve(const pen *on, point a, point b, point c, float width,
               colour ink, float alpha)
{
    path p = { .n = 0 };

    if (alpha <= 0.0f)
        return;
    path_add_curve(&p, on, a, b, c);
    pen_stroke(on, &p, width, 0.35f, ink, alpha);
}

void pen_ellipse(const pen *on, float x, float y, float rx, float ry,
                 colour ink, float alpha)
{
    path p = { .n = 0 };

    for (int i = 0; i < ELLIPSE_POINTS; i++) {
        float t = (float)i / ELLIPSE_POINTS;

        path_add(&p, on, x + rx * sine(t), y - ry * sine(t + 0.25f));
    }
    pen_fill(on, &p, ink, alpha);
}

point head_rim(const face *f, float turns)
{
    float across = sine(turns), down = -sine(turns + 0.25f);
    point rim = { f->head_width * across, RIM_TOP * down };

    if (down > 0.0f) {
        rim.x *= 1.0f - f->jaw * down * down;
        rim.y = down * (RIM_CHIN + 0.13f * f->au26 - 0.02f * f->au17);
    }
    return rim;
}

float head_half_width(const face *f, float y)
{
    float v = y / RIM_TOP;

    return f->head_width * sqrtf(1.0f - v * v);
}
