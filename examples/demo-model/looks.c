/* SPDX-License-Identifier: MIT */
/*
 * looks.c - everything that does not move: scene, hair, hats, light.
 */
#include "features.h"

#include <stddef.h>

enum { BALD, SHORT, PARTED, BOB, LONG, CURLY, FRINGE, BUN, SPIKY };
enum { NO_BEARD, STUBBLE, MOUSTACHE, GOATEE, FULL_BEARD };
enum { NO_HAT, BEANIE, CAP, HEADBAND };
enum { NO_GLASSES, ROUND, SQUARE, DARK };
enum { PLAIN, GRADIENT, STRIPES, DOTS, CHECKS, HORIZON, DIAGONAL };

static const colour WHITE = { 0.97f, 0.97f, 0.95f };
static const colour BLACK = { 0.06f, 0.05f, 0.06f };

/* ---- background ---- */

/* A unit is the height of the canvas. */
static void fill_box(canvas *c, float x, float y, float w, float h, colour ink)
{
    float s = (float)c->height;
    point box[4] = { { x * s, y * s },
                     { (x + w) * s, y * s },
                     { (x + w) * s, (y + h) * s },
                     { x * s, (y + h) * s } };

    canvas_fill(c, box, 4, ink, 1.0f);
}

static void fill_dot(canvas *c, float x, float y, float radius, colour ink)
{
    float s = (float)c->height;
    point dot[16];

    for (int i = 0; i < 16; i++) {
        float t = (float)i / 16.0f;

        dot[i].x = (x + radius * sine(t)) * s;
        dot[i].y = (y + radius * sine(t + 0.25f)) * s;
    }
    canvas_fill(c, dot, 16, ink, 1.0f);
}

static void draw_pattern(canvas *c, int pattern, colour ink)
{
    const int columns = (8 * c->width + c->height - 1) / c->height;

    for (int row = 0; row < 8; row++)
        for (int column = 0; column < columns; column++) {
            float x = (float)column / 8.0f, y = (float)row / 8.0f;

            if (pattern == STRIPES && column % 2 == 0 && row == 0)
                fill_box(c, x, 0.0f, 0.125f, 1.0f, ink);
            if (pattern == CHECKS && (row + column) % 2 == 0)
                fill_box(c, x, y, 0.125f, 0.125f, ink);
            if (pattern == DOTS)
                fill_dot(c, x + (row % 2 ? 0.1f : 0.04f), y + 0.06f, 0.036f,
                         ink);
        }
}

void draw_background(canvas *c, const face *f)
{
    colour a = pen_paint(f->back_a), b = pen_paint(f->back_b);
    float w = (float)c->width, h = (float)c->height, wide = w / h;
    point half[3] = { { 0.0f, h }, { w, 0.0f }, { w, h } };

    fill_box(c, 0.0f, 0.0f, wide, 1.0f, a);
    switch ((int)f->background) {
    case PLAIN:
        break;
    case GRADIENT:
        for (int i = 0; i < 32; i++)
            fill_box(c, 0.0f, (float)i / 32.0f, wide, 1.0f / 32.0f,
                     mix_colour(a, b, (float)i / 31.0f));
        break;
    case HORIZON:
        fill_box(c, 0.0f, 0.62f, wide, 0.38f, b);
        break;
    case DIAGONAL:
        canvas_fill(c, half, 3, b, 1.0f);
        break;
    default:
        draw_pattern(c, (int)f->background, b);
    }
}

/* ---- body and head ---- */

/* Straight down to the border, however far below the shoulders that is. */
static void draw_torso(const pen *p, colour cloth)
{
    const float border = (float)p->canvas->height;
    path torso = { .n = 0 };

    path_add(&torso, p, -1.2f, 1.85f);
    path_add(&torso, p, 1.2f, 1.85f);
    if (torso.points[0].y >= border && torso.points[1].y >= border)
        return;
    torso.points[2] = (point){ torso.points[1].x, border };
    torso.points[3] = (point){ torso.points[0].x, border };
    torso.n = 4;
    pen_fill(p, &torso, cloth, 1.0f);
}

