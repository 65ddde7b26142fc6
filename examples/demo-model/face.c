/* SPDX-License-Identifier: MIT */
/*
 * face.c - lots for looks, pose and action units.
 *
 * Each expression is a set of action units as the FACS literature gives
 * them.  Strength varies from face to face, single units go missing and
 * others stray in, so that no expression is a fixed image.
 */
#include "face.h"
#include "canvas.h"
#include "lots.h"

#include <stddef.h>

/* The chance that an expression shows an action unit, in percent. */
typedef struct recipe {
    size_t field; /* offset of the unit in struct face */
    int percent;
} recipe;

#define UNIT(name, percent)                                                    \
    {                                                                          \
        offsetof(face, name), percent                                          \
    }
#define MAX_UNITS 10

static const char *const EXPRESSION_NAMES[FACE_N_EXPRESSIONS] = {
    "happiness", "sadness", "neutral", "anger",
    "surprise",  "disgust", "fear",    "contempt",
};

/* clang-format off */
/* Contempt is one-sided and is drawn on the left; sample_units() mirrors. */
static const recipe RECIPES[FACE_N_EXPRESSIONS][MAX_UNITS] = {
    [FACE_HAPPINESS] = { UNIT(au6, 85), UNIT(au12_l, 100), UNIT(au25, 45),
                         UNIT(au26, 20) },
    [FACE_SADNESS] = { UNIT(au1, 100), UNIT(au4, 80), UNIT(au15, 100),
                       UNIT(au17, 30) },
    [FACE_ANGER] = { UNIT(au4, 100), UNIT(au5, 60), UNIT(au7, 85),
                     UNIT(au23, 95), UNIT(au17, 15) },
    [FACE_SURPRISE] = { UNIT(au1, 100), UNIT(au2, 100), UNIT(au5, 85),
                        UNIT(au25, 70), UNIT(au26, 95) },
    [FACE_DISGUST] = { UNIT(au9, 100), UNIT(au10, 85), UNIT(au15, 50),
                       UNIT(au17, 55), UNIT(au4, 25) },
    [FACE_FEAR] = { UNIT(au1, 100), UNIT(au2, 75), UNIT(au4, 95),
                    UNIT(au5, 95), UNIT(au7, 30), UNIT(au20, 100),
                    UNIT(au25, 60), UNIT(au26, 45) },
    [FACE_CONTEMPT] = { UNIT(au12_l, 90), UNIT(au14_l, 95) },
};

static const size_t ALL_UNITS[] = {
    offsetof(face, au1),    offsetof(face, au2),    offsetof(face, au4),
    offsetof(face, au5),    offsetof(face, au6),    offsetof(face, au7),
    offsetof(face, au9),    offsetof(face, au10),   offsetof(face, au12_l),
    offsetof(face, au14_l), offsetof(face, au15),   offsetof(face, au17),
    offsetof(face, au20),   offsetof(face, au23),   offsetof(face, au25),
    offsetof(face, au26),
};
/* clang-format on */
enum { N_UNITS = (int)(sizeof(ALL_UNITS) / sizeof(ALL_UNITS[0])) };

static const struct {
    const char *name;
    int kinds;
} FIELDS[] = {
#define FACE_FIELD(name, kinds) { #name, kinds },
    FACE_FIELDS(FACE_FIELD)
#undef FACE_FIELD
};

const char *face_expression_name(int expression)
{
    return EXPRESSION_NAMES[expression];
}

int face_field_count(void)
{
    return FACE_N_FIELDS;
}

const char *face_field_name(int field, int *kinds)
{
    *kinds = FIELDS[field].kinds;
    return FIELDS[field].name;
}

static float *unit_of(face *f, size_t offset)
{
    return (float *)((char *)f + offset);
}

static void sample_any_units(face *f, lots *l)
{
    int n = (int)lot_between(l, 0.0f, 7.0f);

    for (int i = 0; i < n; i++)
        *unit_of(f, ALL_UNITS[(int)lot_kind(l, N_UNITS)]) =
            lot_between(l, 0.25f, 1.0f);
}

static void sample_recipe(face *f, lots *l, const recipe *r)
{
    float strength = lot_between(l, 0.68f, 1.0f);

    for (; r->percent > 0; r++)
        if (lot(l) * 100.0f < (float)r->percent)
            *unit_of(f, r->field) = strength * lot_between(l, 0.8f, 1.0f);
}

/* Faces at rest twitch too: a weak unit that belongs to nothing. */
static void sample_stray(face *f, lots *l)
{
    float *unit = unit_of(f, ALL_UNITS[(int)lot_kind(l, N_UNITS)]);
    float amount = lot_between(l, 0.05f, 0.22f);

    if (*unit < amount)
        *unit = amount;
}

static void swap(float *a, float *b)
{
    float kept = *a;

    *a = *b;
    *b = kept;
}

