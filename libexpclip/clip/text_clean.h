/* SPDX-License-Identifier: MIT */
/*
 * text_clean.h - text as CLIP's tokenizer wants it, before it is split.
 */
#ifndef EXPCLIP_TEXT_CLEAN_H
#define EXPCLIP_TEXT_CLEAN_H

#include <expclip.h>

/** 1 for what Python's str.isspace() calls a space. */
int expclip__is_space(int32_t c);

/** Clean and lower-case; *out is for expclip__free(). Fails with MEMORY. */
expclip_status expclip__text_clean(char **out, size_t *out_size,
                                   const char *text, size_t size,
                                   expclip_error *err);

#endif
