/* SPDX-License-Identifier: MIT */
/*
 * fuzz_safetensors.c - any bytes as a safetensors file.
 *
 * A length in front is made right, so that the fuzzer can work on the JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "weights/weights.h"

/* Open and read every tensor that is small enough to be worth it. */
static void read_all(const uint8_t *data, size_t size)
{
    expclip__weights *ws = NULL;
    float values[4096];

    if (expclip__weights_open_bytes(&ws, data, size, "fuzz", NULL))
        return;
    for (size_t i = 0; i < expclip__weights_count(ws); i++) {
        const expclip__weight *w = expclip__weights_at(ws, i);

        if (expclip__weights_find(ws, w->name) != w)
            abort();
        if (w->n_elements <= 4096)
            expclip__weights_read_f32(ws, w, values, w->n_elements, 1, NULL);
    }
    expclip__weights_free(ws);
}

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
