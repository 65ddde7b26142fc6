/* SPDX-License-Identifier: MIT */
/*
 * row_work.c - what `expclip features` and `expclip targets` share.
 */
#include "runs/row_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "options/data_settings.h"
#include "options/model_settings.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/outfile.h"

enum { FAILURES_SHOWN = 20, RECORD_EXTRA = 272, HEADER = 4096 };

/* ------------------------------------------------------------------------
 * Pictures and file
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

int row_job_open(row_job *out, const char *name, const row_settings *s)
{
    row_job job = { NULL, NULL, 0 };
    int rc = check_settings(name, s);

    if (!rc)
        rc = open_data(&job.dataset, s);
    if (!rc)
        rc = take_shard(&job, s);
    if (!rc)
        rc = outfile_check(job.path, EXPCLIP__FILE_ROWS);
    if (rc) {
        row_job_close(&job);
        return rc;
    }
    job.n = expclip_dataset_count(job.dataset);
    *out = job;
    return 0;
}

void row_job_close(row_job *job)
{
    expclip_dataset_free(job->dataset);
    free(job->path);
    memset(job, 0, sizeof(*job));
}

/* ------------------------------------------------------------------------
 * The work
 */

int row_job_check_space(const row_job *job, size_t done, size_t dim)
{
    const double record = 4.0 * (double)dim + RECORD_EXTRA;
    const double all = HEADER + record * (double)job->n;
    const double left = record * (double)(job->n - done);
    struct statvfs fs;
    double room;

    console_note("%s: %zu pictures, %zu done, %.1f MB when it is whole",
                 job->path, job->n, done, all / 1e6);
    if (statvfs(job->path, &fs) != 0)
        return 0;
    room = (double)fs.f_bavail * (double)fs.f_frsize;
    if (room >= left)
        return 0;
    console_error("%s: needs %.1f MB more, and the disk has %.1f MB", job->path,
                  left / 1e6, room / 1e6);
    return EXIT_RESOURCES;
}

static size_t report_failures(const row_job *job, const row_maker *maker)
{
    size_t n = 0;

    for (size_t i = 0; i < job->n; i++)
        if (maker->status(maker->object, i) && n++ < FAILURES_SHOWN)
            console_error("%s: %s", expclip_dataset_path(job->dataset, i),
                          maker->message(maker->object, i));
    if (n > FAILURES_SHOWN)
        console_error("and %zu more that failed", n - FAILURES_SHOWN);
    return n;
}

int row_job_run(const row_job *job, const row_maker *maker)
{
    const size_t before = maker->done(maker->object);
    const double start = console_seconds();
    expclip_status status = EXPCLIP_OK;
    expclip_error err;
    progress bar;
    size_t n_failed;
    double seconds;

    progress_start(&bar, "pictures", (double)(job->n - before));
    while (!status && maker->done(maker->object) < job->n) {
        status = maker->step(maker->object, stop_token(), &err);
        progress_show(&bar, (double)(maker->done(maker->object) - before));
    }
    progress_hide(&bar);
    if (status) {
        console_error(
            "%s; %zu of %zu images are done: the same command continues",
            err.message, maker->done(maker->object), job->n);
        return exit_code_of(status);
    }
    n_failed = report_failures(job, maker);
    seconds = console_seconds() - start;
    console_note("%s: %zu pictures, %zu failed, %.1f s, %.2f pictures/s",
                 job->path, job->n, n_failed, seconds,
                 (double)(job->n - before) / (seconds + 1e-9));
    return n_failed ? EXIT_SOME_FAILED : EXIT_DONE;
}
