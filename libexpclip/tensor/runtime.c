/* SPDX-License-Identifier: MIT */
/*
 * runtime.c - finding and loading libtorch when the first model needs it.
 */
#define _GNU_SOURCE
#include "tensor/runtime.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define LIBRARY "libtorch_cpu.so"

#ifndef EXPCLIP_TORCH_LIBDIR
#define EXPCLIP_TORCH_LIBDIR ""
#endif

/*
 * Bytes of address space that are left under ulimit -v; SIZE_MAX without a
 * limit.
 */
static size_t space_left(void)
{
    FILE *f = NULL;
    struct rlimit limit;
    unsigned long long pages = 0;
    char text[64] = "";
    uint64_t used;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        !(f = fopen("/proc/self/statm", "re")))
        return SIZE_MAX;
    if (fgets(text, sizeof(text), f))
        pages = strtoull(text, NULL, 10);
    fclose(f);
    used = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return limit.rlim_cur > used ? (size_t)(limit.rlim_cur - used) : 0;
}

/* What was tried, "; " before each, and whether the file was there. */
typedef struct search {
    expclip__buffer tried;
    int found;
} search;

/* libtorch throws where nobody catches when it is loaded with too little.
 * @return 1, or 0 and noted */
static int is_space_for(const char *path, search *s)
{
    const size_t left = space_left();
    struct stat st;

    if (stat(path, &st) != 0)
        return 1;
    s->found = 1;
    if ((uint64_t)st.st_size <= left)
        return 1;
    expclip__buffer_add_format(
        &s->tried,
        "; %s: %zu MB of address space are left, expected at least %llu: raise "
        "the limit (ulimit -v)",
        path, left >> 20, (unsigned long long)st.st_size >> 20);
    return 0;
}

/* MKL, which libtorch has on x86-64, looks for itself from the working folder
 * when it is loaded, and ends the process where there is none. */
static expclip_status check_folder(expclip_error *err)
{
#ifdef __x86_64__
    char folder[PATH_MAX];

    if (!getcwd(folder, sizeof(folder)) && errno == ENOENT)
        return expclip__fail(err, EXPCLIP_ERROR_BACKEND,
                             "libtorch cannot be loaded: the working folder "
                             "was removed; change to one that exists");
#endif
    (void)err;
    return EXPCLIP_OK;
}

/* Open `folder` + `inside` + LIBRARY, and note why when it does not open. */
static void *try_open(const char *folder, const char *inside, search *s)
{
    expclip__buffer path = { 0 };
    const char *why;
    void *handle = NULL;

    expclip__buffer_add_format(&path, "%s%s%s", folder, inside, LIBRARY);
    if (!path.failed && is_space_for(path.data, s)) {
        handle = dlopen(path.data, RTLD_NOW | RTLD_LOCAL);
        why = handle ? NULL : dlerror();
        if (!handle)
            expclip__buffer_add_format(&s->tried, "; %s", why ? why : folder);
    }
    expclip__buffer_free(&path);
    return handle;
}

static void *open_folder(const char *folder, search *s)
{
    static const char *const inside[] = { "/", "/lib/", "/torch/lib/" };
    void *handle = NULL;

    for (size_t i = 0; !handle && i < sizeof(inside) / sizeof(inside[0]); i++)
        handle = try_open(folder, inside[i], s);
    return handle;
}

static expclip_status fail_search(const search *s, expclip_error *err)
{
    const char *tried = s->tried.data ? s->tried.data : "";

    if (s->found)
        return expclip__fail(err, EXPCLIP_ERROR_BACKEND,
                             "libtorch is there, but cannot be loaded%s",
                             tried);
    return expclip__fail(
        err, EXPCLIP_ERROR_BACKEND,
        "libtorch not found: set EXPCLIP_TORCH to the folder of " LIBRARY
        ", as in a Python's site-packages/torch/lib "
        "after `pip install torch`%s",
        tried);
}

expclip_status expclip__runtime_open(void **out, expclip_error *err)
{
    const char *folder = getenv("EXPCLIP_TORCH");
    search s = { .found = 0 };
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_NOLOAD);
    expclip_status status = handle ? EXPCLIP_OK : check_folder(err);

    if (status)
        return status;
    if (!handle && folder && folder[0]) {
        handle = open_folder(folder, &s);
    } else if (!handle) {
        if (EXPCLIP_TORCH_LIBDIR[0])
            handle = try_open(EXPCLIP_TORCH_LIBDIR, "/", &s);
        if (!handle)
            handle = try_open("", "", &s);
    }
    if (handle)
        *out = handle;
    else
        status = fail_search(&s, err);
    expclip__buffer_free(&s.tried);
    return status;
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
