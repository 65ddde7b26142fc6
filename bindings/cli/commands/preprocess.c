/* SPDX-License-Identifier: MIT */
/*
 * preprocess.c - expclip preprocess: what the image encoder sees.
 */
#include <stdlib.h>
#include <string.h>

#include "inputs/inputs.h"
#include "options/model_settings.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "views/json_line.h"
#include "views/npy_file.h"
#include "views/outfile.h"

typedef struct preprocess_settings {
    model_settings model;
    image_settings images;
    const char *output;
    int32_t json;
} preprocess_settings;

static const preprocess_settings defaults = {
    .model = MODEL_SETTINGS_DEFAULT,
    .images = IMAGE_SETTINGS_DEFAULT,
};

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_TEXT(preprocess_settings, output, "output", 'o', "FILE.npy",
             "The file to write, float32 [3, S, S], RGB. Required."),
    OPT_RESULTS(preprocess_settings, json, "json",
                "Describe the file as a JSON object."),
    IMAGE_OPTIONS(preprocess_settings, images),
    MODEL_OPTIONS(preprocess_settings, model),
    OPT_END,
};

/** Decode and prepare: float [3, side, side] in *out for free(). */
static int make_pixels(float **out, const char *path,
                       const expclip_image_options *image,
                       const expclip_model *model)
{
    const size_t side = (size_t)expclip_model_image_size(model);
    const size_t n = 3 * side * side;
    const input in = { .path = (char *)(uintptr_t)path };
    expclip_batch *batch = NULL;
    expclip_error err;
    expclip_status status;
    float *pixels;

    if (expclip_batch_create(&batch, model, &err))
        return failure_report(&err);
    pixels = memory_new(n, sizeof(float));
    status = expclip_batch_add_file(batch, path, image, &err);
    if (!status)
        status = expclip_batch_copy_pixels(pixels, n, batch, 0, &err);
    expclip_batch_free(batch);
    if (status) {
        input_report(&in, status, err.message);
        free(pixels);
        return EXIT_SOME_FAILED;
    }
    *out = pixels;
    return 0;
}

static int write_pixels(const char *path, const float *pixels, size_t side)
{
    const size_t shape[] = { 3, side, side };
    outfile *file = NULL;
    int rc = outfile_open(&file, path, EXPCLIP__FILE_NPY);

    if (rc)
        return rc;
    npy_write_header(outfile_stream(file), shape, 3);
    npy_write_floats(outfile_stream(file), pixels, 3 * side * side);
    return outfile_commit(file);
}

static void report(const preprocess_settings *s, const char *path,
                   const expclip_model *model)
{
    const int side = expclip_model_image_size(model);
    const char *preset = expclip_model_preprocess(model);

    if (s->json)
        json_line_print(json_pack(
            "{s:o, s:o, s:[i, i, i], s:s, s:s}", "path", json_line_string(path),
            "output", json_line_string(s->output), "shape", 3, side, side,
            "dtype", "float32", "preprocess", preset));
    else
        console_note("%s: float32 [3, %d, %d], preset %s", s->output, side,
                     side, preset);
}

static int preprocess(const void *settings, int n_operands, char **operands)
{
    const preprocess_settings *s = settings;
    expclip_image_options image;
    expclip_model *model = NULL;
    float *pixels = NULL;
    int rc;

    if (n_operands != 1 || !s->output) {
        console_error("preprocess: expected one image and -o FILE.npy,"
                      " found %d image%s and %s",
                      n_operands, n_operands == 1 ? "" : "s",
                      s->output ? s->output : "no -o");
        return EXIT_USAGE;
    }
    rc = image_settings_read(&image, &s->images);
    if (!rc)
        rc = model_settings_load(&model, &s->model);
    if (!rc)
        rc = make_pixels(&pixels, operands[0], &image, model);
    if (!rc)
        rc = write_pixels(s->output, pixels,
                          (size_t)expclip_model_image_size(model));
    if (!rc)
        report(s, operands[0], model);
    free(pixels);
    expclip_model_free(model);
    return rc;
}

const command preprocess_command = {
    "preprocess",
    "IMAGE",
    "Write the exact pixels that the image encoder sees.",
    NULL,
    options,
    &defaults,
    sizeof(defaults),
    preprocess,
};