void draw_body(const pen *p)
{
    const face *f = p->face;
    colour cloth = pen_paint(f->cloth);
    path neck = { .n = 0 };

    path_add(&neck, p, -0.36f, 0.5f);
    path_add(&neck, p, 0.36f, 0.5f);
    path_add(&neck, p, 0.40f, 1.6f);
    path_add(&neck, p, -0.40f, 1.6f);
    pen_fill(p, &neck, p->skin, 1.0f);
    pen_ellipse(p, 0.0f, 0.95f, 0.355f, 0.22f, p->shade, 0.9f);
    pen_ellipse(p, 0.0f, 1.85f, 1.2f, 0.68f, cloth, 1.0f);
    draw_torso(p, cloth);
    pen_ellipse(p, 0.0f, 1.18f, 0.37f, 0.10f, p->shade, 1.0f);
}

static void add_rim(path *out, const pen *p, float from, float to, int n,
                    float wide, float high)
{
    for (int i = 0; i < n; i++) {
        float t = mix(from, to, (float)i / (float)(n - 1));
        point rim = head_rim(p->face, t);

        path_add(out, p, rim.x * wide, rim.y * high);
    }
}

static void draw_side_shade(const pen *p)
{
    float side = p->face->light_angle < 0.5f ? 1.0f : -1.0f;
    path shade = { .n = 0 };

    add_rim(&shade, p, side * 0.12f, side * 0.48f, 24, 1.0f, 1.0f);
    add_rim(&shade, p, side * 0.48f, side * 0.12f, 24, 0.82f, 0.97f);
    pen_fill(p, &shade, p->shade, 0.45f);
}

static void draw_freckles(const pen *p)
{
    for (int i = 0; i < 14; i++) {
        float side = i < 7 ? -1.0f : 1.0f, k = (float)(i % 7);

        pen_ellipse(p, side * (0.2f + 0.045f * k),
                    0.14f + 0.045f * (float)((i * 5) % 3), 0.012f, 0.012f,
                    p->line, 0.55f);
    }
}

void draw_head(const pen *p)
{
    const face *f = p->face;
    path head = { .n = 0 };

    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        float x = side * f->head_width;

        pen_ellipse(p, x, 0.06f, 0.1f, 0.17f, p->skin, 1.0f);
        pen_ellipse(p, x * 1.01f, 0.06f, 0.055f, 0.11f, p->shade, 0.8f);
        if (f->earrings > 0.0f)
            pen_ellipse(p, x * 1.05f, 0.27f, 0.045f, 0.05f,
                        (colour){ 0.95f, 0.78f, 0.25f }, 1.0f);
    }
    add_rim(&head, p, 0.0f, 1.0f, 64, 1.0f, 1.0f);
    pen_fill(p, &head, p->skin, 1.0f);
    draw_side_shade(p);
    if (f->outline > 0.0f)
        pen_stroke(p, &head, 0.03f, 1.0f, BLACK, f->outline * 0.8f);
    if (f->freckles > 0.0f)
        draw_freckles(p);
}

/* ---- hair ---- */

static colour lighter(colour ink)
{
    return mix_colour(ink, WHITE, 0.14f);
}

void draw_back_hair(const pen *p)
{
    int style = (int)p->face->hair_style;
    float width = p->face->head_width;
    colour back = mix_colour(p->hair, BLACK, 0.25f);
    float end = style == LONG ? 1.45f : 0.72f;
    path hair = { .n = 0 };

    if (style == BUN)
        pen_ellipse(p, 0.0f, -1.14f, 0.26f, 0.24f, p->hair, 1.0f);
    if (style == CURLY)
        for (int i = -6; i <= 6; i++) {
            point rim = head_rim(p->face, (float)i * 0.055f);

            pen_ellipse(p, rim.x * 1.08f, rim.y * 1.03f, 0.19f, 0.19f,
                        i % 2 ? lighter(p->hair) : p->hair, 1.0f);
        }
    if (style != BOB && style != LONG)
        return;
    add_rim(&hair, p, -0.25f, 0.25f, 28, 1.2f, 1.1f);
    path_add(&hair, p, width * 1.3f, end * 0.5f);
    path_add(&hair, p, width * 1.22f, end);
    path_add(&hair, p, -width * 1.22f, end);
    path_add(&hair, p, -width * 1.3f, end * 0.5f);
    pen_fill(p, &hair, back, 1.0f);
}

