/* SPDX-License-Identifier: MIT */
/*
 * dataset_tables.c - what is published about each dataset, and where its label
 * codes are mapped to classes.
 *
 * Counts of the clips are those of the reference's lists (annotation/ of
 * zengqunzhao/Exp-CLIP), fold by fold; of the images those of their papers.
 * FERPlus has none: how many of its 3589 images are left depends on the rule
 * for their votes.
 */
#include "datasets/dataset_tables.h"

#include <string.h>

#include "datasets/class_names.h"
#include "datasets/dataset_layouts.h"

/* One a line, so that a code is found by counting. */
static const expclip__known table[] = {
    /* 1 surprise 2 fear 3 disgust 4 happiness 5 sadness 6 anger 7 neutral */
    { .name = "RAFDB",
      .n_classes = 7,
      .n_folds = 1,
      .first_code = 1,
      .n_codes = 7,
      .codes = { 4, 6, 5, 0, 1, 3, 2 },
      .n_items = { 3068 },
      .read = expclip__read_rafdb },
    /* 0 neutral 1 happy 2 sad 3 surprise 4 fear 5 disgust 6 anger 7 contempt
     * 8 none 9 uncertain 10 no face */
    { .name = "AffectNet7",
      .n_classes = 7,
      .n_folds = 1,
      .n_codes = 11,
      .codes = { 2, 0, 1, 4, 6, 5, 3, -1, -1, -1, -1 },
      .n_items = { 3500 },
      .n_by_class = { { 500, 500, 500, 500, 500, 500, 500 } },
      .read = expclip__read_affectnet },
    { .name = "AffectNet8",
      .n_classes = 8,
      .n_folds = 1,
      .n_codes = 11,
      .codes = { 2, 0, 1, 4, 6, 5, 3, 7, -1, -1, -1 },
      .n_items = { 4000 },
      .n_by_class = { { 500, 500, 500, 500, 500, 500, 500, 500 } },
      .read = expclip__read_affectnet },
    /* columns of votes: neutral happiness surprise sadness anger disgust fear
     * contempt, unknown, no face */
    { .name = "FERPlus",
      .n_classes = 8,
      .n_folds = 1,
      .n_codes = 10,
      .codes = { 2, 0, 4, 1, 3, 5, 6, 7, -1, -1 },
      .read = expclip__read_ferplus },
    /* 0 angry 1 disgust 2 fear 3 happy 4 sad 5 surprise 6 neutral */
    { .name = "FER2013",
      .n_classes = 7,
      .n_folds = 1,
      .n_codes = 7,
      .codes = { 3, 5, 6, 0, 1, 4, 2 },
      .n_items = { 3589 },
      .read = expclip__read_fer2013 },
    /* 1 happy 2 sad 3 neutral 4 angry 5 surprise 6 disgust 7 fear */
    { .name = "DFEW",
      .n_classes = 7,
      .n_folds = 5,
      .first_code = 1,
      .n_codes = 7,
      .codes = { 0, 1, 2, 3, 4, 5, 6 },
      .n_items = { 2341, 2341, 2340, 2339, 2336 },
      .n_by_class = { { 489, 379, 534, 435, 294, 29, 181 },
                      { 489, 379, 534, 435, 294, 29, 181 },
                      { 489, 379, 534, 435, 294, 29, 180 },
                      { 489, 379, 534, 434, 294, 29, 180 },
                      { 489, 378, 533, 434, 293, 29, 180 } },
      .read = expclip__read_dfew },
    { .name = "FERV39k",
      .n_classes = 7,
      .n_folds = 1,
      .n_items = { 7847 },
      .n_by_class = { { 1473, 1393, 1958, 1487, 638, 467, 431 } },
      .read = expclip__read_ferv39k },
    /* 1 anger 2 disgust 3 fear 4 happiness 5 neutral 6 sadness 7 surprise
     * 8 contempt 9 anxiety 10 helplessness 11 disappointment; the order is that
     * of EmoCLIP's loader, that it counts from 1 was not seen in a list */
    { .name = "MAFW",
      .n_classes = 11,
      .n_folds = 5,
      .first_code = 1,
      .n_codes = 11,
      .codes = { 3, 5, 6, 0, 2, 1, 4, 7, 8, 9, 10 },
      .n_items = { 1839, 1837, 1833, 1832, 1831 },
      .n_by_class = { { 249, 294, 228, 278, 215, 128, 125, 48, 184, 53, 37 },
                      { 249, 294, 228, 278, 215, 128, 125, 47, 183, 53, 37 },
                      { 248, 294, 228, 278, 214, 128, 125, 47, 183, 52, 36 },
                      { 248, 294, 227, 278, 214, 128, 125, 47, 183, 52, 36 },
                      { 248, 294, 227, 278, 214, 127, 125, 47, 183, 52, 36 } },
      .read = expclip__read_mafw },
    { .name = "AFEW",
      .n_classes = 7,
      .n_folds = 1,
      .n_items = { 381 },
      .n_by_class = { { 62, 61, 64, 63, 45, 40, 46 } },
      .read = expclip__read_afew },
    { .name = "CAER-S",
      .n_classes = 7,
      .n_folds = 1,
      .read = expclip__read_caers },
    /* 0 neutral 1 anger 2 contempt 3 disgust 4 fear 5 happy 6 sadness
     * 7 surprise; no sequence is neutral at its peak */
    { .name = "CKPlus",
      .n_classes = 8,
      .n_folds = 1,
      .n_codes = 8,
      .codes = { 2, 3, 7, 5, 6, 0, 1, 4 },
      .n_items = { 327 },
      .n_by_class = { { 69, 28, 0, 45, 83, 59, 25, 18 } },
      .read = expclip__read_ckplus },
    { .name = "folder",
      .n_folds = 1,
      .takes_labels = 1,
      .read = expclip__read_folder },
    { .name = "list",
      .n_folds = 1,
      .takes_labels = 1,
      .read = expclip__read_list },
    { .name = "images", .n_folds = 1, .read = expclip__read_images },
};

/* Other forms of the classes' names, as folders of datasets are called. */
static const struct {
    const char *name;
    int32_t label;
} aliases[] = {
    { "happy", 0 },   { "joy", 0 },       { "sad", 1 },
    { "angry", 3 },   { "surprised", 4 }, { "disgusted", 5 },
    { "fearful", 6 }, { "afraid", 6 },    { "contemptuous", 7 },
    { "anxious", 8 }, { "helpless", 9 },  { "disappointed", 10 },
};

/* ASCII only: no locale. */
static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static int is_name(const char *name, size_t size, const char *expected)
{
    for (size_t i = 0; i < size; i++)
        if (!expected[i] || lower(name[i]) != expected[i])
            return 0;
    return expected[size] == '\0';
}

int32_t expclip__class_of_name(const char *name, size_t size)
{
    for (int32_t i = 0; i < EXPCLIP__N_CLASSES; i++)
        if (is_name(name, size, expclip__class_names[i]))
            return i;
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (is_name(name, size, aliases[i].name))
            return aliases[i].label;
    return -1;
}

/* Step over dashes; the next letter in lower case, NUL at the end. */
static char next_letter(const char **s)
{
    while (**s == '-')
        ++*s;
    return **s ? lower(*(*s)++) : '\0';
}

static int same_name(const char *a, const char *b)
{
    char c;

    do {
        c = next_letter(&a);
        if (c != next_letter(&b))
            return 0;
    } while (c);
    return 1;
}

const expclip__known *expclip__known_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (same_name(table[i].name, name))
            return &table[i];
    return NULL;
}
