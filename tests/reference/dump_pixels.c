/* SPDX-License-Identifier: MIT */
/*
 * dump_pixels.c - decode many files: reads one path a line from stdin and
 * writes for each one line, "OK WIDTH HEIGHT CRC" or the error's code and
 * message. test_jpeg_pixels.py compares this with what Pillow sees.
 */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "image/image.h"

int main(void)
{
    const expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    char path[4096];

    while (fgets(path, sizeof(path), stdin)) {
        expclip__image image;
        expclip_error err;

        path[strcspn(path, "\n")] = '\0';
        if (expclip__image_load(&image, path, &o, &err)) {
            printf("%d %s\n", (int)err.code, err.message);
            continue;
        }
        printf("OK %d %d %08lx\n", (int)image.width, (int)image.height,
               crc32_z(0, image.rgb,
                       (size_t)image.width * (size_t)image.height * 3));
        expclip__image_clear(&image);
    }
    return 0;
}
