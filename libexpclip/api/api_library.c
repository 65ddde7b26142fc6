/* SPDX-License-Identifier: MIT */
/*
 * api_library.c - version, status names and the cancel token.
 */
#include "api/check.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/gate.h"
#include "base/threads.h"
#include "tensor/tensor.h"

const char *expclip_library_version(void)
{
    return EXPCLIP_VERSION;
}

int32_t expclip_library_abi_version(void)
{
    return EXPCLIP_ABI_VERSION;
}

const char *expclip_library_build_info(void)
{
    return "{\"version\": \"" EXPCLIP_VERSION "\", "
           "\"compiler\": \"" __VERSION__ "\", "
#ifdef EXPCLIP_HAVE_JPEG
           "\"jpeg\": \"libjpeg-turbo " EXPCLIP_HAVE_JPEG "\", "
#else
           "\"jpeg\": \"stb_image\", "
#endif
#ifdef NDEBUG
           "\"assertions\": false}";
#else
           "\"assertions\": true}";
#endif
}

const char *expclip_library_runtime_info(void)
{
    return tensor_runtime_info();
}

void expclip_library_close(void)
{
    expclip__gate_close();
}

const char *expclip_status_name(expclip_status status)
{
    static const struct {
        expclip_status status;
        const char *name;
    } names[] = {
        { EXPCLIP_OK, "OK" },
        { EXPCLIP_ERROR_ARGUMENT, "ARGUMENT" },
        { EXPCLIP_ERROR_STATE, "STATE" },
        { EXPCLIP_ERROR_CANCELLED, "CANCELLED" },
        { EXPCLIP_ERROR_FORK, "FORK" },
        { EXPCLIP_ERROR_BUSY, "BUSY" },
        { EXPCLIP_ERROR_IO, "IO" },
        { EXPCLIP_ERROR_NOT_FOUND, "NOT_FOUND" },
        { EXPCLIP_ERROR_FORMAT, "FORMAT" },
        { EXPCLIP_ERROR_TRUNCATED, "TRUNCATED" },
        { EXPCLIP_ERROR_UNSUPPORTED, "UNSUPPORTED" },
        { EXPCLIP_ERROR_UNSAFE, "UNSAFE" },
        { EXPCLIP_ERROR_LIMIT, "LIMIT" },
        { EXPCLIP_ERROR_SHAPE, "SHAPE" },
        { EXPCLIP_ERROR_NONFINITE, "NONFINITE" },
        { EXPCLIP_ERROR_NO_FACE, "NO_FACE" },
        { EXPCLIP_ERROR_BACKEND, "BACKEND" },
        { EXPCLIP_ERROR_MEMORY, "MEMORY" },
        { EXPCLIP_ERROR_INTERNAL, "INTERNAL" },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].status == status)
            return names[i].name;
    return "UNKNOWN";
}

expclip_status expclip_cancel_create(expclip_cancel **out, expclip_error *err)
{
    expclip_cancel *cancel;
    expclip_status status = expclip__check_pointer(out, "out", err);

    if (status)
        return status;
    cancel = expclip__alloc(1, sizeof(*cancel));
    if (!cancel)
        return expclip__fail_memory(err, "cancel token");
    atomic_init(&cancel->requested, 0);
    *out = cancel;
    return expclip__returned(EXPCLIP_OK, err);
}

void expclip_cancel_request(expclip_cancel *cancel)
{
    if (cancel)
        atomic_store(&cancel->requested, 1);
}

void expclip_cancel_reset(expclip_cancel *cancel)
{
    if (cancel)
        atomic_store(&cancel->requested, 0);
}

int32_t expclip_cancel_requested(const expclip_cancel *cancel)
{
    return cancel ? atomic_load(&cancel->requested) : 0;
}

void expclip_cancel_free(expclip_cancel *cancel)
{
    expclip__free(cancel);
}
