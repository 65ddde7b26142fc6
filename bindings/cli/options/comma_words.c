/* SPDX-License-Identifier: MIT */
/*
 * comma_words.c - the words of "a,b,c".
 */
#include "options/comma_words.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "terminal/memory.h"

static void add(comma_words *w, const char *text, size_t size)
{
    w->items = memory_resize(w->items, w->n + 1, sizeof(*w->items));
    w->items[w->n++] = memory_text("%.*s", (int)size, text);
}

static void add_trimmed(comma_words *w, const char *text, size_t size)
{
    for (; size && strchr(" \t", *text); text++)
        size--;
    while (size && strchr(" \t", text[size - 1]))
        size--;
    add(w, text, size);
}

void comma_words_add(comma_words *w, const char *text)
{
    for (;;) {
        const size_t size = strcspn(text, ",");

        add_trimmed(w, text, size);
        if (!text[size])
            return;
        text += size + 1;
    }
}

void comma_words_add_names(comma_words *w, const char *text)
{
    struct stat st;

    for (;;) {
        const int whole = stat(text, &st) == 0;
        const size_t size = whole ? strlen(text) : strcspn(text, ",");

        add(w, text, size);
        if (!text[size])
            return;
        text += size + 1;
    }
}

void comma_words_free(comma_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->items[i]);
    free(w->items);
    *w = (comma_words){ 0 };
}
