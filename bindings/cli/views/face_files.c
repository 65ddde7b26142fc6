/* SPDX-License-Identifier: MIT */
/*
 * face_files.c - images of faces: cut out, with boxes around them, blurred.
 */
#include "views/face_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plots/plot.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"

/* A face becomes this many blocks high: few enough to hide who it is. */
#define BLUR_BLOCKS 6
#define NUMBER_SIZE 24 /* of a face, as text */

/* ------------------------------------------------------------------------
 * Folders
 */

static int make_folder(const char *folder)
{
    struct stat st;

    if (!folder || (stat(folder, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    if (mkdir(folder, 0777) == 0)
        return 0;
    console_error("%s: cannot make this folder: %s", folder, strerror(errno));
    return EXIT_USAGE;
}

/** One would replace what the other wrote. @return 0 or EXIT_USAGE */
static int check_apart(const char *a, const char *b)
{
    struct stat first, second;

    if (!a || !b || stat(a, &first) || stat(b, &second) ||
        first.st_dev != second.st_dev || first.st_ino != second.st_ino)
        return 0;
    console_error("%s and %s are the same folder, expected one for each of "
                  "--crop, --draw and --blur",
                  a, b);
    return EXIT_USAGE;
}

int face_files_wanted(const face_folders *f)
{
    return f->crop || f->draw || f->blur;
}

int face_files_prepare(const face_folders *f)
{
    int rc;

    if (face_files_wanted(f) && !plot_available()) {
        console_error("--crop, --draw, --blur: this program was built without "
                      "cairo, which writes PNG files");
        return EXIT_USAGE;
    }
    rc = make_folder(f->crop);
    if (!rc)
        rc = make_folder(f->draw);
    if (!rc)
        rc = make_folder(f->blur);
    if (!rc)
        rc = check_apart(f->crop, f->draw);
    if (!rc)
        rc = check_apart(f->crop, f->blur);
    return rc ? rc : check_apart(f->draw, f->blur);
}

/** "name" of "any/name.jpg", for free(). */
static char *stem_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    const int n = (int)(dot && dot > name ? dot - name : (int)strlen(name));

    return memory_text("%.*s", n, name);
}

char *face_files_name(json_t *taken, const char *path)
{
    char *stem = stem_of(path);
    char *name = memory_text("%s", stem);

    for (int i = 2; json_object_get(taken, name); i++) {
        free(name);
        name = memory_text("%s_%d", stem, i);
    }
    json_object_set_new_nocheck(taken, name, json_true());
    free(stem);
    return name;
}

/* ------------------------------------------------------------------------
 * Images
 */

static int write_png(const char *path, const photo_plot *photo)
{
    const plot_drawing drawing = plot_photo(photo);

    return plot_file(path, &drawing);
}

static int write_crop(const char *folder, const char *name,
                      const expclip_faces *faces, size_t i,
                      const expclip_crop_options *options)
{
    expclip_box box;
    expclip_error err;
    uint8_t *rgb;
    size_t size;
    char *path;
    int rc;

    if (expclip_faces_crop(&box, faces, i, options, &err))
        return failure_report(&err);
    size = (size_t)box.width * (size_t)box.height * 3;
    rgb = memory_new(size, 1);
    path = memory_text("%s/%s-%zu.png", folder, name, i);
    if (expclip_faces_copy_crop(rgb, size, faces, i, options, &err)) {
        rc = failure_report(&err);
    } else {
        const photo_plot photo = { .width = box.width,
                                   .height = box.height,
                                   .rgb = rgb };
        rc = write_png(path, &photo);
    }
    free(path);
    free(rgb);
    return rc;
}

/* ------------------------------------------------------------------------
 * Blurring
 */

static int32_t inside(float x, int32_t most)
{
    return x < 0.0f ? 0 : x > (float)most ? most : (int32_t)x;
}

/** Every pixel of a block gets their mean. */
static void flatten(photo_plot *p, uint8_t *rgb, const int32_t from[2],
                    const int32_t to[2])
{
    const size_t n = (size_t)(to[0] - from[0]) * (size_t)(to[1] - from[1]);
    size_t sum[3] = { 0 };

    for (int pass = 0; pass < 2 && n; pass++)
        for (int32_t y = from[1]; y < to[1]; y++)
            for (int32_t x = from[0]; x < to[0]; x++) {
                uint8_t *pixel =
                    rgb + ((size_t)y * (size_t)p->width + (size_t)x) * 3;

                for (int c = 0; c < 3; c++)
                    if (pass)
                        pixel[c] = (uint8_t)((sum[c] + n / 2) / n);
                    else
                        sum[c] += pixel[c];
            }
}

/** A face with a tenth of its box around it. */
static void blur(photo_plot *p, uint8_t *rgb, const photo_box *face)
{
    const float wide = 0.1f * face->width, high = 0.1f * face->height;
    const int32_t first[] = { inside(face->x - wide, p->width),
                              inside(face->y - high, p->height) };
    const int32_t last[] = {
        inside(face->x + face->width + wide + 1.0f, p->width),
        inside(face->y + face->height + high + 1.0f, p->height)
    };
    const int32_t step = (last[1] - first[1]) / BLUR_BLOCKS + 1;

    for (int32_t y = first[1]; y < last[1]; y += step)
        for (int32_t x = first[0]; x < last[0]; x += step) {
            const int32_t from[] = { x, y };
            const int32_t to[] = { x + step < last[0] ? x + step : last[0],
                                   y + step < last[1] ? y + step : last[1] };

            flatten(p, rgb, from, to);
        }
}

/* ------------------------------------------------------------------------
 * Whole images
 */

/** Boxes with the numbers of the faces; their texts are for free(), too. */
static photo_box *make_boxes(char **texts, const expclip_faces *faces)
{
    const size_t n = expclip_faces_count(faces);
    photo_box *boxes = memory_new(n, sizeof(*boxes));

    *texts = memory_new(n, NUMBER_SIZE);
    for (size_t i = 0; i < n; i++) {
        char *text = *texts + i * NUMBER_SIZE;
        expclip_face f;

        expclip_faces_get(&f, faces, i, NULL);
        snprintf(text, NUMBER_SIZE, "%zu", i);
        boxes[i] = (photo_box){ f.x, f.y, f.width, f.height, text };
    }
    return boxes;
}

static int write_whole(const char *folder, const char *name, photo_plot *photo)
{
    char *path = memory_text("%s/%s.png", folder, name);
    const int rc = write_png(path, photo);

    free(path);
    return rc;
}

/** Boxes are drawn before faces are blurred, since that changes the pixels. */
static int write_image(const face_folders *f, const char *name,
                       const expclip_faces *faces)
{
    photo_plot photo = { .width = expclip_faces_width(faces),
                         .height = expclip_faces_height(faces),
                         .n_boxes = expclip_faces_count(faces) };
    const size_t size = (size_t)photo.width * (size_t)photo.height * 3;
    uint8_t *rgb = memory_new(size, 1);
    char *texts;
    photo_box *boxes = make_boxes(&texts, faces);
    expclip_error err;
    int rc = 0;

    photo.rgb = rgb;
    photo.boxes = boxes;
    if (expclip_faces_copy_image(rgb, size, faces, &err))
        rc = failure_report(&err);
    if (!rc && f->draw)
        rc = write_whole(f->draw, name, &photo);
    if (!rc && f->blur) {
        for (size_t i = 0; i < photo.n_boxes; i++)
            blur(&photo, rgb, &boxes[i]);
        photo.n_boxes = 0;
        rc = write_whole(f->blur, name, &photo);
    }
    free(boxes);
    free(texts);
    free(rgb);
    return rc;
}

int face_files_write(const face_folders *folders, const char *name,
                     const expclip_faces *faces,
                     const expclip_crop_options *crop)
{
    const size_t n_crops = folders->crop ? expclip_faces_count(faces) : 0;
    int rc = 0;

    for (size_t i = 0; i < n_crops && !rc; i++)
        rc = write_crop(folders->crop, name, faces, i, crop);
    if (!rc && (folders->draw || folders->blur))
        rc = write_image(folders, name, faces);
    return rc;
}
