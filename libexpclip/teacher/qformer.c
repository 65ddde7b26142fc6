/* SPDX-License-Identifier: MIT */
/*
 * qformer.c - BLIP-2's Q-Former (transformers Blip2QFormerModel, queries only).
 *
 *     x = norm(queries), the same for every image  [n, n_queries, width]
 *     each layer: BERT's; every second one also reads the image
 */
#include "teacher/qformer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

static const expclip__bert_names names = {
    .prefix = "qformer.",
    .self = "attention.attention",
    .fc = "intermediate_query.dense",
    .out = "output_query",
};

/* ---- loading ---- */

/* The queries' norm does not depend on the image: it is done here. */
static void load_queries(expclip__qformer *q, expclip__loader *l)
{
    const int64_t width = q->config->qformer.width;
    const int64_t shape[] = { 1, q->config->qformer.n_queries, width };
    expclip__norm norm =
        expclip__loader_norm(l, "qformer.", "layernorm", width);
    const float *queries = expclip__loader_read(l, "query_tokens", 0, 3, shape);

    if (queries) {
        tensor_scope *s = tensor_scope_begin(l->device, l->err);
        const tensor *x = tensor_from_f32(s, queries, 3, shape);

        q->queries = tensor_keep(
            s, expclip__norm_apply(s, &norm, x, q->config->qformer.eps));
        l->status = tensor_scope_end(s);
    }
    expclip__norm_clear(&norm);
}

void expclip__qformer_load(expclip__qformer *out, expclip__loader *l,
                           const expclip__blip2_config *config)
{
    expclip__bert_sizes sizes = { config->qformer.width, config->qformer.mlp,
                                  0 };

    memset(out, 0, sizeof(*out));
    out->config = config;
    out->layers =
        expclip__loader_layers(l, config->qformer.layers, sizeof(*out->layers));
    if (!out->layers)
        return;
    load_queries(out, l);
    for (int32_t i = 0; i < config->qformer.layers; i++) {
        sizes.read_width =
            i % config->qformer.cross_every ? 0 : config->vision.width;
        expclip__bert_layer_load(&out->layers[i], l, &names, i, &sizes);
    }
}

void expclip__qformer_clear(expclip__qformer *q)
{
    for (int32_t i = 0; q->layers && i < q->config->qformer.layers; i++)
        expclip__bert_layer_clear(&q->layers[i]);
    expclip__free(q->layers);
    tensor_free(q->queries);
    memset(q, 0, sizeof(*q));
}

tensor *expclip__qformer_forward(tensor_scope *s, const expclip__qformer *q,
                                 const tensor *seen)
{
    const int64_t shape[] = { tensor_size(seen, 0),
                              q->config->qformer.n_queries,
                              q->config->qformer.width };
    const size_t mark = tensor_scope_mark(s);
    tensor *x = tensor_expand(s, q->queries, 3, shape);

    for (int32_t i = 0; i < q->config->qformer.layers; i++) {
        x = expclip__bert_layer_forward(s, &q->layers[i], x, seen,
                                        q->config->qformer.heads,
                                        q->config->qformer.eps);
        tensor_scope_release(s, mark, x);
    }
    return x;
}
