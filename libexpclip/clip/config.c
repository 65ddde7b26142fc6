/* SPDX-License-Identifier: MIT */
/*
 * config.c - dimensions from tensor shapes, conventions from config files.
 *
 * Three kinds of config are read: the metadata of our own files, Hugging Face's
 * config.json with preprocessor_config.json, and open_clip_config.json. Without
 * any of them OpenAI's conventions hold: heads of 64, QuickGELU, eps 1e-5.
 */
#include "clip/config.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "clip/names.h"

#define HEAD_WIDTH 64 /* CLIP model.py:408, vision_heads = width // 64 */
#define MAX_SIDE 65536
#define MAX_LAYERS 1024

/* Find a tensor of `n_dims` dimensions, each of 1 .. 2^24. */
static const expclip__weight *find(const expclip__weights *ws, const char *name,
                                   int32_t n_dims, expclip_error *err)
{
    const expclip__weight *w = expclip__weights_find(ws, name);

    if (!w) {
        expclip__fail(err, EXPCLIP_ERROR_SHAPE, "tensor \"%s\": missing", name);
        return NULL;
    }
    if (w->n_dims != n_dims) {
        expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                      "tensor \"%s\": %d dimensions, expected %d", name,
                      (int)w->n_dims, (int)n_dims);
        return NULL;
    }
    for (int32_t i = 0; i < n_dims; i++) {
        if (w->shape[i] >= 1 && w->shape[i] <= 1 << 24)
            continue;
        expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                      "tensor \"%s\": dimension %d is %lld, expected 1 to %d",
                      name, (int)i, (long long)w->shape[i], 1 << 24);
        return NULL;
    }
    return w;
}

static const expclip__weight *find_id(const expclip__config *c,
                                      const expclip__weights *ws,
                                      expclip__tensor_id id, int32_t n_dims,
                                      expclip_error *err)
{
    char name[EXPCLIP__NAME_SIZE];

    expclip__name(name, c, id);
    return find(ws, name, n_dims, err);
}

/* Layers are counted by the blocks that exist. */
static expclip_status read_tower(expclip__tower_config *out,
                                 const expclip__config *c,
                                 const expclip__weights *ws,
                                 expclip__tower tower, int64_t width,
                                 expclip_error *err)
{
    char name[EXPCLIP__NAME_SIZE];
    const expclip__weight *fc;

    out->width = (int32_t)width;
    out->heads = (int32_t)(width / HEAD_WIDTH);
    out->layers = 0;
    do {
        expclip__block_name(name, c, tower, out->layers, EXPCLIP__LN_1_WEIGHT);
    } while (expclip__weights_find(ws, name) && ++out->layers < MAX_LAYERS);

    expclip__block_name(name, c, tower, 0, EXPCLIP__FC_WEIGHT);
    fc = find(ws, name, 2, err);
    if (!fc)
        return EXPCLIP_ERROR_SHAPE;
    out->mlp_width = (int32_t)fc->shape[0];
    return EXPCLIP_OK;
}

static expclip_status
read_vision(expclip__config *c, const expclip__weights *ws, expclip_error *err)
{
    const expclip__weight *patch, *positions;
    double side;

    patch = find_id(c, ws, EXPCLIP__PATCH_EMBEDDING, 4, err);
    positions =
        patch ? find_id(c, ws, EXPCLIP__VISION_POSITIONS, 2, err) : NULL;
    if (!positions)
        return EXPCLIP_ERROR_SHAPE;
    side = floor(sqrt((double)(positions->shape[0] - 1)) + 0.5);
    if (patch->shape[1] != 3 || patch->shape[2] != patch->shape[3])
        return expclip__fail(
            err, EXPCLIP_ERROR_SHAPE,
            "tensor \"%s\": shape [%lld, %lld, %lld, %lld], "
            "expected [width, 3, patch, patch]",
            patch->name, (long long)patch->shape[0], (long long)patch->shape[1],
            (long long)patch->shape[2], (long long)patch->shape[3]);
    if (side < 1 || side * side + 1 != (double)positions->shape[0] ||
        side * (double)patch->shape[2] > MAX_SIDE)
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "tensor \"%s\": %lld positions, expected a square "
                             "of patches and one more",
                             positions->name, (long long)positions->shape[0]);
    c->patch_size = (int32_t)patch->shape[2];
    c->grid = (int32_t)side;
    c->image_size = c->grid * c->patch_size;
    return read_tower(&c->vision, c, ws, EXPCLIP__VISION, patch->shape[0], err);
}

