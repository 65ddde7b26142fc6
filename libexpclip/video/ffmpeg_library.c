/* SPDX-License-Identifier: MIT */
/*
 * ffmpeg_library.c - finding and loading FFmpeg when the first video is opened.
 */
#ifdef EXPCLIP_HAVE_FFMPEG

#define _GNU_SOURCE
#include "video/ffmpeg_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/error.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define SONAME(name, major) "lib" #name ".so." TEXT(major)

#define AVUTIL SONAME(avutil, LIBAVUTIL_VERSION_MAJOR)
#define SWSCALE SONAME(swscale, LIBSWSCALE_VERSION_MAJOR)
#define AVCODEC SONAME(avcodec, LIBAVCODEC_VERSION_MAJOR)
#define AVFORMAT SONAME(avformat, LIBAVFORMAT_VERSION_MAJOR)

/* Filled once, then only read. */
static expclip__ffmpeg functions;
static expclip_status loaded;
static expclip_error why;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static expclip_status fail_loading(const char *library)
{
    const char *reason = dlerror();

    return expclip__fail(&why, EXPCLIP_ERROR_UNSUPPORTED,
                         "video files need FFmpeg's " AVFORMAT ", " AVCODEC
                         ", " SWSCALE " and " AVUTIL
                         ": install FFmpeg of that version (on Debian and "
                         "Ubuntu the package ffmpeg), or give a folder of "
                         "images; %s: %s",
                         library, reason ? reason : "cannot be loaded");
}

/* Never closed: other threads may be inside. */
static expclip_status open_library(void **out, const char *name)
{
    *out = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    return *out ? EXPCLIP_OK : fail_loading(name);
}

/* POSIX: a function's address fits in a data pointer. */
static expclip_status find(void *place, void *library, const char *name,
                           const char *library_name)
{
    void *found = dlsym(library, name);

    if (!found)
        return fail_loading(library_name);
    memcpy(place, &found, sizeof(found));
    return EXPCLIP_OK;
}

#define FIND(name)                                                             \
    if (!status)                                                               \
        status = find(&functions.name, library, #name, file);
#define LOAD(FUNCTIONS, so_name)                                               \
    do {                                                                       \
        const char *const file = so_name;                                      \
        void *library = NULL;                                                  \
        if (!status)                                                           \
            status = open_library(&library, file);                             \
        FUNCTIONS(FIND)                                                        \
    } while (0)

/*
 * FFmpeg reports what it finds on stderr, and how much is a setting of the
 * whole process. When the host had libavutil before us the setting is the
 * host's and stays; else nothing is printed.
 */
static void load(void)
{
    void *of_host = dlopen(AVUTIL, RTLD_NOW | RTLD_NOLOAD);
    expclip_status status = EXPCLIP_OK;

    LOAD(EXPCLIP__AVUTIL, AVUTIL);
    LOAD(EXPCLIP__SWSCALE, SWSCALE);
    LOAD(EXPCLIP__AVCODEC, AVCODEC);
    LOAD(EXPCLIP__AVFORMAT, AVFORMAT);
    if (!status && !of_host)
        functions.av_log_set_level(AV_LOG_QUIET);
    if (of_host)
        dlclose(of_host);
    loaded = status;
}

expclip_status expclip__ffmpeg_load(const expclip__ffmpeg **out,
                                    expclip_error *err)
{
    pthread_once(&once, load);
    if (loaded)
        return expclip__fail(err, loaded, "%s", why.message);
    *out = &functions;
    return EXPCLIP_OK;
}

#else
typedef int expclip__no_ffmpeg; /* a file of C is not empty */
#endif
