/* SPDX-License-Identifier: MIT */
/*
 * fuzz_detector.c - the face detector's network with some numbers of anybody's
 * choice, and an image of a few pixels.
 *
 * Two bytes are the image's sides; of six bytes each, two are the place and
 * four the value of a weight. All of them are the image's colours, too.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "faces/detector.h"

#define MOST_SIDE 64
#define N_WEIGHTS 53104

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The library's weights, changed; for free(). */
static uint8_t *change(const uint8_t *data, size_t size, size_t *file_size)
{
    const uint8_t *bytes = expclip__yunet_bytes(file_size);
    uint8_t *file = malloc(*file_size);

    if (!file)
        abort();
    memcpy(file, bytes, *file_size);
    for (; size >= 6; data += 6, size -= 6) {
        const size_t place = (data[0] + 256u * data[1]) % N_WEIGHTS;

        memcpy(file + *file_size - 4 * (N_WEIGHTS - place), data + 2, 4);
    }
    return file;
}

static void find(const expclip__detector *d, const uint8_t *data, size_t size)
{
    uint8_t rgb[MOST_SIDE * MOST_SIDE * 3];
    const expclip__image image = { 1 + data[0] % MOST_SIDE,
                                   1 + data[1] % MOST_SIDE, rgb };
    expclip__candidates c;

    for (size_t i = 0; i < sizeof(rgb); i++)
        rgb[i] = data[i % size];
    if (expclip__detector_find(&c, d, &image, NULL))
        abort();
    for (size_t i = 0; i < c.n; i++)
        if (!isfinite(c.faces[i].x + c.faces[i].y + c.faces[i].width +
                      c.faces[i].height) ||
            !(c.faces[i].score >= 0.0f && c.faces[i].score <= 1.0f))
            abort();
    expclip__candidates_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip__detector d = { .threshold = 0.1f,
                            .side = MOST_SIDE / 2,
                            .smallest = 1 };
    expclip__weights *ws = NULL;
    size_t file_size;
    uint8_t *file;

    if (size < 2)
        return 0;
    file = change(data + 2, size - 2, &file_size);
    if (expclip__weights_open_bytes(&ws, file, file_size, "fuzz", NULL))
        abort();
    if (!expclip__yunet_load(&d.yunet, ws, 1, NULL)) /* infinity is none */
        find(&d, data, size);
    expclip__yunet_close(&d.yunet);
    expclip__weights_free(ws);
    free(file);
    return 0;
}
