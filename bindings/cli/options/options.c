/* SPDX-License-Identifier: MIT */
/*
 * options.c - the option parser.
 */
#include "options/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/option_table.h"
#include "terminal/console.h"
#include "views/outfile.h"

enum { WORD_MAX = 64 /* longest word that is compared with others */ };

/* ------------------------------------------------------------------------
 * The nearest word
 */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Levenshtein distance of two words of at most WORD_MAX bytes. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    const size_t n = strlen(b);

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            const size_t swap = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(swap, least(row[j], row[j + 1]) + 1);
        }
    }
    return row[n];
}

const char *options_nearest(const char *word, const char *const *words)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;

    if (strlen(word) > WORD_MAX)
        return NULL;
    for (; *words; words++) {
        const size_t d = distance(word, *words);
        /* A third of the letters wrong is another word. */
        if (d < best_distance && d * 3 <= strlen(*words) + 2) {
            best = *words;
            best_distance = d;
        }
    }
    return best;
}

/* ------------------------------------------------------------------------
 * Values
 */

static int fail_value(const char *name, const char *found, const char *expected)
{
    console_error("--%s: found \"%s\", expected %s", name, found, expected);
    return EXIT_USAGE;
}

/** Is `word` one of the words in "a|b|c"? */
static int is_choice(const char *words, const char *word)
{
    while (*words) {
        const size_t n = strcspn(words, "|");
        if (strlen(word) == n && memcmp(words, word, n) == 0)
            return 1;
        words += n + (words[n] == '|');
    }
    return 0;
}

static int set_number(const command_option *o, char *place, const char *text)
{
    const int is_int = o->kind == OPTION_INT || o->kind == OPTION_LONG;
    char expected[96];
    char *end = NULL;
    double v;

    v = is_int ? (double)strtoll(text, &end, 10) : strtod(text, &end);
    /* NaN fails both comparisons. */
    if (end == text || *end || !(v >= o->min && v <= o->max)) {
        snprintf(expected, sizeof(expected), "%s from %g to %.10g",
                 is_int ? "a whole number" : "a number", o->min, o->max);
        return fail_value(o->name, text, expected);
    }
    if (o->kind == OPTION_INT)
        memcpy(place, &(int32_t){ (int32_t)v }, sizeof(int32_t));
    else if (is_int)
        memcpy(place, &(int64_t){ (int64_t)v }, sizeof(int64_t));
    else if (o->kind == OPTION_DOUBLE)
        memcpy(place, &v, sizeof(v));
    else
        memcpy(place, &(float){ (float)v }, sizeof(float));
    return OPTIONS_RUN;
}

static int add_text(const command_option *o, option_texts *list,
                    const char *text)
{
    const int32_t most = sizeof(list->items) / sizeof(list->items[0]);

    if (!*text)
        return fail_value(o->name, text, o->value);
    if (list->n == most) {
        console_error("--%s: given more than %d times", o->name, (int)most);
        return EXIT_USAGE;
    }
    list->items[list->n++] = text;
    return OPTIONS_RUN;
}

/** Write an option's value at its place in the settings. */
static int set_value(const command_option *o, void *settings, const char *text)
{
    char *place = (char *)settings + o->place;

    switch (o->kind) {
    case OPTION_FLAG:
    case OPTION_RESULTS:
        memcpy(place, &(int32_t){ 1 }, sizeof(int32_t));
        return OPTIONS_RUN;
    case OPTION_OFF:
        memcpy(place, &(int32_t){ 0 }, sizeof(int32_t));
        return OPTIONS_RUN;
    case OPTION_CHOICE:
        if (!is_choice(o->value, text))
            return fail_value(o->name, text, o->value);
        memcpy(place, &text, sizeof(text));
        return OPTIONS_RUN;
    case OPTION_TEXT:
        if (!*text)
            return fail_value(o->name, text, o->value);
        memcpy(place, &text, sizeof(text));
        return OPTIONS_RUN;
    case OPTION_TEXTS:
        return add_text(o, (option_texts *)(void *)place, text);
    default:
        return set_number(o, place, text);
    }
}

/* ------------------------------------------------------------------------
 * Parsing
 */

