/* SPDX-License-Identifier: MIT */
/*
 * train_log.c - the log of a training, also when it goes on from a checkpoint.
 */
#include "runs/train_log.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "terminal/failure.h"
#include "inputs/lines.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/json_line.h"
#include "views/outfile.h"

struct train_log {
    FILE *stream;
    char *path;
};

/** A whole number of a line; of a line without it, a very large one. */
static int64_t whole_of(const json_t *line, const char *name)
{
    const json_t *number = json_object_get(line, name);

    return json_is_integer(number) ? json_integer_value(number) : INT64_MAX;
}

/** Is it a step before `step`, which is noted in *last, or rates of the time
 * before it was reached? */
static int is_before(const char *line, int64_t step, int64_t *last)
{
    json_t *object = json_loads(line, 0, NULL);
    const int64_t at = whole_of(object, "step");
    const int found = at < step || whole_of(object, "steps") < step;

    if (at < step)
        *last = at;
    json_decref(object);
    return found;
}

/** Copy the lines before `step` to a file that then takes the log's place. */
static int keep_lines(const char *path, int64_t step, int64_t *last)
{
    outfile *kept = NULL;
    struct stat st;
    lines old;
    int rc = outfile_open(&kept, path, EXPCLIP__FILE_JSON);

    if (rc)
        return rc;
    /* A pipe, such as /dev/stdout, has no lines of before to give. */
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        lines_open(&old, path);
        while (lines_next(&old))
            if (is_before(old.text, step, last))
                fprintf(outfile_stream(kept), "%s\n", old.text);
        rc = lines_report(&old);
        lines_close(&old);
    }
    /* Stopped, the log has fewer lines than it had: it stays as it was. */
    if (!rc && !stop_wanted())
        return outfile_commit(kept);
    outfile_abort(kept);
    return rc ? rc : EXIT_RESOURCES;
}

/** Takes `line`. */
static int write_line(train_log *log, json_t *line)
{
    json_dumpf(line, log->stream, JSON_REAL_PRECISION(15));
    json_decref(line);
    fputc('\n', log->stream);
    if (fflush(log->stream) == 0)
        return 0;
    console_error("%s: cannot write: %s", log->path, strerror(errno));
    return EXIT_RESOURCES;
}

int train_log_add(train_log *log, const expclip_trainer *trainer)
{
    const int64_t step = expclip_trainer_step_count(trainer) - 1;

    return write_line(
        log,
        json_pack("{s:I, s:I, s:f, s:f, s:f}", "epoch",
                  (json_int_t)(step / expclip_trainer_epoch_steps(trainer)),
                  "step", (json_int_t)step, "loss",
                  expclip_trainer_loss(trainer), "accuracy",
                  expclip_trainer_accuracy(trainer), "lr",
                  expclip_trainer_learning_rate(trainer)));
}

int train_log_add_rates(train_log *log, const expclip_trainer *trainer,
                        const train_rates *r)
{
    const int64_t steps = expclip_trainer_step_count(trainer);
    const int64_t epochs = steps / expclip_trainer_epoch_steps(trainer);

    return write_line(
        log, json_pack("{s:o, s:o, s:s, s:I, s:I, s:f, s:f}", "validation",
                       json_line_text(r->title, strlen(r->title)), "prompts",
                       json_line_text(r->prompts, strlen(r->prompts)), "head",
                       r->is_plain ? "none" : "trained", "epochs",
                       (json_int_t)epochs, "steps", (json_int_t)steps, "uar",
                       r->uar, "war", r->war));
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
