/* SPDX-License-Identifier: MIT */
/*
 * torch_functions.cpp - libtorch loaded, its functions found.
 */
#include "tensor/torch_functions.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

extern "C" {
#include "base/error.h"
}
#include "tensor/runtime.h"

torch_functions torch_;

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static int loaded;
static char runtime_info[1024] = "{}";

template <typename function>
static void find(function &out, void *handle, const char *name)
{
    out = reinterpret_cast<function>(dlsym(handle, name));
}

static expclip_status find_functions(void *handle, expclip_error *err)
{
    const char *missing = NULL;

#define FIND(name)                                                             \
    find(torch_.name, handle, #name);                                          \
    if (!torch_.name && !missing)                                              \
        missing = #name;
    REQUIRED(FIND)
#undef FIND
    if (missing)
        return expclip__fail(err, EXPCLIP_ERROR_BACKEND,
                             "libtorch: no function %s; 2.10 or newer is "
                             "needed",
                             missing);
    find(torch_.packed_linear, handle, "aoti_torch_cpu__linear_pointwise");
    find(torch_.packed_linear_binary, handle,
         "aoti_torch_cpu__linear_pointwise_binary");
    find(torch_.error_text, handle,
         "torch_exception_get_what_without_backtrace");
    find(torch_.set_n_threads, handle, "omp_set_num_threads");
    find(torch_.get_n_threads, handle, "omp_get_max_threads");
    return EXPCLIP_OK;
}

int can_pack(void)
{
    return torch_.packed_linear && torch_.packed_linear_binary;
}

/* The ABI version is major, minor, patch in the upper three bytes. */
static void write_runtime_info(void)
{
    const uint64_t version = torch_.aoti_torch_abi_version();
    char folder[512];

    expclip__runtime_folder(
        folder, sizeof(folder),
        reinterpret_cast<void *>(torch_.torch_call_dispatcher));
    snprintf(runtime_info, sizeof(runtime_info),
             "{\"libtorch\": \"%d.%d.%d\", \"folder\": \"%s\", "
             "\"packed_weights\": %s}",
             (int)(version >> 56), (int)(version >> 48 & 255),
             (int)(version >> 40 & 255), folder, can_pack() ? "true" : "false");
}

expclip_status load_torch(expclip_error *err)
{
    void *handle = NULL;
    expclip_status status = EXPCLIP_OK;

    pthread_mutex_lock(&load_lock);
    if (!loaded) {
        status = expclip__runtime_open(&handle, err);
        if (!status)
            status = find_functions(handle, err);
        if (!status) {
            write_runtime_info();
            loaded = 1;
        }
    }
    pthread_mutex_unlock(&load_lock);
    return status;
}

const char *tensor_runtime_info(void)
{
    int is_loaded;

    pthread_mutex_lock(&load_lock);
    is_loaded = loaded;
    pthread_mutex_unlock(&load_lock);
    return is_loaded ? runtime_info : "{}";
}
