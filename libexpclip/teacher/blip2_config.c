/* SPDX-License-Identifier: MIT */
/*
 * blip2_config.c - the dimensions of a BLIP-2 with a T5.
 */
#include "teacher/blip2_config.h"

#include <math.h>

#include "base/error.h"

static void read_vision(expclip__blip2_config *c, expclip__dimensions *d)
{
    static const char patch[] =
        "vision_model.embeddings.patch_embedding.weight";
    static const char positions[] =
        "vision_model.embeddings.position_embedding";
    const int32_t n = expclip__dimension(d, "", positions, 3, 1) - 1;

    c->vision.width = expclip__dimension(d, "", patch, 4, 0);
    c->vision.patch = expclip__dimension(d, "", patch, 4, 2);
    c->vision.grid = (int32_t)lround(sqrt((double)n));
    c->vision.image_size = c->vision.grid * c->vision.patch;
    c->vision.mlp = expclip__dimension(
        d, "", "vision_model.encoder.layers.0.mlp.fc1.weight", 2, 0);
    c->vision.layers =
        expclip__dimension_layers(d, "vision_model.encoder.layers.",
                                  "vision_config", "num_hidden_layers");
    c->vision.heads = expclip__dimension_number(d, "vision_config",
                                                "num_attention_heads", 16);
    c->vision.eps =
        expclip__dimension_real(d, "vision_config", "layer_norm_eps", 1e-6);
    if (!d->status && c->vision.grid * c->vision.grid != n)
        d->status = expclip__fail(d->err, EXPCLIP_ERROR_SHAPE,
                                  "tensor \"%s\": %d positions, expected a "
                                  "square and one",
                                  positions, (int)n + 1);
}

static void read_qformer(expclip__blip2_config *c, expclip__dimensions *d)
{
    c->qformer.n_queries = expclip__dimension(d, "", "query_tokens", 3, 1);
    c->qformer.width = expclip__dimension(d, "", "query_tokens", 3, 2);
    c->qformer.mlp = expclip__dimension(
        d, "", "qformer.encoder.layer.0.intermediate_query.dense.weight", 2, 0);
    c->qformer.layers = expclip__dimension_layers(
        d, "qformer.encoder.layer.", "qformer_config", "num_hidden_layers");
    c->qformer.cross_every = expclip__dimension_number(
        d, "qformer_config", "cross_attention_frequency", 2);
    c->qformer.heads = expclip__dimension_number(d, "qformer_config",
                                                 "num_attention_heads", 12);
    c->qformer.eps =
        expclip__dimension_real(d, "qformer_config", "layer_norm_eps", 1e-12);
}

expclip_status expclip__blip2_config_read(expclip__blip2_config *out,
                                          const expclip__weights *ws,
                                          expclip_error *err)
{
    expclip__blip2_config c = { 0 };
    expclip__dimensions d;
    expclip_status status;

    expclip__dimensions_open(&d, ws, err);
    read_vision(&c, &d);
    read_qformer(&c, &d);
    expclip__t5_config_read(&c.t5, &d, "language_model.", "text_config");
    expclip__dimension_heads(&d, "vision_model", c.vision.width,
                             c.vision.heads);
    expclip__dimension_heads(&d, "qformer", c.qformer.width, c.qformer.heads);
    status = expclip__dimensions_close(&d);
    if (!status)
        *out = c;
    return status;
}
