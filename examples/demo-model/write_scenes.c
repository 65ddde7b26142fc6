/* SPDX-License-Identifier: MIT */
/*
 * write_scenes.c - scenes as files: PNG images, and what is in them.
 */
#include "write_scenes.h"
#include "scene.h"

#include <stb/stb_image_write.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 4096

static void write_heads(FILE *lines, const char *name, const scene *s)
{
    for (int i = 0; i < s->n; i++) {
        const box b = scene_box(s, i);
        const frame *at = &s->heads[i].at;

        fprintf(lines,
                "{\"path\":\"%s\",\"face\":%d,\"faces\":%d,\"label\":\"%s\","
                "\"box\":[%.1f,%.1f,%.1f,%.1f],\"frame\":[%.1f,%.1f,%.1f]}\n",
                name, i, s->n, face_expression_name(s->expressions[i]),
                (double)b.x, (double)b.y, (double)b.width, (double)b.height,
                (double)at->x, (double)at->y, (double)at->side);
    }
}

static int write_scene(const char *folder, const char *name, const scene *s,
                       uint8_t *rgb)
{
    char path[PATH_SIZE];
    const int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (n < 0 || n >= PATH_SIZE || scene_draw(s, rgb) != 0 ||
        !stbi_write_png(path, s->width, s->height, 3, rgb, 3 * s->width)) {
        fprintf(stderr, "draw_faces: cannot write %s/%s\n", folder, name);
        return -1;
    }
    return 0;
}

int write_scenes(const char *folder, uint64_t seed, int n, int classes,
                 int width, int height, uint8_t *rgb)
{
    char path[PATH_SIZE];
    FILE *lines;
    int failed = 0;

    snprintf(path, sizeof(path), "%s/heads.jsonl", folder);
    lines = fopen(path, "wb");
    if (!lines) {
        fprintf(stderr, "draw_faces: %s: %s\n", path, strerror(errno));
        return -1;
    }
    for (int i = 0; i < n && !failed; i++) {
        char name[32];
        scene s;

        scene_sample(&s, seed, i, classes, width, height);
        snprintf(name, sizeof(name), "scene_%d.png", i + 1);
        failed = write_scene(folder, name, &s, rgb);
        if (!failed)
            write_heads(lines, name, &s);
    }
    return fclose(lines) != 0 || failed ? -1 : 0;
}
