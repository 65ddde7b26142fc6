/* SPDX-License-Identifier: MIT */
/*
 * tokenize.c - expclip tokenize: the ids that CLIP's text encoder is given.
 */
#include <expclip_tools.h>
#include <stdlib.h>

#include "inputs/text_lines.h"
#include "commands/command.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/json_line.h"

typedef struct tokenize_settings {
    int32_t from_stdin;
    int32_t vocabulary;
    int32_t context;
    int32_t json; /* the only form; taken so that scripts may say it */
} tokenize_settings;

static const tokenize_settings defaults = {
    .vocabulary = 49408,
    .context = 77,
};

static const command_option options[] = {
    OPT_HEADING("Tokens"),
    OPT_FLAG(tokenize_settings, from_stdin, "stdin", 0,
             "Read the texts from stdin, one JSON string per line."),
    OPT_INT(tokenize_settings, vocabulary, "vocabulary", 514, 49408,
            "How many ids the model's vocabulary has. A smaller one has only "
            "the first merges."),
    OPT_INT(tokenize_settings, context, "context", 2, 1000000,
            "The most ids that a text may have, start and end tokens included. "
            "A longer text is truncated."),
    OPT_RESULTS(
        tokenize_settings, json, "json",
        "The results always have this form. With =FILE they go into a file."),
    OPT_END,
};

static void print_ids(const text_lines *t, const int32_t *ids, size_t n,
                      int32_t truncated)
{
    json_t *line = json_object();
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(ids[i]));
    json_object_set_new(line, "text", json_line_text(t->text, t->size));
    json_object_set_new(line, "ids", list);
    json_object_set_new(line, "truncated", json_boolean(truncated));
    json_line_print(line);
}

/** @return 1 when the text failed, reported */
static int tokenize_one(const expclip_tokenizer *tokenizer, const text_lines *t,
                        int32_t *ids, size_t ids_size)
{
    expclip_error err;
    int32_t truncated = 0;
    size_t n = 0;

    if (t->problem) {
        console_error("stdin:%zu: %s", t->n_read, t->problem);
        return 1;
    }
    if (expclip_tokenizer_encode(ids, ids_size, &n, &truncated, tokenizer,
                                 t->text, t->size, &err)) {
        console_error("text %zu: %s", t->n_read, err.message);
        return 1;
    }
    print_ids(t, ids, n, truncated);
    return 0;
}

static int tokenize(const void *settings, int n_operands, char **operands)
{
    const tokenize_settings *s = settings;
    expclip_tokenizer *tokenizer = NULL;
    expclip_error err;
    text_lines texts;
    int32_t *ids;
    size_t n_failed = 0;
    int rc, end;

    rc = text_lines_open(&texts, "tokenize", s->from_stdin, n_operands,
                         operands);
    if (rc)
        return rc;
    if (expclip_tokenizer_create(&tokenizer, s->vocabulary, &err))
        return failure_report(&err);
    ids = memory_new((size_t)s->context, sizeof(*ids));
    while (!rc && text_lines_next(&texts)) {
        n_failed +=
            (size_t)tokenize_one(tokenizer, &texts, ids, (size_t)s->context);
        if (ferror(stdout))
            rc = EXIT_RESOURCES;
    }
    if (!rc && stop_wanted()) {
        console_error("stopped after %zu text%s", texts.n_read,
                      texts.n_read == 1 ? "" : "s");
        rc = EXIT_RESOURCES;
    }
    free(ids);
    end = text_lines_close(&texts);
    if (!rc)
        rc = end;
    expclip_tokenizer_free(tokenizer);
    return rc ? rc : n_failed ? EXIT_SOME_FAILED : EXIT_DONE;
}

const command tokenize_command = {
    "tokenize",
    "TEXT...",
    "Print the token ids of texts, as CLIP's text encoder gets them.",
    "The command prints one JSON object {\"text\",\"ids\",\"truncated\"} per "
    "text. The ids include the start and end tokens, but no padding.",
    options,
    &defaults,
    sizeof(defaults),
    tokenize,
};
