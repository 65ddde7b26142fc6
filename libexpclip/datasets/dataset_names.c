/* SPDX-License-Identifier: MIT */
/*
 * dataset_names.c - which class a name or the caller's label means.
 */
#include "datasets/dataset_names.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "datasets/dataset_tables.h"

/* ---- letters ---- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_separator(char c)
{
    return c == '_' || c == '-' || c == '.' || c == ' ';
}

/* What is not ASCII is a letter of some language. */
static int has_letter(const expclip__field *f)
{
    for (size_t i = 0; i < f->size; i++) {
        const char c = f->text[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (unsigned char)c >= 0x80)
            return 1;
    }
    return 0;
}

/* ---- labels ---- */

/* Spaces around a name are a habit of lists, not of folders. */
static expclip__field trimmed(const char *text, size_t size)
{
    while (size && *text == ' ') {
        text++;
        size--;
    }
    while (size && text[size - 1] == ' ')
        size--;
    return (expclip__field){ (char *)(uintptr_t)text, size };
}

/* Step to the next "NAME=CLASS": 0 at the end. A part without "=" has no
 * class. */
static int next_label(expclip__field *name, expclip__field *as, const char **at)
{
    const char *text = *at;
    const size_t size = strcspn(text, ",");
    const char *equals = memchr(text, '=', size);
    const size_t name_size = equals ? (size_t)(equals - text) : size;

    if (!*text)
        return 0;
    *name = trimmed(text, name_size);
    *as = equals ? trimmed(equals + 1, size - name_size - 1)
                 : (expclip__field){ NULL, 0 };
    *at = text + size + (text[size] == ',');
    return 1;
}

static int same_field(const expclip__field *a, const expclip__field *b)
{
    return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

static expclip_status fail_label(expclip_error *err, const expclip__field *name,
                                 const expclip__field *as, const char *what)
{
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "labels: found \"%.*s%s%.*s\"%s, expected NAME=CLASS "
                         "with commas between, such as 1=surprise,2=fear",
                         (int)name->size, name->text, as->text ? "=" : "",
                         (int)as->size, as->text ? as->text : "", what);
}

expclip_status expclip__labels_check(const char *labels, expclip_error *err)
{
    expclip__field name, as, other, other_as;
    const char *at = labels;

    while (next_label(&name, &as, &at)) {
        const char *rest = at;

        if (name.size == 0 || !has_letter(&as))
            return fail_label(err, &name, &as, "");
        while (next_label(&other, &other_as, &rest))
            if (same_field(&name, &other))
                return fail_label(err, &other, &other_as,
                                  ", a name that stands there twice");
    }
    return EXPCLIP_OK;
}

int expclip__labels_find(expclip__class_name *out, const char *labels,
                         const expclip__field *name)
{
    expclip__field key, as;

    while (next_label(&key, &as, &labels))
        if (same_field(&key, name)) {
            *out = (expclip__class_name){
                .text = as,
                .known = expclip__class_of_name(as.text, as.size),
                .is_told = 1,
            };
            return 1;
        }
    return 0;
}

/* A folder that is spelt otherwise would be a class of its own. */
static expclip_status fail_unused(const expclip__builder *b,
                                  const expclip__field *key,
                                  const expclip__field *as,
                                  const char *const *names, size_t n,
                                  expclip_error *err)
{
    char found[200] = "";
    size_t used = 0, i = 0;

    for (; i < n && used + strlen(names[i]) + 5 < sizeof(found); i++)
        used += (size_t)snprintf(found + used, sizeof(found) - used, "%s\"%s\"",
                                 i ? ", " : "", names[i]);
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "labels: no folder \"%.*s\" in %s, expected one of "
                         "%s%s; spell it as the folder or leave \"%.*s=%.*s\" "
                         "out",
                         (int)key->size, key->text, b->path, found,
                         i < n ? ", ..." : "", (int)key->size, key->text,
                         (int)as->size, as->text);
}

