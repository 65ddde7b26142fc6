/* SPDX-License-Identifier: MIT */
/*
 * loader.c - reading a model's tensors, checked, one after the other.
 *
 * Every tensor passes through one growing float buffer, so that at the peak a
 * load holds what it keeps and the largest tensor once more.
 */
#include "encoders/loader.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"

void expclip__loader_init(expclip__loader *l, const expclip__weights *ws,
                          const expclip__config *config, tensor_device *device,
                          int32_t check_finite, expclip_error *err)
{
    memset(l, 0, sizeof(*l));
    l->ws = ws;
    l->config = config;
    l->device = device;
    l->check_finite = check_finite;
    l->hash = EXPCLIP__HASH_START;
    l->err = err;
}

expclip_status expclip__loader_end(expclip__loader *l)
{
    expclip__free(l->values);
    l->values = NULL;
    l->capacity = 0;
    return l->status;
}

static int reserve(expclip__loader *l, int64_t n)
{
    float *larger;

    if (n <= l->capacity)
        return 1;
    larger = expclip__realloc(l->values, (size_t)n, sizeof(float));
    if (!larger) {
        l->status = expclip__fail_memory(l->err, "weights");
        return 0;
    }
    l->values = larger;
    l->capacity = n;
    return 1;
}

/* "[768, 512]" */
static void write_shape(char *out, size_t size, int32_t n_dims,
                        const int64_t *shape)
{
    size_t used = 0;

    out[0] = '\0';
    for (int32_t i = 0; i < n_dims && used + 1 < size; i++) {
        int n = snprintf(out + used, size - used, "%s%lld", i ? ", " : "",
                         (long long)shape[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

static int same_shape(const expclip__weight *w, int32_t n_dims,
                      const int64_t *shape)
{
    if (n_dims == 0) /* some programs store a scalar as [1] */
        return w->n_elements == 1 && w->n_dims <= 1;
    if (w->n_dims != n_dims)
        return 0;
    for (int32_t i = 0; i < n_dims; i++)
        if (w->shape[i] != shape[i])
            return 0;
    return 1;
}

static void fail_shape(expclip__loader *l, const expclip__weight *w,
                       const char *name, int32_t n_dims, const int64_t *shape)
{
    char found[128], expected[128];

    write_shape(expected, sizeof(expected), n_dims, shape);
    if (!w) {
        l->status = expclip__fail(l->err, EXPCLIP_ERROR_SHAPE,
                                  "tensor \"%s\": missing, expected shape [%s]",
                                  name, expected);
        return;
    }
    write_shape(found, sizeof(found), w->n_dims, w->shape);
    l->status = expclip__fail(l->err, EXPCLIP_ERROR_SHAPE,
                              "tensor \"%s\": shape [%s], expected [%s]", name,
                              found, expected);
}

float *expclip__loader_read(expclip__loader *l, const char *name,
                            int64_t offset, int32_t n_dims,
                            const int64_t *shape)
{
    const expclip__weight *w;

    if (l->status)
        return NULL;
    w = expclip__weights_find(l->ws, name);
    if (!w || !same_shape(w, n_dims, shape)) {
        fail_shape(l, w, name, n_dims, shape);
        return NULL;
    }
    if (!reserve(l, offset + w->n_elements))
        return NULL;
    l->status = expclip__weights_read_f32(
        l->ws, w, l->values + offset, w->n_elements, l->check_finite, l->err);
    if (l->status)
        return NULL;
    l->hash = expclip__hash(l->hash, l->values + offset,
                            (size_t)w->n_elements * sizeof(float));
    return l->values + offset;
}

/* The three tensors of Hugging Face that are one of OpenAI's. */
static const struct {
    expclip__block_tensor_id whole;
    expclip__block_tensor_id parts[3];
} joined[] = {
    { EXPCLIP__QKV_WEIGHT,
      { EXPCLIP__Q_WEIGHT, EXPCLIP__K_WEIGHT, EXPCLIP__V_WEIGHT } },
    { EXPCLIP__QKV_BIAS,
      { EXPCLIP__Q_BIAS, EXPCLIP__K_BIAS, EXPCLIP__V_BIAS } },
};

static const expclip__block_tensor_id *find_parts(const expclip__config *c,
                                                  expclip__block_tensor_id id)
{
    if (c->naming == EXPCLIP__NAMING_HUGGING_FACE)
        for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++)
            if (joined[i].whole == id)
                return joined[i].parts;
    return NULL;
}

float *expclip__loader_read_block(expclip__loader *l, expclip__block_place at,
                                  expclip__block_tensor_id id, int64_t offset,
                                  int32_t n_dims, const int64_t *shape)
{
    const expclip__block_tensor_id *parts = find_parts(l->config, id);
    const int64_t rows = parts ? shape[0] / 3 : shape[0];
    const int64_t part_shape[] = { rows, n_dims > 1 ? shape[1] : 1 };
    char name[EXPCLIP__NAME_SIZE];

    for (int i = 0; i < (parts ? 3 : 1); i++) {
        expclip__block_name(name, l->config, at.tower, at.layer,
                            parts ? parts[i] : id);
        expclip__loader_read(l, name,
                             offset + i * part_shape[0] * part_shape[1], n_dims,
                             part_shape);
    }
    return l->status ? NULL : l->values + offset;
}

float *expclip__loader_read_transposed(expclip__loader *l,
                                       expclip__tensor_id id, int64_t rows,
                                       int64_t columns)
{
    const int64_t shape[] = { rows, columns };
    const int64_t n = rows * columns;
    char name[EXPCLIP__NAME_SIZE];
    const float *in;
    float *out;

    expclip__name(name, l->config, id);
    expclip__loader_read(l, name, 0, 2, shape);
    if (l->status || !reserve(l, 2 * n))
        return NULL;
    in = l->values;
    out = l->values + n;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            out[j * rows + i] = in[i * columns + j];
    return out;
}

tensor *expclip__loader_keep(expclip__loader *l, const float *values,
                             int32_t n_dims, const int64_t *shape)
{
    tensor_scope *s;
    tensor *kept;

    if (l->status)
        return NULL;
    s = tensor_scope_begin(l->device, l->err);
    kept = tensor_keep(s, tensor_from_f32(s, values, n_dims, shape));
    l->status = tensor_scope_end(s);
    return kept;
}

static tensor_linear *make_linear(expclip__loader *l, const float *weight,
                                  const float *bias, int64_t n_out,
                                  int64_t n_in)
{
    tensor_linear *linear = NULL;

    if (!l->status)
        l->status = tensor_linear_create(&linear, l->device, weight, bias,
                                         n_out, n_in, l->err);
    return linear;
}

tensor *expclip__loader_tensor(expclip__loader *l, expclip__tensor_id id,
                               int64_t rows, int64_t columns)
{
    const int64_t shape[] = { rows, columns };
    const int32_t n_dims = columns ? 2 : 1;
    char name[EXPCLIP__NAME_SIZE];

    expclip__name(name, l->config, id);
    return expclip__loader_keep(
        l, expclip__loader_read(l, name, 0, n_dims, shape), n_dims, shape);
}

static const char *name_of(char out[EXPCLIP__NAME_SIZE], const char *prefix,
                           const char *part, const char *leaf)
{
    snprintf(out, EXPCLIP__NAME_SIZE, "%s%s.%s", prefix, part, leaf);
    return out;
}

tensor *expclip__loader_vector(expclip__loader *l, const char *prefix,
                               const char *part, const char *leaf, int64_t n)
{
    char name[EXPCLIP__NAME_SIZE];
    const float *values =
        expclip__loader_read(l, name_of(name, prefix, part, leaf), 0, 1, &n);

    return expclip__loader_keep(l, values, 1, &n);
}

tensor_linear *expclip__loader_linear(expclip__loader *l, const char *prefix,
                                      const char *part, int64_t n_out,
                                      int64_t n_in)
{
    const int64_t shape[] = { n_out, n_in };
    char name[EXPCLIP__NAME_SIZE];
    const float *weight = expclip__loader_read(
        l, name_of(name, prefix, part, "weight"), 0, 2, shape);

    return make_linear(l, weight, NULL, n_out, n_in);
}

tensor_linear *expclip__loader_affine(expclip__loader *l, const char *prefix,
                                      const char *part, int64_t n_out,
                                      int64_t n_in)
{
    const int64_t shape[] = { n_out, n_in }, n = n_out * n_in;
    char name[EXPCLIP__NAME_SIZE];

    expclip__loader_read(l, name_of(name, prefix, part, "weight"), 0, 2, shape);
    expclip__loader_read(l, name_of(name, prefix, part, "bias"), n, 1, &n_out);
    if (l->status) /* there need not be values to point at */
        return NULL;
    return make_linear(l, l->values, l->values + n, n_out, n_in);
}

expclip__norm expclip__loader_norm(expclip__loader *l, const char *prefix,
                                   const char *part, int64_t n)
{
    expclip__norm norm;

    norm.weight = expclip__loader_vector(l, prefix, part, "weight", n);
    norm.bias = expclip__loader_vector(l, prefix, part, "bias", n);
    return norm;
}

void *expclip__loader_layers(expclip__loader *l, int32_t n, size_t size)
{
    void *layers = l->status ? NULL : expclip__alloc_zero((size_t)n, size);

    if (!layers && !l->status)
        l->status = expclip__fail_memory(l->err, "layers");
    return layers;
}

expclip__norm expclip__loader_tower_norm(expclip__loader *l,
                                         expclip__tensor_id weight, int64_t n)
{
    expclip__norm norm;

    norm.weight = expclip__loader_tensor(l, weight, n, 0);
    norm.bias = expclip__loader_tensor(l, weight + 1, n, 0);
    return norm;
}

static tensor *keep_block_vector(expclip__loader *l, expclip__block_place at,
                                 expclip__block_tensor_id id, int64_t n)
{
    return expclip__loader_keep(
        l, expclip__loader_read_block(l, at, id, 0, 1, &n), 1, &n);
}

expclip__norm expclip__loader_block_norm(expclip__loader *l,
                                         expclip__block_place at,
                                         expclip__block_tensor_id weight,
                                         int64_t n)
{
    expclip__norm norm;

    norm.weight = keep_block_vector(l, at, weight, n);
    norm.bias = keep_block_vector(l, at, weight + 1, n);
    return norm;
}

static void scale(float *values, int64_t n, float factor)
{
    for (int64_t i = 0; factor != 1.0f && i < n; i++)
        values[i] *= factor;
}

tensor_linear *
expclip__loader_block_linear(expclip__loader *l, expclip__block_place at,
                             expclip__block_tensor_id weight,
                             expclip__block_tensor_id bias, int64_t n_out,
                             int64_t n_in, float scale_weight, float scale_bias)
{
    const int64_t shape[] = { n_out, n_in };
    const int64_t n = n_out * n_in;

    expclip__loader_read_block(l, at, weight, 0, 2, shape);
    expclip__loader_read_block(l, at, bias, n, 1, &n_out);
    if (l->status)
        return NULL;
    scale(l->values, n, scale_weight);
    scale(l->values + n, n_out, scale_bias);
    return make_linear(l, l->values, l->values + n, n_out, n_in);
}

tensor_linear *expclip__loader_projection(expclip__loader *l,
                                          expclip__tensor_id id, int64_t width,
                                          int64_t dim)
{
    const int64_t shape[] = { dim, width };
    char name[EXPCLIP__NAME_SIZE];
    float *weight;

    if (l->config->naming == EXPCLIP__NAMING_OPENAI) {
        weight = expclip__loader_read_transposed(l, id, width, dim);
    } else {
        expclip__name(name, l->config, id);
        weight = expclip__loader_read(l, name, 0, 2, shape);
    }
    return make_linear(l, weight, NULL, dim, width);
}

/* ---- layer norms ---- */

tensor *expclip__norm_apply(tensor_scope *s, const expclip__norm *norm,
                            const tensor *x, double eps)
{
    return tensor_layer_norm(s, x, norm->weight, norm->bias, eps);
}

void expclip__norm_clear(expclip__norm *norm)
{
    tensor_free(norm->weight);
    tensor_free(norm->bias);
}
