/* SPDX-License-Identifier: MIT */
/*
 * replaceable.c - what files of ours begin with, and what those of others are.
 */
#define _GNU_SOURCE /* memmem(), O_CLOEXEC */
#include "shared/replaceable.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/formats.h"

#define LOOKED_AT 8192 /* bytes at each end: of an AVI 4 KB are an index */

typedef struct ends {
    char first[LOOKED_AT];
    size_t n_first;
    char last[LOOKED_AT];
    size_t n_last;
} ends;

/* ---- what is ours ---- */

typedef struct signature {
    expclip__file_kind kind;
    const char *begins; /* at the beginning, after `skip` bytes */
    size_t skip;
    const char *holds; /* also in the first bytes; NULL = nothing more */
} signature;

static const signature signatures[] = {
    { EXPCLIP__FILE_TENSORS, "{\"__metadata__\":{\"format\":\"expclip", 8,
      NULL },
    { EXPCLIP__FILE_ROWS, "expclip rows", 0, NULL },
    { EXPCLIP__FILE_NPY, "\x93NUMPY", 0, NULL },
    { EXPCLIP__FILE_HTML, "<!DOCTYPE html>", 0,
      "<meta name=\"generator\" content=\"expclip" },
    { EXPCLIP__FILE_CSV, "path,", 0, NULL },
    { EXPCLIP__FILE_CSV, "dataset,", 0, NULL },
    { EXPCLIP__FILE_JSON, "{\"path\":", 0, NULL },
    { EXPCLIP__FILE_JSON, "{\"dataset\":", 0, NULL },
    { EXPCLIP__FILE_JSON, "{\"epoch\":", 0, NULL },
    { EXPCLIP__FILE_JSON, "{\"validation\":", 0, NULL },
    { EXPCLIP__FILE_JSON, "[\n {\n  \"dataset\":", 0, NULL },
    { EXPCLIP__FILE_JSON, "[]", 0, NULL },
    { EXPCLIP__FILE_VTT, "WEBVTT", 0, "libexpclip" },
    { EXPCLIP__FILE_TABLES, "# Results\n", 0, NULL },
    { EXPCLIP__FILE_TABLES, "% Results.", 0, NULL },
};

static const char *const kind_names[] = {
    "a file",
    "a model, head or class set of this library",
    "features or targets of this library",
    "an array in .npy",
    "a page of this program",
    "a table of this program",
    "JSON of this program",
    "subtitles of this program",
    "tables of a report",
    "a plot of this program",
    "a film of this program",
};

static int has_mark(const char *bytes, size_t n)
{
    return memmem(bytes, n, EXPCLIP__PLOT_MARK,
                  sizeof(EXPCLIP__PLOT_MARK) - 1) != NULL;
}

static int is_ours(const ends *e, expclip__file_kind kind)
{
    if (kind == EXPCLIP__FILE_PLOT)
        return has_mark(e->last, e->n_last);
    if (kind == EXPCLIP__FILE_FILM)
        return has_mark(e->first, e->n_first) || has_mark(e->last, e->n_last);
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        const signature *s = &signatures[i];
        const size_t size = strlen(s->begins);

        if (s->kind == kind && e->n_first >= s->skip + size &&
            memcmp(e->first + s->skip, s->begins, size) == 0 &&
            (!s->holds ||
             memmem(e->first, e->n_first, s->holds, strlen(s->holds)) != NULL))
            return 1;
    }
    return 0;
}

/* ---- what is not ---- */

static const struct {
    const char *bytes;
    size_t size;
    const char *name;
} others[] = {
    { "\x89PNG", 4, "an image (PNG)" },
    { "\xff\xd8\xff", 3, "an image (JPEG)" },
    { "GIF8", 4, "an image (GIF)" },
    { "BM", 2, "an image (BMP)" },
    { "RIFF", 4, "an image or a film" },
    { "%PDF", 4, "a PDF" },
    { "PK\3\4", 4, "a zip archive" },
    { "\x93NUMPY", 6, "an array in .npy" },
};

static const char *name_of(const ends *e)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (e->n_first >= others[i].size &&
            memcmp(e->first, others[i].bytes, others[i].size) == 0)
            return others[i].name;
    return "another file";
}

/* ---- looking ---- */

static size_t read_at(int fd, char *out, off_t offset)
{
    size_t n = 0;

    while (n < LOOKED_AT) {
        const ssize_t got =
            pread(fd, out + n, LOOKED_AT - n, offset + (off_t)n);

        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

/* @return 1 when there is a regular file that is not empty */
static int read_ends(ends *e, const char *path)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    int found = 0;

    if (fd < 0)
        return 0; /* nothing is there, or whoever writes will tell */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        found = 1;
        e->n_first = read_at(fd, e->first, 0);
        e->n_last = read_at(
            fd, e->last, st.st_size > LOOKED_AT ? st.st_size - LOOKED_AT : 0);
    }
    close(fd);
    return found;
}

int expclip__is_replaceable(const char *path, expclip__file_kind kind,
                            char *why, size_t why_size)
{
    ends e;

    if (kind == EXPCLIP__FILE_ANY)
        return 1;
    if (read_ends(&e, path) && !is_ours(&e, kind)) {
        snprintf(why, why_size, "found %s there, expected a new name or %s",
                 name_of(&e), kind_names[kind]);
        return 0;
    }
    /* A page or table by the name of an image is a slip of the shell. */
    if (kind != EXPCLIP__FILE_PLOT && kind != EXPCLIP__FILE_FILM &&
        expclip__image_name_of(path)) {
        snprintf(why, why_size,
                 "found the name of an image, expected one for "
                 "%s",
                 kind_names[kind]);
        return 0;
    }
    return 1;
}
