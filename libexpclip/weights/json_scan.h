/* SPDX-License-Identifier: MIT */
/*
 * json_scan.h - reading JSON (RFC 8259) from front to back, without a tree.
 *
 * A header of 16 MB may hold eight million numbers; a tree of them would take
 * a quarter of a gigabyte before one is looked at. Here nothing is kept: the
 * caller asks for what must come next.
 *
 *     expclip__json_open(&j, '{');
 *     while (expclip__json_more(&j, '}')) {
 *         const char *key = expclip__json_key(&j);
 *         ... read or skip one value ...
 *     }
 *     expclip__json_end(&j);
 *
 * After a failure `why` says what was wrong at byte `at`, and all calls give
 * nothing.
 */
#ifndef EXPCLIP_WEIGHTS_JSON_SCAN_H
#define EXPCLIP_WEIGHTS_JSON_SCAN_H

#include "base/text.h"

typedef struct expclip__json {
    const char *text;
    size_t size;
    size_t at;
    int fresh;            /* just after an opening bracket */
    expclip__buffer word; /* the last text, decoded; free it in the end */
    const char *why;      /* NULL while all is well */
} expclip__json;

/** Fail with `why`, a static text, unless it failed before. */
void expclip__json_fail(expclip__json *j, const char *why);
/** The next is this bracket. */
void expclip__json_open(expclip__json *j, char bracket);
/** 1 when another element follows, 0 at the closing bracket, or failed. */
int expclip__json_more(expclip__json *j, char bracket);
/** A text: UTF-8 without NUL, valid until the next one; "" when it fails. */
const char *expclip__json_string(expclip__json *j);
/** A text and a colon. */
const char *expclip__json_key(expclip__json *j);
/** A whole number from 0 to 2^63-1. */
int64_t expclip__json_size(expclip__json *j);
/** Any value, at most 64 levels deep. */
void expclip__json_skip(expclip__json *j);
/** Nothing but white space is left. */
void expclip__json_end(expclip__json *j);

#endif