/** Find an option by its name of `size` bytes, or by its letter. */
static const command_option *find(const command_option *options,
                                  const char *name, size_t size, char letter)
{
    for (const command_option *o = options; o->kind; o++) {
        if (o->kind == OPTION_HEADING)
            continue;
        if (letter ? o->letter == letter
                   : strlen(o->name) == size && !memcmp(o->name, name, size))
            return o;
    }
    return NULL;
}

static int fail_unknown(const command *c, const char *word)
{
    const char *names[64] = { NULL };
    const char *near = NULL;
    char name[WORD_MAX + 1];
    size_t n = 0;

    if (word[1] == '-') {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="),
                 word + 2);
        for (const command_option *o = c->options; o->kind && n < 60; o++)
            if (o->kind != OPTION_HEADING)
                names[n++] = o->name;
        for (const command_option *o = common_options; o->kind; o++)
            if (o->kind != OPTION_HEADING)
                names[n++] = o->name;
        near = options_nearest(name, names);
    }
    if (near)
        console_error("unknown option %s; did you mean --%s?", word, near);
    else
        console_error("unknown option %s; see \"expclip %s --help\"", word,
                      c->name);
    return EXIT_USAGE;
}

/** What followed the last --json or --csv. */
typedef struct results_file {
    const char *name;   /* of the option */
    const char *path;   /* behind "=", or NULL */
    const char *before; /* the next word, or NULL */
} results_file;

/** `--csv out.csv` would read out.csv as an image. */
static int is_slip(const results_file *r)
{
    static const char *const endings[] = { ".csv", ".json", ".jsonl" };
    const char *dot = r->before ? strrchr(r->before, '.') : NULL;

    for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(dot, endings[i]) == 0)
            return 1;
    return 0;
}

static int send_results(const results_file *r)
{
    int rc;

    if (is_slip(r)) {
        console_error("--%s takes its file as --%s=%s", r->name, r->name,
                      r->before);
        return EXIT_USAGE;
    }
    if (!r->path)
        return OPTIONS_RUN;
    if (!*r->path)
        return fail_value(r->name, r->path, "the name of a file behind =");
    rc = outfile_redirect(r->path, strcmp(r->name, "csv") == 0
                                       ? EXPCLIP__FILE_CSV
                                       : EXPCLIP__FILE_JSON);
    return rc ? rc : OPTIONS_RUN;
}

/**
 * Take the option at argv[*i], and the word after it when that is its value.
 */
static int take_option(const command *c, void *settings,
                       common_settings *common, results_file *results, int argc,
                       char **argv, int *i)
{
    const char *word = argv[*i];
    const int is_long = word[1] == '-';
    const char *name = word + (is_long ? 2 : 1);
    const size_t size = is_long ? strcspn(name, "=") : 1;
    const char letter = is_long ? '\0' : word[1];
    const char *value = NULL;
    const command_option *o = find(c->options, name, size, letter);

    if (!o) {
        o = find(common_options, name, size, letter);
        settings = common;
    }
    if (!o)
        return fail_unknown(c, word);
    if (name[size])
        value = name + size + (is_long ? 1 : 0);
    if (o->kind == OPTION_RESULTS) {
        results->name = o->name;
        results->path = value;
        results->before = value ? NULL : argv[*i + 1];
    } else if (!o->value && value) {
        console_error("--%s takes no value, found \"%s\"", o->name, value);
        return EXIT_USAGE;
    }
    if (o->value && !value) {
        if (*i + 1 >= argc) {
            console_error("--%s needs a value: %s", o->name, o->value);
            return EXIT_USAGE;
        }
        value = argv[++*i];
    }
    return set_value(o, settings, value);
}

int options_parse(const command *c, void *settings, int argc, char **argv,
                  int *n_operands)
{
    common_settings common = { 0 };
    results_file results = { NULL, NULL, NULL };
    int only_operands = 0;
    int n = 0;

    for (int i = 0; i < argc; i++) {
        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[n++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_operands = 1;
        } else {
            const int rc =
                take_option(c, settings, &common, &results, argc, argv, &i);
            if (rc != OPTIONS_RUN)
                return rc;
        }
    }
    if (common.help) {
        options_help(c);
        return EXIT_DONE;
    }
    if (n && !c->operands[0]) {
        console_error("%s takes no operand, found \"%s\"", c->name, argv[0]);
        return EXIT_USAGE;
    }
    console_set_quiet(common.quiet);
    outfile_set_force(common.force);
    *n_operands = n;
    return send_results(&results);
}
