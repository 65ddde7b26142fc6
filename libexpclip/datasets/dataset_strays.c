/* SPDX-License-Identifier: MIT */
/*
 * dataset_strays.c - what lies in people's folders and is no data.
 */
#define _GNU_SOURCE
#include "datasets/dataset_strays.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "datasets/dataset_entries.h"
#include "shared/formats.h"

/* ---- folders of other programs, and of this one ---- */

static const struct {
    const char *name;
    const char *what;
} strays[] = {
    { "__MACOSX", "of a Mac's archive" },
    { "lost+found", "of the file system" },
    { "@eaDir", "of a disk station" },
    { "#recycle", "of a disk station" },
    { "$RECYCLE.BIN", "of Windows" },
    { "System Volume Information", "of Windows" },
};

/* Without an allocation: one that fails would make a report a class. A path
 * that is longer names nothing that can be opened. */
static int holds(const char *folder, const char *name, int kind)
{
    char path[PATH_MAX];
    const int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

    return n > 0 && (size_t)n < sizeof(path) &&
           expclip__path_kind(path) == kind;
}

/* A report that was interrupted has only its cache and predictions. */
static int is_report(const char *folder)
{
    return (holds(folder, "report.html", EXPCLIP__FILE) &&
            holds(folder, "results.json", EXPCLIP__FILE)) ||
           (holds(folder, "cache", EXPCLIP__FOLDER) &&
            holds(folder, "predictions", EXPCLIP__FOLDER));
}

const char *expclip__stray_folder(const char *path, const char *name)
{
    if (name[0] == '.')
        return "a hidden folder";
    for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++)
        if (strcmp(strays[i].name, name) == 0)
            return strays[i].what;
    return is_report(path) ? "an earlier report of an evaluation" : NULL;
}

expclip_status expclip__note_stray(expclip__builder *b, const char *path,
                                   const char *why, expclip_error *err)
{
    return expclip__add_note(b, EXPCLIP__NOTE_LEFT_OUT, err, "%s: left out: %s",
                             path, why);
}

int expclip__has_entries(const char *path)
{
    const struct dirent *entry;
    DIR *d = opendir(path);
    int found = 0;

    while (d && !found && (entry = readdir(d)))
        found = entry->d_name[0] != '.';
    if (d)
        closedir(d);
    return found;
}

/* ---- files ---- */

/* ASCII only: no locale. */
static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int expclip__is_image_file(const char *path, const char *name)
{
    uint8_t bytes[EXPCLIP__FORMAT_BYTES];

    return expclip__is_image_name(name) ||
           (!expclip__is_video_name(name) &&
            expclip__image_probe(bytes, expclip__format_bytes(bytes, path)) >
                0);
}

void expclip__leave_out(expclip__builder *b, const char *path, const char *name)
{
    expclip__left_out_count(&b->left_out, path, name);
}

static expclip_status note_files(expclip__builder *b, int which,
                                 expclip__note_kind kind, expclip_error *err)
{
    char text[640];

    if (!expclip__left_out_text(text, sizeof(text), &b->left_out, which))
        return EXPCLIP_OK;
    return expclip__add_note(
        b, kind, err, "%s: left out: %s (not images of a type that is read)",
        b->path, text);
}

expclip_status expclip__note_left_out(expclip__builder *b, expclip_error *err)
{
    expclip_status status;

    /* Texts beside images are no news. */
    if (b->dataset->n_items == 0)
        return note_files(b, EXPCLIP__LEFT_FILES | EXPCLIP__LEFT_TEXTS,
                          EXPCLIP__NOTE_LEFT_OUT, err);
    status = note_files(b, EXPCLIP__LEFT_FILES, EXPCLIP__NOTE_LEFT_OUT, err);
    return status
               ? status
               : note_files(b, EXPCLIP__LEFT_TEXTS, EXPCLIP__NOTE_QUIET, err);
}

/* ---- parts of a dataset ---- */

static int is_split_word(const char *word, size_t size)
{
    static const char *const words[] = {
        "train", "training", "trainset", "test", "testing", "testset",
        "val",   "valid",    "valset",   "dev",  "devset",  "validation",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = 0;

        while (n < size && words[i][n] && (word[n] | 0x20) == words[i][n])
            n++;
        if (n == size && !words[i][n])
            return 1;
    }
    return 0;
}

int expclip__is_holder_name(const char *name)
{
    static const char *const words[] = {
        "images", "image", "imgs",    "img",   "pictures", "pics", "photos",
        "frames", "faces", "aligned", "crops", "cropped",  "raw",  "data",
        "jpg",    "jpeg",  "png",     "bmp",   "original",
    };
    char lower[16] = { 0 };

    for (size_t i = 0; name[i] && i < sizeof(lower) - 1; i++)
        lower[i] = (char)(is_letter(name[i]) ? name[i] | 0x20 : name[i]);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], lower) == 0)
            return 1;
    return 0;
}

/* The first word of a name or its last one says so: Train_AFEW, my-test. */
int expclip__is_split_name(const char *name)
{
    const size_t size = strlen(name);
    size_t first = 0, last = size;

    while (first < size && is_letter(name[first]))
        first++;
    while (last && is_letter(name[last - 1]))
        last--;
    return is_split_word(name, first) ||
           is_split_word(name + last, size - last);
}
