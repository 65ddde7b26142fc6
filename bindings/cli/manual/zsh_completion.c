/* SPDX-License-Identifier: MIT */
/*
 * zsh_completion.c - what zsh completes, as specifications of _arguments.
 */
#include <stdio.h>
#include <string.h>

#include "manual/manual.h"
#include "options/option_table.h"

#define QUOTE "'\\''" /* a single quote between single quotes */

static const char head[] =
    "#compdef expclip\n"
    "# Completion of expclip for zsh. Written by"
    " \"expclip help --generate zsh\".\n\n"
    "_expclip_values() { # WORDS...: these or a file\n"
    "    _alternative \"values:value:($*)\" 'files:file:_files'\n"
    "}\n\n"
    "_expclip() {\n"
    "    local -a commands\n"
    "    commands=(\n";

static const char first_word[] = "    )\n"
                                 "    if (( CURRENT == 2 )); then\n"
                                 "        _describe command commands\n"
                                 "        return\n"
                                 "    fi\n"
                                 "    shift words\n"
                                 "    (( CURRENT-- ))\n"
                                 "    case $words[1] in\n"
                                 "    help) _describe command commands ;;\n";

/** ":NAME:ACTION", what follows the option. */
static void print_value(const command_option *o)
{
    char words[OPTION_TEXT_MAX];

    option_value_words(words, o);
    fputs(o->kind == OPTION_RESULTS ? "::" : ":", stdout);
    if (o->value)
        manual_put_quoted(o->value, strlen(o->value), ":\\", QUOTE);
    else
        fputs("FILE", stdout);
    if (option_takes_file(o))
        printf(*words ? ": _expclip_values %s" : ":_files", words);
    else if (*words)
        printf(":(%s)", words);
    else
        fputs(": ", stdout);
}

static void print_option(const command *c, const command_option *o)
{
    const char *sign = o->kind == OPTION_RESULTS ? "=-" : o->value ? "=" : "";

    (void)c;
    fputs(" \\\n            ", stdout);
    if (o->kind == OPTION_TEXTS)
        fputs("'*'", stdout);
    else if (o->letter)
        printf("'(-%c --%s)'", o->letter, o->name);
    if (o->letter)
        printf("{-%c%s,--%s%s}'[", o->letter, *sign ? "+" : "", o->name, sign);
    else
        printf("'--%s%s[", o->name, sign);
    manual_put_quoted(o->help, manual_first_sentence(o->help), "[]\\", QUOTE);
    putchar(']');
    if (*sign)
        print_value(o);
    putchar('\'');
}

void manual_print_zsh(const command_list *list)
{
    fputs(head, stdout);
    for (size_t i = 0; i < list->n; i++) {
        const command *c = list->items[i];
        printf("        '%s:", c->name);
        manual_put_quoted(c->summary, strlen(c->summary), "\\", QUOTE);
        puts("'");
    }
    fputs(first_word, stdout);
    for (size_t i = 0; i < list->n; i++) {
        const command *c = list->items[i];
        printf("    %s)\n        _arguments", c->name);
        manual_each_option(c, print_option);
        if (*c->operands)
            fputs(" \\\n            '*:operand:_files'", stdout);
        puts("\n        ;;");
    }
    fputs("    esac\n}\n\n_expclip \"$@\"\n", stdout);
}
