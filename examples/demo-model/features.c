/* SPDX-License-Identifier: MIT */
/*
 * features.c - eyes, brows, nose and mouth, moved by action units.
 *
 * side is -1 on the viewer's left and +1 on the right; u runs from -1 to 1
 * along an eye or the mouth.
 */
#include "features.h"

#define BROW_Y (-0.37f)
#define MOUTH_Y 0.57f
#define LINE_POINTS 17

static const colour WHITE = { 0.97f, 0.97f, 0.95f };
static const colour BLACK = { 0.06f, 0.05f, 0.06f };

static float larger(float a, float b)
{
    return a > b ? a : b;
}

/* ---- eyes ---- */

typedef struct eye {
    float x, half_width;
    float upper, lower; /* height of the lids over and under the middle */
    float slant;        /* how much higher the inner end of the upper lid is */
    float side;
} eye;

static eye eye_create(const face *f, float side)
{
    float size = f->eye_size;
    eye e = { .x = side * f->eye_gap,
              .half_width = 0.155f * size,
              .side = side };

    e.upper = 0.088f * size *
              (1.0f + 0.85f * f->au5 - 0.45f * f->au7 - 0.12f * f->au6);
    e.lower = 0.060f * size *
              (1.0f + 0.25f * f->au5 - 0.85f * f->au6 - 0.55f * f->au7);
    e.lower = larger(e.lower, -0.02f);
    e.upper = mix(e.upper, -e.lower, f->au43);
    e.slant = 0.035f * (f->au1 - f->au4 * (1.0f - 0.85f * f->au1));
    return e;
}

static float upper_lid(const eye *e, float u)
{
    return EYE_Y - e->upper * (1.0f - u * u) + e->slant * u * e->side;
}

static float lower_lid(const eye *e, float u)
{
    float y = EYE_Y + e->lower * (1.0f - u * u) + e->slant * u * e->side;

    return larger(y, upper_lid(e, u));
}

static void add_lid(path *out, const pen *p, const eye *e,
                    float (*lid)(const eye *, float), float direction,
                    float offset)
{
    for (int i = 0; i < LINE_POINTS; i++) {
        float u = direction * (2.0f * (float)i / (LINE_POINTS - 1) - 1.0f);

        path_add(out, p, e->x + u * e->half_width, lid(e, u) + offset);
    }
}

/* A disc cut off by the lids. */
static void draw_disc(const pen *p, const eye *e, float x, float y,
                      float radius, colour ink)
{
    path disc = { .n = 0 };

    for (int i = 0; i < 24; i++) {
        float t = (float)i / 24.0f;
        float u = (x + radius * sine(t) - e->x) / e->half_width;

        u = clamp(u, -1.0f, 1.0f);
        path_add(&disc, p, e->x + u * e->half_width,
                 clamp(y + radius * sine(t + 0.25f), upper_lid(e, u),
                       lower_lid(e, u)));
    }
    pen_fill(p, &disc, ink, 1.0f);
}

static void draw_eyeball(const pen *p, const eye *e)
{
    static const colour irises[5] = {
        { 0.28f, 0.17f, 0.10f }, { 0.48f, 0.32f, 0.16f },
        { 0.25f, 0.48f, 0.74f }, { 0.28f, 0.52f, 0.32f },
        { 0.45f, 0.50f, 0.54f },
    };
    const face *f = p->face;
    float x = e->x + 0.05f * f->gaze_x, y = EYE_Y - 0.012f + 0.03f * f->gaze_y;
    float radius = 0.072f * f->eye_size;
    path white = { .n = 0 };

    add_lid(&white, p, e, upper_lid, 1.0f, 0.0f);
    add_lid(&white, p, e, lower_lid, -1.0f, 0.0f);
    pen_fill(p, &white, WHITE, 1.0f);
    draw_disc(p, e, x, y, radius, irises[(int)f->iris]);
    draw_disc(p, e, x, y, radius * 0.5f, BLACK);
    draw_disc(p, e, x + 0.025f, y - 0.025f, radius * 0.24f, WHITE);
}

