/* SPDX-License-Identifier: MIT */
/*
 * frame_folder.c - a folder of images as a clip: names in order, each image
 * decoded when it is asked for.
 *
 * What has an image's name and cannot be read (a folder, a pipe, a damaged
 * file) keeps its place as a failed frame: leaving it out would move the
 * others.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/natural.h"
#include "base/text.h"
#include "base/threads.h"
#include "shared/formats.h"
#include "video/frames.h"

typedef struct folder {
    char *path;
    char **names; /* [n_names], in order */
    size_t n_names;
    size_t names_capacity;
    size_t first; /* of the window */
    double frame_rate;
} folder;

/* ---- names ---- */

/* Hidden files are left out, as glob("*") does; "._1.jpg" is no image. */
static int is_image(const char *name)
{
    return name[0] != '.' &&
           expclip__image_name_of(name) >= EXPCLIP__NAME_PERHAPS;
}

static int by_number(const void *a, const void *b)
{
    return expclip__natural_compare(*(char *const *)a, *(char *const *)b);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- listing ---- */

static expclip_status add_name(folder *f, const char *name, expclip_error *err)
{
    const size_t wanted = f->n_names ? 2 * f->n_names : 64;
    char **grown;

    if (f->n_names == f->names_capacity) {
        grown = expclip__realloc(f->names, wanted, sizeof(*grown));
        if (!grown)
            return expclip__fail_memory(err, "names of frames");
        f->names = grown;
        f->names_capacity = wanted;
    }
    f->names[f->n_names] = expclip__strdup(name);
    if (!f->names[f->n_names])
        return expclip__fail_memory(err, "names of frames");
    f->n_names++;
    return EXPCLIP_OK;
}

static expclip_status fail_system(const char *path, int code,
                                  expclip_error *err)
{
    char buffer[128];

    return expclip__fail(err, EXPCLIP_ERROR_IO, "%s: cannot list: %s", path,
                         strerror_r(code, buffer, sizeof(buffer)));
}

static expclip_status list_names(folder *f, expclip_error *err)
{
    struct dirent *entry;
    expclip_status status = EXPCLIP_OK;
    DIR *d = opendir(f->path);

    if (!d)
        return fail_system(f->path, errno, err);
    /* The null pointer of an error is told from the end's by errno. */
    while (!status && (errno = 0, entry = readdir(d)))
        if (is_image(entry->d_name))
            status = add_name(f, entry->d_name, err);
    if (!status && errno)
        status = fail_system(f->path, errno, err);
    closedir(d);
    return status;
}

/* ---- the source ---- */

static double time_of(const folder *f, size_t i)
{
    return (double)i / f->frame_rate;
}

static expclip_status read_image(expclip__image *out, const folder *f,
                                 const char *name,
                                 const expclip_image_options *options,
                                 const expclip_cancel *cancel,
                                 expclip_error *err)
{
    expclip__buffer path = { 0 };
    expclip_status status;

    expclip__buffer_add_format(&path, "%s/%s", f->path, name);
    status = path.failed
                 ? expclip__fail_memory(err, "path")
                 : expclip__image_load(out, path.data, options, cancel, err);
    expclip__buffer_free(&path);
    return status;
}

/* Arguments that no image could have and memory that ran out are failures of
 * the call. */
static expclip_status folder_read(expclip__frame_source *source,
                                  expclip__frame *frame, int *missing,
                                  const expclip_image_options *options,
                                  const expclip_cancel *cancel,
                                  expclip_error *err)
{
    const folder *f = source->data;
    expclip_status status = expclip__cancel_check(cancel, err);
    size_t i;

    if (status)
        return status;
    if (frame->index >= source->n_frames) {
        *missing = 1;
        return EXPCLIP_OK;
    }
    i = f->first + (size_t)frame->index;
    frame->time = time_of(f, i);
    status =
        read_image(&frame->image, f, f->names[i], options, cancel, &frame->why);
    if (status == EXPCLIP_ERROR_MEMORY || status == EXPCLIP_ERROR_ARGUMENT ||
        status == EXPCLIP_ERROR_CANCELLED)
        return expclip__fail(err, status, "%s", frame->why.message);
    frame->status = status;
    return EXPCLIP_OK;
}

static void free_folder(folder *f)
{
    for (size_t i = 0; i < f->n_names; i++)
        expclip__free(f->names[i]);
    expclip__free(f->names);
    expclip__free(f->path);
    expclip__free(f);
}

static void folder_close(expclip__frame_source *source)
{
    free_folder(source->data);
}

/* The frames of start <= time < end. */
static void find_window(expclip__frame_source *out, folder *f,
                        const expclip_frames_options *o)
{
    size_t last = f->n_names;

    while (f->first < last && time_of(f, f->first) < o->start)
        f->first++;
    while (o->end > 0.0 && last > f->first && time_of(f, last - 1) >= o->end)
        last--;
    out->n_frames = (int64_t)(last - f->first);
    out->duration = time_of(f, last - f->first);
}

expclip_status expclip__folder_open(expclip__frame_source *out,
                                    const char *path,
                                    const expclip_frames_options *options,
                                    expclip_error *err)
{
    folder *f = expclip__alloc_zero(1, sizeof(*f));
    expclip_status status;

    if (!f)
        return expclip__fail_memory(err, "frames");
    f->frame_rate = options->frame_rate;
    f->path = expclip__strdup(path);
    status = f->path ? list_names(f, err) : expclip__fail_memory(err, "frames");
    if (status) {
        free_folder(f);
        return status;
    }
    if (f->n_names)
        qsort(f->names, f->n_names, sizeof(*f->names),
              options->order == EXPCLIP_ORDER_STRING ? by_bytes : by_number);
    find_window(out, f, options);
    out->data = f;
    out->read = folder_read;
    out->close = folder_close;
    return EXPCLIP_OK;
}
