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

#include <stddef.h>

typedef struct lots {
    uint64_t seed, drawn;
} lots;

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
    [FACE_SADNESS] = { UNIT(au1, 95), UNIT(au4, 80), UNIT(au15, 95),
                       UNIT(au17, 40) },
    [FACE_ANGER] = { UNIT(au4, 100), UNIT(au5, 60), UNIT(au7, 80),
                     UNIT(au23, 85), UNIT(au17, 20) },
    [FACE_SURPRISE] = { UNIT(au1, 100), UNIT(au2, 100), UNIT(au5, 85),
                        UNIT(au25, 70), UNIT(au26, 95) },
    [FACE_DISGUST] = { UNIT(au9, 95), UNIT(au10, 60), UNIT(au15, 80),
                       UNIT(au17, 70), UNIT(au4, 25) },
    [FACE_FEAR] = { UNIT(au1, 100), UNIT(au2, 70), UNIT(au4, 95),
                    UNIT(au5, 90), UNIT(au7, 40), UNIT(au20, 95),
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

static float draw(lots *l)
{
    return (float)(hash_pair(l->seed, l->drawn++) >> 40) / 16777216.0f;
}

static float between(lots *l, float low, float high)
{
    return mix(low, high, draw(l));
}

/* Around zero, most often near it: the sum of three draws. */
static float around(lots *l, float spread)
{
    return (draw(l) + draw(l) + draw(l) - 1.5f) / 1.5f * spread;
}

static float kind(lots *l, int kinds)
{
    return (float)(int)(draw(l) * (float)kinds);
}

/* Kind 0 unless the chance comes up, else one of the others. */
static float rare_kind(lots *l, float chance, int kinds)
{
    return draw(l) < chance ? 1.0f + kind(l, kinds - 1) : 0.0f;
}

static float *unit_of(face *f, size_t offset)
{
    return (float *)((char *)f + offset);
}

static void sample_any_units(face *f, lots *l)
{
    int n = (int)between(l, 0.0f, 7.0f);

    for (int i = 0; i < n; i++)
        *unit_of(f, ALL_UNITS[(int)kind(l, N_UNITS)]) = between(l, 0.25f, 1.0f);
}

static void sample_recipe(face *f, lots *l, const recipe *r)
{
    float strength = between(l, 0.55f, 1.0f);

    for (; r->percent > 0; r++)
        if (draw(l) * 100.0f < (float)r->percent)
            *unit_of(f, r->field) = strength * between(l, 0.7f, 1.0f);
}

/* Faces at rest twitch too: a weak unit that belongs to nothing. */
static void sample_stray(face *f, lots *l)
{
    float *unit = unit_of(f, ALL_UNITS[(int)kind(l, N_UNITS)]);
    float amount = between(l, 0.05f, 0.3f);

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
        f->au12_r = f->au12_l * between(l, 0.85f, 1.0f);
        f->au14_r = f->au14_l * between(l, 0.85f, 1.0f);
    } else if (draw(l) < 0.5f) {
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
        if (draw(l) < 0.25f)
            sample_stray(f, l);
    f->au43 = draw(l) < 0.04f ? between(l, 0.5f, 1.0f) : 0.0f;
    sample_sides(f, l,
                 expression == FACE_CONTEMPT ||
                     (expression == FACE_ANY && draw(l) < 0.4f));
}

static void sample_pose(face *f, lots *l)
{
    f->yaw = around(l, 0.55f);
    f->pitch = around(l, 0.4f);
    f->roll = around(l, 0.045f);
    f->scale = between(l, 0.76f, 0.92f);
    f->shift_x = around(l, 0.08f);
    f->shift_y = around(l, 0.07f);
    f->gaze_x = around(l, 0.5f);
    f->gaze_y = around(l, 0.35f);
}

static void sample_shape(face *f, lots *l)
{
    f->head_width = between(l, 0.68f, 0.82f);
    f->jaw = between(l, 0.12f, 0.34f);
    f->eye_size = between(l, 0.95f, 1.25f);
    f->eye_gap = between(l, 0.30f, 0.35f);
    f->brow_width = between(l, 0.055f, 0.10f);
    f->brow_height = around(l, 0.03f);
    f->brow_arch = between(l, 0.02f, 0.07f);
    f->nose_width = between(l, 0.10f, 0.16f);
    f->nose_length = between(l, 0.24f, 0.34f);
    f->mouth_width = between(l, 0.28f, 0.36f);
    f->lip_width = between(l, 0.045f, 0.085f);
    f->mouth_rest = around(l, 0.02f);
    f->age = draw(l) < 0.35f ? between(l, 0.3f, 1.0f) : 0.0f;
}

static void sample_looks(face *f, lots *l)
{
    int soft = draw(l) < 0.5f;

    f->skin = kind(l, 7);
    f->hair = f->age > 0.5f && draw(l) < 0.6f ? 5.0f : kind(l, 8);
    f->hair_style = soft ? 1.0f + kind(l, 8) : kind(l, 9);
    f->iris = kind(l, 5);
    f->lipstick = soft ? rare_kind(l, 0.5f, 4) : 0.0f;
    f->lashes = soft ? 1.0f : 0.0f;
    f->beard = soft ? 0.0f : rare_kind(l, 0.45f, 5);
    f->hat = rare_kind(l, 0.2f, 4);
    f->hat_colour = kind(l, 12);
    f->glasses = rare_kind(l, 0.2f, 4);
    if (f->glasses == 3.0f && draw(l) < 0.7f)
        f->glasses = 1.0f; /* dark glasses hide half the expression: rare */
    f->earrings = soft && draw(l) < 0.35f ? 1.0f : 0.0f;
    f->freckles = draw(l) < 0.12f ? 1.0f : 0.0f;
    f->cloth = kind(l, 12);
}

static void sample_scene(face *f, lots *l)
{
    f->background = kind(l, 7);
    f->back_a = kind(l, 12);
    f->back_b = kind(l, 12);
    if (f->back_b == f->back_a)
        f->back_b = f->back_a < 11.0f ? f->back_a + 1.0f : 0.0f;
    f->outline = draw(l) < 0.5f ? between(l, 0.3f, 1.0f) : 0.0f;
    f->light = draw(l) < 0.6f ? between(l, 0.05f, 0.3f) : 0.0f;
    f->light_angle = draw(l);
    f->grey = draw(l) < 0.06f ? 1.0f : 0.0f;
    f->blur = draw(l) < 0.15f ? between(l, 0.3f, 1.0f) : 0.0f;
    f->noise = draw(l) < 0.3f ? between(l, 0.01f, 0.045f) : 0.0f;
    f->grain = kind(l, 1 << 20);
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