static void draw_lids(const pen *p, const eye *e)
{
    const face *f = p->face;
    float wide = f->lashes > 0.0f ? 0.042f : 0.03f;
    float squeeze = clamp(0.25f + 0.6f * larger(f->au6, f->au7) + 0.3f * f->age,
                          0.0f, 0.85f);
    path upper = { .n = 0 }, lower = { .n = 0 }, crease = { .n = 0 };

    add_lid(&lower, p, e, lower_lid, 1.0f, 0.0f);
    pen_stroke(p, &lower, 0.014f, 0.5f, p->line, 0.6f);
    lower.n = 0;
    add_lid(&lower, p, e, lower_lid, 1.0f, 0.05f);
    pen_stroke(p, &lower, 0.014f, 0.0f, p->line, squeeze * 0.6f);
    add_lid(&crease, p, e, upper_lid, 1.0f, -0.04f + 0.025f * f->au5);
    pen_stroke(p, &crease, 0.014f, 0.1f, p->line, 0.45f);
    add_lid(&upper, p, e, upper_lid, 1.0f, 0.0f);
    pen_stroke(p, &upper, wide, 0.4f, BLACK, 0.9f);
    if (f->lashes > 0.0f) {
        float tip = e->x + e->side * (e->half_width + 0.05f);
        float end = e->x + e->side * e->half_width * 0.92f;

        pen_curve(p, (point){ end, EYE_Y }, (point){ end, EYE_Y - 0.005f },
                  (point){ tip, EYE_Y - 0.045f }, 0.024f, BLACK, 0.85f);
    }
}

void draw_eyes(const pen *p)
{
    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        eye e = eye_create(p->face, side);

        pen_ellipse(p, e.x, EYE_Y - 0.05f, 0.21f, 0.16f, p->shade, 0.28f);
        draw_eyeball(p, &e);
        draw_lids(p, &e);
    }
}

/* ---- brows ---- */

void draw_brows(const pen *p)
{
    const face *f = p->face;
    float y = BROW_Y + f->brow_height;
    /* Where both pull, the inner end goes up (AU1) and not down (AU4):
     * else fear and sadness would look angry. */
    float frown = f->au4 * (1.0f - 0.85f * f->au1);
    colour ink = mix_colour(p->hair, p->line, 0.35f);

    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        point inner = { side * (0.15f - 0.05f * f->au4),
                        y + 0.015f - 0.13f * f->au1 - 0.03f * f->au2 +
                            0.15f * frown + 0.05f * f->au9 };
        point top = { side * 0.325f, y - f->brow_arch - 0.05f * f->au1 -
                                         0.12f * f->au2 + 0.085f * frown +
                                         0.04f * f->au9 };
        point outer = { side * 0.515f, y + 0.025f +
                                           0.03f * f->au1 * (1.0f - f->au2) -
                                           0.11f * f->au2 + 0.015f * frown };
        path brow = { .n = 0 };

        path_add_curve(&brow, p, inner, top, outer);
        pen_stroke(p, &brow, f->brow_width, 0.5f, ink, 0.95f);
    }
}

/* ---- nose ---- */

void draw_nose(const pen *p)
{
    const face *f = p->face;
    float raised = 0.075f * f->au9 + 0.025f * f->au10;
    float base = f->nose_length - raised * 0.5f;
    float half = f->nose_width * (1.0f + 0.18f * f->au9 + 0.1f * f->au12_l);
    pen nose = *p;

    pen_curve(p, (point){ 0.07f, -0.10f }, (point){ 0.05f, 0.08f },
              (point){ half * 0.8f, base - 0.08f }, 0.022f, p->line, 0.4f);
    nose.lift = 0.22f;
    pen_ellipse(&nose, 0.0f, base - 0.03f, half * 1.02f, 0.085f, p->shade,
                0.35f);
    pen_ellipse(&nose, -0.01f, base - 0.065f, half * 0.5f, 0.05f,
                mix_colour(p->skin, WHITE, 0.5f), 0.4f);
    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        pen_curve(&nose, (point){ side * half * 0.85f, base - 0.10f - raised },
                  (point){ side * half * 1.12f, base - 0.04f - raised },
                  (point){ side * half * 0.75f, base + 0.005f - raised },
                  0.026f, p->line, 0.75f);
        pen_ellipse(&nose, side * half * 0.48f, base - 0.002f, half * 0.24f,
                    0.016f + 0.01f * f->au9, p->line, 0.85f);
    }
}

/* ---- mouth ---- */

typedef struct mouth {
    point left, right;  /* corners */
    float middle;       /* height of the closed lips' line at x = 0 */
    float rise, drop;   /* opening above and below that line */
    float upper, lower; /* thickness of the lips */
    float square;       /* 0: pointed opening, 1: opening up to the corners */
} mouth;

