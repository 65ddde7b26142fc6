/* SPDX-License-Identifier: MIT */
/*
 * fuzz_image.c - any bytes as an image, made smaller, turned and cut.
 *
 * The last five bytes choose the options; images of more than a million
 * pixels are refused, which keeps the runs short. An input that takes more CPU
 * time than NANOSECONDS for each of its bytes and of the pixels allowed is a
 * finding too.
 */
#include <stdlib.h>
#include <time.h>

#include "image/image.h"

#include "mend_sums.h"

#define NANOSECONDS 1500.0
#define MAX_PIXELS (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    const clock_t start = clock();
    double most;
    expclip__size full;
    expclip__image image;
    int32_t least_side = 0;

    o.max_pixels = MAX_PIXELS;
    if (size > 5) {
        const uint8_t *choice = data + (size -= 5);

        o.exif = choice[0] & 1;
        o.allow_truncated = choice[0] >> 1 & 1;
        least_side = choice[0] >> 2;
        o.box_margin = (float)(choice[0] >> 2) / 64.0f;
        o.box_x = choice[1] - 128;
        o.box_y = choice[2] - 128;
        o.box_width = choice[3];
        o.box_height = choice[4];
    }
    if (!expclip__image_decode_reduced(&image, &full, data, size, &o,
                                       least_side, NULL, NULL)) {
        if (image.width > full.width || image.height > full.height)
            abort();
        expclip__image_clear(&image);
    }
    most = NANOSECONDS / 1e9 * ((double)size + MAX_PIXELS);
    if ((double)(clock() - start) / CLOCKS_PER_SEC > most)
        abort();
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    return mend_mutate(data, size, max_size, seed, mend_png);
}
