/* SPDX-License-Identifier: MIT */
/*
 * fuzz_exif.c - any bytes as a JPEG, PNG or WebP file with EXIF; then as the
 * EXIF of a sound one, whose segment gets its right length.
 */
#include <stdlib.h>
#include <string.h>

#include "image/exif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *bytes, size_t size)
{
    static expclip__orientation_of *const readers[] = {
        expclip__jpeg_orientation, expclip__png_orientation,
        expclip__webp_orientation
    };

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        const int turn = readers[i](bytes, size);

        if (turn < 1 || turn > 8)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char start[] = "\xff\xd8\xff\xe1\0\0Exif\0\0";
    const size_t n = sizeof(start) - 1;
    uint8_t *file;

    check(data, size);
    if (size > 60000 || !(file = malloc(n + size + 2)))
        return 0;
    memcpy(file, start, n);
    if (size)
        memcpy(file + n, data, size);
    memcpy(file + n + size, "\xff\xda", 2);
    file[4] = (uint8_t)((size + n - 4) >> 8);
    file[5] = (uint8_t)(size + n - 4);
    check(file, n + size + 2);
    free(file);
    return 0;
}
