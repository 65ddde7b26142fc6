/* SPDX-License-Identifier: MIT */
/*
 * fuzz_index.c - any bytes as an index of shards.
 *
 * The index is a file in a folder with one shard; both are made anew.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weights/weights.h"

static char folder[32] = "/dev/shm/fuzz_index_XXXXXX"; /* memory: quick */
static char index_path[64];
static char shard_path[64];

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");

    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
        abort();
}

static void remove_folder(void)
{
    unlink(index_path);
    unlink(shard_path);
    rmdir(folder);
}

/* One shard "s" with the tensor "t" [1]. */
static void make_folder(void)
{
    static const char header[] = "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],"
                                 "\"data_offsets\":[0,4]}}  ";
    uint8_t shard[8 + sizeof(header) - 1 + 4] = { sizeof(header) - 1 };

    if (!mkdtemp(folder)) {
        strcpy(folder, "/tmp/fuzz_index_XXXXXX");
        if (!mkdtemp(folder))
            abort();
    }
    atexit(remove_folder);
    snprintf(index_path, sizeof(index_path), "%s/i", folder);
    snprintf(shard_path, sizeof(shard_path), "%s/s", folder);
    memcpy(shard + 8, header, sizeof(header) - 1);
    write_file(shard_path, shard, sizeof(shard));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip__weights *ws = NULL;

    if (!index_path[0])
        make_folder();
    write_file(index_path, data, size);
    if (!expclip__weights_open(&ws, index_path, NULL))
        expclip__weights_free(ws);
    return 0;
}
