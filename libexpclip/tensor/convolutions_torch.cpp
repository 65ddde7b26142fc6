/* SPDX-License-Identifier: MIT */
/*
 * convolutions_torch.cpp - what networks of images need of torch beside
 * tensor_torch.cpp: convolution, pooling, relu.
 */
#include "tensor/tensor.h"

#include "tensor/checks.h"
#include "tensor/torch_call.h"

tensor *tensor_conv2d(tensor_scope *s, const tensor *x, const tensor *weight,
                      const tensor *bias, int64_t stride, int64_t padding,
                      int64_t groups)
{
    const int64_t strides[] = { stride, stride };
    const int64_t paddings[] = { padding, padding };
    const int64_t dilations[] = { 1, 1 };

    if (!expclip__check_conv2d(s, x, weight, bias, stride, padding, groups))
        return NULL;
    return compute(s, x->form.dtype, "aten::conv2d", x, weight,
                   optional{ handle_of(bias) }, integers{ strides, 2 },
                   integers{ paddings, 2 }, integers{ dilations, 2 }, groups);
}

tensor *tensor_max_pool2d(tensor_scope *s, const tensor *x)
{
    const int64_t two[] = { 2, 2 }, zero[] = { 0, 0 }, one[] = { 1, 1 };

    if (!expclip__check_max_pool2d(s, x))
        return NULL;
    return compute(s, x->form.dtype, "aten::max_pool2d", x, integers{ two, 2 },
                   integers{ two, 2 }, integers{ zero, 2 }, integers{ one, 2 },
                   false /* ceil_mode */);
}

tensor *tensor_relu(tensor_scope *s, const tensor *x)
{
    if (!expclip__check_relu(s, x))
        return NULL;
    return compute(s, x->form.dtype, "aten::relu", x);
}
