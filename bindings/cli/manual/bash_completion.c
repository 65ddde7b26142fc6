/* SPDX-License-Identifier: MIT */
/*
 * bash_completion.c - what bash completes: commands, options and their values.
 */
#include <stdio.h>

#include "manual/manual.h"
#include "options/option_table.h"

static const char head[] =
    "# Completion of expclip for bash. Written by"
    " \"expclip help --generate bash\".\n\n"
    "# _expclip_values WORDS [files]: what may follow an option\n"
    "_expclip_values()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\"\n"
    "        [[ -z ${2-} ]] || compgen -f -- \"$current\")\n"
    "    # These fail outside of a completion, as in tests.\n"
    "    if [[ -n ${2-} ]]; then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "    else\n"
    "        compopt +o default 2>/dev/null\n"
    "    fi\n"
    "}\n\n"
    "_expclip()\n"
    "{\n"
    "    local current=${COMP_WORDS[COMP_CWORD]}\n"
    "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command=${COMP_WORDS[1]} options=\n\n"
    "    COMPREPLY=()\n";

static const char first_word[] =
    "    if ((COMP_CWORD == 1)); then\n"
    "        _expclip_values \"$commands help --help --version\"\n"
    "        return\n"
    "    elif [[ $command == help ]]; then\n"
    "        _expclip_values \"$commands\"\n"
    "        return\n"
    "    fi\n"
    "    # The shell takes \"--dtype=bf16\" for three words.\n"
    "    if [[ $current == = ]]; then\n"
    "        current=\n"
    "    elif [[ $previous == = ]]; then\n"
    "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static void print_values(const command *c, const command_option *o)
{
    char words[OPTION_TEXT_MAX];

    if (!o->value)
        return;
    option_value_words(words, o);
    printf("    '%s --%s'", c->name, o->name);
    if (o->letter)
        printf(" | '%s -%c'", c->name, o->letter);
    printf(") _expclip_values '%s'%s ;;\n", words,
           option_takes_file(o) ? " files" : "");
}

static void print_name(const command *c, const command_option *o)
{
    (void)c;
    printf(" --%s", o->name);
}

void manual_print_bash(const command_list *list)
{
    fputs(head, stdout);
    fputs("    local commands='", stdout);
    for (size_t i = 0; i < list->n; i++)
        printf("%s%s", i ? " " : "", list->items[i]->name);
    printf("'\n%s    case \"$command $previous\" in\n", first_word);
    for (size_t i = 0; i < list->n; i++)
        manual_each_option(list->items[i], print_values);
    fputs("    *)\n        [[ $current == -* ]] || return\n"
          "        case $command in\n",
          stdout);
    for (size_t i = 0; i < list->n; i++) {
        printf("        %s) options='", list->items[i]->name);
        manual_each_option(list->items[i], print_name);
        puts("' ;;");
    }
    fputs("        esac\n        _expclip_values \"$options\"\n        ;;\n"
          "    esac\n}\n\ncomplete -o default -F _expclip expclip\n",
          stdout);
}