static expclip_status read_text(expclip__config *c, const expclip__weights *ws,
                                expclip_error *err)
{
    const expclip__weight *tokens, *positions, *projection;

    tokens = find_id(c, ws, EXPCLIP__TOKEN_EMBEDDING, 2, err);
    positions = tokens ? find_id(c, ws, EXPCLIP__TEXT_POSITIONS, 2, err) : NULL;
    projection =
        positions ? find_id(c, ws, EXPCLIP__TEXT_PROJECTION, 2, err) : NULL;
    if (!projection)
        return EXPCLIP_ERROR_SHAPE;
    c->vocabulary_size = (int32_t)tokens->shape[0];
    c->context_length = (int32_t)positions->shape[0];
    c->embed_dim =
        (int32_t)projection->shape[c->naming == EXPCLIP__NAMING_OPENAI];
    return read_tower(&c->text, c, ws, EXPCLIP__TEXT, tokens->shape[1], err);
}

/* ---- conventions ---- */

static void set_heads(expclip__tower_config *tower, int64_t heads)
{
    if (heads >= 1 && heads <= tower->width)
        tower->heads = (int32_t)heads;
}

/* A JSON file beside the weights; *out is NULL when there is none. */
static expclip_status read_json(json_t **out, const expclip__weights *ws,
                                const char *name, expclip_error *err)
{
    char *text = NULL;
    size_t size;
    json_error_t why;
    expclip_status status;

    *out = NULL;
    status = expclip__weights_read_beside(&text, &size, ws, name, err);
    if (status || !text)
        return status;
    *out = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    expclip__free(text);
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: line %d: %s", name,
                             why.line, why.text);
    }
    return EXPCLIP_OK;
}

static void read_three(float out[3], const json_t *list)
{
    for (size_t i = 0; i < 3 && json_array_size(list) == 3; i++)
        out[i] = (float)json_number_value(json_array_get(list, i));
}

/* A metadata value that is JSON itself, such as "[12, 8]"; NULL without one. */
static json_t *metadata_json(const expclip__weights *ws, const char *key)
{
    const char *text = expclip__weights_metadata(ws, key);

    return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}

static void read_metadata_numbers(expclip__config *c,
                                  const expclip__weights *ws)
{
    json_t *heads = metadata_json(ws, "heads");
    json_t *eps = metadata_json(ws, "layer_norm_eps");
    json_t *mean = metadata_json(ws, "image_mean");
    json_t *std = metadata_json(ws, "image_std");

    set_heads(&c->vision, json_integer_value(json_array_get(heads, 0)));
    set_heads(&c->text, json_integer_value(json_array_get(heads, 1)));
    if (json_is_real(eps))
        c->layer_norm_eps = json_real_value(eps);
    read_three(c->mean, mean);
    read_three(c->std, std);
    json_decref(heads);
    json_decref(eps);
    json_decref(mean);
    json_decref(std);
}

static expclip_status read_metadata(expclip__config *c,
                                    const expclip__weights *ws,
                                    expclip_error *err)
{
    const char *activation = expclip__weights_metadata(ws, "activation");
    const char *preset = expclip__weights_metadata(ws, "clip_preprocess");

    if (activation && strcmp(activation, "quick_gelu") != 0 &&
        strcmp(activation, "gelu") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "metadata \"activation\": \"%s\", expected "
                             "\"quick_gelu\" or \"gelu\"",
                             activation);
    if (activation)
        c->quick_gelu = activation[0] == 'q';
    if (preset && !expclip__preset_find(preset, &c->preset))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "metadata \"clip_preprocess\": no preset \"%s\"",
                             preset);
    c->has_preset = preset != NULL;
    read_metadata_numbers(c, ws);
    return EXPCLIP_OK;
}

static expclip_status set_activation(expclip__config *c, const char *name,
                                     expclip_error *err)
{
    if (!name || strcmp(name, "quick_gelu") == 0)
        c->quick_gelu = 1; /* the default of transformers' CLIPConfig */
    else if (strcmp(name, "gelu") == 0)
        c->quick_gelu = 0;
    else
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "config.json: hidden_act \"%s\", expected "
                             "\"quick_gelu\" or \"gelu\"",
                             name);
    return EXPCLIP_OK;
}

