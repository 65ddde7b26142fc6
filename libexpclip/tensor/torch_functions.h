/* SPDX-License-Identifier: MIT */
/*
 * torch_functions.h - the functions of libtorch that we call. The only file
 * that sees libtorch's headers.
 *
 * Only libtorch's stable C ABI is used (aoti_torch/c/shim.h, stable/c/shim.h;
 * target 2.10), and every function of it is found at run time, so one build
 * runs on any libtorch from 2.10 on.
 */
#ifndef EXPCLIP_TORCH_FUNCTIONS_H
#define EXPCLIP_TORCH_FUNCTIONS_H

#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/csrc/inductor/aoti_torch/generated/c_shim_aten.h>
#include <torch/csrc/stable/c/shim.h>

#include "tensor/tensor.h"

/* Those that every libtorch from 2.10 on has. */
#define REQUIRED(X)                                                            \
    X(aoti_torch_device_type_cpu)                                              \
    X(aoti_torch_device_type_cuda)                                             \
    X(aoti_torch_dtype_float32)                                                \
    X(aoti_torch_dtype_bfloat16)                                               \
    X(aoti_torch_dtype_uint8)                                                  \
    X(aoti_torch_dtype_int64)                                                  \
    X(aoti_torch_abi_version)                                                  \
    X(aoti_torch_grad_mode_is_enabled)                                         \
    X(aoti_torch_grad_mode_set_enabled)                                        \
    X(aoti_torch_delete_tensor_object)                                         \
    X(aoti_torch_new_tensor_handle)                                            \
    X(aoti_torch_get_dim)                                                      \
    X(aoti_torch_get_sizes)                                                    \
    X(aoti_torch_get_strides)                                                  \
    X(aoti_torch__reinterpret_tensor)                                          \
    X(aoti_torch_empty_strided)                                                \
    X(aoti_torch_create_tensor_from_blob)                                      \
    X(aoti_torch_copy_)                                                        \
    X(aoti_torch_aten_subtract_Tensor)                                         \
    X(torch_call_dispatcher)                                                   \
    X(torch_get_num_threads)                                                   \
    X(torch_new_list_reserve_size)                                             \
    X(torch_list_push_back)                                                    \
    X(torch_new_string_handle)

/*
 * Those that only some have. The two for packed weights are spelled out from
 * aoti_torch/c/shim_cpu.h, which cannot be included for a target version.
 */
typedef AOTITorchError
linear_pointwise(AtenTensorHandle x, AtenTensorHandle weight,
                 AtenTensorHandle *bias, const char *activation,
                 const double **scalars, int64_t n_scalars,
                 const char **algorithm, AtenTensorHandle *out);
typedef AOTITorchError linear_binary(AtenTensorHandle x, AtenTensorHandle other,
                                     AtenTensorHandle weight,
                                     AtenTensorHandle *bias,
                                     const char *operation,
                                     AtenTensorHandle *out);

struct torch_functions {
#define FIELD(name) decltype(&::name) name;
    REQUIRED(FIELD)
#undef FIELD
    linear_pointwise *packed_linear;     /* NULL without oneDNN */
    linear_binary *packed_linear_binary; /* NULL without oneDNN */
    const char *(*error_text)(void);     /* 2.13 and later, else NULL */
    void (*set_n_threads)(int);          /* of its OpenMP, else NULL */
    int (*get_n_threads)(void);
};

/* Filled by load_torch(); constant afterwards. */
extern torch_functions torch_;

/** Load libtorch once and find its functions. BACKEND when it is missing. */
expclip_status load_torch(expclip_error *err);
/** 1 when it packs weights for oneDNN. */
int can_pack(void);

#endif
