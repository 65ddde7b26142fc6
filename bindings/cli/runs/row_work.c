/* SPDX-License-Identifier: MIT */
/*
 * row_work.c - what `expclip features` and `expclip targets` share, and its
 * steps with `expclip evaluate`.
 */
#include "runs/row_work.h"

#include <stdlib.h>
#include <sys/statvfs.h>

#include "options/data_settings.h"
#include "options/model_settings.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"
#include "views/outfile.h"

enum { FAILURES_SHOWN = 20, RECORD_EXTRA = 272, HEADER = 4096 };

/* ------------------------------------------------------------------------
 * Images and file
 */

/** "I/N", both from 1. @return 1 when it is well formed */
static int read_shard(const char *text, int32_t *shard, int32_t *n_shards)
{
    char *end = NULL;
    const long i = strtol(text, &end, 10);
    const long n = *end == '/' ? strtol(end + 1, &end, 10) : 0;

    if (*end || i < 1 || n < i || n > 10000)
        return 0;
    *shard = (int32_t)i - 1;
    *n_shards = (int32_t)n;
    return 1;
}

static int check_settings(const char *name, const row_settings *s)
{
    const char *missing = !s->output               ? "-o FILE"
                          : !s->images && !s->data ? "--images DIR|LIST"
                                                   : NULL;

    if (missing) {
        console_error("%s: %s is needed; see \"expclip %s --help\"", name,
                      missing, name);
        return EXIT_USAGE;
    }
    if (s->images && s->data) {
        console_error("--images and --data exclude each other");
        return EXIT_USAGE;
    }
    return 0;
}

static int open_data(expclip_dataset **out, const row_settings *s)
{
    data_settings reading = DATA_SETTINGS_DEFAULT;
    char *spec = s->images ? memory_text("images=%s", s->images)
                           : memory_text("%s", s->data);
    int rc;

    reading.split = s->split;
    reading.labels = s->labels;
    rc = data_settings_open(out, spec, &reading);
    free(spec);
    if (!rc)
        data_settings_tell(*out);
    return rc;
}

static int take_shard(row_job *job, const row_settings *s)
{
    expclip_dataset *part = NULL;
    int32_t shard = 0, n_shards = 0;
    expclip_error err;

    if (!s->shard) {
        job->path = memory_text("%s", s->output);
        return 0;
    }
    if (!read_shard(s->shard, &shard, &n_shards)) {
        console_error("--shard: found \"%s\", expected I/N, such as 2/8",
                      s->shard);
        return EXIT_USAGE;
    }
    if (expclip_dataset_shard(&part, job->dataset, shard, n_shards, &err)) {
        console_error("%s", err.message);
        return EXIT_USAGE;
    }
    expclip_dataset_free(job->dataset);
    job->dataset = part;
    job->path = memory_text("%s-%05d-of-%05d", s->output, (int)shard + 1,
                            (int)n_shards);
    return 0;
}

static int open_job(row_job *job, const char *name, const row_settings *s)
{
    int rc = check_settings(name, s);

    if (!rc)
        rc = open_data(&job->dataset, s);
    if (!rc)
        rc = take_shard(job, s);
    return rc ? rc : outfile_check(job->path, EXPCLIP__FILE_ROWS);
}

/* ------------------------------------------------------------------------
 * The steps
 */

expclip_status row_steps_run(expclip_rows *rows, size_t n, const char *items,
                             expclip_error *err)
{
    const size_t before = expclip_rows_done_count(rows);
    expclip_status status = EXPCLIP_OK;
    progress bar;

    progress_start(&bar, items, (double)(n - before));
    while (!status && expclip_rows_done_count(rows) < n) {
        status = expclip_rows_step(rows, stop_token(), err);
        progress_show(&bar, (double)(expclip_rows_done_count(rows) - before));
    }
    progress_hide(&bar);
    return status;
}

size_t row_steps_report(const expclip_rows *rows,
                        const expclip_dataset *dataset, const char *title)
{
    const size_t n_items = expclip_dataset_count(dataset);
    size_t n = 0;

    for (size_t i = 0; i < n_items; i++) {
        const char *why = expclip_rows_message(rows, i);

        if ((expclip_rows_status(rows, i) || *why) && n++ < FAILURES_SHOWN)
            console_error("%s: %s", expclip_dataset_path(dataset, i), why);
    }
    if (n > FAILURES_SHOWN)
        console_error("%s: and %zu more items", title, n - FAILURES_SHOWN);
    return n;
}

/* ------------------------------------------------------------------------
 * The work
 */

int row_work_check(expclip_status status, const expclip_error *err)
{
    if (!status)
        return 0;
    console_error("%s", err->message);
    return status == EXPCLIP_ERROR_IO || status == EXPCLIP_ERROR_MEMORY
               ? EXIT_RESOURCES
               : EXIT_USAGE;
}

/** Fail early when the disk has no room for what is to come. */
static int check_space(const row_job *job, size_t n, size_t done)
{
    const double record = 4.0 * (double)job->dim + RECORD_EXTRA;
    const double all = HEADER + record * (double)n;
    const double left = record * (double)(n - done);
    struct statvfs fs;
    double room;

    console_note("%s: %zu images, %zu done, %.1f MB when it is whole",
                 job->path, n, done, all / 1e6);
    if (statvfs(job->path, &fs) != 0)
        return 0;
    room = (double)fs.f_bavail * (double)fs.f_frsize;
    if (room >= left)
        return 0;
    console_error("%s: needs %.1f MB more, and the disk has %.1f MB", job->path,
                  left / 1e6, room / 1e6);
    return EXIT_RESOURCES;
}

static int run(const row_job *job, size_t n, size_t before)
{
    const double start = console_seconds();
    size_t n_failed;
    double seconds;
    expclip_error err;

    if (row_steps_run(job->rows, n, "images", &err)) {
        console_error(
            "%s; %zu of %zu images are done: the same command continues",
            err.message, expclip_rows_done_count(job->rows), n);
        return exit_code_of(err.code);
    }
    row_steps_report(job->rows, job->dataset, job->path);
    n_failed = expclip_rows_failed_count(job->rows);
    seconds = console_seconds() - start;
    console_note("%s: %zu images, %zu failed, %.1f s, %.2f images/s", job->path,
                 n, n_failed, seconds, (double)(n - before) / (seconds + 1e-9));
    return n_failed ? EXIT_SOME_FAILED : EXIT_DONE;
}

int row_work(const char *name, const row_settings *s, row_begin *begin,
             const void *settings)
{
    row_job job = { NULL, NULL, NULL, 0 };
    int rc = open_job(&job, name, s);

    if (!rc)
        rc = begin(&job, settings);
    if (!rc) {
        const size_t n = expclip_dataset_count(job.dataset);
        const size_t done = expclip_rows_done_count(job.rows);

        rc = check_space(&job, n, done);
        if (!rc)
            rc = run(&job, n, done);
    }
    expclip_rows_free(job.rows);
    expclip_dataset_free(job.dataset);
    free(job.path);
    return rc;
}
