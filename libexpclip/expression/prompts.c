/* SPDX-License-Identifier: MIT */
/*
 * prompts.c - class names and the prompts that stand for each: from the
 * paper's sets, from templates, from files, or one by one.
 */
#include "expression/prompts.h"

#include <jansson.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "datasets/class_names.h"
#include "expression/prompt_tables.h"

#define MAX_FILE_SIZE (16u << 20)
#define MAX_CLASSES 10000
#define MAX_PROMPTS 100000 /* of one class */

/* ---- the list ---- */

expclip_status expclip__prompts_create(expclip_prompts **out,
                                       expclip_error *err)
{
    expclip_prompts *p = expclip__alloc_zero(1, sizeof(*p));

    if (!p)
        return expclip__fail_memory(err, "prompts");
    *out = p;
    return EXPCLIP_OK;
}

void expclip__prompts_free(expclip_prompts *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_classes; i++) {
        for (size_t j = 0; j < p->classes[i].n_prompts; j++)
            expclip__free(p->classes[i].prompts[j]);
        expclip__free(p->classes[i].prompts);
        expclip__free(p->classes[i].name);
    }
    expclip__free(p->classes);
    expclip__free(p);
}

size_t expclip__prompts_total(const expclip_prompts *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n_classes; i++)
        n += p->classes[i].n_prompts;
    return n;
}

static expclip__class_prompts *find_class(expclip_prompts *p, const char *name)
{
    for (size_t i = 0; i < p->n_classes; i++)
        if (strcmp(p->classes[i].name, name) == 0)
            return &p->classes[i];
    return NULL;
}

static expclip_status add_new_class(expclip_prompts *p, const char *name,
                                    expclip_error *err)
{
    expclip__class_prompts *grown, *added;

    if (p->n_classes == MAX_CLASSES)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT, "more than %d classes",
                             MAX_CLASSES);
    grown = expclip__grown(p->classes, p->n_classes, sizeof(*grown));
    if (!grown)
        return expclip__fail_memory(err, "classes");
    p->classes = grown;
    added = &grown[p->n_classes];
    memset(added, 0, sizeof(*added));
    added->name = expclip__strdup(name);
    if (!added->name)
        return expclip__fail_memory(err, "class name");
    p->n_classes++;
    return EXPCLIP_OK;
}

/* One without prompts; the array for them may be there. */
static void remove_last_class(expclip_prompts *p)
{
    expclip__class_prompts *last = &p->classes[--p->n_classes];

    expclip__free(last->prompts);
    expclip__free(last->name);
}

static expclip_status add_prompt(expclip__class_prompts *c, const char *prompt,
                                 expclip_error *err)
{
    char **grown, *copy;

    if (c->n_prompts == MAX_PROMPTS)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "class \"%s\": more than %d prompts", c->name,
                             MAX_PROMPTS);
    grown = expclip__grown(c->prompts, c->n_prompts, sizeof(*grown));
    if (!grown)
        return expclip__fail_memory(err, "prompts");
    c->prompts = grown;
    copy = expclip__strdup(prompt);
    if (!copy)
        return expclip__fail_memory(err, "prompt");
    c->prompts[c->n_prompts++] = copy;
    return EXPCLIP_OK;
}

static expclip_status check_text(const char *what, const char *text,
                                 expclip_error *err)
{
    if (!text[0])
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT, "%s: empty", what);
    if (!expclip__utf8_valid(text, strlen(text)))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "%s: \"%s\" is not UTF-8", what, text);
    return EXPCLIP_OK;
}

expclip_status expclip__prompts_add(expclip_prompts *p, const char *class_name,
                                    const char *prompt, expclip_error *err)
{
    expclip__class_prompts *c = find_class(p, class_name);
    expclip_status status;

    if ((status = check_text("class name", class_name, err)) ||
        (status = check_text("prompt", prompt, err)))
        return status;
    if (c)
        return add_prompt(c, prompt, err);
    status = add_new_class(p, class_name, err);
    if (status)
        return status;
    status = add_prompt(&p->classes[p->n_classes - 1], prompt, err);
    if (status)
        remove_last_class(p);
    return status;
}

