/* SPDX-License-Identifier: MIT */
/*
 * left_out.c - files of a folder that are no images that are read, counted by
 * the endings of their names.
 */
#define _GNU_SOURCE
#include "shared/left_out.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "shared/formats.h"

/* ---- what a file is called ---- */

/* Is it one of the texts that lie in many a folder of images? */
static int is_text_name(const char *name, const char *ending)
{
    static const char *const endings[] = { ".md",   ".txt",   ".rst",
                                           ".json", ".jsonl", ".csv",
                                           ".tsv",  ".cff",   ".bib" };
    static const char *const names[] = { "readme",  "license", "licence",
                                         "copying", "notice",  "authors" };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(ending, endings[i]) == 0)
            return 1;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0)
            return 1;
    return 0;
}

/* The ending of a name in lower case, "" for none or a long one. */
static void copy_ending(char *out, size_t size, const char *name)
{
    const char *dot = strrchr(name, '.');

    out[0] = '\0';
    if (!dot || dot == name || !dot[1] || strlen(dot) >= size)
        return;
    strcpy(out, dot);
    for (char *c = out; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
}

/* What a file holds, NULL when that is not known. */
static const char *content_name(const char *path)
{
    uint8_t bytes[EXPCLIP__FORMAT_BYTES];
    const expclip__format *f =
        expclip__format_sure(bytes, expclip__format_bytes(bytes, path));

    return f ? f->name : NULL;
}

/* ---- counting ---- */

void expclip__left_out_count(expclip__left_out *l, const char *path,
                             const char *name)
{
    enum { SIZE = sizeof(l->kinds[0].name) };
    char kind[SIZE];
    const char *content;
    int is_text;
    size_t i = 0;

    copy_ending(kind, SIZE / 2, name);
    is_text = is_text_name(name, kind);
    if (is_text && !kind[0])
        snprintf(kind, SIZE, "%s", name);
    else if (!kind[0] && (content = content_name(path)))
        snprintf(kind, SIZE, "%s", content);
    while (i < l->n_kinds && strcmp(l->kinds[i].name, kind) != 0)
        i++;
    if (!kind[0] || i == sizeof(l->kinds) / sizeof(l->kinds[0])) {
        l->n_others++;
        return;
    }
    if (i == l->n_kinds) {
        memcpy(l->kinds[i].name, kind, SIZE);
        l->kinds[i].is_text = is_text;
        l->n_kinds++;
    }
    l->kinds[i].n++;
}

int expclip__left_out_text(char *out, size_t size, const expclip__left_out *l,
                           int which)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < l->n_kinds; i++) {
        const int is =
            l->kinds[i].is_text ? EXPCLIP__LEFT_TEXTS : EXPCLIP__LEFT_FILES;

        if ((which & is) && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s %zu", n ? ", " : "",
                                  l->kinds[i].name, l->kinds[i].n);
    }
    if (l->n_others && (which & EXPCLIP__LEFT_FILES) && n < size)
        n += (size_t)snprintf(out + n, size - n, "%sothers %zu", n ? ", " : "",
                              l->n_others);
    return n > 0;
}
