/* SPDX-License-Identifier: MIT */
/*
 * heads.h - what the teacher's attentions share: rows cut into heads, and put
 * together again.
 */
#ifndef EXPCLIP_TEACHER_HEADS_H
#define EXPCLIP_TEACHER_HEADS_H

#include "tensor/tensor.h"

/** [n, t, heads * d] -> [n, heads, t, d], a view. */
tensor *expclip__heads_split(tensor_scope *s, const tensor *x, int64_t heads);
/** [n, heads, t, d] -> [n, t, heads * d]. */
tensor *expclip__heads_join(tensor_scope *s, const tensor *x);

#endif
