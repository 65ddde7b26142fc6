/* SPDX-License-Identifier: MIT */
/*
 * folds.c - lines in the skin, where action units push it together.
 *
 * At small sizes they tell more than the feature that moved: a wrinkled nose
 * is known by its folds.  Age draws some of them faintly on every face.
 */
#include "features.h"

static float larger(float a, float b)
{
    return a > b ? a : b;
}

static void draw_brow_folds(const pen *p)
{
    const face *f = p->face;
    float raise = larger(f->au1, f->au2) * 0.75f + 0.3f * f->age;
    float half = f->au2 > f->au1 * 0.5f ? 0.36f : 0.2f;

    for (int i = 0; i < 3; i++) {
        float y = -0.62f - 0.085f * (float)i;

        pen_curve(p, (point){ -half, y + 0.02f }, (point){ 0.0f, y },
                  (point){ half, y + 0.02f }, 0.018f, p->line,
                  clamp(raise, 0.0f, 0.7f) * 0.7f);
    }
    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        float x = side * 0.045f;

        pen_curve(p, (point){ x, -0.24f }, (point){ x * 1.2f, -0.33f },
                  (point){ x * 0.9f, -0.42f }, 0.03f, p->line, 0.9f * f->au4);
    }
}

static void draw_nose_folds(const pen *p, float side)
{
    const face *f = p->face;

    for (int i = 0; i < 3; i++) {
        float y = -0.09f + 0.065f * (float)i;

        pen_curve(p, (point){ side * 0.015f, y }, (point){ side * 0.06f, y },
                  (point){ side * 0.115f, y - 0.055f }, 0.03f, p->line,
                  0.95f * f->au9);
    }
}

static void draw_mouth_folds(const pen *p, float side)
{
    const face *f = p->face;
    float au12 = side < 0.0f ? f->au12_l : f->au12_r;
    float au14 = side < 0.0f ? f->au14_l : f->au14_r;
    point corner = mouth_corner(f, side);
    float fold = larger(larger(au12 * 0.8f, f->au10 * 0.8f),
                        larger(f->au9 * 0.8f, f->age * 0.45f));

    pen_curve(
        p, (point){ side * (f->nose_width + 0.05f), 0.25f },
        (point){ corner.x + side * 0.06f, 0.34f + 0.3f * (corner.y - 0.45f) },
        (point){ corner.x + side * 0.09f, corner.y }, 0.024f, p->line,
        fold * 0.75f);
    pen_curve(p, (point){ corner.x + side * 0.035f, corner.y - 0.06f },
              (point){ corner.x + side * 0.075f, corner.y - 0.01f },
              (point){ corner.x + side * 0.03f, corner.y + 0.06f }, 0.032f,
              p->line, au14 * 0.85f);
    pen_curve(p, (point){ corner.x, corner.y + 0.03f },
              (point){ corner.x + side * 0.035f, corner.y + 0.06f },
              (point){ corner.x + side * 0.04f, corner.y + 0.12f }, 0.022f,
              p->line, larger(f->au15 * 0.85f, f->age * 0.3f));
}

static void draw_cheek_folds(const pen *p, float side)
{
    const face *f = p->face;
    float rim = side * (f->eye_gap + 0.17f);

    for (int i = -1; i <= 1; i++)
        pen_curve(p, (point){ rim, EYE_Y + 0.02f * (float)i },
                  (point){ rim + side * 0.05f, EYE_Y + 0.035f * (float)i },
                  (point){ rim + side * 0.1f, EYE_Y + 0.06f * (float)i },
                  0.018f, p->line, larger(f->au6 * 0.65f, f->age * 0.4f));
    pen_ellipse(p, side * 0.36f, 0.2f - 0.05f * f->au6, 0.15f, 0.1f,
                (colour){ 0.86f, 0.38f, 0.34f }, 0.10f + 0.25f * f->au6);
    pen_curve(p, (point){ side * 0.2f, 0.06f },
              (point){ side * 0.33f, 0.095f - 0.03f * f->au6 },
              (point){ side * 0.47f, 0.03f - 0.03f * f->au6 }, 0.02f, p->line,
              0.5f * f->au6);
}

void draw_folds(const pen *p)
{
    const face *f = p->face;
    float chin = 0.83f - 0.02f * f->au17 + 0.12f * f->au26;

    draw_brow_folds(p);
    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        draw_nose_folds(p, side);
        draw_mouth_folds(p, side);
        draw_cheek_folds(p, side);
    }
    pen_curve(p, (point){ -0.13f, chin + 0.03f }, (point){ 0.0f, chin - 0.03f },
              (point){ 0.13f, chin + 0.03f }, 0.026f, p->line, 0.75f * f->au17);
}
