/* SPDX-License-Identifier: MIT */
/*
 * characters.c - walking through UTF-8 text that may be anything.
 */
#include "terminal/characters.h"

#include <string.h>

character character_at(const char *text)
{
    static const uint32_t smallest[] = { 0, 0x80, 0x800, 0x10000 };
    static const character stray = { CHARACTER_STRAY, 1 };
    const unsigned char *p = (const unsigned char *)text;
    const size_t more = p[0] < 0x80           ? 0
                        : (p[0] >> 5) == 0x06 ? 1
                        : (p[0] >> 4) == 0x0E ? 2
                        : (p[0] >> 3) == 0x1E ? 3
                                              : 4;
    uint32_t c = more == 0 ? p[0] : p[0] & (0x3FU >> more);

    if (more > 3)
        return stray;
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return stray;
        c = c << 6 | (p[i] & 0x3FU);
    }
    /* Overlong, past Unicode's end, or half of a UTF-16 pair. */
    if (c < smallest[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return stray;
    return (character){ c, more + 1 };
}

int character_is_shown(uint32_t c)
{
    static const uint32_t hidden[][2] = {
        { 0, 0x1F },        { 0x7F, 0x9F },     { 0x202A, 0x202E },
        { 0x2066, 0x2069 }, { 0xFDD0, 0xFDEF }, { 0x110000, UINT32_MAX },
    };

    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (c >= hidden[i][0] && c <= hidden[i][1])
            return 0;
    return (c & 0xFFFE) != 0xFFFE;
}

size_t character_width(uint32_t c)
{
    /* East Asian wide and emoji, in short (Unicode's EastAsianWidth.txt). */
    static const uint32_t wide[][2] = {
        { 0x1100, 0x115F },   { 0x2E80, 0xA4CF },   { 0xAC00, 0xD7A3 },
        { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
        { 0xFFE0, 0xFFE6 },   { 0x1F300, 0x1F64F }, { 0x1F900, 0x1F9FF },
        { 0x20000, 0x3FFFD },
    };

    if (c >= 0x300 && c < 0x370)
        return 0; /* combining marks */
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        if (c >= wide[i][0] && c <= wide[i][1])
            return 2;
    return 1;
}

void character_print_escaped(FILE *f, const char *text,
                             const character_escape *escapes, const char *bad)
{
    while (*text) {
        const character c = character_at(text);
        const character_escape *e = escapes;

        while (e->text && strncmp(text, e->text, strlen(e->text)) != 0)
            e++;
        if (!character_is_shown(c.point))
            fputs(bad, f);
        else if (e->text)
            fputs(e->escaped, f);
        else
            fwrite(text, 1, c.size, f);
        text += c.size;
    }
}
