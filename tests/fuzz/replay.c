/* SPDX-License-Identifier: MIT */
/*
 * replay.c - runs fuzz targets on kept files, without a fuzzer.
 *
 *     fuzz_NAME FILE|FOLDER...
 *
 * All targets are linked once: fuzz_NAME is a link to this program.
 * Built with gcc and its sanitizers, it makes every test run pass over every
 * input that was once a finding. Each input lies in memory of its exact size,
 * so that a read of one byte too many is seen.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef int one_input(const uint8_t *data, size_t data_size);

/* CMake compiles fuzz_NAME.c with another name for its function. */
#define PROGRAM(name) one_input name##_LLVMFuzzerTestOneInput;
#include "suite_programs.h"
#undef PROGRAM

static const struct {
    const char *name;
    one_input *run;
} targets[] = {
#define PROGRAM(name) { #name, name##_LLVMFuzzerTestOneInput },
#include "suite_programs.h"
};

static one_input *run_target;

static int fail(const char *path)
{
    perror(path);
    return 1;
}

static int replay_file(const char *path, off_t size)
{
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    FILE *f = fopen(path, "rb");
    int failed = 1;

    if (data && f && fread(data, 1, (size_t)size, f) == (size_t)size)
        failed = run_target(data, (size_t)size) != 0;
    if (failed)
        fail(path);
    if (f)
        fclose(f);
    free(data);
    return failed;
}

static int replay_folder(const char *path, size_t *n_files);

static int replay(const char *path, size_t *n_files)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return fail(path);
    if (S_ISDIR(info.st_mode))
        return replay_folder(path, n_files);
    ++*n_files;
    return replay_file(path, info.st_size);
}

static int replay_folder(const char *path, size_t *n_files)
{
    char inside[4096];
    struct dirent *entry;
    DIR *folder = opendir(path);
    int failed = 0;

    if (!folder)
        return fail(path);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
        failed |= replay(inside, n_files);
    }
    closedir(folder);
    return failed;
}

static one_input *find_target(const char *name)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (strcmp(targets[i].name, name) == 0)
            return targets[i].run;
    return NULL;
}

int main(int argc, char **argv)
{
    size_t n_files = 0;
    int failed = 0;

    run_target = find_target(program_invocation_short_name);
    if (!run_target)
        return fail(program_invocation_short_name);
    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i], &n_files);
    printf("%zu inputs\n", n_files);
    return failed || n_files == 0;
}
