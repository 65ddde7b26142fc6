/* SPDX-License-Identifier: MIT */
/*
 * html_text.c - what strangers wrote, put into a page so that it stays text.
 */
#include "views/html_text.h"

#include <stdint.h>

#include "terminal/characters.h"

void html_text(FILE *f, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = { { '&', "&amp;" },
                     { '<', "&lt;" },
                     { '>', "&gt;" },
                     { '"', "&quot;" },
                     { '\'', "&#39;" } };

    while (*text) {
        const character c = character_at(text);
        const char *entity = NULL;
        for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
            if (c.point == (uint32_t)entities[i].c)
                entity = entities[i].entity;
        if (entity)
            fputs(entity, f);
        else if (c.point == CHARACTER_STRAY || character_is_control(c.point))
            fputs("&#xFFFD;", f);
        else
            fwrite(text, 1, c.size, f);
        text += c.size;
    }
}

void html_base64(FILE *f, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        const size_t n = size - i < 3 ? size - i : 3;
        const uint32_t group = (uint32_t)bytes[i] << 16 |
                               (n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (n > 2 ? bytes[i + 2] : 0U);
        fputc(digits[group >> 18 & 63], f);
        fputc(digits[group >> 12 & 63], f);
        fputc(n > 1 ? digits[group >> 6 & 63] : '=', f);
        fputc(n > 2 ? digits[group & 63] : '=', f);
    }
}