/* A smile or dimple on one side only, or nearly equal on both. */
static void sample_sides(face *f, lots *l, int one_sided)
{
    if (!one_sided) {
        f->au12_r = f->au12_l * lot_between(l, 0.85f, 1.0f);
        f->au14_r = f->au14_l * lot_between(l, 0.85f, 1.0f);
    } else if (lot(l) < 0.5f) {
        swap(&f->au12_l, &f->au12_r);
        swap(&f->au14_l, &f->au14_r);
    }
}

static void sample_units(face *f, lots *l, int expression)
{

    if (expression == FACE_ANY)
        sample_any_units(f, l);
    else
        sample_recipe(f, l, RECIPES[expression]);
    for (int i = 0; i < 2; i++)
        if (lot(l) < 0.25f)
            sample_stray(f, l);
    f->au43 = lot(l) < 0.04f ? lot_between(l, 0.5f, 1.0f) : 0.0f;
    sample_sides(f, l,
                 expression == FACE_CONTEMPT ||
                     (expression == FACE_ANY && lot(l) < 0.4f));
}

static void sample_pose(face *f, lots *l)
{
    f->yaw = lot_around(l, 0.55f);
    f->pitch = lot_around(l, 0.4f);
    f->roll = lot_around(l, 0.045f);
    f->scale = lot_between(l, 0.76f, 0.92f);
    f->shift_x = lot_around(l, 0.08f);
    f->shift_y = lot_around(l, 0.07f);
    f->gaze_x = lot_around(l, 0.5f);
    f->gaze_y = lot_around(l, 0.35f);
}

static void sample_shape(face *f, lots *l)
{
    f->head_width = lot_between(l, 0.68f, 0.82f);
    f->jaw = lot_between(l, 0.12f, 0.34f);
    f->eye_size = lot_between(l, 0.95f, 1.25f);
    f->eye_gap = lot_between(l, 0.30f, 0.35f);
    f->brow_width = lot_between(l, 0.055f, 0.10f);
    f->brow_height = lot_around(l, 0.03f);
    f->brow_arch = lot_between(l, 0.02f, 0.07f);
    f->nose_width = lot_between(l, 0.10f, 0.16f);
    f->nose_length = lot_between(l, 0.24f, 0.34f);
    f->mouth_width = lot_between(l, 0.28f, 0.36f);
    f->lip_width = lot_between(l, 0.045f, 0.085f);
    f->mouth_rest = lot_around(l, 0.02f);
    f->age = lot(l) < 0.35f ? lot_between(l, 0.3f, 1.0f) : 0.0f;
}

static void sample_looks(face *f, lots *l)
{
    int soft = lot(l) < 0.5f;

    f->skin = lot_kind(l, 7);
    f->hair = f->age > 0.5f && lot(l) < 0.6f ? 5.0f : lot_kind(l, 8);
    f->hair_style = soft ? 1.0f + lot_kind(l, 8) : lot_kind(l, 9);
    f->iris = lot_kind(l, 5);
    f->lipstick = soft ? lot_rare_kind(l, 0.5f, 4) : 0.0f;
    f->lashes = soft ? 1.0f : 0.0f;
    f->beard = soft ? 0.0f : lot_rare_kind(l, 0.45f, 5);
    f->hat = lot_rare_kind(l, 0.2f, 4);
    f->hat_colour = lot_kind(l, 12);
    f->glasses = lot_rare_kind(l, 0.2f, 4);
    if (f->glasses == 3.0f && lot(l) < 0.7f)
        f->glasses = 1.0f; /* dark glasses hide half the expression: rare */
    f->earrings = soft && lot(l) < 0.35f ? 1.0f : 0.0f;
    f->freckles = lot(l) < 0.12f ? 1.0f : 0.0f;
    f->cloth = lot_kind(l, 12);
}

static void sample_scene(face *f, lots *l)
{
    f->background = lot_kind(l, 7);
    f->back_a = lot_kind(l, 12);
    f->back_b = lot_kind(l, 12);
    if (f->back_b == f->back_a)
        f->back_b = f->back_a < 11.0f ? f->back_a + 1.0f : 0.0f;
    f->outline = lot(l) < 0.5f ? lot_between(l, 0.3f, 1.0f) : 0.0f;
    f->light = lot(l) < 0.6f ? lot_between(l, 0.05f, 0.3f) : 0.0f;
    f->light_angle = lot(l);
    f->grey = lot(l) < 0.06f ? 1.0f : 0.0f;
    f->blur = lot(l) < 0.15f ? lot_between(l, 0.3f, 1.0f) : 0.0f;
    f->noise = lot(l) < 0.3f ? lot_between(l, 0.01f, 0.045f) : 0.0f;
    f->grain = lot_kind(l, 1 << 20);
}

void face_sample(face *out, uint64_t seed, int expression)
{
    lots l = { hash_pair(seed, (uint64_t)expression), 0 };

    *out = (face){ 0 };
    sample_units(out, &l, expression);
    sample_pose(out, &l);
    sample_shape(out, &l);
    sample_looks(out, &l);
    sample_scene(out, &l);
}
