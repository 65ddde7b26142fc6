/* SPDX-License-Identifier: MIT */
/*
 * draw_faces - write drawn faces as PNG files, a folder for each expression.
 *
 *   draw_faces --seed 1 --n-per-class 100 --classes 7 --size 224 -o faces
 *
 * makes faces/happiness/happiness_1.png ... and faces/labels.csv, which holds
 * the path, the class and the true action units of each face.
 *
 *   draw_faces --seed 2 --unlabelled 1000 --size 64 --describe -o faces
 *
 * makes faces/1.png ... of all expressions and of none, as a head is trained
 * on, and what each face does in words beside it, faces/1.txt ...
 *
 *   draw_faces --seed 4 --scene 3 -o scenes
 *
 * makes scenes/scene_1.png ... with several heads each, and scenes/heads.jsonl,
 * see write_scenes.h.  The same arguments make the same bytes on every machine.
 */
#include "canvas.h"
#include "describe.h"
#include "draw_face.h"
#include "framing.h"
#include "write_scenes.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

/* The action units are the fields of struct face before the pose. */
enum { N_UNITS = (int)(offsetof(face, yaw) / sizeof(float)) };

typedef struct settings {
    uint64_t seed;
    int n_per_class, classes, unlabelled, scenes, size, width, height;
    int flat, describe, framed;
    const char *folder;
} settings;

static const char USAGE[] =
    "usage: draw_faces --seed S --n-per-class N --classes 7|8 --size PIXELS\n"
    "                  [--flat] [--describe] [--framed] -o FOLDER\n"
    "       draw_faces --seed S --unlabelled N --size PIXELS [--describe]\n"
    "                  [--framed] -o FOLDER\n"
    "       draw_faces --seed S --scene N [--classes 7|8] [--width PIXELS]\n"
    "                  [--height PIXELS] -o FOLDER\n"
    "--flat      all images into one folder instead of one per class\n"
    "--describe  beside each image a text that says what the face does\n"
    "--framed    half of the faces, by lots, as a face detector cuts them out\n"
    "--scene     images of 2 to 5 people (960 x 640), and heads.jsonl: a line\n"
    "            for each head, back to front, with these keys:\n"
    "            path, face, faces   the image, and which head of how many\n"
    "            label               the expression\n"
    "            box                 [x, y, width, height] in pixels, crown "
    "to\n"
    "                                chin and ear to ear, without hair\n"
    "            frame               [x, y, side] of the square that a single\n"
    "                                image of the face would show\n";

static int read_number(const char *text, long long low, long long high,
                       long long *out)
{
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= low &&
           *out <= high;
}

static int read_option(settings *s, const char *name, const char *value)
{
    long long number = 0;
    int ok = 0;

    if (strcmp(name, "-o") == 0)
        return s->folder = value, 1;
    if (strcmp(name, "--seed") == 0) {
        ok = read_number(value, 0, INT64_MAX, &number);
        s->seed = (uint64_t)number;
    } else if (strcmp(name, "--n-per-class") == 0) {
        ok = read_number(value, 1, 1000000, &number);
        s->n_per_class = (int)number;
    } else if (strcmp(name, "--classes") == 0) {
        ok = read_number(value, 7, FACE_N_EXPRESSIONS, &number);
        s->classes = (int)number;
    } else if (strcmp(name, "--unlabelled") == 0) {
        ok = read_number(value, 1, 10000000, &number);
        s->unlabelled = (int)number;
    } else if (strcmp(name, "--scene") == 0) {
        ok = read_number(value, 1, 1000000, &number);
        s->scenes = (int)number;
    } else if (strcmp(name, "--size") == 0) {
        ok = read_number(value, 1, CANVAS_MAX_SIZE, &number);
        s->size = (int)number;
    } else if (strcmp(name, "--width") == 0) {
        ok = read_number(value, 1, CANVAS_MAX_SIZE, &number);
        s->width = (int)number;
    } else if (strcmp(name, "--height") == 0) {
        ok = read_number(value, 1, CANVAS_MAX_SIZE, &number);
        s->height = (int)number;
    }
    return ok;
}

static int read_settings(settings *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--flat") == 0)
            s->flat = 1;
        else if (strcmp(argv[i], "--describe") == 0)
            s->describe = 1;
        else if (strcmp(argv[i], "--framed") == 0)
            s->framed = 1;
        else if (i + 1 >= argc || !read_option(s, argv[i], argv[i + 1]))
            return 0;
        else
            i++;
    }
    return s->folder != NULL;
}

static int make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    fprintf(stderr, "draw_faces: %s: %s\n", path, strerror(errno));
    return -1;
}

