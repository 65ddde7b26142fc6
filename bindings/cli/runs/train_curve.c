/* SPDX-License-Identifier: MIT */
/*
 * train_curve.c - the numbers of a training's log, drawn.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/lines.h"
#include "plots/plot.h"
#include "runs/train_log.h"
#include "terminal/memory.h"

/** What a log holds; the plot borrows it. */
typedef struct curves {
    double *losses;
    double *accuracies;
    size_t n, capacity;
    training_rates *rates; /* a dataset each */
    size_t n_rates;
} curves;

static double number_of(const json_t *line, const char *name)
{
    return json_number_value(json_object_get(line, name));
}

static void add_step(curves *c, const json_t *line)
{
    if (c->n == c->capacity) {
        c->capacity = 2 * c->capacity + 64;
        c->losses = memory_resize(c->losses, c->capacity, sizeof(double));
        c->accuracies =
            memory_resize(c->accuracies, c->capacity, sizeof(double));
    }
    c->losses[c->n] = number_of(line, "loss");
    c->accuracies[c->n++] = number_of(line, "accuracy");
}

static training_rates *find_rates(curves *c, const char *name)
{
    for (size_t i = 0; i < c->n_rates; i++)
        if (strcmp(c->rates[i].name, name) == 0)
            return &c->rates[i];
    c->rates = memory_resize(c->rates, c->n_rates + 1, sizeof(*c->rates));
    c->rates[c->n_rates] =
        (training_rates){ .name = memory_text("%s", name), .plain = -1.0 };
    return &c->rates[c->n_rates++];
}

static void add_rates(curves *c, const json_t *line, const char *name)
{
    const char *head = json_string_value(json_object_get(line, "head"));
    training_rates *r = find_rates(c, name);

    if (head && strcmp(head, "none") == 0) {
        r->plain = number_of(line, "uar");
        return;
    }
    r->epochs = memory_resize(r->epochs, r->n + 1, sizeof(double));
    r->uar = memory_resize(r->uar, r->n + 1, sizeof(double));
    r->epochs[r->n] = number_of(line, "epochs");
    r->uar[r->n++] = number_of(line, "uar");
}

static void read_line(curves *c, const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    const char *name = json_string_value(json_object_get(line, "validation"));

    if (name)
        add_rates(c, line, name);
    else if (json_is_number(json_object_get(line, "loss")))
        add_step(c, line);
    json_decref(line);
}

static void release(curves *c)
{
    for (size_t i = 0; i < c->n_rates; i++) {
        free(c->rates[i].name);
        free(c->rates[i].epochs);
        free(c->rates[i].uar);
    }
    free(c->rates);
    free(c->losses);
    free(c->accuracies);
}

static int draw(const char *path, const training_plot *plot)
{
    const plot_drawing drawing = plot_training(plot);

    return plot_file(path, &drawing);
}

int train_log_plot(const char *path, const char *plot, const char *title,
                   int64_t epoch_steps)
{
    curves c = { 0 };
    lines log;
    int rc;

    lines_open(&log, path);
    while (lines_next(&log))
        read_line(&c, log.text);
    rc = lines_report(&log);
    lines_close(&log);
    if (!rc && c.n)
        rc = draw(plot,
                  &(training_plot){ title, c.n, (size_t)epoch_steps, c.losses,
                                    c.accuracies, c.rates, c.n_rates });
    release(&c);
    return rc;
}
