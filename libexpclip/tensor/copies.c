/* SPDX-License-Identifier: MIT */
/*
 * copies.c - numbers into tensors, and out of them.
 */
#include "tensor/checks.h"

static tensor *copy_in(tensor_scope *s, const void *data, int32_t n_dims,
                       const int64_t *shape, expclip__dtype from,
                       expclip__dtype to)
{
    if (!expclip__check_shape(s, "tensor_from", n_dims, shape))
        return NULL;
    return expclip__backend_copy_in(s, data, n_dims, shape, from, to);
}

tensor *tensor_from_f32(tensor_scope *s, const float *data, int32_t n_dims,
                        const int64_t *shape)
{
    return s ? copy_in(s, data, n_dims, shape, EXPCLIP__F32, s->device->dtype)
             : NULL;
}

tensor *tensor_from_u8(tensor_scope *s, const uint8_t *data, int32_t n_dims,
                       const int64_t *shape)
{
    return s ? copy_in(s, data, n_dims, shape, EXPCLIP__U8, EXPCLIP__U8) : NULL;
}

tensor *tensor_from_i64(tensor_scope *s, const int64_t *data, int64_t n)
{
    tensor *t = s ? copy_in(s, data, 1, &n, EXPCLIP__I64, EXPCLIP__I64) : NULL;

    for (int64_t i = 0; t && i < n; i++) {
        if (i == 0 || data[i] < t->form.lowest)
            t->form.lowest = data[i];
        if (i == 0 || data[i] > t->form.highest)
            t->form.highest = data[i];
    }
    return t;
}

void tensor_to_f32(tensor_scope *s, const tensor *t, float *out, int64_t n)
{
    if (expclip__check_copy_out(s, "tensor_to_f32", t, n))
        expclip__backend_copy_out(s, t, out, EXPCLIP__F32);
}

void tensor_to_u8(tensor_scope *s, const tensor *t, uint8_t *out, int64_t n)
{
    if (expclip__check_copy_out(s, "tensor_to_u8", t, n))
        expclip__backend_copy_out(s, t, out, EXPCLIP__U8);
}
