/* SPDX-License-Identifier: MIT */
/*
 * head.c - where the Exp-CLIP head is applied.
 *
 * The reference (models/Exp_CLIP.py) has one nn.Linear(dim, 4096, bias=False)
 * in fp32, and applies it to embeddings that were not normalised.
 */
#include "expression/head.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "encoders/names.h"

expclip_status expclip__head_find(const expclip__weight **out,
                                  const expclip__weights *ws,
                                  expclip_error *err)
{
    const char *name = NULL;
    const expclip_status status =
        expclip__names_find(&name, ws, "mlp.weight", "head", err);
    const expclip__weight *w = name ? expclip__weights_find(ws, name) : NULL;

    *out = w && w->n_dims == 2 ? w : NULL;
    return status;
}

static expclip_status check_shape(const expclip__weight *w, int32_t dim,
                                  expclip_error *err)
{
    if (w->shape[1] == dim && w->shape[0] >= 1 && w->shape[0] <= 1 << 20)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                         "head \"%s\": shape [%lld, %lld], expected [*, %d] "
                         "for this model",
                         w->name, (long long)w->shape[0],
                         (long long)w->shape[1], (int)dim);
}

expclip_status expclip__head_create(expclip__head *out, const float *values,
                                    int32_t projected_dim, int32_t dim,
                                    tensor_device *device, expclip_error *err)
{
    const size_t n = (size_t)projected_dim * (size_t)dim;
    expclip__head head = {
        .device = device,
        .dim = dim,
        .projected_dim = projected_dim,
        .hash = expclip__hash(EXPCLIP__HASH_START, values, n * sizeof(*values)),
    };
    const expclip_status status = tensor_linear_create(
        &head.map, device, values, NULL, projected_dim, dim, err);

    if (!status)
        *out = head;
    return status;
}

expclip_status expclip__head_load(expclip__head *out,
                                  const expclip__weights *ws,
                                  const expclip__weight *w, int32_t dim,
                                  tensor_device *device, int32_t check_finite,
                                  expclip_error *err)
{
    float *values;
    expclip_status status = check_shape(w, dim, err);

    if (status)
        return status;
    values = expclip__alloc((size_t)w->n_elements, sizeof(*values));
    if (!values)
        return expclip__fail_memory(err, "head");
    status = expclip__weights_read_f32(ws, w, values, w->n_elements,
                                       check_finite, err);
    if (!status)
        status = expclip__head_create(out, values, (int32_t)w->shape[0], dim,
                                      device, err);
    expclip__free(values);
    return status;
}

void expclip__head_clear(expclip__head *head)
{
    tensor_linear_free(head->map);
    memset(head, 0, sizeof(*head));
}

expclip_status expclip__head_apply(const expclip__head *head, float *out,
                                   const float *in, size_t n,
                                   expclip_error *err)
{
    const int64_t shape[] = { (int64_t)n, head->dim };
    tensor_scope *s = tensor_scope_begin(head->device, err);

    tensor_to_f32(s,
                  tensor_linear_apply(s, head->map,
                                      tensor_from_f32(s, in, 2, shape),
                                      TENSOR_IDENTITY),
                  out, (int64_t)n * head->projected_dim);
    return tensor_scope_end(s);
}
