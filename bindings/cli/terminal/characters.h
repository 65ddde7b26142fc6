/* SPDX-License-Identifier: MIT */
/*
 * characters.h - walking through UTF-8 text that may be anything.
 */
#ifndef EXPCLIP_CLI_CHARACTERS_H
#define EXPCLIP_CLI_CHARACTERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** A byte that is not part of a UTF-8 character. */
#define CHARACTER_STRAY UINT32_MAX

typedef struct character {
    uint32_t point; /* code point, or CHARACTER_STRAY */
    size_t size;    /* bytes; 1 for a stray one */
} character;

/** The character at `text`, which ends with NUL somewhere. */
character character_at(const char *text);
/** 0 for a stray byte, for what a terminal would obey (C0, DEL, C1, direction
 * overrides) and for what is never a character, which XML and cairo refuse. */
int character_is_shown(uint32_t point);
/** Columns on a terminal: 0, 1 or 2. */
size_t character_width(uint32_t point);

/** What a form of text has for one of its own characters. */
typedef struct character_escape {
    const char *text;
    const char *escaped;
} character_escape;

/** Print UTF-8, with `bad` for what is not shown.
 * @param escapes  ends with { NULL, NULL } */
void character_print_escaped(FILE *f, const char *text,
                             const character_escape *escapes, const char *bad);

#endif
