/* SPDX-License-Identifier: MIT */
/*
 * config_read.c - what a set of weights is: dimensions from tensor shapes, and
 * what no shape tells from conventions.c.
 */
#include "encoders/config_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "encoders/conventions.h"
#include "encoders/families.h"
#include "encoders/names.h"

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
    out->heads = 0;
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
    char name[EXPCLIP__NAME_SIZE];

    expclip__name(name, c, EXPCLIP__TOKEN_EMBEDDING);
    if (!expclip__weights_find(ws, name))
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "tensor \"%s\": missing; if these weights are of "
                             "an image encoder alone, use the whole CLIP",
                             name);
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
    expclip__conventions said;
    expclip__pixels clip;
    int is_clip;
    expclip_status status = expclip__families_check(ws, err);

    if (status || (status = expclip__names_recognise(&is_clip, &c, ws, err)))
        return status;
    if (!is_clip)
        return fail_unknown(ws, err);
    expclip__pixels_init(&clip, EXPCLIP__PRESET_CLIP, 1);
    memcpy(c.mean, clip.mean, sizeof(c.mean));
    memcpy(c.std, clip.std, sizeof(c.std));
    /* Before the shapes: a key says better what is missing than a tensor. */
    if ((status = expclip__conventions_read(&said, &c, ws, err)) ||
        (status = read_vision(&c, ws, err)) ||
        (status = read_text(&c, ws, err)) ||
        (status = expclip__conventions_apply(&c, &said, ws, err)) ||
        (status = expclip__families_heads(&c, err)) ||
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
    } sizes[] = { { 768, "B" },
                  { 1024, "L" },
                  { 1280, "H" },
                  { 1408, "g" },
                  { 1664, "bigG" } };

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