static void write_label(FILE *csv, const char *path, const char *label,
                        const face *f)
{
    const float *units = &f->au1;

    fprintf(csv, "%s,%s", path, label);
    for (int i = 0; i < N_UNITS; i++)
        fprintf(csv, ",%.3f", (double)units[i]);
    fputc('\n', csv);
}

/* path.png -> path.txt */
static int write_description(char *path, const face *f)
{
    char text[DESCRIPTION_SIZE];
    FILE *file;
    int written;

    memcpy(strrchr(path, '.'), ".txt", 5);
    file = fopen(path, "wb");
    if (!file)
        return 0;
    describe_face(text, f);
    written = fprintf(file, "%s\n", text) > 0;
    return fclose(file) == 0 && written;
}

/* name is the path below the folder, as in labels.csv. */
static int write_face(const settings *s, face *f, int index, const char *name,
                      uint8_t *rgb)
{
    const int framed = s->framed && hash_pair(s->seed, (uint64_t)index) % 2;
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof(path), "%s/%s", s->folder, name);

    if (n < 0 || n >= PATH_SIZE ||
        (framed ? draw_framed(f, s->seed, index, s->size, rgb)
                : draw_face(f, s->size, rgb)) != 0 ||
        !stbi_write_png(path, s->size, s->size, 3, rgb, 3 * s->size) ||
        (s->describe && !write_description(path, f))) {
        fprintf(stderr, "draw_faces: cannot write %s/%s\n", s->folder, name);
        return -1;
    }
    return 0;
}

/* Three quarters of all expressions in turn, a quarter of arbitrary units. */
static int unlabelled_expression(int i)
{
    return i % 4 == 3 ? FACE_ANY : (i / 4 * 3 + i % 4) % FACE_N_EXPRESSIONS;
}

static int write_unlabelled(const settings *s, uint8_t *rgb)
{
    for (int i = 0; i < s->unlabelled; i++) {
        char name[32];
        face f;

        face_at(&f, s->seed, i, unlabelled_expression(i));
        snprintf(name, sizeof(name), "%d.png", i + 1);
        if (write_face(s, &f, i, name, rgb) != 0)
            return -1;
    }
    return 0;
}

static int write_class(const settings *s, int expression, FILE *csv,
                       uint8_t *rgb)
{
    const char *label = face_expression_name(expression);
    char name[PATH_SIZE];

    snprintf(name, sizeof(name), "%s/%s", s->folder, label);
    if (!s->flat && make_folder(name) != 0)
        return -1;
    for (int i = 0; i < s->n_per_class; i++) {
        face f;

        face_at(&f, s->seed, i, expression);
        snprintf(name, sizeof(name), "%s%s%s_%d.png", s->flat ? "" : label,
                 s->flat ? "" : "/", label, i + 1);
        if (write_face(s, &f, i, name, rgb) != 0)
            return -1;
        write_label(csv, name, label, &f);
    }
    return 0;
}

static FILE *open_labels(const settings *s)
{
    char path[PATH_SIZE];
    FILE *csv;

    snprintf(path, sizeof(path), "%s/labels.csv", s->folder);
    csv = fopen(path, "wb");
    if (!csv) {
        fprintf(stderr, "draw_faces: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    fputs("path,label", csv);
    for (int i = 0, kinds; i < N_UNITS; i++)
        fprintf(csv, ",%s", face_field_name(i, &kinds));
    fputc('\n', csv);
    return csv;
}

static int write_classes(const settings *s, uint8_t *rgb)
{
    FILE *csv = open_labels(s);
    int failed = 0;

    if (!csv)
        return -1;
    for (int e = 0; e < s->classes && !failed; e++)
        failed = write_class(s, e, csv, rgb);
    return fclose(csv) != 0 || failed ? -1 : 0;
}

static int write_all(const settings *s, uint8_t *rgb)
{
    if (s->scenes)
        return write_scenes(s->folder, s->seed, s->scenes, s->classes, s->width,
                            s->height, rgb);
    return s->unlabelled ? write_unlabelled(s, rgb) : write_classes(s, rgb);
}

int main(int argc, char **argv)
{
    settings s = { .n_per_class = 10,
                   .classes = 7,
                   .size = 224,
                   .width = 960,
                   .height = 640 };
    uint8_t *rgb = malloc((size_t)CANVAS_MAX_SIZE * CANVAS_MAX_SIZE * 3);
    int failed = 1;

    if (!read_settings(&s, argc, argv)) {
        fputs(USAGE, stderr);
        free(rgb);
        return 2;
    }
    if (rgb && make_folder(s.folder) == 0)
        failed = write_all(&s, rgb) != 0;
    free(rgb);
    return failed;
}
