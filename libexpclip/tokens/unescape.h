/* SPDX-License-Identifier: MIT */
/*
 * unescape.h - HTML's character references (&amp; &#233;) back to characters.
 */
#ifndef EXPCLIP_UNESCAPE_H
#define EXPCLIP_UNESCAPE_H

#include "tokens/codes.h"

/** As Python's html.unescape(): HTML 5, semicolons optional where it says. */
void expclip__unescape(expclip__codes *text);
/** As ftfy's unescape_html(): only whole "&name;", capital letters forgiven. */
void expclip__unescape_strict(expclip__codes *text);

#endif
