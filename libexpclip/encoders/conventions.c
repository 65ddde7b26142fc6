/* SPDX-License-Identifier: MIT */
/*
 * conventions.c - what the files say of heads, activation, epsilon and pixels.
 *
 * Three kinds of config are read: the metadata of our own files, Hugging Face's
 * config.json with its image processor's, and open_clip_config.json. Without
 * any of them OpenAI's conventions hold: QuickGELU, eps 1e-5, and heads as
 * families.c knows them.
 */
#include "encoders/conventions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define OPEN_CLIP EXPCLIP__CONVENTIONS_OPEN_CLIP
#define HUGGING_FACE "config.json"

int expclip__conventions_are_ours(const expclip__weights *ws)
{
    const char *format = expclip__weights_metadata(ws, "format");

    return format && strcmp(format, "expclip") == 0;
}

/* A JSON file beside the weights; *out is NULL when there is none. */
static expclip_status read_json(json_t **out, const expclip__weights *ws,
                                const char *name, expclip_error *err)
{
    char *text = NULL;
    size_t size;
    json_error_t why = { .text = "" };
    expclip_status status;

    *out = NULL;
    status = expclip__weights_read_beside(&text, &size, ws, name, err);
    if (status || !text)
        return status;
    *out = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    expclip__free(text);
    if (!json_is_object(*out)) {
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "%s: line %d: %s, expected a JSON object", name,
                               why.line, *out ? "a list" : why.text);
        json_decref(*out);
        *out = NULL;
    }
    return status;
}

static expclip_status read_open_clip(expclip__conventions *out,
                                     const expclip__weights *ws,
                                     expclip_error *err)
{
    json_t *root, *model, *pixels;
    const char *where = OPEN_CLIP ": model_cfg.";
    expclip_status status = read_json(&root, ws, OPEN_CLIP, err);

    if (status || !root)
        return status;
    model = json_object_get(root, "model_cfg");
    if (!model && json_object_get(root, "vision_cfg")) {
        model = root; /* as in open_clip's own list of models */
        where = OPEN_CLIP ": ";
    }
    pixels = json_object_get(root, "preprocess_cfg");
    if (!json_is_object(model) ||
        (pixels && !json_is_null(pixels) && !json_is_object(pixels)))
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "%s: expected an object \"model_cfg\", and "
                               "\"preprocess_cfg\" an object if any; copy the "
                               "model's own file again",
                               OPEN_CLIP);
    out->model.vision.head_width = 64; /* open_clip's defaults */
    out->model.text.heads = 8;
    if (!status)
        status = expclip__keys_read(&out->model, model,
                                    &expclip__keys_open_clip, where, err);
    if (!status && json_is_object(pixels))
        status = expclip__keys_read(&out->pixels, pixels,
                                    &expclip__keys_open_clip_pixels,
                                    OPEN_CLIP ": preprocess_cfg.", err);
    json_decref(root);
    out->source = out->pixel_source = OPEN_CLIP;
    return status;
}

/* In transformers "text_config_dict" of old versions wins over "text_config".
 */
static expclip_status prefer_old(json_t *config, const char *name,
                                 const char *old_name, expclip_error *err)
{
    json_t *old = json_object_get(config, old_name);

    if (json_is_object(old) && json_object_set(config, name, old) != 0)
        return expclip__fail_memory(err, "configuration");
    return EXPCLIP_OK;
}

static expclip_status read_hugging_face_model(expclip__conventions *out,
                                              const expclip__weights *ws,
                                              expclip_error *err)
{
    json_t *config;
    expclip_status status = read_json(&config, ws, HUGGING_FACE, err);

    if (status || !config)
        return status;
    if ((status =
             prefer_old(config, "vision_config", "vision_config_dict", err)) ||
        (status = prefer_old(config, "text_config", "text_config_dict", err)))
        goto done;
    if (!json_object_get(config, "model_type") &&
        !json_object_get(config, "vision_config") &&
        !json_object_get(config, "text_config"))
        goto done; /* it is of something else than a model */
    /* The defaults of CLIPVisionConfig and CLIPTextConfig. */
    out->model.vision.heads = 12;
    out->model.text.heads = 8;
    out->model.vision.quick_gelu = out->model.text.quick_gelu = 1;
    status =
        expclip__keys_read(&out->model, config, &expclip__keys_hugging_face,
                           HUGGING_FACE ": ", err);
    out->source = HUGGING_FACE;
done:
    json_decref(config);
    return status;
}

/* The image processor: a part of processor_config.json, or a file of its own.
 * transformers takes the former when there are both. */
static expclip_status read_hugging_face_pixels(expclip__conventions *out,
                                               const expclip__weights *ws,
                                               expclip_error *err)
{
    json_t *root = NULL, *part;
    const char *name = "processor_config.json";
    const char *where = "processor_config.json: image_processor.";
    expclip_status status = read_json(&root, ws, name, err);

    part = json_object_get(root, "image_processor");
    if (!status && !json_is_object(part)) {
        json_decref(root);
        name = "preprocessor_config.json";
        where = "preprocessor_config.json: ";
        status = read_json(&root, ws, name, err);
        part = root;
    }
    if (!status && part) {
        out->pixel_source = name;
        status = expclip__keys_read(
            &out->pixels, part, &expclip__keys_hugging_face_pixels, where, err);
    }
    json_decref(root);
    return status;
}

expclip_status expclip__conventions_read(expclip__conventions *out,
                                         const expclip__config *config,
                                         const expclip__weights *ws,
                                         expclip_error *err)
{
    expclip__conventions said = { .pixels = { .center_crop = 1,
                                              .normalize = 1 } };
    expclip_status status = EXPCLIP_OK;

    memcpy(said.pixels.mean, config->mean, sizeof(said.pixels.mean));
    memcpy(said.pixels.std, config->std, sizeof(said.pixels.std));
    if (expclip__conventions_are_ours(ws))
        said.source = EXPCLIP__CONVENTIONS_OURS;
    else if (config->naming == EXPCLIP__NAMING_OPENAI)
        status = read_open_clip(&said, ws, err);
    else if (!(status = read_hugging_face_model(&said, ws, err)))
        status = read_hugging_face_pixels(&said, ws, err);
    if (!status)
        *out = said;
    return status;
}
