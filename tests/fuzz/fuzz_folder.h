/* SPDX-License-Identifier: MIT */
/*
 * fuzz_folder.h - bytes as a file, for readers that take a path: one folder,
 * in memory where that is possible, with everything in it removed at the end.
 */
#ifndef EXPCLIP_FUZZ_FOLDER_H
#define EXPCLIP_FUZZ_FOLDER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <expclip_base.h>

static char fuzz_folder[32];

static inline int fuzz_remove(const char *path, const struct stat *info,
                              int kind, struct FTW *place)
{
    (void)info, (void)kind, (void)place;
    return remove(path);
}

static inline void fuzz_remove_folder(void)
{
    nftw(fuzz_folder, fuzz_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/** Make the folder. @return 1 the first time */
static inline int fuzz_begin(void)
{
    if (fuzz_folder[0])
        return 0;
    strcpy(fuzz_folder, "/dev/shm/fuzz_XXXXXX");
    if (!mkdtemp(fuzz_folder)) {
        strcpy(fuzz_folder, "/tmp/fuzz_XXXXXX");
        if (!mkdtemp(fuzz_folder))
            abort();
    }
    atexit(fuzz_remove_folder);
    return 1;
}

/** Path of a file in the folder; valid until the next call. */
static inline const char *fuzz_path(const char *name)
{
    static char path[256];

    fuzz_begin();
    snprintf(path, sizeof(path), "%s/%s", fuzz_folder, name);
    return path;
}

/** Write a file. @return its path, valid until the next call */
static inline const char *fuzz_write(const char *name, const void *bytes,
                                     size_t size)
{
    const char *path = fuzz_path(name);
    FILE *f = fopen(path, "wb");

    if (!f || (size && fwrite(bytes, 1, size, f) != size) || fclose(f) != 0)
        abort();
    return path;
}

/** A message is one line that says something, whatever was in the file. */
static inline void fuzz_check(expclip_status status, const expclip_error *err)
{
    if (!status)
        return;
    if (!err->message[0] || (int32_t)err->code != (int32_t)status)
        abort();
    for (const char *p = err->message; *p; p++)
        if ((unsigned char)*p < 0x20)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
