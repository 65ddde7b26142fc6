/* SPDX-License-Identifier: MIT */
/*
 * fuzz_index.c - any bytes as an index of shards.
 *
 * The index is a file in a folder with one shard; both are made anew.
 */
#include "fuzz_folder.h"

#include "weights/weights.h"

/* One shard "s" with the tensor "t" [1]. */
static void write_shard(void)
{
    static const char header[] = "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],"
                                 "\"data_offsets\":[0,4]}}  ";
    uint8_t shard[8 + sizeof(header) - 1 + 4] = { sizeof(header) - 1 };

    memcpy(shard + 8, header, sizeof(header) - 1);
    fuzz_write("s", shard, sizeof(shard));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip__weights *ws = NULL;
    expclip_error err = { 0 };
    expclip_status status;

    if (fuzz_begin())
        write_shard();
    status = expclip__weights_open(&ws, fuzz_write("i", data, size), &err);
    fuzz_check(status, &err);
    if (!status)
        expclip__weights_free(ws);
    return 0;
}
