/* SPDX-License-Identifier: MIT */
/*
 * help.c - the --help of a command, from its option table.
 */
#include <stdio.h>
#include <string.h>

#include "options/option_table.h"
#include "options/options.h"

enum {
    HELP_COLUMN = 30, /* where the words about an option start */
    HELP_WIDTH = 80
};

/** Print text from column `indent` on, broken at spaces; "\n" breaks too. */
static void print_wrapped(const char *text, size_t indent)
{
    size_t column = indent;

    while (*text) {
        const size_t word = strcspn(text, " \n");
        if (column > indent && column + 1 + word > HELP_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        }
        if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)word, text);
        column += word;
        text += word;
        for (; *text == ' '; text++) {
        }
        for (; *text == '\n'; text++) {
            printf("\n%*s", text[1] == '\n' ? 0 : (int)indent, "");
            column = indent;
        }
    }
    putchar('\n');
}

static void print_option_help(const command_option *o, const void *defaults)
{
    char left[HELP_WIDTH * 2], text[OPTION_TEXT_MAX];
    int n;

    if (o->kind == OPTION_HEADING) {
        printf("\n%s:\n", o->name);
        return;
    }
    n = snprintf(left, sizeof(left), "  %c%c%c --%s%s%s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
                 o->kind == OPTION_RESULTS ? "[=FILE]"
                 : o->value                ? " "
                                           : "",
                 o->value ? o->value : "");
    fputs(left, stdout);
    if (n + 2 > HELP_COLUMN)
        printf("\n%*s", HELP_COLUMN, "");
    else
        printf("%*s", HELP_COLUMN - n, "");
    option_describe(text, o, defaults);
    print_wrapped(text, HELP_COLUMN);
}

void options_help(const command *c)
{
    printf("usage: expclip %s [options]%s%s\n\n", c->name,
           c->operands[0] ? " " : "", c->operands);
    print_wrapped(c->summary, 0);
    if (c->details) {
        putchar('\n');
        print_wrapped(c->details, 0);
    }
    for (const command_option *o = c->options; o->kind; o++)
        print_option_help(o, c->defaults);
    for (const command_option *o = common_options; o->kind; o++)
        print_option_help(o, &common_defaults);
}

void options_words(const command *c)
{
    const command_option *const tables[] = { c->options, common_options };

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const command_option *o = tables[i]; o->kind; o++)
            if (o->kind != OPTION_HEADING)
                printf("--%s%s%s\n", o->name, o->value ? " " : "",
                       o->value ? o->value : "");
}
