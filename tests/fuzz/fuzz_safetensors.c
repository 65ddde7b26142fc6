/* SPDX-License-Identifier: MIT */
/*
 * fuzz_safetensors.c - any bytes as a safetensors file.
 *
 * A length in front is made right, so that the fuzzer can work on the JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "read_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file = malloc(size + 8);
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    const uint64_t header = end ? (uint64_t)(end - data) : size;

    if (!file)
        return 0;
    read_all(data, size);
    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)(header >> (8 * i));
    if (size)
        memcpy(file + 8, data, size);
    read_all(file, size + 8);
    free(file);
    return 0;
}
