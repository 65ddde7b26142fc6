/* SPDX-License-Identifier: MIT */
/*
 * fish_completion.c - what fish completes, a line per option.
 */
#include <stdio.h>
#include <string.h>

#include "manual/manual.h"
#include "options/option_table.h"

static const char head[] =
    "# Completion of expclip for fish. Written by"
    " \"expclip help --generate fish\".\n\n"
    "function __expclip_runs # COMMAND: is it what is being typed?\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -gt 1; and test \"$words[2]\" = $argv[1]\n"
    "end\n\n"
    "function __expclip_begins\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n\n";

static void print_text(const char *text, size_t size)
{
    fputs(" -d '", stdout);
    manual_put_quoted(text, size, "\\", "\\'");
    puts("'");
}

static void print_option(const command *c, const command_option *o)
{
    char words[OPTION_TEXT_MAX];

    option_value_words(words, o);
    printf("complete -c expclip -n '__expclip_runs %s'", c->name);
    if (o->letter)
        printf(" -s %c", o->letter);
    printf(" -l %s", o->name);
    if (o->value)
        fputs(option_takes_file(o) ? " -r" : " -x", stdout);
    if (*words)
        printf(" -a '%s'", words);
    print_text(o->help, manual_first_sentence(o->help));
}

void manual_print_fish(const command_list *list)
{
    fputs(head, stdout);
    for (size_t i = 0; i < list->n; i++) {
        const command *c = list->items[i];
        printf("complete -c expclip -f -n '__expclip_begins;"
               " or __expclip_runs help' -a %s",
               c->name);
        print_text(c->summary, strlen(c->summary));
    }
    for (size_t i = 0; i < list->n; i++)
        manual_each_option(list->items[i], print_option);
}
