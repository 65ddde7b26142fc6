/* SPDX-License-Identifier: MIT */
/*
 * expclip_base.h - what all headers of the library share: version, errors and
 * cancelling. The rules at the top of expclip.h hold here too.
 */
#ifndef EXPCLIP_BASE_H
#define EXPCLIP_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef SWIG
#define EXPCLIP_API
#elif defined(__GNUC__)
#define EXPCLIP_API __attribute__((visibility("default")))
#else
#define EXPCLIP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version -------------------------------------------------------- */

#define EXPCLIP_VERSION "0.1.0" /* of this header */
#define EXPCLIP_ABI_VERSION 1 /* of this header */

/** Version of the loaded library, for example "0.1.0". Static text. */
EXPCLIP_API const char *expclip_library_version(void);
/** EXPCLIP_ABI_VERSION of the loaded library. A program runs with the library
 * that it was built with, and with every later one of the same number. */
EXPCLIP_API int32_t expclip_library_abi_version(void);
/** How the library was built, as one JSON object. Static text. */
EXPCLIP_API const char *expclip_library_build_info(void);
/** Which libtorch is loaded, as one JSON object; {} before the first model is
 * loaded. Valid until exit. */
EXPCLIP_API const char *expclip_library_runtime_info(void);

/**
 * Close the library: let no further call in, and wait for the calls that are
 * inside. Each of them takes at most one more forward pass, or the loading of
 * one model. From then on, calls that compute fail with CANCELLED, and freeing
 * an object returns no memory to the system.
 *
 * You need this only before an exit() in a thread that is not main()'s and has
 * never called the library, while other threads may be making their first
 * calls. In every other case exit() does it by itself: then no thread is inside
 * libtorch when libtorch's static objects are destroyed. A call that comes
 * later waits for the end of the process, for ten seconds at most, before it
 * fails.
 */
EXPCLIP_API void expclip_library_close(void);

/* ---- Errors ---------------------------------------------------------- */

typedef int32_t expclip_status; /* EXPCLIP_OK or EXPCLIP_ERROR_... */

enum {
    EXPCLIP_OK = 0,
    EXPCLIP_ERROR_ARGUMENT = -10,    /* a parameter is wrong */
    EXPCLIP_ERROR_STATE = -11,       /* objects that do not belong together, or
                                        a call that comes too early or late */
    EXPCLIP_ERROR_CANCELLED = -12,   /* expclip_cancel_request() was called, or
                                        the process is ending */
    EXPCLIP_ERROR_FORK = -13,        /* the parent's model, used after fork() */
    EXPCLIP_ERROR_BUSY = -14,        /* the queue is full: try again later */
    EXPCLIP_ERROR_IO = -20,          /* the system could not read or write */
    EXPCLIP_ERROR_NOT_FOUND = -21,   /* no such file, model, prompt set or
                                        class */
    EXPCLIP_ERROR_FORMAT = -30,      /* damaged or not what it claims to be */
    EXPCLIP_ERROR_TRUNCATED = -31,   /* the file ends too early */
    EXPCLIP_ERROR_UNSUPPORTED = -32, /* valid, but this library or build cannot
                                        handle it */
    EXPCLIP_ERROR_UNSAFE = -33,      /* it would run code or leave its folder */
    EXPCLIP_ERROR_LIMIT = -34,       /* larger than a limit allows */
    EXPCLIP_ERROR_SHAPE = -35,       /* a tensor is missing or misshaped */
    EXPCLIP_ERROR_NONFINITE = -36,   /* NaN or infinity where none may be */
    EXPCLIP_ERROR_NO_FACE = -37,     /* no face was found in an image */
    EXPCLIP_ERROR_BACKEND = -40,     /* libtorch is missing or failed */
    EXPCLIP_ERROR_MEMORY = -50,      /* out of memory */
    EXPCLIP_ERROR_INTERNAL = -60     /* a bug of this library: report it */
};

/** What went wrong. The caller provides it, and only a call that fails fills
 * it. */
typedef struct expclip_error {
    expclip_status code; /* the value that the function returned */
    char message[508]; /* valid UTF-8 without control characters */
} expclip_error;

/** The name of a status, such as "TRUNCATED", or "UNKNOWN". Static text. The
 * description of a function lists the usual codes; others are possible. */
EXPCLIP_API const char *expclip_status_name(expclip_status status);

/* ---- Cancelling: a call looks at its token before each forward pass, which
 * computes a few images or texts ---- */

/** A flag that any thread may raise. Threads may share it. */
typedef struct expclip_cancel expclip_cancel;
/** Create a token that is not raised. */
EXPCLIP_API expclip_status expclip_cancel_create(expclip_cancel **out,
                                                 expclip_error *err);
/** Raise the token. Safe in a signal handler and from any thread. */
EXPCLIP_API void expclip_cancel_request(expclip_cancel *cancel);
/** Lower the token, so that it can be used again. */
EXPCLIP_API void expclip_cancel_reset(expclip_cancel *cancel);
/** 1 when the token is raised, else 0. */
EXPCLIP_API int32_t expclip_cancel_requested(const expclip_cancel *cancel);
EXPCLIP_API void expclip_cancel_free(expclip_cancel *cancel);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_BASE_H */