static float hairline(int style, float u)
{
    float u2 = u * u, temple = u2 * u2 * u2;
    float y = -0.66f;

    if (style == FRINGE)
        y = -0.50f;
    if (style == PARTED)
        y = -0.74f + 0.16f * (u - 0.3f) * (u - 0.3f);
    if (style == BOB || style == LONG)
        y = -0.80f + 0.35f * u2;
    return mix(y, -0.08f, temple);
}

static void add_hair_top(path *out, const pen *p, int style)
{
    for (int i = 0; i <= 36; i++) {
        point rim = head_rim(p->face, -0.25f + (float)i / 72.0f);
        float grow = style == SPIKY && i % 4 == 2 ? 1.24f
                     : style == SHORT             ? 1.06f
                                                  : 1.11f;

        path_add(out, p, rim.x * mix(1.03f, grow, -rim.y), rim.y * grow);
    }
}

void draw_hair(const pen *p)
{
    int style = (int)p->face->hair_style;
    path hair = { .n = 0 };

    if (style == BALD)
        return;
    add_hair_top(&hair, p, style);
    for (int i = 0; i <= 24; i++) {
        float u = 1.0f - (float)i / 12.0f;
        float y = hairline(style, u);

        path_add(&hair, p,
                 u * (u * u > 0.99f ? p->face->head_width * 1.03f
                                    : head_half_width(p->face, y)),
                 y);
    }
    pen_fill(p, &hair, p->hair, 1.0f);
    pen_curve(p, (point){ -0.42f, -0.86f }, (point){ -0.1f, -1.0f },
              (point){ 0.3f, -0.93f }, 0.06f, lighter(p->hair), 0.8f);
    if (style == CURLY)
        for (int i = -3; i <= 3; i++)
            pen_ellipse(p, 0.18f * (float)i, -0.82f + 0.012f * (float)(i * i),
                        0.15f, 0.14f, i % 2 ? lighter(p->hair) : p->hair, 1.0f);
}

/* ---- hats ---- */

/* A band around the head between two heights above the brows. */
static void draw_band(const pen *p, float top, float bottom, float wide,
                      colour ink)
{
    float above = head_half_width(p->face, top) * wide;
    float below = head_half_width(p->face, bottom) * wide;
    path band = { .n = 0 };

    path_add_curve(&band, p, (point){ -above, top + 0.05f },
                   (point){ 0.0f, top }, (point){ above, top + 0.05f });
    path_add_curve(&band, p, (point){ below, bottom + 0.06f },
                   (point){ 0.0f, bottom }, (point){ -below, bottom + 0.06f });
    pen_fill(p, &band, ink, 1.0f);
}

static void draw_crown(const pen *p, float high, colour ink)
{
    path crown = { .n = 0 };

    add_rim(&crown, p, -0.16f, 0.16f, 30, 1.12f, high);
    pen_fill(p, &crown, ink, 1.0f);
}

void draw_hat(const pen *p)
{
    const face *f = p->face;
    colour ink = pen_paint(f->hat_colour);
    colour dark = mix_colour(ink, BLACK, 0.25f);

    if (f->hat == BEANIE) {
        pen_ellipse(p, 0.0f, -1.22f, 0.13f, 0.12f, dark, 1.0f);
        draw_crown(p, 1.15f, ink);
        draw_band(p, -0.74f, -0.56f, 1.13f, dark);
    } else if (f->hat == CAP) {
        draw_crown(p, 1.13f, ink);
        pen_ellipse(p, 0.0f, -0.62f, f->head_width * 1.0f, 0.09f, dark, 1.0f);
    } else if (f->hat == HEADBAND) {
        draw_band(p, -0.76f, -0.62f, 1.1f, ink);
    }
}

/* ---- beards and glasses ---- */

