/* SPDX-License-Identifier: MIT */
/*
 * vision.c - CLIP's image encoder (CLIP model.py, VisionTransformer).
 *
 *     x = patches of the image, each a linear map      [n, g * g, width]
 *     x = class token, then the patches, plus positions  [n, g * g + 1, width]
 *     x = blocks(ln_pre(x))
 *     return ln_post(x[:, 0]) @ projection               [n, d]
 *
 * In numbers, ViT-B/32 on one image, with the names of OpenAI's tensors:
 *
 *     pixels                 [1, 3, 224, 224]   CLIP's preprocessing
 *     patches                [1, 49, 3072]      7 x 7 of 3 * 32 * 32 values
 *     conv1                  [1, 49, 768]       one vector of width 768 each
 *     class_embedding        [1, 50, 768]       before them: 7 * 7 + 1 tokens
 *     positional_embedding   [50, 768]          added to every image
 *     12 blocks, each        [1, 50, 768]       12 heads of 64, MLP 3072 wide
 *     ln_post of token 0     [1, 768]
 *     proj                   [1, 512]           the embedding, as long as a
 *                                               text's: see text_encoder.c
 *
 * The patch convolution has stride = kernel and no bias, so it is a linear map
 * of each patch's 3 * patch * patch pixels. Only the class token leaves the
 * tower, so only its row is computed at the end of the last block.
 */
#include "encoders/vision.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* ---- loading ---- */

/*
 * Position embeddings of a trained grid for another one: bicubic and
 * antialiased, the class token's kept apart (open_clip resize_pos_embed).
 * in [from * from, width] -> out [to * to, width]
 */
static void resize_positions(expclip__loader *l, float *out, const float *in,
                             int64_t from, int64_t to, int64_t width)
{
    static const int32_t channels_first[] = { 2, 0, 1 };
    static const int32_t channels_last[] = { 1, 2, 0 };
    const int64_t shape[] = { from, from, width };
    tensor_scope *s = tensor_scope_begin(l->device, l->err);
    const tensor *t;

    t = tensor_permute(s, tensor_from_f32(s, in, 3, shape), 3, channels_first);
    t = tensor_resize(s, t, to, to, TENSOR_BICUBIC);
    tensor_to_f32(s, tensor_permute(s, t, 3, channels_last), out,
                  to * to * width);
    l->status = tensor_scope_end(s);
}

/* The class token with position 0, and the positions of the patches. */
static void load_tokens(expclip__vision *out, expclip__loader *l)
{
    const int64_t width = l->config->vision.width, from = l->config->grid;
    const int64_t to = out->grid, n = from * from;
    const int64_t positions[] = { n + 1, width };
    const int64_t token_shape[] = { 1, 1, width };
    const int64_t kept[] = { to * to, width };
    char name[EXPCLIP__NAME_SIZE];
    float *p, *token, *resized = NULL;

    expclip__name(name, l->config, EXPCLIP__VISION_POSITIONS);
    expclip__loader_read(l, name, 0, 2, positions);
    expclip__name(name, l->config, EXPCLIP__CLASS_EMBEDDING);
    token = expclip__loader_read(l, name, (n + 1) * width, 1, &width);
    if (l->status)
        return;
    p = l->values;
    for (int64_t i = 0; i < width; i++)
        token[i] += p[i];
    out->class_token = expclip__loader_keep(l, token, 3, token_shape);
    p += width;
    if (to != from) {
        resized = expclip__alloc((size_t)(to * to * width), sizeof(float));
        if (!resized) {
            l->status = expclip__fail_memory(l->err, "position embeddings");
            return;
        }
        resize_positions(l, resized, p, from, to, width);
        p = resized;
    }
    if (!l->status)
        out->positions = expclip__loader_keep(l, p, 2, kept);
    expclip__free(resized);
}

