/* SPDX-License-Identifier: MIT */
/*
 * train_log.c - the log of a training, also when it goes on from a checkpoint.
 */
#define _GNU_SOURCE /* getline() */
#include "train_log.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "console.h"
#include "memory.h"
#include "outfile.h"
#include "plot.h"

struct train_log {
    FILE *stream;
    char *path;
};

/** Step of a line; a line that is none comes after all. */
static int64_t step_of(const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    const json_t *number = json_object_get(object, "step");
    const int64_t step =
        json_is_integer(number) ? json_integer_value(number) : INT64_MAX;

    json_decref(object);
    return step;
}

/** Copy the lines before `step` to a file that then takes the log's place. */
static int keep_lines(const char *path, int64_t step, int64_t *last)
{
    FILE *old = fopen(path, "r");
    outfile *kept = NULL;
    char *line = NULL;
    size_t capacity = 0;
    int rc = outfile_open(&kept, path);

    while (!rc && old && getline(&line, &capacity, old) > 0)
        if (step_of(line) < step) {
            fputs(line, outfile_stream(kept));
            *last = step_of(line);
        }
    free(line);
    if (old)
        fclose(old);
    return rc ? rc : outfile_commit(kept);
}

int train_log_add(train_log *log, const expclip_trainer *trainer)
{
    const int64_t step = expclip_trainer_step_count(trainer) - 1;
    json_t *line = json_pack(
        "{s:I, s:I, s:f, s:f, s:f}", "epoch",
        (json_int_t)(step / expclip_trainer_epoch_steps(trainer)), "step",
        (json_int_t)step, "loss", expclip_trainer_loss(trainer), "accuracy",
        expclip_trainer_accuracy(trainer), "lr",
        expclip_trainer_learning_rate(trainer));

    json_dumpf(line, log->stream, JSON_REAL_PRECISION(17));
    json_decref(line);
    fputc('\n', log->stream);
    if (fflush(log->stream) == 0)
        return 0;
    console_error("%s: cannot write: %s", log->path, strerror(errno));
    return EXIT_RESOURCES;
}

int train_log_open(train_log **out, const char *path,
                   const expclip_trainer *trainer)
{
    const int64_t step = expclip_trainer_step_count(trainer);
    int64_t last = -1;
    train_log *log;
    int rc = keep_lines(path, step, &last);

    if (rc)
        return rc;
    log = memory_new(1, sizeof(*log));
    log->path = memory_text("%s", path);
    log->stream = fopen(path, "a");
    if (!log->stream) {
        console_error("%s: %s", path, strerror(errno));
        train_log_close(log);
        return EXIT_RESOURCES;
    }
    *out = log;
    /* Ended between a step's checkpoint and its line: the trainer knows it. */
    return step && last < step - 1 ? train_log_add(log, trainer) : 0;
}

/** The numbers of a log. */
typedef struct points {
    double *losses;
    double *accuracies;
    size_t n, capacity;
} points;

static void add_point(points *p, const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    const json_t *loss = json_object_get(object, "loss");

    if (json_is_number(loss)) {
        if (p->n == p->capacity) {
            p->capacity = 2 * p->capacity + 64;
            p->losses = memory_resize(p->losses, p->capacity, sizeof(double));
            p->accuracies =
                memory_resize(p->accuracies, p->capacity, sizeof(double));
        }
        p->losses[p->n] = json_number_value(loss);
        p->accuracies[p->n++] =
            json_number_value(json_object_get(object, "accuracy"));
    }
    json_decref(object);
}

int train_log_plot(const char *path, const char *plot, const char *title,
                   int64_t epoch_steps)
{
    FILE *log = fopen(path, "r");
    points p = { NULL, NULL, 0, 0 };
    char *line = NULL;
    size_t capacity = 0;
    int rc = 0;

    if (!log) {
        console_error("%s: %s", path, strerror(errno));
        return EXIT_RESOURCES;
    }
    while (getline(&line, &capacity, log) > 0)
        add_point(&p, line);
    fclose(log);
    free(line);
    if (p.n)
        rc = plot_training_file(
            plot, &(training_plot){ title, p.n, (size_t)epoch_steps, p.losses,
                                    p.accuracies });
    free(p.losses);
    free(p.accuracies);
    return rc;
}

int train_log_close(train_log *log)
{
    int rc = 0;

    if (!log)
        return 0;
    if (log->stream && fclose(log->stream) != 0) {
        console_error("%s: cannot write: %s", log->path, strerror(errno));
        rc = EXIT_RESOURCES;
    }
    free(log->path);
    free(log);
    return rc;
}
