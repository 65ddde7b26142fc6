/* SPDX-License-Identifier: MIT */
/*
 * describe.c - a face's actions in words, a sentence a region.
 */
#include "describe.h"

#include <stdio.h>
#include <string.h>

enum { BROWS, EYES, NOSE, MOUTH, N_REGIONS };
enum { SMILE, HALF_SMILE, DIMPLES, HALF_DIMPLE, N_FOLDED };

/* An action: where it is and how it is said, {} being the strength. */
typedef struct action {
    int region;
    const char *before, *after;
} action;

static const action AU1 = { BROWS, "the inner brows are ", "raised" };
static const action AU2 = { BROWS, "the outer brows are ", "raised" };
static const action AU4 = { BROWS, "the brows are ",
                            "lowered and drawn together" };
static const action AU5 = { EYES, "the upper eyelids are ",
                            "raised and the eyes wide" };
static const action AU6 = { EYES, "the cheeks are ",
                            "raised, with crinkles beside the eyes" };
static const action AU7 = { EYES, "the eyelids are ",
                            "tightened and the eyes narrow" };
static const action AU43 = { EYES, "the eyes are ", "closed" };
static const action AU9 = { NOSE, "the nose is ", "wrinkled" };
static const action AU10 = { NOSE, "the upper lip is ", "raised" };
static const action AU15 = { MOUTH, "the lip corners are ",
                             "pulled down, frowning" };
static const action AU17 = { MOUTH, "the chin is ", "pushed up" };
static const action AU20 = { MOUTH, "the lips are ", "stretched sideways" };
static const action AU23 = { MOUTH, "the lips are ",
                             "pressed together, thin and tight" };
static const action AU25 = { MOUTH, "the lips are ", "parted" };
static const action AU26 = { MOUTH, "the jaw is ",
                             "dropped and the mouth open" };
static const action FOLDED[N_FOLDED] = {
    [SMILE] = { MOUTH, "the lip corners are ",
                "pulled up on both sides, smiling" },
    [HALF_SMILE] = { MOUTH, "one lip corner is ",
                     "pulled up, on one side only" },
    [DIMPLES] = { MOUTH, "the mouth corners are ", "tightened into dimples" },
    [HALF_DIMPLE] = { MOUTH, "one mouth corner is ",
                      "tightened, on one side only" },
};

/** The text so far. */
typedef struct telling {
    char *text;
    size_t size;
    int region, n_said; /* of the region's actions */
    int n_all;
} telling;

static void add(telling *t, const char *words)
{
    const int n =
        snprintf(t->text + t->size, DESCRIPTION_SIZE - t->size, "%s", words);

    t->size += n > 0 ? (size_t)n : 0;
    if (t->size >= DESCRIPTION_SIZE)
        t->size = DESCRIPTION_SIZE - 1;
}

static void say(telling *t, const action *a, float strength)
{
    if ((double)strength < 0.3 || a->region != t->region)
        return;
    add(t, t->n_said ? ", and " : "");
    add(t, a->before);
    add(t, (double)strength < 0.5   ? "slightly "
           : (double)strength > 0.8 ? "strongly "
                                    : "");
    add(t, a->after);
    t->n_said++;
    t->n_all++;
}

/* One action on both sides, or another one where a side is less than half. */
static void say_sides(telling *t, int both, int one, float left, float right)
{
    const float low = left < right ? left : right;
    const float high = left < right ? right : left;

    say(t, &FOLDED[(double)low > 0.5 * (double)high ? both : one], high);
}

static void say_all(telling *t, const face *f)
{
    say(t, &AU1, f->au1);
    say(t, &AU2, f->au2);
    say(t, &AU4, f->au4);
    say(t, &AU5, f->au5);
    say(t, &AU6, f->au6);
    say(t, &AU7, f->au7);
    say(t, &AU43, f->au43);
    say(t, &AU9, f->au9);
    say(t, &AU10, f->au10);
    say_sides(t, SMILE, HALF_SMILE, f->au12_l, f->au12_r);
    say_sides(t, DIMPLES, HALF_DIMPLE, f->au14_l, f->au14_r);
    say(t, &AU15, f->au15);
    say(t, &AU17, f->au17);
    say(t, &AU20, f->au20);
    say(t, &AU23, f->au23);
    say(t, &AU25, f->au25);
    say(t, &AU26, f->au26);
}

/* A sentence about a region, or what is said of it at rest. */
static void tell_region(telling *t, int region, const face *f,
                        const char *at_rest)
{
    const size_t start = t->size;
    size_t first;

    add(t, start ? " " : "");
    first = t->size;
    t->region = region;
    t->n_said = 0;
    say_all(t, f);
    if (t->n_said == 0 && *at_rest == '\0') {
        t->size = start;
        t->text[start] = '\0';
        return;
    }
    add(t, t->n_said ? "" : at_rest);
    add(t, ".");
    t->text[first] = (char)(t->text[first] - 'a' + 'A');
}

void describe_face(char text[DESCRIPTION_SIZE], const face *f)
{
    telling t = { .text = text };

    text[0] = '\0';
    tell_region(&t, BROWS, f, "the brows are relaxed");
    tell_region(&t, EYES, f, "the eyes are relaxed");
    tell_region(&t, NOSE, f, "");
    tell_region(&t, MOUTH, f, "the mouth is closed and relaxed");
    if (t.n_all == 0)
        strcpy(text, "The face is at rest: no muscle moves. The brows are "
                     "level, the eyes are open, the lips are closed.");
}

void describe_batch(const float *fields, int n, char *text)
{
    for (int i = 0; i < n; i++) {
        face f;

        memcpy(&f, fields + (size_t)i * FACE_N_FIELDS, sizeof(f));
        describe_face(text + (size_t)i * DESCRIPTION_SIZE, &f);
    }
}
