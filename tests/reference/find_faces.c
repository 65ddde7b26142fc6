/* SPDX-License-Identifier: MIT */
/*
 * find_faces.c - the library's face detector, for test_faces.py:
 *
 *     find_faces THRESHOLD < images > faces
 *
 * An image is a line "WIDTH HEIGHT" and its bytes, rows of R, G, B. For each,
 * a line with the number of faces, then a line a face as OpenCV gives it: x, y,
 * width, height, five points x y, score. The network sees it as it is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "faces/detector.h"

static void print_face(const expclip_face *f)
{
    printf("%.9g %.9g %.9g %.9g", (double)f->x, (double)f->y, (double)f->width,
           (double)f->height);
    for (int i = 0; i < 10; i++)
        printf(" %.9g", (double)f->points[i]);
    printf(" %.9g\n", (double)f->score);
}

static int find(const expclip__detector *d, expclip__image *image)
{
    const size_t size = (size_t)image->width * (size_t)image->height * 3;
    expclip__candidates c;
    expclip_error err;

    image->rgb = malloc(size);
    if (!image->rgb || fread(image->rgb, 1, size, stdin) != size)
        return 1;
    if (expclip__detector_find(&c, d, image, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%zu\n", c.n);
    for (size_t i = 0; i < c.n; i++)
        print_face(&c.faces[i]);
    expclip__candidates_free(&c);
    free(image->rgb);
    return 0;
}

int main(int argc, char **argv)
{
    expclip__image image;
    expclip__detector d;
    expclip_error err;
    int failed = 0;

    if (argc != 2 || expclip__detector_open(&d, NULL, 1, &err)) {
        fprintf(stderr, "%s\n", argc == 2 ? err.message : "one threshold");
        return 1;
    }
    d.threshold = strtof(argv[1], NULL);
    d.side = INT32_MAX / 2;
    d.smallest = 0;
    while (!failed && scanf("%d %d", &image.width, &image.height) == 2 &&
           getchar() == '\n')
        failed = find(&d, &image);
    expclip__detector_close(&d);
    return failed;
}
