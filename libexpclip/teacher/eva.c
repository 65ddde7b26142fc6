/* SPDX-License-Identifier: MIT */
/*
 * eva.c - EVA's ViT-g as BLIP-2 uses it (transformers Blip2VisionModel, LAVIS
 * eva_vit.py and ln_vision).
 *
 *     x = patches, each a linear map with a bias         [n, g * g, width]
 *     x = class token, then the patches, plus positions  [n, g * g + 1, width]
 *     each block:
 *         x = x + out(attention(qkv(norm_1(x))))
 *         x = x + fc2(gelu(fc1(norm_2(x))))
 *     return norm(x), every token
 *
 * Only queries and values have a bias; the file holds zeros for the keys.
 */
#include "teacher/eva.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "teacher/heads.h"

/* ---- loading ---- */

static void load_block(expclip__eva_block *b, expclip__loader *l,
                       const expclip__blip2_config *c, int32_t layer)
{
    const int64_t width = c->vision.width, mlp = c->vision.mlp;
    char at[64];

    snprintf(at, sizeof(at), "vision_model.encoder.layers.%d.", (int)layer);
    b->norm_1 = expclip__loader_norm(l, at, "layer_norm1", width);
    b->qkv = expclip__loader_affine(l, at, "self_attn.qkv", 3 * width, width);
    b->out =
        expclip__loader_affine(l, at, "self_attn.projection", width, width);
    b->norm_2 = expclip__loader_norm(l, at, "layer_norm2", width);
    b->fc1 = expclip__loader_affine(l, at, "mlp.fc1", mlp, width);
    b->fc2 = expclip__loader_affine(l, at, "mlp.fc2", width, mlp);
}

/* The convolution has stride = kernel: a linear map of a patch's pixels. */
static void load_patches(expclip__eva *v, expclip__loader *l)
{
    const int64_t width = v->config->vision.width, p = v->config->vision.patch;
    const int64_t shape[] = { width, 3, p, p }, n = width * 3 * p * p;

    expclip__loader_read(l, "vision_model.embeddings.patch_embedding.weight", 0,
                         4, shape);
    expclip__loader_read(l, "vision_model.embeddings.patch_embedding.bias", n,
                         1, &width);
    if (!l->status)
        l->status =
            tensor_linear_create(&v->patches, l->device, l->values,
                                 l->values + n, width, 3 * p * p, l->err);
}

/* The class token with position 0, and the positions of the patches. */
static void load_tokens(expclip__eva *v, expclip__loader *l)
{
    const int64_t width = v->config->vision.width;
    const int64_t n = (int64_t)v->config->vision.grid * v->config->vision.grid;
    const int64_t all[] = { 1, n + 1, width }, one[] = { 1, 1, width };
    const int64_t kept[] = { n, width };
    float *token;

    expclip__loader_read(l, "vision_model.embeddings.position_embedding", 0, 3,
                         all);
    token = expclip__loader_read(l, "vision_model.embeddings.class_embedding",
                                 (n + 1) * width, 3, one);
    if (l->status)
        return;
    for (int64_t i = 0; i < width; i++)
        token[i] += l->values[i];
    v->class_token = expclip__loader_keep(l, token, 3, one);
    v->positions = expclip__loader_keep(l, l->values + width, 2, kept);
}

void expclip__eva_load(expclip__eva *out, expclip__loader *l,
                       const expclip__blip2_config *config)
{
    const int64_t width = config->vision.width;

    memset(out, 0, sizeof(*out));
    out->config = config;
    out->blocks =
        expclip__loader_layers(l, config->vision.layers, sizeof(*out->blocks));
    if (!out->blocks)
        return;
    load_patches(out, l);
    load_tokens(out, l);
    for (int32_t i = 0; i < config->vision.layers; i++)
        load_block(&out->blocks[i], l, config, i);
    out->norm =
        expclip__loader_norm(l, "vision_model.", "post_layernorm", width);
}

void expclip__eva_clear(expclip__eva *v)
{
    for (int32_t i = 0; v->blocks && i < v->config->vision.layers; i++) {
        expclip__eva_block *b = &v->blocks[i];

        expclip__norm_clear(&b->norm_1);
        tensor_linear_free(b->qkv);
        tensor_linear_free(b->out);
        expclip__norm_clear(&b->norm_2);
        tensor_linear_free(b->fc1);
        tensor_linear_free(b->fc2);
    }
    expclip__free(v->blocks);
    tensor_linear_free(v->patches);
    tensor_free(v->class_token);
    tensor_free(v->positions);
    expclip__norm_clear(&v->norm);
    memset(v, 0, sizeof(*v));
}

/* ---- forward ---- */

/* [n, 3, S, S] -> [n, g * g, 3 * p * p]: channel, row, column of a patch. */
static tensor *cut_patches(tensor_scope *s, const expclip__eva *v,
                           const float *pixels, int64_t n)
{
    static const int32_t patches_first[] = { 0, 2, 4, 1, 3, 5 };
    const int64_t p = v->config->vision.patch, g = v->config->vision.grid;
    const int64_t split[] = { n, 3, g, p, g, p };
    const int64_t rows[] = { n, g * g, 3 * p * p };
    const tensor *t = tensor_from_f32(s, pixels, 6, split);

    return tensor_reshape(s, tensor_permute(s, t, 6, patches_first), 3, rows);
}

static tensor *embed(tensor_scope *s, const expclip__eva *v,
                     const float *pixels, int64_t n)
{
    const int64_t shape[] = { n, 1, v->config->vision.width };
    const tensor *x = tensor_linear_apply(
        s, v->patches, cut_patches(s, v, pixels, n), TENSOR_IDENTITY);

    return tensor_concat(s, tensor_expand(s, v->class_token, 3, shape),
                         tensor_add(s, x, v->positions), 1);
}

/* One of q, k, v of [n, t, 3 * width], by heads. */
static tensor *part(tensor_scope *s, const expclip__eva *v, const tensor *qkv,
                    int64_t which)
{
    const int64_t width = v->config->vision.width;

    return expclip__heads_split(s,
                                tensor_narrow(s, qkv, 2, which * width, width),
                                v->config->vision.heads);
}

static tensor *run_block(tensor_scope *s, const expclip__eva *v,
                         const expclip__eva_block *b, const tensor *x)
{
    const double eps = v->config->vision.eps;
    const tensor *y, *qkv;

    y = expclip__norm_apply(s, &b->norm_1, x, eps);
    qkv = tensor_linear_apply(s, b->qkv, y, TENSOR_IDENTITY);
    y = tensor_attention(s, part(s, v, qkv, 0), part(s, v, qkv, 1),
                         part(s, v, qkv, 2), 0);
    x = tensor_linear_add(s, b->out, expclip__heads_join(s, y), x);
    y = expclip__norm_apply(s, &b->norm_2, x, eps);
    y = tensor_linear_apply(s, b->fc1, y, TENSOR_GELU);
    return tensor_linear_add(s, b->fc2, y, x);
}

tensor *expclip__eva_forward(tensor_scope *s, const expclip__eva *v,
                             const float *pixels, int64_t n)
{
    const size_t mark = tensor_scope_mark(s);
    const tensor *x = embed(s, v, pixels, n);

    for (int32_t i = 0; i < v->config->vision.layers; i++) {
        x = run_block(s, v, &v->blocks[i], x);
        tensor_scope_release(s, mark, x);
    }
    return expclip__norm_apply(s, &v->norm, x, v->config->vision.eps);
}