expclip_status expclip__labels_unused(const expclip__builder *b,
                                      const char *const *names, size_t n,
                                      expclip_error *err)
{
    const char *at = b->options->labels;
    expclip__field key, as;

    while (next_label(&key, &as, &at)) {
        size_t i = 0;

        for (; i < n; i++) {
            const expclip__field folder = trimmed(names[i], strlen(names[i]));

            if (same_field(&key, &folder))
                break;
        }
        if (i == n)
            return fail_unused(b, &key, &as, names, n, err);
    }
    return EXPCLIP_OK;
}

/* ---- names with numbers ---- */

/* "0_happiness", "01happy", "sad-2": the word inside. *separated = 1 when
 * something stands between it and a number. */
static expclip__field cut_number(const expclip__field *whole, int *separated)
{
    const char *name = whole->text;
    const size_t size = whole->size;
    size_t first = 0, last = size, n;

    *separated = 0;
    while (first < size && is_digit(name[first]))
        first++;
    for (n = first; n && n < size && is_separator(name[n]); n++)
        *separated = 1;
    first = n;
    while (last > first && is_digit(name[last - 1]))
        last--;
    for (n = last; last < size && n > first && is_separator(name[n - 1]); n--)
        *separated = 1;
    return (expclip__field){ (char *)(uintptr_t)name + first, n - first };
}

/* fold1, subject01, S003: the parts of a dataset have such names, and no
 * expression has. "au12" is a name of its own. */
static int is_part_word(const expclip__field *word)
{
    static const char *const words[] = {
        "fold",    "split", "part",        "set",    "batch", "subset",
        "subject", "subj",  "participant", "person", "actor", "session",
        "user",    "class", "label",       "cls",    "sub",
    };
    char lower[16] = { 0 };

    if (word->size <= 1)
        return 1;
    for (size_t i = 0; i < word->size && i < sizeof(lower) - 1; i++)
        lower[i] = (char)(word->text[i] | 0x20);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], lower) == 0)
            return 1;
    return 0;
}

/* Published layouts take no labels. */
static expclip_status fail_name(const expclip__builder *b, const char *name,
                                const char *what, expclip_error *err)
{
    const expclip__known *k = b->known;
    char cure[160] = "";

    if (k->takes_labels)
        snprintf(cure, sizeof(cure),
                 ", or tell it with labels, such as "
                 "\"%.40s=surprise\"",
                 name);
    else if (k->n_codes)
        snprintf(cure, sizeof(cure), " or its code, %d to %d",
                 (int)k->first_code, (int)(k->first_code + k->n_codes - 1));
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "%s: %s: the folder \"%s\" %s, and it is not certain "
                         "which class it is; rename it after its class%s",
                         k->name, b->path, name, what, cure);
}

expclip_status expclip__read_class_name(expclip__class_name *out,
                                        const expclip__builder *b,
                                        const char *name, expclip_error *err)
{
    const expclip__field whole = trimmed(name, strlen(name));
    int separated = 0;
    expclip__field word;

    if (!expclip__utf8_valid(whole.text, whole.size))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: %s: the folder \"%s\" has a name that is not "
                             "UTF-8, expected the name of a class; rename it",
                             b->known->name, b->path, name);
    if (expclip__labels_find(out, b->options->labels, &whole))
        return EXPCLIP_OK;
    word = cut_number(&whole, &separated);
    *out = (expclip__class_name){ .text = word,
                                  .known = expclip__class_of_name(word.text,
                                                                  word.size),
                                  .is_numbered = word.size < whole.size };
    if (out->known >= 0)
        return EXPCLIP_OK;
    if (!out->is_numbered && !has_letter(&whole))
        return fail_name(b, name, "has a name without letters", err);
    if (!has_letter(&whole) ||
        (out->is_numbered && (separated || is_part_word(&word))))
        return fail_name(b, name, "is named by a number", err);
    out->text = whole;
    out->is_numbered = 0;
    return EXPCLIP_OK;
}
