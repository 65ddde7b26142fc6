/* SPDX-License-Identifier: MIT */
/*
 * runtime.h - finding and loading libtorch when the first model needs it.
 *
 * Nothing of libtorch is linked: programs that only read files start at once,
 * a host that has loaded a libtorch already (Python, a JVM) shares it, and a
 * missing one is an error with a text and not a loader's refusal to start.
 */
#ifndef EXPCLIP_RUNTIME_H
#define EXPCLIP_RUNTIME_H

#include <expclip.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Load libtorch_cpu.so, the first of: the one in the process, the folder
 * $EXPCLIP_TORCH, the folder of the build, the system's search path.
 *
 * @param[out] out  a handle for dlsym(); never closed
 * @return OK, or BACKEND with every place that was tried
 */
expclip_status expclip__runtime_open(void **out, expclip_error *err);

/** Load another library of the same libtorch, such as libtorch_cuda.so. */
expclip_status expclip__runtime_open_more(const char *name, void *symbol,
                                          expclip_error *err);

/** Folder of the library that `symbol` is in, as text for JSON: quotes and
 * control characters replaced. "" when it is not known. */
void expclip__runtime_folder(char *out, size_t out_size, void *symbol);

#ifdef __cplusplus
}
#endif

#endif
