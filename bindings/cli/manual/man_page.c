/* SPDX-License-Identifier: MIT */
/*
 * man_page.c - the man page: what a person wrote (expclip.roff), with a section
 * per command from the option tables at its line "COMMANDS".
 */
#include <stdio.h>
#include <string.h>

#include "manual/manual.h"
#include "options/option_table.h"

enum { LINE_WIDTH = 70 };

extern const char manual_roff[]; /* see views/page_bytes.S */

/** A word of plain text: roff and its macros shall see nothing in it. */
static void put_word(const char *word, size_t n)
{
    if (n && (*word == '.' || *word == '\''))
        fputs("\\&", stdout);
    for (size_t i = 0; i < n; i++) {
        if (word[i] == '\\')
            fputs("\\e", stdout);
        else if (word[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(word[i]);
    }
}

static int ends_sentence(const char *word, size_t n)
{
    return n > 1 && strchr(".!?", word[n - 1]) && word[n - 2] != '.';
}

/** A paragraph of `size` bytes, a new line for each sentence as mdoc wants. */
static void put_lines(const char *text, size_t size)
{
    size_t column = 0, n;

    for (size_t i = 0; i < size; i += n) {
        n = strcspn(text + i, " \n");
        if (n > size - i)
            n = size - i;
        if (column && column + n > LINE_WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column)
            putchar(' ');
        put_word(text + i, n);
        column += n + 1;
        if (ends_sentence(text + i, n)) {
            putchar('\n');
            column = 0;
        }
        while (i + n < size && strchr(" \n", text[i + n]))
            n++;
    }
    if (column)
        putchar('\n');
}

/** The paragraphs of a command's details; commands to type stand apart. */
static void put_details(const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        const size_t size = end ? (size_t)(end - text) : strlen(text);
        if (strncmp(text, "expclip ", 8) == 0) {
            fputs(".Dl ", stdout);
            put_word(text, size);
            putchar('\n');
        } else {
            puts(".Pp");
            put_lines(text, size);
        }
        text += size + (end ? 2 : 0);
    }
}

static void put_option(const command_option *o, const void *defaults)
{
    char text[OPTION_TEXT_MAX];

    fputs(".It", stdout);
    if (o->letter)
        printf(" Fl %c ,", o->letter);
    printf(" Fl \\-%s", o->name);
    if (o->kind == OPTION_RESULTS) {
        fputs(" Ns Op Ns = Ns Ar FILE", stdout);
    } else if (o->value) {
        fputs(" Ar ", stdout);
        put_word(o->value, strlen(o->value));
    }
    putchar('\n');
    option_describe(text, o, defaults);
    put_lines(text, strlen(text));
}

/** A list per heading. */
static void put_options(const command_option *o, const void *defaults,
                        int with_headings)
{
    int is_open = 0;

    for (; o->kind; o++) {
        if (o->kind != OPTION_HEADING) {
            put_option(o, defaults);
            continue;
        }
        if (is_open)
            puts(".El");
        if (with_headings)
            printf(".Pp\n%s:\n", o->name);
        puts(".Bl -tag -width Ds");
        is_open = 1;
    }
    puts(".El");
}

static void put_command(const command *c)
{
    printf(".Ss %s\n.Nm\n.Cm %s\n.Op Ar options\n", c->name, c->name);
    if (*c->operands) {
        fputs(".Ar ", stdout);
        put_word(c->operands, strlen(c->operands));
        putchar('\n');
    }
    puts(".Pp");
    put_lines(c->summary, strlen(c->summary));
    if (c->details)
        put_details(c->details);
    put_options(c->options, c->defaults, 1);
}

void manual_print_man(const command_list *list)
{
    static const char place[] = "COMMANDS\n";
    const char *roff = strstr(manual_roff, place);

    printf("%.*s", (int)(roff - manual_roff), manual_roff);
    puts(".Sh COMMANDS");
    for (size_t i = 0; i < list->n; i++)
        put_command(list->items[i]);
    puts(".Ss Options of every command");
    put_options(common_options, &common_defaults, 0);
    fputs(roff + sizeof(place) - 1, stdout);
}
