/* SPDX-License-Identifier: MIT */
/*
 * device.c - devices by name, checked before the runtime is loaded.
 */
#include "tensor/scope.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/gate.h"
#include "base/threads.h"

/* The N of "cuda:N", 0 of "cuda"; -1 when the name is not of that form. */
static int32_t parse_cuda(const char *name)
{
    int32_t index = 0;

    if (strcmp(name, "cuda") == 0)
        return 0;
    if (strncmp(name, "cuda:", 5) != 0 || !name[5] || strlen(name) > 8)
        return -1;
    for (const char *p = name + 5; *p; p++) {
        if (*p < '0' || *p > '9')
            return -1;
        index = 10 * index + (*p - '0');
    }
    return index;
}

expclip_status tensor_device_open(tensor_device **out,
                                  const tensor_device_options *options,
                                  expclip_error *err)
{
    const int32_t index = parse_cuda(options->name);
    tensor_device *d;
    expclip_status status;

    if (index < 0 && strcmp(options->name, "cpu") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "device: \"%s\", expected cpu, cuda or cuda:N",
                             options->name);
    status = expclip__fork_check_threads(options->n_threads, err);
    if (!status)
        status = expclip__threads_check(options->n_threads, err);
    if (status)
        return status;
    d = expclip__alloc_zero(1, sizeof(*d));
    if (!d)
        return expclip__fail_memory(err, "device");
    d->dtype = options->dtype;
    d->n_threads = options->n_threads;
    d->packed = options->packed;
    d->cuda_index = index;
    status = expclip__gate_enter(err);
    if (!status) {
        status = expclip__backend_open(d, options->name, err);
        if (!status)
            expclip__gate_watch();
        expclip__gate_leave();
    }
    if (status)
        expclip__free(d);
    else
        *out = d;
    return status;
}

void tensor_device_close(tensor_device *device)
{
    expclip__free(device);
}
