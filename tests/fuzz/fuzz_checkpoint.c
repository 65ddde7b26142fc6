/* SPDX-License-Identifier: MIT */
/*
 * fuzz_checkpoint.c - any bytes as a checkpoint; the last eight become its
 * right checksum.
 */
#include "fuzz_folder.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "train/checkpoint.h"

static void load(const char *folder)
{
    float head[4] = { 0 }, moments[8] = { 0 };
    expclip__checkpoint found = { .identity = "data: 1\n",
                                  .head = head,
                                  .head_size = 4,
                                  .moments = moments,
                                  .moments_size = 8 };
    expclip__checkpoints *c = NULL;
    char *note = NULL;
    expclip_error err = { 0 };

    if (expclip__checkpoints_open(&c, folder, &err))
        abort();
    fuzz_check(expclip__checkpoints_load(c, &found, &note, &err), &err);
    expclip__free(note);
    expclip__checkpoints_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file = malloc(size + 1);
    uint64_t sum;

    if (!file)
        return 0;
    if (size)
        memcpy(file, data, size);
    if (size >= sizeof(sum)) {
        sum = expclip__hash(EXPCLIP__HASH_START, file, size - sizeof(sum));
        memcpy(file + size - sizeof(sum), &sum, sizeof(sum));
    }
    fuzz_write("step-0000000001.checkpoint", file, size);
    free(file);
    load(fuzz_folder);
    return 0;
}
