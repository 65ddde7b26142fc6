/* SPDX-License-Identifier: MIT */
/*
 * runtime.c - finding and loading libtorch when the first model needs it.
 */
#define _GNU_SOURCE
#include "tensor/runtime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define LIBRARY "libtorch_cpu.so"

#ifndef EXPCLIP_TORCH_LIBDIR
#define EXPCLIP_TORCH_LIBDIR ""
#endif

/* Open `folder` + `inside` + LIBRARY, and note why when it does not open. */
static void *try_open(const char *folder, const char *inside,
                      expclip__buffer *tried)
{
    expclip__buffer path = { 0 };
    const char *why;
    void *handle = NULL;

    expclip__buffer_add_format(&path, "%s%s%s", folder, inside, LIBRARY);
    if (!path.failed)
        handle = dlopen(path.data, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        why = dlerror();
        expclip__buffer_add_format(tried, "; %s", why ? why : folder);
    }
    expclip__buffer_free(&path);
    return handle;
}

static void *open_folder(const char *folder, expclip__buffer *tried)
{
    static const char *const inside[] = { "/", "/lib/", "/torch/lib/" };
    void *handle = NULL;

    for (size_t i = 0; !handle && i < sizeof(inside) / sizeof(inside[0]); i++)
        handle = try_open(folder, inside[i], tried);
    return handle;
}

expclip_status expclip__runtime_open(void **out, expclip_error *err)
{
    const char *folder = getenv("EXPCLIP_TORCH");
    expclip__buffer tried = { 0 };
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_NOLOAD);

    if (!handle && folder && folder[0]) {
        handle = open_folder(folder, &tried);
    } else if (!handle) {
        if (EXPCLIP_TORCH_LIBDIR[0])
            handle = try_open(EXPCLIP_TORCH_LIBDIR, "/", &tried);
        if (!handle)
            handle = try_open("", "", &tried);
    }
    if (handle)
        *out = handle;
    else
        expclip__fail(
            err, EXPCLIP_ERROR_BACKEND,
            "libtorch not found: set EXPCLIP_TORCH to the folder of " LIBRARY
            ", as in a Python's site-packages/torch/lib "
            "after `pip install torch`%s",
            tried.data ? tried.data : "");
    expclip__buffer_free(&tried);
    return handle ? EXPCLIP_OK : EXPCLIP_ERROR_BACKEND;
}

/* Folder of the library that `symbol` is in; "" when it is not known. */
static void find_folder(char *out, size_t out_size, void *symbol)
{
    Dl_info info;
    const char *slash;

    out[0] = '\0';
    if (!dladdr(symbol, &info) || !info.dli_fname)
        return;
    slash = strrchr(info.dli_fname, '/');
    if (slash)
        snprintf(out, out_size, "%.*s", (int)(slash - info.dli_fname),
                 info.dli_fname);
}

void expclip__runtime_folder(char *out, size_t out_size, void *symbol)
{
    find_folder(out, out_size, symbol);
    for (char *p = out; *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < 0x20)
            *p = '_';
}

expclip_status expclip__runtime_open_more(const char *name, void *symbol,
                                          expclip_error *err)
{
    char folder[3072], path[4096];
    const char *why;

    find_folder(folder, sizeof(folder), symbol);
    snprintf(path, sizeof(path), "%s%s%s", folder, folder[0] ? "/" : "", name);
    if (dlopen(path, RTLD_NOW | RTLD_GLOBAL))
        return EXPCLIP_OK;
    why = dlerror();
    return expclip__fail(err, EXPCLIP_ERROR_BACKEND, "%s: %s", name,
                         why ? why : "cannot be loaded");
}