static tensor_linear *load_patches(expclip__loader *l)
{
    const int64_t width = l->config->vision.width;
    const int64_t p = l->config->patch_size;
    const int64_t shape[] = { width, 3, p, p };
    tensor_linear *linear = NULL;
    char name[EXPCLIP__NAME_SIZE];
    float *weight;

    expclip__name(name, l->config, EXPCLIP__PATCH_EMBEDDING);
    weight = expclip__loader_read(l, name, 0, 4, shape);
    if (weight)
        l->status = tensor_linear_create(&linear, l->device, weight, NULL,
                                         width, 3 * p * p, l->err);
    return linear;
}

void expclip__vision_load(expclip__vision *out, expclip__loader *l,
                          int32_t image_size)
{
    const expclip__config *c = l->config;
    const int64_t width = c->vision.width;

    memset(out, 0, sizeof(*out));
    out->image_size = image_size;
    out->patch_size = c->patch_size;
    out->grid = image_size / c->patch_size;
    out->patches = load_patches(l);
    load_tokens(out, l);
    out->ln_pre = expclip__loader_tower_norm(l, EXPCLIP__LN_PRE_WEIGHT, width);
    expclip__transformer_load(&out->transformer, l, EXPCLIP__VISION);
    out->ln_post =
        expclip__loader_tower_norm(l, EXPCLIP__LN_POST_WEIGHT, width);
    out->projection = expclip__loader_projection(l, EXPCLIP__VISION_PROJECTION,
                                                 width, c->embed_dim);
}

void expclip__vision_clear(expclip__vision *v)
{
    tensor_linear_free(v->patches);
    tensor_free(v->class_token);
    tensor_free(v->positions);
    expclip__norm_clear(&v->ln_pre);
    expclip__transformer_clear(&v->transformer);
    expclip__norm_clear(&v->ln_post);
    tensor_linear_free(v->projection);
    memset(v, 0, sizeof(*v));
}

/* ---- forward ---- */

/*
 * [n, 3, S, S] to rows of patches [n, g * g, 3 * p * p], in the order of the
 * convolution's weight: channel, row, column. Pixels beyond the last whole
 * patch are not used, as with the convolution.
 */
static tensor *cut_patches(tensor_scope *s, const expclip__vision *v,
                           const float *pixels, int64_t n)
{
    static const int32_t patches_first[] = { 0, 2, 4, 1, 3, 5 };
    const int64_t size = v->image_size, p = v->patch_size, g = v->grid;
    const int64_t shape[] = { n, 3, size, size };
    const int64_t split[] = { n, 3, g, p, g, p };
    const int64_t rows[] = { n, g * g, 3 * p * p };
    const tensor *t = tensor_from_f32(s, pixels, 4, shape);

    t = tensor_narrow(s, tensor_narrow(s, t, 2, 0, g * p), 3, 0, g * p);
    t = tensor_permute(s, tensor_reshape(s, t, 6, split), 6, patches_first);
    return tensor_reshape(s, t, 3, rows);
}

/* Row numbers of the class tokens in [n * t, width]. */
static tensor *class_rows(tensor_scope *s, int64_t n, int64_t t)
{
    int64_t rows[EXPCLIP__MAX_FORWARD];

    for (int64_t i = 0; i < n; i++)
        rows[i] = i * t;
    return tensor_from_i64(s, rows, n);
}

tensor *expclip__vision_forward(tensor_scope *s, const expclip__vision *v,
                                const float *pixels, int64_t n)
{
    const int64_t width = v->transformer.config.width;
    const int64_t tokens = (int64_t)v->grid * v->grid + 1;
    const int64_t class_shape[] = { n, 1, width };
    const tensor *x, *class_token;

    x = tensor_linear_apply(s, v->patches, cut_patches(s, v, pixels, n),
                            TENSOR_IDENTITY);
    x = tensor_add(s, x, v->positions);
    class_token = tensor_expand(s, v->class_token, 3, class_shape);
    x = tensor_concat(s, class_token, x, 1);
    x = expclip__norm_apply(s, &v->ln_pre, x, v->transformer.eps);
    x = expclip__transformer_forward(s, &v->transformer, x, 0,
                                     class_rows(s, n, tokens));
    x = expclip__norm_apply(s, &v->ln_post, x, v->transformer.eps);
    return tensor_linear_apply(s, v->projection, x, TENSOR_IDENTITY);
}