point mouth_corner(const face *f, float side)
{
    float au12 = side < 0.0f ? f->au12_l : f->au12_r;
    float au14 = side < 0.0f ? f->au14_l : f->au14_r;
    float pull = 1.0f + 0.26f * au12 + 0.38f * f->au20 + 0.14f * au14 -
                 0.28f * f->au23 - 0.08f * f->au17 - 0.14f * f->au26 -
                 0.06f * f->au15;

    return (point){ side * f->mouth_width * pull,
                    MOUTH_Y - 2.0f * f->mouth_rest - 0.19f * au12 +
                        0.20f * f->au15 + 0.035f * f->au20 - 0.04f * au14 };
}

static mouth mouth_create(const face *f)
{
    float smile = 0.5f * (f->au12_l + f->au12_r);
    float thin = (1.0f - 0.75f * f->au23) * (1.0f - 0.25f * smile) *
                 (1.0f - 0.3f * f->au20);
    mouth m = {
        .left = mouth_corner(f, -1.0f),
        .right = mouth_corner(f, 1.0f),
        .middle = MOUTH_Y + 0.03f * smile - 0.06f * f->au17 - 0.03f * f->au15 -
                  0.06f * f->au10,
        .rise = 0.018f * f->au25 + 0.045f * f->au26 + 0.045f * f->au10,
        .drop = 0.04f * f->au25 + 0.25f * f->au26 + 0.03f * f->au10,
        .upper = f->lip_width * 0.85f * thin,
        .lower = f->lip_width * 1.15f * thin * (1.0f + 0.3f * f->au17),
        .square = clamp(0.2f + f->au20 + 0.5f * smile, 0.0f, 1.0f),
    };

    return m;
}

/* The opening in face coordinates: the line of the lips, moved up or down. */
static point mouth_at(const mouth *m, float u, float away)
{
    const point *corner = u < 0.0f ? &m->left : &m->right;
    float u2 = u * u;
    float profile = mix(1.0f - u2, 1.0f - u2 * u2, m->square);
    point at = { corner->x * (u < 0.0f ? -u : u),
                 mix(m->middle, corner->y, u2) + away * profile };

    return at;
}

static void add_lip_line(path *out, const pen *p, const mouth *m,
                         float direction, float away)
{
    for (int i = 0; i < LINE_POINTS; i++) {
        float u = direction * (2.0f * (float)i / (LINE_POINTS - 1) - 1.0f);
        point at = mouth_at(m, u, away);

        path_add(out, p, at.x, at.y);
    }
}

static void fill_between(const pen *p, const mouth *m, float above, float below,
                         colour ink, float alpha)
{
    path area = { .n = 0 };

    add_lip_line(&area, p, m, 1.0f, above);
    add_lip_line(&area, p, m, -1.0f, below);
    pen_fill(p, &area, ink, alpha);
}

static colour lip_colour(const pen *p)
{
    static const colour lipsticks[4] = {
        { 0.72f, 0.30f, 0.28f },
        { 0.80f, 0.12f, 0.16f },
        { 0.82f, 0.30f, 0.46f },
        { 0.48f, 0.14f, 0.30f },
    };
    float strength = p->face->lipstick > 0.0f ? 0.85f : 0.42f;

    return mix_colour(p->skin, lipsticks[(int)p->face->lipstick], strength);
}

static void draw_opening(const pen *p, const mouth *m)
{
    const colour inside = { 0.26f, 0.06f, 0.08f };
    const colour tongue = { 0.78f, 0.36f, 0.38f };
    float open = m->rise + m->drop;
    float teeth = open * 0.6f < 0.055f ? open * 0.6f : 0.055f;

    fill_between(p, m, -m->rise, m->drop, inside, 1.0f);
    if (open > 0.13f)
        fill_between(p, m, m->drop - (open - 0.1f) * 0.6f, m->drop, tongue,
                     1.0f);
    fill_between(p, m, -m->rise, -m->rise + teeth, WHITE, 1.0f);
}

void draw_mouth(const pen *p)
{
    mouth m = mouth_create(p->face);
    colour ink = lip_colour(p);
    path line = { .n = 0 };

    fill_between(p, &m, m.drop + m.lower, m.drop + m.lower + 0.045f, p->shade,
                 0.6f);
    fill_between(p, &m, -m.rise - m.upper, 0.0f,
                 mix_colour(ink, p->line, 0.22f), 1.0f);
    fill_between(p, &m, 0.0f, m.drop + m.lower, ink, 1.0f);
    fill_between(p, &m, m.drop + m.lower * 0.35f, m.drop + m.lower * 0.65f,
                 mix_colour(ink, WHITE, 0.5f), 0.35f);
    if (m.rise + m.drop > 0.012f)
        draw_opening(p, &m);
    add_lip_line(&line, p, &m, 1.0f, -m.rise);
    pen_stroke(p, &line, 0.022f, 0.8f, p->line, 0.85f);
}
