/* SPDX-License-Identifier: MIT */
/*
 * html_text.h - what strangers wrote, put into a page so that it stays text.
 */
#ifndef EXPCLIP_CLI_HTML_TEXT_H
#define EXPCLIP_CLI_HTML_TEXT_H

#include <stdio.h>

/**
 * Print text that may be any bytes, for an element or a quoted attribute:
 * markup is escaped, control characters and stray bytes become U+FFFD.
 */
void html_text(FILE *f, const char *text);
/** Print bytes for a "data:" address. */
void html_base64(FILE *f, const unsigned char *bytes, size_t size);

#endif
