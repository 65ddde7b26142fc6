/* SPDX-License-Identifier: MIT */
/*
 * mend.h - small damage in text put right, as ftfy 6.3's fix_text() does.
 */
#ifndef EXPCLIP_MEND_H
#define EXPCLIP_MEND_H

#include <expclip.h>

#include "tokens/codes.h"

/**
 * References, controls, ligatures, widths, quotes, line breaks, terminal
 * escapes and NFC. ftfy's guessing repair of text read in a wrong encoding
 * ("mojibake") is left out.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{LIMIT, MEMORY}
 */
expclip_status expclip__mend(expclip__codes *text, expclip_error *err);

#endif