static void draw_full_beard(const pen *p, float alpha)
{
    path beard = { .n = 0 };

    add_rim(&beard, p, 0.26f, 0.74f, 40, 1.02f, 1.04f);
    path_add_curve(&beard, p, (point){ -p->face->head_width * 0.9f, 0.2f },
                   (point){ -0.42f, 0.46f }, (point){ -0.2f, 0.40f });
    path_add_curve(&beard, p, (point){ -0.15f, 0.40f }, (point){ 0.0f, 0.40f },
                   (point){ 0.15f, 0.40f });
    path_add_curve(&beard, p, (point){ 0.2f, 0.40f }, (point){ 0.42f, 0.46f },
                   (point){ p->face->head_width * 0.9f, 0.2f });
    pen_fill(p, &beard, p->hair, alpha);
}

void draw_beard(const pen *p)
{
    const face *f = p->face;
    float lift = 0.04f * (f->au12_l + f->au12_r) * 0.5f;
    float chin = 0.86f + 0.1f * f->au26;

    if (f->beard == STUBBLE)
        draw_full_beard(p, 0.28f);
    if (f->beard == FULL_BEARD)
        draw_full_beard(p, 1.0f);
    if (f->beard == GOATEE)
        pen_ellipse(p, 0.0f, chin, 0.17f, 0.15f, p->hair, 1.0f);
    if (f->beard == MOUSTACHE || f->beard == GOATEE)
        pen_curve(p, (point){ -0.27f, 0.5f - lift }, (point){ 0.0f, 0.425f },
                  (point){ 0.27f, 0.5f - lift }, 0.1f, p->hair, 1.0f);
}

/* A rounded box: corners 0 gives an ellipse, 1 nearly a rectangle. */
static void add_lens(path *out, const pen *p, float x, float corners)
{
    for (int i = 0; i <= 32; i++) {
        float a = sine((float)i / 32.0f), b = sine((float)i / 32.0f + 0.25f);
        float push = 1.0f + corners * 1.1f * a * a * b * b;

        path_add(out, p, x + 0.225f * a * push, -0.1f - 0.19f * b * push);
    }
}

void draw_glasses(const pen *p)
{
    const face *f = p->face;
    pen raised = *p;

    if (f->glasses == NO_GLASSES)
        return;
    raised.lift = 0.08f;
    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        float x = side * (f->eye_gap + 0.01f);
        path lens = { .n = 0 };

        add_lens(&lens, &raised, x, f->glasses == ROUND ? 0.0f : 1.0f);
        pen_fill(&raised, &lens, f->glasses == DARK ? BLACK : WHITE,
                 f->glasses == DARK ? 0.93f : 0.10f);
        pen_stroke(&raised, &lens, 0.026f, 1.0f, BLACK, 0.85f);
        pen_curve(&raised, (point){ x + side * 0.225f, -0.13f },
                  (point){ side * 0.62f, -0.12f },
                  (point){ side * f->head_width, -0.08f }, 0.026f, BLACK,
                  0.85f);
    }
    pen_curve(&raised, (point){ -f->eye_gap + 0.215f, -0.12f },
              (point){ 0.0f, -0.15f }, (point){ f->eye_gap - 0.215f, -0.12f },
              0.026f, BLACK, 0.85f);
}

/* ---- light, grey, blur and noise ---- */

static void finish_pixel(const face *f, float *pixel, float gain, float noise)
{
    float luma = 0.30f * pixel[0] + 0.59f * pixel[1] + 0.11f * pixel[2];

    for (int channel = 0; channel < 3; channel++) {
        float value = f->grey > 0.0f ? luma : pixel[channel];

        pixel[channel] = value * gain + noise;
    }
}

void draw_finish(canvas *c, const face *f, float side)
{
    float dx = sine(f->light_angle + 0.25f) * f->light;
    float dy = sine(f->light_angle) * f->light;

    canvas_blur(c, (int)(f->blur * side / 90.0f + 0.5f));
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++) {
            float u = 2.0f * (float)x / (float)c->width - 1.0f;
            float v = 2.0f * (float)y / (float)c->height - 1.0f;
            float noise = 0.0f;
            size_t at = (size_t)y * (size_t)c->width + (size_t)x;

            if (f->noise > 0.0f)
                noise = f->noise *
                        ((float)(hash_pair((uint64_t)f->grain, at) >> 40) /
                             8388608.0f -
                         1.0f);
            finish_pixel(f, c->pixels + 3 * at, 1.0f + dx * u + dy * v, noise);
        }
}
