/* SPDX-License-Identifier: MIT */
/*
 * dataset_strays.c - what lies in people's folders and is no data.
 */
#include "evaluate/dataset_strays.h"

#include <dirent.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

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

static int holds(const char *folder, const char *name, int kind)
{
    char *path = expclip__path_join(folder, name);
    const int found = path && expclip__path_kind(path) == kind;

    expclip__free(path);
    return found;
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
    return expclip__add_note(b, 0, err, "%s: left out: %s", path, why);
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

/* ---- parts of a data set ---- */

/* ASCII only: no locale. */
static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

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
