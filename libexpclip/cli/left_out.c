/* SPDX-License-Identifier: MIT */
/*
 * left_out.c - files of a folder that are no images, counted by their endings.
 */
#include "left_out.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "console.h"

void left_out_count(left_out *l, const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t i = 0;

    if (!dot || dot == name || strlen(dot) >= sizeof(l->kinds[0].ending)) {
        l->n_others++;
        return;
    }
    while (i < l->n_kinds && strcasecmp(l->kinds[i].ending, dot) != 0)
        i++;
    if (i == sizeof(l->kinds) / sizeof(l->kinds[0])) {
        l->n_others++;
        return;
    }
    if (i == l->n_kinds) {
        for (size_t c = 0; dot[c]; c++)
            l->kinds[i].ending[c] =
                (char)(dot[c] >= 'A' && dot[c] <= 'Z' ? dot[c] | 0x20 : dot[c]);
        l->n_kinds++;
    }
    l->kinds[i].n++;
}

void left_out_tell(const left_out *l, const char *folder)
{
    char text[16 * 40];
    size_t size = 0;

    text[0] = '\0';
    for (size_t i = 0; i < l->n_kinds; i++)
        size +=
            (size_t)snprintf(text + size, sizeof(text) - size, "%s%s %zu",
                             i ? ", " : "", l->kinds[i].ending, l->kinds[i].n);
    if (l->n_others)
        size += (size_t)snprintf(text + size, sizeof(text) - size,
                                 "%sothers %zu", size ? ", " : "", l->n_others);
    if (size)
        console_error("note: %s: left out: %s (files that are no image that is"
                      " read)",
                      folder, text);
}
