/* SPDX-License-Identifier: MIT */
/*
 * api_batch.c - images into a batch.
 */
#include <math.h>
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "expression/batch.h"

int32_t expclip_image_probe(const uint8_t *bytes, size_t bytes_size)
{
    return bytes ? expclip__image_probe(bytes, bytes_size) : 0;
}

expclip_status expclip_batch_create(expclip_batch **out,
                                    const expclip_model *model,
                                    expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(model, "model", err)))
        return status;
    return expclip__returned(expclip__batch_create(out, model, err), err);
}

void expclip_batch_free(expclip_batch *batch)
{
    expclip__batch_free(batch);
}

void expclip_batch_clear(expclip_batch *batch)
{
    if (batch)
        expclip__batch_clear(batch);
}

expclip_status
expclip__check_image_options(expclip_image_options *out,
                             const expclip_image_options *options,
                             expclip_error *err)
{
    expclip_status status;

    *out = (expclip_image_options)EXPCLIP_IMAGE_OPTIONS_INIT;
    if ((status = expclip__check_options(out, sizeof(*out), options, "options",
                                         err)) ||
        (status = expclip__check_flag(out->exif, "exif", err)) ||
        (status =
             expclip__check_flag(out->allow_truncated, "allow_truncated", err)))
        return status;
    if (!(out->box_margin >= 0.0f && out->box_margin <= 1.0f))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "box_margin: %g, expected 0 to 1",
                             (double)out->box_margin);
    if ((out->box_width < 1 || out->box_height < 1) &&
        (out->box_x || out->box_y || out->box_width || out->box_height))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "box: %d x %d, expected both above 0",
                             (int)out->box_width, (int)out->box_height);
    if (out->max_pixels < 1)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "max_pixels: %lld, expected at least 1",
                             (long long)out->max_pixels);
    return EXPCLIP_OK;
}

/* What all three add functions look at first. */
static expclip_status check_add(expclip_image_options *o,
                                const expclip_batch *batch, const void *input,
                                size_t input_size, const char *input_name,
                                const expclip_image_options *options,
                                expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(batch, "batch", err)) ||
        (status = expclip__check_array(input, input_size, input_name, err)) ||
        (status = expclip__check_image_options(o, options, err)))
        return status;
    return expclip__fork_check(batch->model->fork_generation, err);
}

/*
 * The decoded image becomes an item, whether it went well or not. Arguments
 * that no image could have are the caller's mistake and become none.
 */
static expclip_status add(expclip_batch *batch, expclip__image *image,
                          expclip_status status, const expclip_error *why,
                          expclip_error *err)
{
    if (status == EXPCLIP_ERROR_ARGUMENT) {
        if (err)
            *err = *why;
        return status;
    }
    status = expclip__batch_add(batch, image, status, why, err);
    expclip__image_clear(image);
    return status;
}

expclip_status expclip_batch_add_file(expclip_batch *batch, const char *path,
                                      const expclip_image_options *options,
                                      expclip_error *err)
{
    expclip_image_options o;
    expclip__image image = { 0 };
    expclip_error why;
    expclip_status status = check_add(&o, batch, path, 1, "path", options, err);

    if (status)
        return status;
    status = expclip__image_load(&image, path, &o, NULL, &why);
    return expclip__returned(add(batch, &image, status, &why, err), err);
}

expclip_status expclip_batch_add_bytes(expclip_batch *batch,
                                       const uint8_t *bytes, size_t bytes_size,
                                       const expclip_image_options *options,
                                       expclip_error *err)
{
    expclip_image_options o;
    expclip__image image = { 0 };
    expclip_error why;
    expclip_status status =
        check_add(&o, batch, bytes, bytes_size, "bytes", options, err);

    if (status)
        return status;
    status = expclip__image_decode(&image, bytes, bytes_size, &o, NULL, &why);
    return expclip__returned(add(batch, &image, status, &why, err), err);
}

expclip_status expclip_batch_add_pixels(
    expclip_batch *batch, const uint8_t *pixels, size_t pixels_size,
    int32_t width, int32_t height, int64_t stride, int32_t layout,
    const expclip_image_options *options, expclip_error *err)
{
    expclip_image_options o;
    expclip__image image = { 0 };
    expclip_error why;
    expclip_status status =
        check_add(&o, batch, pixels, pixels_size, "pixels", options, err);

    if (status)
        return status;
    status = expclip__image_from_pixels(&image, pixels, pixels_size, width,
                                        height, stride, layout, &o, &why);
    return expclip__returned(add(batch, &image, status, &why, err), err);
}

size_t expclip_batch_count(const expclip_batch *batch)
{
    return batch ? batch->n_items : 0;
}

int32_t expclip_batch_status(const expclip_batch *batch, size_t index)
{
    if (!batch || index >= batch->n_items)
        return EXPCLIP_ERROR_ARGUMENT;
    return batch->items[index].status;
}

const char *expclip_batch_message(const expclip_batch *batch, size_t index)
{
    if (!batch || index >= batch->n_items || !batch->items[index].message)
        return "";
    return batch->items[index].message;
}

expclip_status expclip_batch_copy_pixels(float *pixels, size_t pixels_size,
                                         const expclip_batch *batch,
                                         size_t index, expclip_error *err)
{
    const expclip__batch_item *item;
    expclip_status status;
    size_t n;

    if ((status = expclip__check_pointer(pixels, "pixels", err)) ||
        (status = expclip__check_pointer(batch, "batch", err)))
        return status;
    n = expclip__batch_image_floats(batch);
    status = expclip__check_size(pixels_size, n, "pixels_size", err);
    if (status)
        return status;
    if (index >= batch->n_items)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "index: %zu, the batch has %zu items", index,
                             batch->n_items);
    item = &batch->items[index];
    if (item->status)
        return expclip__fail(err, item->status, "%s",
                             item->message ? item->message : "");
    memcpy(pixels, batch->pixels + item->slot * n, n * sizeof(*pixels));
    return expclip__returned(EXPCLIP_OK, err);
}