expclip_status expclip__prompts_copy(expclip_prompts **out,
                                     const expclip_prompts *p,
                                     expclip_error *err)
{
    expclip_prompts *copy = NULL;
    expclip_status status = expclip__prompts_create(&copy, err);

    for (size_t i = 0; !status && i < p->n_classes; i++)
        for (size_t j = 0; !status && j < p->classes[i].n_prompts; j++)
            status = expclip__prompts_add(copy, p->classes[i].name,
                                          p->classes[i].prompts[j], err);
    if (status)
        expclip__prompts_free(copy);
    else
        *out = copy;
    return status;
}

/* ---- sets and templates ---- */

static const expclip__prompt_set *find_set(const char *name)
{
    for (size_t i = 0; i < EXPCLIP__N_PROMPT_SETS; i++)
        if (strcmp(expclip__prompt_sets[i].name, name) == 0)
            return &expclip__prompt_sets[i];
    return NULL;
}

/* Add the template with every "{}" replaced by the class name. */
static expclip_status add_template(expclip_prompts *p, const char *class_name,
                                   const char *text, expclip_error *err)
{
    expclip__buffer filled = { 0 };
    const char *hole;
    expclip_status status;

    for (; (hole = strstr(text, "{}")) != NULL; text = hole + 2) {
        expclip__buffer_add(&filled, text, (size_t)(hole - text));
        expclip__buffer_add_string(&filled, class_name);
    }
    expclip__buffer_add_string(&filled, text);
    status = filled.failed
                 ? expclip__fail_memory(err, "prompt")
                 : expclip__prompts_add(p, class_name, filled.data, err);
    expclip__buffer_free(&filled);
    return status;
}

static expclip_status add_from_set(expclip_prompts *p, const char *class_name,
                                   const expclip__prompt_set *set,
                                   expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < set->n_prompts; i++) {
        const char *text = expclip__prompt_exception(set, class_name, i);

        status =
            add_template(p, class_name, text ? text : set->templates[i], err);
    }
    return status;
}

static expclip_status fail_set(const char *name, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND,
                         "prompts \"%s\": no such set, expected type1 to type5 "
                         "or a template with {} for the class name",
                         name);
}

/* What is not ASCII is a letter of some language. */
static int has_letter(const char *s)
{
    for (; *s; s++)
        if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
            (unsigned char)*s >= 0x80)
            return 1;
    return 0;
}

expclip_status expclip__prompts_add_class(expclip_prompts *p,
                                          const char *class_name,
                                          const char *set_or_template,
                                          expclip_error *err)
{
    const expclip__prompt_set *set = find_set(set_or_template);

    if (find_class(p, class_name))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "class \"%s\": given twice", class_name);
    if (*class_name && !has_letter(class_name))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "class \"%s\": has no letter, expected a name "
                             "that can be said in a prompt, such as happiness; "
                             "or give the prompts of each class",
                             class_name);
    if (set)
        return add_from_set(p, class_name, set, err);
    if (!strstr(set_or_template, "{}"))
        return fail_set(set_or_template, err);
    return add_template(p, class_name, set_or_template, err);
}

expclip_status expclip__prompts_builtin(expclip_prompts **out, const char *set,
                                        int32_t n_classes, expclip_error *err)
{
    expclip_prompts *p = NULL;
    expclip_status status;

    if (n_classes != 7 && n_classes != 8 && n_classes != 11)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "n_classes: %d, expected 7, 8 or 11",
                             (int)n_classes);
    if (!find_set(set))
        return fail_set(set, err);
    status = expclip__prompts_create(&p, err);
    for (int32_t i = 0; !status && i < n_classes; i++)
        status =
            expclip__prompts_add_class(p, expclip__class_names[i], set, err);
    if (status)
        expclip__prompts_free(p);
    else
        *out = p;
    return status;
}

