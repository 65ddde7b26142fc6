/* SPDX-License-Identifier: MIT */
/*
 * small_model.h - a CLIP with random weights and a head, small enough for the
 * plain C seam: for the tests of everything above the readers.
 */
#ifndef EXPCLIP_TEST_SMALL_MODEL_H
#define EXPCLIP_TEST_SMALL_MODEL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weights/writer.h"

#define SMALL_WIDTH 16
#define SMALL_MLP 32
#define SMALL_DIM 12
#define SMALL_HEAD 20
#define SMALL_PATCH 4
#define SMALL_IMAGE 8
#define SMALL_VOCABULARY 514 /* bytes only, no merges */
#define SMALL_CONTEXT 24

typedef struct small_tensor {
    char name[96];
    int32_t n_dims;
    int64_t shape[4];
} small_tensor;

static inline void small_add(small_tensor *list, size_t *n, const char *name,
                             int32_t n_dims, int64_t a, int64_t b)
{
    small_tensor *t = &list[(*n)++];

    snprintf(t->name, sizeof(t->name), "%s", name);
    t->n_dims = n_dims;
    t->shape[0] = a;
    t->shape[1] = b;
}

static inline void small_add_block(small_tensor *list, size_t *n,
                                   const char *root, int layer)
{
    static const struct {
        const char *name;
        int32_t n_dims;
        int64_t a, b;
    } parts[] = {
        { "ln_1.weight", 1, SMALL_WIDTH, 0 },
        { "ln_1.bias", 1, SMALL_WIDTH, 0 },
        { "attn.in_proj_weight", 2, 3 * SMALL_WIDTH, SMALL_WIDTH },
        { "attn.in_proj_bias", 1, 3 * SMALL_WIDTH, 0 },
        { "attn.out_proj.weight", 2, SMALL_WIDTH, SMALL_WIDTH },
        { "attn.out_proj.bias", 1, SMALL_WIDTH, 0 },
        { "ln_2.weight", 1, SMALL_WIDTH, 0 },
        { "ln_2.bias", 1, SMALL_WIDTH, 0 },
        { "mlp.c_fc.weight", 2, SMALL_MLP, SMALL_WIDTH },
        { "mlp.c_fc.bias", 1, SMALL_MLP, 0 },
        { "mlp.c_proj.weight", 2, SMALL_WIDTH, SMALL_MLP },
        { "mlp.c_proj.bias", 1, SMALL_WIDTH, 0 },
    };
    char name[96];

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        snprintf(name, sizeof(name), "%s%d.%s", root, layer, parts[i].name);
        small_add(list, n, name, parts[i].n_dims, parts[i].a, parts[i].b);
    }
}

/* The tensors of the model, in the order of the file. @return their number */
static inline size_t small_model_tensors(small_tensor *list)
{
    const int64_t grid = SMALL_IMAGE / SMALL_PATCH;
    size_t n = 0;

    small_add(list, &n, "visual.class_embedding", 1, SMALL_WIDTH, 0);
    small_add(list, &n, "visual.conv1.weight", 4, SMALL_WIDTH, 3);
    list[n - 1].shape[2] = list[n - 1].shape[3] = SMALL_PATCH;
    small_add(list, &n, "visual.positional_embedding", 2, grid * grid + 1,
              SMALL_WIDTH);
    small_add(list, &n, "visual.ln_pre.weight", 1, SMALL_WIDTH, 0);
    small_add(list, &n, "visual.ln_pre.bias", 1, SMALL_WIDTH, 0);
    small_add_block(list, &n, "visual.transformer.resblocks.", 0);
    small_add_block(list, &n, "visual.transformer.resblocks.", 1);
    small_add(list, &n, "visual.ln_post.weight", 1, SMALL_WIDTH, 0);
    small_add(list, &n, "visual.ln_post.bias", 1, SMALL_WIDTH, 0);
    small_add(list, &n, "visual.proj", 2, SMALL_WIDTH, SMALL_DIM);
    small_add(list, &n, "token_embedding.weight", 2, SMALL_VOCABULARY,
              SMALL_WIDTH);
    small_add(list, &n, "positional_embedding", 2, SMALL_CONTEXT, SMALL_WIDTH);
    small_add_block(list, &n, "transformer.resblocks.", 0);
    small_add(list, &n, "ln_final.weight", 1, SMALL_WIDTH, 0);
    small_add(list, &n, "ln_final.bias", 1, SMALL_WIDTH, 0);
    small_add(list, &n, "text_projection", 2, SMALL_WIDTH, SMALL_DIM);
    small_add(list, &n, "logit_scale", 0, 0, 0);
    small_add(list, &n, "mlp.weight", 2, SMALL_HEAD, SMALL_DIM);
    return n;
}

/* A number in -1 .. 1 from a counter (Numerical Recipes' generator). */
static inline float small_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(int32_t)*state / 2147483648.0f;
}

static inline int64_t small_count(const small_tensor *t)
{
    int64_t n = 1;

    for (int32_t i = 0; i < t->n_dims; i++)
        n *= t->shape[i];
    return n;
}

/*
 * Write random tensors to `path`, but with `broken` leave out or reshape one of
 * them: 'm' it is missing, 's' its first dimension is one larger, 'n' it holds
 * a NaN. `heads` is the metadata of that name, or NULL. The list is changed.
 */
static inline expclip_status small_write(const char *path, small_tensor *list,
                                         size_t n, const char *heads,
                                         const char *broken, char change,
                                         expclip_error *err)
{
    expclip__tensors_writer *w = NULL;
    uint32_t random = 1;
    size_t kept = 0;
    expclip_status status;

    unlink(path); /* without our metadata it would not be replaced */
    status = expclip__tensors_create(&w, path, err);

    for (size_t i = 0; i < n; i++) {
        if (broken && strcmp(list[i].name, broken) == 0) {
            if (change == 'm')
                continue;
            if (change == 's' && list[i].n_dims > 0)
                list[i].shape[0]++;
            else if (change == 's')
                list[i].n_dims = 1, list[i].shape[0] = 2;
        }
        list[kept++] = list[i];
    }
    if (!status && heads)
        status = expclip__tensors_metadata(w, "format", "expclip", err);
    if (!status && heads)
        status = expclip__tensors_metadata(w, "heads", heads, err);
    for (size_t i = 0; !status && i < kept; i++)
        status = expclip__tensors_describe(w, list[i].name, EXPCLIP__F32,
                                           list[i].n_dims, list[i].shape, err);
    for (size_t i = 0; !status && i < kept; i++) {
        int64_t count = small_count(&list[i]);
        float *values = malloc((size_t)count * sizeof(*values));

        for (int64_t j = 0; j < count; j++)
            values[j] = 0.5f * small_random(&random);
        if (broken && change == 'n' && strcmp(list[i].name, broken) == 0)
            values[0] = 0.0f / 0.0f;
        if (strcmp(list[i].name, "logit_scale") == 0 && change != 'n')
            values[0] = 3.0f;
        status = expclip__tensors_write_f32(w, values, count, err);
        free(values);
    }
    if (!status)
        status = expclip__tensors_commit(w, err);
    expclip__tensors_free(w);
    return status;
}

/** Write the model, whole with `broken` NULL. */
static inline expclip_status small_model_write(const char *path,
                                               const char *broken, char change,
                                               expclip_error *err)
{
    static small_tensor list[80];
    const size_t n = small_model_tensors(list);

    return small_write(path, list, n, "[2, 4]", broken, change, err);
}

#endif
