/* SPDX-License-Identifier: MIT */
/*
 * views.c - operations that only change shapes, from sizes and strides.
 *
 * No call of the runtime's dispatcher is needed, and nothing is copied but
 * where a reshape finds no view.
 */
#include "tensor/scope.h"

#include <string.h>

#include "tensor/checks.h"

/*
 * Strides of t under another shape, when its memory allows a view: dimensions
 * are taken from the right, and a run of t's that lies without gaps may be cut
 * in any way.
 */
static int view_strides(int64_t *stride, const tensor *t, int32_t n_dims,
                        const int64_t *shape)
{
    int32_t to = n_dims - 1;
    int64_t run = 1, done = 1, step = t->stride[t->form.n_dims - 1];

    for (int32_t from = t->form.n_dims - 1; from >= 0; from--) {
        run *= t->form.size[from];
        if (from > 0 &&
            (t->form.size[from - 1] == 1 || t->stride[from - 1] == run * step))
            continue;
        while (to >= 0 && (done < run || shape[to] == 1)) {
            stride[to] = done * step;
            done *= shape[to--];
        }
        if (done != run)
            return 0;
        if (from > 0) {
            step = t->stride[from - 1];
            run = done = 1;
        }
    }
    return 1;
}

tensor *tensor_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int64_t *shape)
{
    int64_t stride[EXPCLIP__MAX_DIMS];

    if (!expclip__check_reshape(s, t, n_dims, shape))
        return NULL;
    if (!view_strides(stride, t, n_dims, shape)) {
        t = expclip__backend_row_major(s, t);
        expclip__row_major(stride, n_dims, shape);
    }
    return t ? expclip__backend_view(s, t, n_dims, shape, stride, 0) : NULL;
}

tensor *tensor_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int32_t *order)
{
    int64_t size[EXPCLIP__MAX_DIMS], stride[EXPCLIP__MAX_DIMS];

    if (!expclip__check_permute(s, t, n_dims, order))
        return NULL;
    for (int32_t i = 0; i < n_dims; i++) {
        size[i] = t->form.size[order[i]];
        stride[i] = t->stride[order[i]];
    }
    return expclip__backend_view(s, t, n_dims, size, stride, 0);
}

tensor *tensor_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                      int64_t start, int64_t length)
{
    int64_t size[EXPCLIP__MAX_DIMS];

    if (!expclip__check_narrow(s, t, dim, start, length))
        return NULL;
    memcpy(size, t->form.size, sizeof(size));
    size[dim] = length;
    return expclip__backend_view(s, t, t->form.n_dims, size, t->stride,
                                 start * t->stride[dim]);
}

tensor *tensor_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                      const int64_t *shape)
{
    int64_t stride[EXPCLIP__MAX_DIMS];

    if (!expclip__check_expand(s, t, n_dims, shape))
        return NULL;
    for (int32_t i = 0; i < n_dims; i++)
        stride[i] = t->form.size[i] == shape[i] ? t->stride[i] : 0;
    return expclip__backend_view(s, t, n_dims, shape, stride, 0);
}
