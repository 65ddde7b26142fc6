/* SPDX-License-Identifier: MIT */
/*
 * dump_pixels.c - decode many files: reads one path a line from stdin and
 * writes for each one line, "OK WIDTH HEIGHT CRC" or the error's code and
 * message. With --pixels the pixels follow their line; --exif turns them.
 * test_jpeg_pixels.py and test_mutated_images.py compare this with Pillow.
 */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "image/image.h"

int main(int argc, char **argv)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    int with_pixels = 0;
    char path[4096];

    for (int i = 1; i < argc; i++) {
        with_pixels = with_pixels || !strcmp(argv[i], "--pixels");
        o.exif = o.exif || !strcmp(argv[i], "--exif");
    }

    while (fgets(path, sizeof(path), stdin)) {
        expclip__image image;
        expclip_error err;

        path[strcspn(path, "\n")] = '\0';
        if (expclip__image_load(&image, path, &o, NULL, &err)) {
            printf("%d %s\n", (int)err.code, err.message);
            continue;
        }
        printf("OK %d %d %08lx\n", (int)image.width, (int)image.height,
               crc32_z(0, image.rgb,
                       (size_t)image.width * (size_t)image.height * 3));
        if (with_pixels)
            fwrite(image.rgb, 3, (size_t)image.width * (size_t)image.height,
                   stdout);
        expclip__image_clear(&image);
    }
    return 0;
}
