/* SPDX-License-Identifier: MIT */
/*
 * bench_faces.c - the library's side of faces.py:
 *
 *     bench_faces THREADS < images > times
 *
 * An image is a line "WIDTH HEIGHT" and its bytes, rows of R, G, B. Each is
 * answered at once by a line with milliseconds and the number of faces.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "faces/detector.h"

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int find(const expclip__detector *d, expclip__image *image)
{
    const size_t size = (size_t)image->width * (size_t)image->height * 3;
    expclip__candidates c;
    expclip_error err;
    double start;

    image->rgb = malloc(size);
    if (!image->rgb || fread(image->rgb, 1, size, stdin) != size)
        return 1;
    start = now();
    if (expclip__detector_find(&c, d, image, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%.3f %zu\n", now() - start, c.n);
    fflush(stdout);
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

    if (argc != 2 || expclip__detector_open(&d, NULL, atoi(argv[1]), &err)) {
        fprintf(stderr, "%s\n", argc == 2 ? err.message : "one number");
        return 1;
    }
    d.side = INT32_MAX / 2; /* it sees the image as it is */
    while (!failed && scanf("%d %d", &image.width, &image.height) == 2 &&
           getchar() == '\n')
        failed = find(&d, &image);
    expclip__detector_close(&d);
    return failed;
}
