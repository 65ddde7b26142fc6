/* SPDX-License-Identifier: MIT */
/*
 * manual.c - which documents there are, and what the completions share.
 */
#include "manual/manual.h"

#include <stdio.h>
#include <string.h>

#include "options/option_table.h"

int manual_print(const char *name, const command_list *list)
{
    static const struct {
        const char *name;
        void (*print)(const command_list *list);
    } documents[] = {
        { "man", manual_print_man },
        { "bash", manual_print_bash },
        { "zsh", manual_print_zsh },
        { "fish", manual_print_fish },
    };

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        if (strcmp(documents[i].name, name) == 0) {
            documents[i].print(list);
            return 1;
        }
    return 0;
}

void manual_each_option(const command *c,
                        void (*print)(const command *c,
                                      const command_option *o))
{
    const command_option *const tables[] = { c->options, common_options };

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const command_option *o = tables[i]; o->kind; o++)
            if (o->kind != OPTION_HEADING)
                print(c, o);
}

void manual_put_quoted(const char *text, size_t size, const char *special,
                       const char *quote)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\'') {
            fputs(quote, stdout);
            continue;
        }
        if (strchr(special, text[i]))
            putchar('\\');
        putchar(text[i]);
    }
}

size_t manual_first_sentence(const char *text)
{
    const char *end = strstr(text, ". ");
    size_t n = end ? (size_t)(end - text) : strlen(text);

    return n && text[n - 1] == '.' ? n - 1 : n;
}
