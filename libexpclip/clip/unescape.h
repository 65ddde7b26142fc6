/* SPDX-License-Identifier: MIT */
/*
 * unescape.h - HTML character references to characters.
 */
#ifndef EXPCLIP_UNESCAPE_H
#define EXPCLIP_UNESCAPE_H

#include "clip/runes.h"

/** As Python's html.unescape(): also names without a semicolon. */
void expclip__unescape_html(expclip__runes *out, const expclip__runes *in);
/** As ftfy's unescape_html(): only what ends in a semicolon. */
void expclip__unescape_ftfy(expclip__runes *out, const expclip__runes *in);

#endif
