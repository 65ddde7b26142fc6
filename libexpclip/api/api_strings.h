/* SPDX-License-Identifier: MIT */
/*
 * api_strings.h - texts that callers get to keep.
 */
#ifndef EXPCLIP_API_STRINGS_H
#define EXPCLIP_API_STRINGS_H

#include <expclip_tools.h>

/** Takes `text`, from malloc() as jansson makes it, in any case. */
expclip_status expclip__string_create(expclip_string **out, char *text,
                                      expclip_error *err);

#endif
