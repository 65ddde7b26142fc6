/* SPDX-License-Identifier: MIT */
/*
 * frame_folder.c - a folder of images as a clip: names in order, each image
 * decoded when it is asked for.
 *
 * What has an image's name and cannot be read (a folder, a pipe, a damaged
 * file) keeps its place as a failed frame: leaving it out would move the
 * others.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/entries.h"
#include "base/error.h"
#include "base/natural.h"
#include "base/text.h"
#include "base/threads.h"
#include "shared/formats.h"
#include "video/frames.h"

typedef struct folder {
    char *path;
    expclip__entries images; /* in order */
    size_t first;            /* of the window */
    double frame_rate;
} folder;

/* ---- names ---- */

static int by_number(const void *a, const void *b)
{
    return expclip__natural_compare(*(char *const *)a, *(char *const *)b);
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
    char *path = expclip__path_join(f->path, name);
    const expclip_status status =
        path ? expclip__image_load(out, path, options, cancel, err)
             : expclip__fail_memory(err, "path");

    expclip__free(path);
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
    status = read_image(&frame->image, f, f->images.names[i], options, cancel,
                        &frame->why);
    if (status == EXPCLIP_ERROR_MEMORY || status == EXPCLIP_ERROR_ARGUMENT ||
        status == EXPCLIP_ERROR_CANCELLED)
        return expclip__fail(err, status, "%s", frame->why.message);
    frame->status = status;
    return EXPCLIP_OK;
}

static void free_folder(folder *f)
{
    expclip__entries_free(&f->images);
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
    size_t last = f->images.n;

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
    status = f->path ? expclip__entries_list(&f->images, path,
                                             expclip__is_frame_name, err)
                     : expclip__fail_memory(err, "frames");
    if (status) {
        free_folder(f);
        return status;
    }
    if (f->images.n && options->order != EXPCLIP_ORDER_STRING)
        qsort(f->images.names, f->images.n, sizeof(*f->images.names),
              by_number);
    find_window(out, f, options);
    out->data = f;
    out->read = folder_read;
    out->close = folder_close;
    return EXPCLIP_OK;
}
