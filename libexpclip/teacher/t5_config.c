/* SPDX-License-Identifier: MIT */
/*
 * t5_config.c - the dimensions of a T5's encoder.
 */
#include "teacher/t5_config.h"

#include <stdio.h>

#include "base/error.h"

enum { NAME_SIZE = 160 };

static int has(const expclip__dimensions *d, const char *prefix,
               const char *name)
{
    char whole[NAME_SIZE];

    snprintf(whole, sizeof(whole), "%s%s", prefix, name);
    return expclip__weights_find(d->ws, whole) != NULL;
}

static void check_kind(expclip__dimensions *d, const char *prefix,
                       const char *bias)
{
    if (d->status)
        return;
    if (!has(d, prefix, bias))
        d->status = expclip__fail(d->err, EXPCLIP_ERROR_UNSUPPORTED,
                                  "language model: not a T5, expected a BLIP-2 "
                                  "with flan-t5");
    else if (has(d, prefix, "encoder.block.0.layer.1.DenseReluDense.wi.weight"))
        d->status = expclip__fail(d->err, EXPCLIP_ERROR_UNSUPPORTED,
                                  "T5: version 1.0, whose activations are not "
                                  "gated, expected 1.1 or flan-t5");
}

/* Else a position's bucket would lie outside the table. */
static void check_buckets(expclip__dimensions *d, const expclip__t5_config *c)
{
    const int32_t exact = c->buckets / 4;

    if (d->status || (exact >= 1 && c->max_distance > exact))
        return;
    d->status = expclip__fail(d->err, EXPCLIP_ERROR_SHAPE,
                              "T5: %d relative positions up to a distance of "
                              "%d, expected at least 4 and a distance above a "
                              "quarter of them",
                              (int)c->buckets, (int)c->max_distance);
}

void expclip__t5_config_read(expclip__t5_config *out, expclip__dimensions *d,
                             const char *prefix, const char *part)
{
    static const char bias[] = "encoder.block.0.layer.0.SelfAttention."
                               "relative_attention_bias.weight";
    static const char query[] =
        "encoder.block.0.layer.0.SelfAttention.q.weight";
    static const char gate[] =
        "encoder.block.0.layer.1.DenseReluDense.wi_0.weight";
    char layers[NAME_SIZE];
    expclip__t5_config c = { .prefix = prefix };

    check_kind(d, prefix, bias);
    c.buckets = expclip__dimension(d, prefix, bias, 2, 0);
    c.heads = expclip__dimension(d, prefix, bias, 2, 1);
    c.inner = expclip__dimension(d, prefix, query, 2, 0);
    c.width = expclip__dimension(d, prefix, query, 2, 1);
    c.mlp = expclip__dimension(d, prefix, gate, 2, 0);
    c.vocabulary = expclip__dimension(d, prefix, "shared.weight", 2, 0);
    snprintf(layers, sizeof(layers), "%sencoder.block.", prefix);
    c.layers = expclip__dimension_layers(d, layers, part, "num_layers");
    c.max_distance = expclip__dimension_number(
        d, part, "relative_attention_max_distance", 128);
    c.eps = expclip__dimension_real(d, part, "layer_norm_epsilon", 1e-6);
    expclip__dimension_heads(d, "T5", c.inner, c.heads);
    check_buckets(d, &c);
    *out = c;
}
