/* SPDX-License-Identifier: MIT */
/*
 * comma_words.h - the words of "a,b,c".
 */
#ifndef EXPCLIP_CLI_COMMA_WORDS_H
#define EXPCLIP_CLI_COMMA_WORDS_H

#include <stddef.h>

/** Start from {0}. */
typedef struct comma_words {
    char **items;
    size_t n;
} comma_words;

/** Append the words of `text`, without blanks around them; there may be empty
 * ones. */
void comma_words_add(comma_words *w, const char *text);
/** Append names of files as they are: what exists is one, with its commas. */
void comma_words_add_names(comma_words *w, const char *text);
void comma_words_free(comma_words *w);

#endif
