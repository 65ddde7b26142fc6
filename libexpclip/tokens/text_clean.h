/* SPDX-License-Identifier: MIT */
/*
 * text_clean.h - text as CLIP's tokenizer wants it before it splits words.
 */
#ifndef EXPCLIP_TEXT_CLEAN_H
#define EXPCLIP_TEXT_CLEAN_H

#include <expclip.h>

#include "tokens/codes.h"

/**
 * Mend, unescape, squeeze white space to single spaces and lower the letters.
 * What is not UTF-8 is read as U+FFFD.
 *
 * @param[out] out  for expclip__codes_free(), filled only on success
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{LIMIT, MEMORY}
 */
expclip_status expclip__text_clean(expclip__codes *out, const char *text,
                                   size_t size, expclip_error *err);

#endif
