/* SPDX-License-Identifier: MIT */
/*
 * api_faces.c - the faces of an image, and their crops.
 */
#include <math.h>
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "expression/batch.h"

/* ---- what was found ---- */

int32_t expclip_faces_status(const expclip_faces *faces)
{
    return faces ? faces->status : EXPCLIP_ERROR_ARGUMENT;
}

const char *expclip_faces_message(const expclip_faces *faces)
{
    return faces && faces->message ? faces->message : "";
}

size_t expclip_faces_count(const expclip_faces *faces)
{
    return faces ? faces->found.n : 0;
}

static expclip_status check_index(const expclip_faces *faces, size_t index,
                                  expclip_error *err)
{
    const expclip_status status = expclip__check_pointer(faces, "faces", err);

    if (status || index < faces->found.n)
        return status;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "index: %zu, the image has %zu faces", index,
                         faces->found.n);
}

expclip_status expclip_faces_get(expclip_face *out, const expclip_faces *faces,
                                 size_t index, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = check_index(faces, index, err)))
        return status;
    *out = faces->found.faces[index];
    return expclip__returned(EXPCLIP_OK, err);
}

expclip_status expclip_faces_copy(float *values, size_t values_size,
                                  const expclip_faces *faces,
                                  expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(faces, "faces", err)) ||
        (status = expclip__check_array(values, values_size, "values", err)) ||
        (status = expclip__check_size(values_size, faces->found.n * 15,
                                      "values_size", err)))
        return status;
    for (size_t i = 0; i < faces->found.n; i++, values += 15) {
        const expclip_face *face = &faces->found.faces[i];

        memcpy(values, &face->x, 4 * sizeof(float));
        memcpy(values + 4, face->points, sizeof(face->points));
        values[14] = face->score;
    }
    return expclip__returned(EXPCLIP_OK, err);
}

size_t expclip_faces_largest(const expclip_faces *faces)
{
    return faces ? expclip__faces_largest(faces) : 0;
}

float expclip_faces_best_score(const expclip_faces *faces)
{
    return faces ? faces->found.best : 0.0f;
}

int32_t expclip_faces_width(const expclip_faces *faces)
{
    return faces ? faces->width : 0;
}

int32_t expclip_faces_height(const expclip_faces *faces)
{
    return faces ? faces->height : 0;
}

int32_t expclip_faces_turn(const expclip_faces *faces)
{
    return faces ? faces->turn : 0;
}

void expclip_faces_free(expclip_faces *faces)
{
    expclip__faces_free(faces);
}

/* ---- pixels ---- */

/* Copy, when the caller's size is right. */
static expclip_status copy_rgb(uint8_t *rgb, size_t rgb_size,
                               const expclip__image *image, expclip_error *err)
{
    const size_t n = (size_t)image->width * (size_t)image->height * 3;
    expclip_status status;

    if ((status = expclip__check_pointer(rgb, "rgb", err)) ||
        (status = expclip__check_size(rgb_size, n, "rgb_size", err)))
        return status;
    memcpy(rgb, image->rgb, n);
    return EXPCLIP_OK;
}

expclip_status expclip_faces_copy_image(uint8_t *rgb, size_t rgb_size,
                                        const expclip_faces *faces,
                                        expclip_error *err)
{
    const expclip__image *image;
    expclip__image decoded = { 0 };
    expclip_status status = expclip__check_pointer(faces, "faces", err);

    if (status)
        return status;
    if (faces->status)
        return expclip__fail(err, faces->status, "%s", faces->message);
    status = expclip__faces_image(&image, &decoded, faces, 1.0f, err);
    if (!status)
        status = copy_rgb(rgb, rgb_size, image, err);
    expclip__image_clear(&decoded);
    return expclip__returned(status, err);
}

/* ---- crops ---- */

/* The crop that the options and the model, or NULL, say. */
static expclip_status check_crop(expclip__crop *crop, int32_t *upright,
                                 const expclip_crop_options *options,
                                 const expclip_model *model, expclip_error *err)
{
    expclip_crop_options o = EXPCLIP_CROP_OPTIONS_INIT;
    expclip_status status;

    if ((status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = expclip__check_flag(o.upright, "upright", err)) ||
        (status = expclip__check_reserved(o.reserved, err)))
        return status;
    *upright = o.upright;
    *crop = model ? model->crop : (expclip__crop)EXPCLIP__CROP_DEFAULT;
    return expclip__crop_choose(crop, o.side, o.up, err);
}

float expclip_model_crop_side(const expclip_model *model)
{
    return model ? model->crop.side : 0.0f;
}

float expclip_model_crop_up(const expclip_model *model)
{
    return model ? model->crop.up : 0.0f;
}

expclip_status expclip_faces_crop(expclip_box *out, const expclip_faces *faces,
                                  size_t index,
                                  const expclip_crop_options *options,
                                  expclip_error *err)
{
    expclip__crop crop;
    int32_t upright;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = check_index(faces, index, err)) ||
        (status = check_crop(&crop, &upright, options, NULL, err)))
        return status;
    *out = expclip__faces_crop(faces, index, &crop);
    return expclip__returned(EXPCLIP_OK, err);
}

expclip_status expclip_faces_copy_crop(uint8_t *rgb, size_t rgb_size,
                                       const expclip_faces *faces, size_t index,
                                       const expclip_crop_options *options,
                                       expclip_error *err)
{
    const expclip__image *image;
    expclip__image decoded = { 0 }, part = { 0 };
    expclip__crop crop;
    int32_t upright;
    expclip_status status;

    if ((status = check_index(faces, index, err)) ||
        (status = check_crop(&crop, &upright, options, NULL, err)))
        return status;
    status = expclip__faces_image(&image, &decoded, faces, 1.0f, err);
    if (!status)
        status =
            expclip__faces_cut(&part, faces, index, image, &crop, upright, err);
    if (!status)
        status = copy_rgb(rgb, rgb_size, &part, err);
    expclip__image_clear(&part);
    expclip__image_clear(&decoded);
    return expclip__returned(status, err);
}

/* ---- batches ---- */

expclip_status expclip_batch_add_faces(size_t *n_added, expclip_batch *batch,
                                       const expclip_faces *faces,
                                       int32_t which,
                                       const expclip_crop_options *options,
                                       expclip_error *err)
{
    expclip__crop crop;
    int32_t upright;
    expclip_status status;

    if ((status = expclip__check_pointer(n_added, "n_added", err)))
        return status;
    *n_added = 0;
    if ((status = expclip__check_pointer(batch, "batch", err)) ||
        (status = expclip__check_pointer(faces, "faces", err)) ||
        (status = check_crop(&crop, &upright, options, batch->model, err)) ||
        (status = expclip__check_range(which, "which", EXPCLIP_FACES_AUTO,
                                       INT32_MAX, err)) ||
        (status = expclip__fork_check(batch->model->fork_generation, err)))
        return status;
    if (which >= 0 && faces->found.n &&
        (status = check_index(faces, (size_t)which, err)))
        return status;
    return expclip__returned(expclip__batch_add_faces(n_added, batch, faces,
                                                      which, &crop, upright,
                                                      err),
                             err);
}

int64_t expclip_batch_image(const expclip_batch *batch, size_t index)
{
    return batch && index < batch->n_items ? batch->items[index].image : -1;
}

int32_t expclip_batch_face(const expclip_batch *batch, size_t index)
{
    return batch && index < batch->n_items ? batch->items[index].face : -1;
}
