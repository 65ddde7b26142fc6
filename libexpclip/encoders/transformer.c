/* SPDX-License-Identifier: MIT */
/*
 * transformer.c - the residual attention blocks that both towers are made of
 * (CLIP model.py, ResidualAttentionBlock).
 *
 *     x = x + out(attention(qkv(ln_1(x))))
 *     x = x + proj(activation(fc(ln_2(x))))
 *
 * QuickGELU is x * sigmoid(1.702 x) = silu(1.702 x) / 1.702. The two factors
 * are folded into fc and proj when the weights are read, so that the runtime's
 * fused SiLU computes it exactly.
 */
#include "encoders/transformer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define QUICK_GELU 1.702f /* CLIP model.py, class QuickGELU */

static void load_block(expclip__block *b, expclip__loader *l,
                       const expclip__tower_config *c, expclip__block_place at)
{
    const float f = l->config->quick_gelu ? QUICK_GELU : 1.0f;
    const int64_t width = c->width, mlp = c->mlp_width;

    b->ln_1 = expclip__loader_block_norm(l, at, EXPCLIP__LN_1_WEIGHT, width);
    b->qkv = expclip__loader_block_linear(l, at, EXPCLIP__QKV_WEIGHT,
                                          EXPCLIP__QKV_BIAS, 3 * width, width,
                                          1.0f, 1.0f);
    b->out = expclip__loader_block_linear(l, at, EXPCLIP__OUT_WEIGHT,
                                          EXPCLIP__OUT_BIAS, width, width, 1.0f,
                                          1.0f);
    b->ln_2 = expclip__loader_block_norm(l, at, EXPCLIP__LN_2_WEIGHT, width);
    b->fc = expclip__loader_block_linear(l, at, EXPCLIP__FC_WEIGHT,
                                         EXPCLIP__FC_BIAS, mlp, width, f, f);
    b->proj = expclip__loader_block_linear(l, at, EXPCLIP__PROJ_WEIGHT,
                                           EXPCLIP__PROJ_BIAS, width, mlp,
                                           1.0f / f, 1.0f);
}

void expclip__transformer_load(expclip__transformer *out, expclip__loader *l,
                               expclip__tower tower)
{
    const expclip__config *c = l->config;

    memset(out, 0, sizeof(*out));
    out->config = tower == EXPCLIP__VISION ? c->vision : c->text;
    out->activation = c->quick_gelu ? TENSOR_SILU : TENSOR_GELU;
    out->eps = c->layer_norm_eps;
    out->blocks =
        expclip__loader_layers(l, out->config.layers, sizeof(*out->blocks));
    if (!out->blocks)
        return;
    for (int32_t i = 0; i < out->config.layers; i++)
        load_block(&out->blocks[i], l, &out->config,
                   (expclip__block_place){ tower, i });
}

void expclip__transformer_clear(expclip__transformer *t)
{
    for (int32_t i = 0; t->blocks && i < t->config.layers; i++) {
        expclip__block *b = &t->blocks[i];

        expclip__norm_clear(&b->ln_1);
        tensor_linear_free(b->qkv);
        tensor_linear_free(b->out);
        expclip__norm_clear(&b->ln_2);
        tensor_linear_free(b->fc);
        tensor_linear_free(b->proj);
    }
    expclip__free(t->blocks);
    t->blocks = NULL;
}

/* One of q, k, v: [n, t, 3 * width] -> [n, heads, t, width / heads], a view. */
static tensor *split_heads(tensor_scope *s, const expclip__transformer *t,
                           const tensor *qkv, int64_t part)
{
    static const int32_t heads_first[] = { 0, 2, 1, 3 };
    const int64_t width = t->config.width, heads = t->config.heads;
    const int64_t shape[] = { tensor_size(qkv, 0), tensor_size(qkv, 1), heads,
                              width / heads };
    const tensor *one = tensor_narrow(s, qkv, 2, part * width, width);

    return tensor_permute(s, tensor_reshape(s, one, 4, shape), 4, heads_first);
}

/* [n, t, width], before the output map. */
static tensor *attend(tensor_scope *s, const expclip__transformer *t,
                      const expclip__block *b, const tensor *x, int causal)
{
    static const int32_t tokens_first[] = { 0, 2, 1, 3 };
    const int64_t shape[] = { tensor_size(x, 0), tensor_size(x, 1),
                              t->config.width };
    const tensor *y, *qkv, *mixed;

    y = expclip__norm_apply(s, &b->ln_1, x, t->eps);
    qkv = tensor_linear_apply(s, b->qkv, y, TENSOR_IDENTITY);
    mixed = tensor_attention(s, split_heads(s, t, qkv, 0),
                             split_heads(s, t, qkv, 1),
                             split_heads(s, t, qkv, 2), causal);
    return tensor_reshape(s, tensor_permute(s, mixed, 4, tokens_first), 3,
                          shape);
}

/* The rest of a block: the output map and the MLP, both with residuals. */
static tensor *finish(tensor_scope *s, const expclip__transformer *t,
                      const expclip__block *b, const tensor *x,
                      const tensor *attended)
{
    const tensor *y, *h;

    x = tensor_linear_add(s, b->out, attended, x);
    y = expclip__norm_apply(s, &b->ln_2, x, t->eps);
    h = tensor_linear_apply(s, b->fc, y, t->activation);
    return tensor_linear_add(s, b->proj, h, x);
}

static tensor *pick_rows(tensor_scope *s, const tensor *x, const tensor *rows)
{
    const int64_t shape[] = { tensor_size(x, 0) * tensor_size(x, 1),
                              tensor_size(x, 2) };

    return tensor_rows(s, tensor_reshape(s, x, 2, shape), rows);
}

tensor *expclip__transformer_forward(tensor_scope *s,
                                     const expclip__transformer *t,
                                     const tensor *x, int causal,
                                     const tensor *rows)
{
    const int32_t last = t->config.layers - 1;
    const size_t mark = tensor_scope_mark(s);
    const tensor *attended;

    for (int32_t i = 0; i < last; i++) {
        const expclip__block *b = &t->blocks[i];

        x = finish(s, t, b, x, attend(s, t, b, x, causal));
        tensor_scope_release(s, mark, x);
    }
    attended = attend(s, t, &t->blocks[last], x, causal);
    return finish(s, t, &t->blocks[last], pick_rows(s, x, rows),
                  pick_rows(s, attended, rows));
}
