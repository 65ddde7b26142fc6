/* SPDX-License-Identifier: MIT */
/*
 * read_weights.h - what the fuzzers of weights files do with their bytes.
 */
#ifndef EXPCLIP_FUZZ_READ_WEIGHTS_H
#define EXPCLIP_FUZZ_READ_WEIGHTS_H

#include <stdlib.h>

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

#endif
