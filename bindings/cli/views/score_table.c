/* SPDX-License-Identifier: MIT */
/*
 * score_table.c - scores as a table for people: image, best class with a bar,
 * and the next ones as far as the line is wide.
 */
#include <stdlib.h>
#include <string.h>

#include "terminal/console.h"
#include "terminal/memory.h"
#include "views/score_view.h"

enum {
    PROBABILITY_WIDTH = 11, /* "probability" */
    DEFAULT_TOP = 3,
    PATH_MIN = 12
};

static const char dim[] = "\033[2m";
static const char red[] = "\033[31m";
static const char plain[] = "\033[0m";

/** The colour that goes with an expression, else bold. */
static const char *colour_of(const char *name)
{
    static const struct {
        const char *name;
        const char *code;
    } colours[] = {
        { "happiness", "\033[33m" }, { "sadness", "\033[34m" },
        { "neutral", "\033[37m" },   { "anger", "\033[31m" },
        { "surprise", "\033[35m" },  { "disgust", "\033[32m" },
        { "fear", "\033[36m" },
    };

    for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
        if (strcmp(colours[i].name, name) == 0)
            return colours[i].code;
    return "\033[1m";
}

static void print_coloured(const score_view *v, const char *code)
{
    if (v->colour)
        fputs(code, stdout);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void table_begin(score_view *v)
{
    size_t others;

    v->colour = console_has_colour(stdout);
    v->columns = console_columns(stdout);
    v->bar_width = v->columns >= 100 ? 20 : 10;
    v->name_width = strlen("expression");
    for (size_t i = 0; i < v->n_classes; i++) {
        const size_t width = least(console_width(v->names[i]), 24);
        if (width > v->name_width)
            v->name_width = width;
    }
    v->path_width = strlen(v->what);
    if (v->path_width < v->path_least)
        v->path_width = v->path_least;
    for (size_t i = 0; i < v->in->n; i++) {
        const size_t width =
            console_width(v->in->items[i].path) +
            (v->has_faces || v->has_tracks ? strlen(" #10") : 0);
        if (width > v->path_width)
            v->path_width = width;
    }
    others = 2 + v->name_width + 1 + PROBABILITY_WIDTH + 2 + v->bar_width + 1;
    if (others + PATH_MIN > v->columns) { /* numbers before bars */
        others -= v->bar_width;
        v->bar_width = 0;
    }
    if (v->path_width + others > v->columns)
        v->path_width =
            v->columns > others + PATH_MIN ? v->columns - others : PATH_MIN;
    print_coloured(v, dim);
    console_print_fit(stdout, v->what, v->path_width);
    printf("  %-*s %*s", (int)v->name_width, "expression", PROBABILITY_WIDTH,
           "probability");
    print_coloured(v, plain);
    putchar('\n');
}

/** A bar of eighths of a column. */
static void print_bar(double probability, size_t width)
{
    static const char *const eighths[] = { " ", "▏", "▎", "▍",
                                           "▌", "▋", "▊", "▉" };
    const size_t n = (size_t)(probability * (double)width * 8 + 0.5);

    for (size_t i = 0; i < width; i++)
        fputs(i < n / 8 ? "█" : eighths[i == n / 8 ? n % 8 : 0], stdout);
}

/** The classes after the best, as many as fit into the line. */
static void print_others(const score_view *v, const score_result *r)
{
    const size_t top = least(v->top ? v->top : DEFAULT_TOP, v->n_classes);
    size_t left = v->columns;
    size_t used = v->path_width + 2 + v->name_width + 1 + PROBABILITY_WIDTH +
                  2 + v->bar_width;

    left = left > used ? left - used : 0;
    print_coloured(v, dim);
    for (size_t i = 1; i < top; i++) {
        const char *name = v->names[r->order[i]];
        const double percent = 100.0 * (double)r->probabilities[r->order[i]];
        const size_t width = 2 + console_width(name) + strlen(" 99.9 %");
        /* Asked for, they are all shown, however wide the line gets. */
        if (!v->top && width > left)
            break;
        fputs("  ", stdout);
        console_print(stdout, name);
        printf(" %.1f %%", percent);
        left = left > width ? left - width : 0;
    }
    print_coloured(v, plain);
}

/** The image's path, with the number of its face when it has several. */
static void print_name(const score_view *v, const score_result *r)
{
    char *name = NULL;

    if (r->track)
        name = memory_text("%s #%lld", r->input->path,
                           (long long)r->track->number);
    else if (r->found && r->found->n > 1 && r->face >= 0)
        name = memory_text("%s #%d", r->input->path, (int)r->face);

    console_print_fit(stdout, name ? name : r->input->path, v->path_width);
    free(name);
}

static void table_item(const score_view *v, const score_result *r)
{
    print_name(v, r);
    fputs("  ", stdout);
    if (r->status) {
        print_coloured(v, red);
        printf("failed: %s", expclip_status_name(r->status));
        print_coloured(v, plain);
    } else {
        const char *name = v->names[r->order[0]];
        const double probability = (double)r->probabilities[r->order[0]];
        print_coloured(v, colour_of(name));
        console_print_fit(stdout, name, v->name_width);
        printf(" %*.1f %%  ", PROBABILITY_WIDTH - 2, 100 * probability);
        print_bar(probability, v->bar_width);
        print_coloured(v, plain);
        print_others(v, r);
    }
    putchar('\n');
}

const score_form score_table = { table_begin, table_item };