/* ---- files ---- */

/* {"class": ["prompt", ...], ...}; jansson keeps the order of the file. */
static expclip_status parse_json(expclip_prompts *p, const char *text,
                                 size_t size, const char *path,
                                 expclip_error *err)
{
    json_error_t why;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    json_t *list, *prompt;
    const char *name;
    size_t i;
    expclip_status status = EXPCLIP_OK;

    if (!json_is_object(root))
        status =
            expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: line %d: %s", path,
                          root ? 1 : why.line,
                          root ? "expected an object of classes" : why.text);
    json_object_foreach (root, name, list) {
        if (!json_is_array(list) || json_array_size(list) == 0)
            status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                   "%s: class \"%s\": expected a list of "
                                   "prompts",
                                   path, name);
        json_array_foreach (list, i, prompt) {
            if (status)
                break;
            status = json_is_string(prompt)
                         ? expclip__prompts_add(p, name,
                                                json_string_value(prompt), err)
                         : expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                         "%s: class \"%s\": prompt %zu is not "
                                         "a string",
                                         path, name, i + 1);
        }
        if (status)
            break;
    }
    json_decref(root);
    return status;
}

/* One "class<TAB>prompt"; an empty line is skipped. */
static expclip_status parse_line(expclip_prompts *p, const char *line,
                                 size_t size, const char *path, size_t number,
                                 expclip_error *err)
{
    const char *tab = memchr(line, '\t', size);
    char *name, *prompt;
    expclip_error why;
    expclip_status status;

    if (size == 0)
        return EXPCLIP_OK;
    if (!tab || memchr(line, '\0', size))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: line %zu: expected class<TAB>prompt", path,
                             number);
    name = expclip__strndup(line, (size_t)(tab - line));
    prompt = expclip__strndup(tab + 1, size - (size_t)(tab + 1 - line));
    if (!name || !prompt) {
        status = expclip__fail_memory(err, "prompt");
    } else {
        status = expclip__prompts_add(p, name, prompt, &why);
        if (status)
            status = expclip__fail(
                err,
                status == EXPCLIP_ERROR_ARGUMENT ? EXPCLIP_ERROR_FORMAT
                                                 : status,
                "%s: line %zu: %s", path, number, why.message);
    }
    expclip__free(name);
    expclip__free(prompt);
    return status;
}

static expclip_status parse_lines(expclip_prompts *p, const char *text,
                                  size_t size, const char *path,
                                  expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (size_t number = 1; !status && size > 0; number++) {
        const char *end = memchr(text, '\n', size);
        size_t line = end ? (size_t)(end - text) : size;
        size_t next = end ? line + 1 : line;

        status = parse_line(p, text,
                            line && text[line - 1] == '\r' ? line - 1 : line,
                            path, number, err);
        text += next;
        size -= next;
    }
    return status;
}

expclip_status expclip__prompts_parse(expclip_prompts **out, const char *text,
                                      size_t size, const char *path,
                                      expclip_error *err)
{
    expclip_prompts *p = NULL;
    const size_t bom = expclip__bom_size(text, size);
    expclip_status status = expclip__prompts_create(&p, err);

    if (status)
        return status;
    text += bom;
    size -= bom;
    if (size > 0 && text[strspn(text, " \t\r\n")] == '{')
        status = parse_json(p, text, size, path, err);
    else
        status = parse_lines(p, text, size, path, err);
    if (!status && p->n_classes == 0)
        status =
            expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: no prompts", path);
    if (status)
        expclip__prompts_free(p);
    else
        *out = p;
    return status;
}

expclip_status expclip__prompts_load(expclip_prompts **out, const char *path,
                                     expclip_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    expclip_status status =
        expclip__read_file(&bytes, &size, path, MAX_FILE_SIZE, err);

    if (status)
        return status;
    status = expclip__prompts_parse(out, (const char *)bytes, size, path, err);
    expclip__free(bytes);
    return status;
}
