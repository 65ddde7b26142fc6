/* SPDX-License-Identifier: MIT */
/*
 * inspect.h - what a weights file says of itself, as JSON.
 */
#ifndef EXPCLIP_INSPECT_H
#define EXPCLIP_INSPECT_H

#include <expclip.h>

/** *out is for jansson's free(), that is free(). */
expclip_status expclip__inspect(char **out, const char *path,
                                expclip_error *err);

#endif
