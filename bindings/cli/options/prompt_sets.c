/* SPDX-License-Identifier: MIT */
/*
 * prompt_sets.c - several ways of saying the classes of a dataset in words.
 */
#include "options/prompt_sets.h"

#include <stdlib.h>
#include <string.h>

#include "options/comma_words.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"

/* ------------------------------------------------------------------------
 * Sets, templates, files
 */

int prompt_sets_is_words(const char *name)
{
    return strstr(name, "{}") ||
           (strncmp(name, "type", 4) == 0 && name[4] >= '1' && name[4] <= '5' &&
            name[5] == '\0');
}

void prompt_sets_tell_cut(const expclip_classes *classes,
                          const expclip_model *model)
{
    const size_t n = expclip_classes_truncated_count(classes);

    if (n)
        console_note(
            "prompts truncated because they are longer than %d tokens: %zu",
            expclip_model_context_length(model), n);
}

static int word_classes(expclip_prompts *p, const char *set_or_template,
                        const expclip_dataset *data)
{
    const size_t n = expclip_dataset_class_count(data);
    expclip_error err;

    for (size_t i = 0; i < n; i++)
        if (expclip_prompts_add_class(p, expclip_dataset_class_name(data, i),
                                      set_or_template, &err))
            return failure_report_as(&err, EXIT_USAGE);
    return 0;
}

/** @return its index in `p`, or their number */
static size_t find_class(const expclip_prompts *p, const char *name)
{
    const size_t n = expclip_prompts_class_count(p);
    size_t i = 0;

    while (i < n && strcmp(expclip_prompts_class_name(p, i), name) != 0)
        i++;
    return i;
}

/** The dataset's classes in its order; a file may know more of them. */
static int pick_classes(expclip_prompts *p, const expclip_prompts *from,
                        const char *path, const expclip_dataset *data)
{
    const size_t n = expclip_dataset_class_count(data);
    expclip_error err;

    for (size_t i = 0; i < n; i++) {
        const char *name = expclip_dataset_class_name(data, i);
        const size_t at = find_class(from, name);
        const size_t n_prompts = expclip_prompts_count(from, at);

        if (n_prompts == 0) {
            console_error("%s: no prompts for class \"%s\" of the dataset",
                          path, name);
            return EXIT_USAGE;
        }
        for (size_t j = 0; j < n_prompts; j++)
            if (expclip_prompts_add(p, name, expclip_prompts_text(from, at, j),
                                    &err))
                return failure_report(&err);
    }
    return 0;
}

static int read_file(expclip_prompts *p, const char *path,
                     const expclip_dataset *data)
{
    expclip_prompts *from = NULL;
    expclip_error err;
    int rc;

    if (expclip_prompts_load(&from, path, &err)) {
        if (err.code != EXPCLIP_ERROR_NOT_FOUND)
            return failure_report_as(&err, EXIT_USAGE);
        console_error("prompts: found \"%s\", expected type1 to type5, a"
                      " template with {}, or an existing file",
                      path);
        return EXIT_USAGE;
    }
    rc = pick_classes(p, from, path, data);
    expclip_prompts_free(from);
    return rc;
}

static int add_set(prompt_sets *sets, const char *name,
                   const expclip_dataset *data)
{
    prompt_set *added;
    expclip_error err;

    sets->sets = memory_resize(sets->sets, sets->n + 1, sizeof(*sets->sets));
    added = &sets->sets[sets->n];
    added->prompts = NULL;
    if (expclip_prompts_create(&added->prompts, &err))
        return failure_report(&err);
    added->name = memory_text("%s", name);
    sets->n++; /* from here on it is freed with the others */
    if (prompt_sets_is_words(name))
        return word_classes(added->prompts, name, data);
    return read_file(added->prompts, name, data);
}

static int add_list(prompt_sets *sets, const char *list,
                    const expclip_dataset *data)
{
    comma_words names = { NULL, 0 };
    int rc = 0;

    comma_words_add_names(&names, list);
    for (size_t i = 0; i < names.n && !rc; i++)
        rc = add_set(sets, names.items[i], data);
    comma_words_free(&names);
    return rc;
}

int prompt_sets_read(prompt_sets *out, const char *list, int n_operands,
                     char **operands, const expclip_dataset *data)
{
    int rc = 0;

    if (!list && n_operands == 0)
        list = "type1,type2,type3,type4,type5";
    if (list)
        rc = add_list(out, list, data);
    for (int i = 0; i < n_operands && !rc; i++)
        rc = add_set(out, operands[i], data);
    return rc;
}

void prompt_sets_free(prompt_sets *sets)
{
    for (size_t i = 0; i < sets->n; i++) {
        free(sets->sets[i].name);
        expclip_prompts_free(sets->sets[i].prompts);
    }
    free(sets->sets);
}

/* ------------------------------------------------------------------------
 * Made of others
 */

static int has_prompt(const expclip_prompts *p, const char *class_name,
                      const char *text)
{
    const size_t at = find_class(p, class_name);

    for (size_t i = 0; i < expclip_prompts_count(p, at); i++)
        if (strcmp(expclip_prompts_text(p, at, i), text) == 0)
            return 1;
    return 0;
}

/** Add those of `from` that are new, and not at `skipped` of their class. */
static int add_new(expclip_prompts *p, const expclip_prompts *from,
                   size_t skipped, int may_repeat)
{
    const size_t n_classes = expclip_prompts_class_count(from);
    expclip_error err;

    for (size_t i = 0; i < n_classes; i++) {
        const char *name = expclip_prompts_class_name(from, i);
        const size_t n = expclip_prompts_count(from, i);

        for (size_t j = 0; j < n; j++) {
            const char *text = expclip_prompts_text(from, i, j);

            if ((j == skipped && n > 1) ||
                (!may_repeat && has_prompt(p, name, text)))
                continue;
            if (expclip_prompts_add(p, name, text, &err))
                return failure_report(&err);
        }
    }
    return 0;
}

static int start(expclip_prompts **out)
{
    expclip_error err;

    return expclip_prompts_create(out, &err) ? failure_report(&err) : 0;
}

int prompt_sets_join(expclip_prompts **out, const prompt_sets *sets)
{
    expclip_prompts *p = NULL;
    int rc = start(&p);

    for (size_t i = 0; i < sets->n && !rc; i++)
        rc = add_new(p, sets->sets[i].prompts, SIZE_MAX, 0);
    if (rc)
        expclip_prompts_free(p);
    else
        *out = p;
    return rc;
}

size_t prompt_set_positions(const expclip_prompts *prompts)
{
    const size_t n = expclip_prompts_class_count(prompts);
    size_t most = 0;

    for (size_t i = 0; i < n; i++)
        if (expclip_prompts_count(prompts, i) > most)
            most = expclip_prompts_count(prompts, i);
    return most;
}

int prompt_set_without(expclip_prompts **out, const expclip_prompts *prompts,
                       size_t position)
{
    expclip_prompts *p = NULL;
    int rc = start(&p);

    if (!rc)
        rc = add_new(p, prompts, position, 1);
    if (rc)
        expclip_prompts_free(p);
    else
        *out = p;
    return rc;
}
