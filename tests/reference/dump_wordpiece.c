/* SPDX-License-Identifier: MIT */
/*
 * dump_wordpiece.c - token ids of our WordPiece: a text a line on stdin, its
 * ids a line on stdout. test_text_teachers.py compares them with transformers'.
 *
 *     dump_wordpiece vocab.txt LOWER
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "tokens/wordpiece.h"

static int dump(const expclip__wordpiece *w, const char *text, size_t size)
{
    int32_t *ids = NULL;
    size_t n = 0;
    expclip_error err;

    if (expclip__wordpiece_encode(&ids, &n, w, text, size, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i < n; i++)
        printf("%s%d", i ? " " : "", (int)ids[i]);
    putchar('\n');
    expclip__free(ids);
    return 0;
}

int main(int argc, char **argv)
{
    expclip__wordpiece *w = NULL;
    expclip_error err;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    int failed = 0;

    if (argc != 3)
        return 2;
    if (expclip__wordpiece_load(&w, argv[1], atoi(argv[2]), &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    while (!failed && (size = getline(&line, &capacity, stdin)) > 0)
        failed = dump(w, line, (size_t)size - 1);
    free(line);
    expclip__wordpiece_free(w);
    return failed;
}