static expclip_status read_hugging_face(expclip__config *c,
                                        const expclip__weights *ws,
                                        expclip_error *err)
{
    json_t *config, *pixels, *vision, *text, *eps;
    expclip_status status = read_json(&config, ws, "config.json", err);

    if (status)
        return status;
    vision = json_object_get(config, "vision_config");
    text = json_object_get(config, "text_config");
    if (vision && text) {
        set_heads(&c->vision, json_integer_value(json_object_get(
                                  vision, "num_attention_heads")));
        set_heads(&c->text, json_integer_value(
                                json_object_get(text, "num_attention_heads")));
        eps = json_object_get(vision, "layer_norm_eps");
        if (json_is_real(eps))
            c->layer_norm_eps = json_real_value(eps);
        status = set_activation(
            c, json_string_value(json_object_get(vision, "hidden_act")), err);
    }
    json_decref(config);
    if (status)
        return status;

    status = read_json(&pixels, ws, "preprocessor_config.json", err);
    read_three(c->mean, json_object_get(pixels, "image_mean"));
    read_three(c->std, json_object_get(pixels, "image_std"));
    json_decref(pixels);
    return status;
}

static expclip_status read_open_clip(expclip__config *c,
                                     const expclip__weights *ws,
                                     expclip_error *err)
{
    json_t *config, *model, *pixels, *text;
    const char *resize;
    expclip_status status =
        read_json(&config, ws, "open_clip_config.json", err);

    if (status || !config)
        return status;
    model = json_object_get(config, "model_cfg");
    c->quick_gelu = json_is_true(json_object_get(model, "quick_gelu"));
    text = json_object_get(model, "text_cfg");
    set_heads(&c->text, json_integer_value(json_object_get(text, "heads")));
    pixels = json_object_get(config, "preprocess_cfg");
    read_three(c->mean, json_object_get(pixels, "mean"));
    read_three(c->std, json_object_get(pixels, "std"));
    resize = json_string_value(json_object_get(pixels, "resize_mode"));
    if (resize && strcmp(resize, "squash") == 0) {
        c->has_preset = 1;
        c->preset = EXPCLIP__PRESET_CLIP_SQUASH;
    }
    json_decref(config);
    return EXPCLIP_OK;
}

static expclip_status read_conventions(expclip__config *c,
                                       const expclip__weights *ws,
                                       expclip_error *err)
{
    const char *format = expclip__weights_metadata(ws, "format");

    if (format && strcmp(format, "expclip") == 0)
        return read_metadata(c, ws, err);
    if (c->naming == EXPCLIP__NAMING_HUGGING_FACE)
        return read_hugging_face(c, ws, err);
    return read_open_clip(c, ws, err);
}

/* ---- public ---- */

static expclip_status check_heads(const expclip__tower_config *tower,
                                  const char *what, expclip_error *err)
{
    if (tower->heads >= 1 && tower->width % tower->heads == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                         "%s tower: width %d does not divide into %d heads",
                         what, (int)tower->width, (int)tower->heads);
}

static expclip_status fail_unknown(const expclip__weights *ws,
                                   expclip_error *err)
{
    if (expclip__weights_find(ws, "visual.layer1.0.conv1.weight"))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "a CLIP with a ResNet image encoder, expected a "
                             "vision transformer");
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "not a CLIP: no tensor \"visual.class_embedding\" "
                         "(OpenAI, open_clip) and no \"vision_model.embeddings."
                         "class_embedding\" (Hugging Face) among %zu tensors",
                         expclip__weights_count(ws));
}

expclip_status expclip__config_read(expclip__config *out,
                                    const expclip__weights *ws,
                                    expclip_error *err)
{
    expclip__config c = { .quick_gelu = 1, .layer_norm_eps = 1e-5 };
    expclip__pixels clip;
    expclip_status status;

    if (!expclip__names_recognise(&c, ws))
        return fail_unknown(ws, err);
    expclip__pixels_init(&clip, EXPCLIP__PRESET_CLIP, 1);
    memcpy(c.mean, clip.mean, sizeof(c.mean));
    memcpy(c.std, clip.std, sizeof(c.std));
    if ((status = read_vision(&c, ws, err)) ||
        (status = read_text(&c, ws, err)) ||
        (status = read_conventions(&c, ws, err)) ||
        (status = check_heads(&c.vision, "vision", err)) ||
        (status = check_heads(&c.text, "text", err)) ||
        (status = expclip__names_check_unused(&c, ws, err)))
        return status;
    *out = c;
    return EXPCLIP_OK;
}

void expclip__config_name(char *out, size_t out_size,
                          const expclip__config *config)
{
    static const struct {
        int32_t width;
        const char *letter;
    } sizes[] = { { 768, "B" }, { 1024, "L" }, { 1280, "H" }, { 1408, "g" } };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (sizes[i].width != config->vision.width)
            continue;
        snprintf(out, out_size, "ViT-%s/%d%s", sizes[i].letter,
                 (int)config->patch_size,
                 config->image_size == 336 ? "@336px" : "");
        return;
    }
    snprintf(out, out_size, "ViT-w%d-l%d/%d", (int)config->vision.width,
             (int)config->vision.layers, (int)config->patch_size);
}
