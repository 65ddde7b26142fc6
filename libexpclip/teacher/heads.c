/* SPDX-License-Identifier: MIT */
/*
 * heads.c - rows cut into heads, and put together again.
 */
#include "teacher/heads.h"

static const int32_t swap[] = { 0, 2, 1, 3 };

tensor *expclip__heads_split(tensor_scope *s, const tensor *x, int64_t heads)
{
    const int64_t shape[] = { tensor_size(x, 0), tensor_size(x, 1), heads,
                              tensor_size(x, 2) / heads };

    return tensor_permute(s, tensor_reshape(s, x, 4, shape), 4, swap);
}

tensor *expclip__heads_join(tensor_scope *s, const tensor *x)
{
    const int64_t shape[] = { tensor_size(x, 0), tensor_size(x, 2),
                              tensor_size(x, 1) * tensor_size(x, 3) };

    return tensor_reshape(s, tensor_permute(s, x, 4, swap), 3, shape);
}
