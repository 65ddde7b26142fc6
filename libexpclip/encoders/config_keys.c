/* SPDX-License-Identifier: MIT */
/*
 * config_keys.c - reading a configuration by its table of keys.
 */
#include "encoders/config_keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "encoders/families.h"

#define MAX_NUMBER (1 << 24)
#define VALUE_SIZE 72
#define WHERE_SIZE 160

/* A value's JSON as far as it fits: for messages and for comparing. */
static void write_value(char out[VALUE_SIZE], const json_t *value)
{
    memset(out, 0, VALUE_SIZE);
    json_dumpb(value, out, VALUE_SIZE - 1,
               JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII |
                   JSON_SORT_KEYS);
    if (!out[0])
        snprintf(out, VALUE_SIZE, "%s", "a long value");
}

static expclip_status fail_value(const expclip__key *key, const json_t *value,
                                 const char *where, const char *expected,
                                 expclip_status code, expclip_error *err)
{
    char found[VALUE_SIZE];

    write_value(found, value);
    return expclip__fail(err, code, "%s%s is %s, expected %s", where, key->name,
                         found, expected);
}

static expclip_status fail_type(const expclip__key *key, const json_t *value,
                                const char *where, const char *expected,
                                expclip_error *err)
{
    return fail_value(key, value, where, expected, EXPCLIP_ERROR_FORMAT, err);
}

/* null, false, 0, "", [] and {}: a feature that is not used. */
static int is_empty(const json_t *value)
{
    return json_is_null(value) || json_is_false(value) ||
           (json_is_number(value) && json_number_value(value) == 0.0) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* Which of the texts between bars `found` is, -1 for none. */
static int32_t find_choice(const char *values, const char *found)
{
    const size_t size = strlen(found);

    for (int32_t i = 0;; i++) {
        const size_t n = strcspn(values, "|");

        if (n == size && memcmp(values, found, n) == 0)
            return i;
        if (!values[n])
            return -1;
        values += n + 1;
    }
}

/* "\"a\" or \"b\"; ..." */
static void write_choices(char *out, size_t size, const char *values)
{
    size_t used = 0;

    for (size_t n; used < size; values += n + 1) {
        n = strcspn(values, "|");
        used += (size_t)snprintf(out + used, size - used, "%.*s%s", (int)n,
                                 values, values[n] ? " or " : "");
        if (!values[n])
            break;
    }
    if (used < size)
        snprintf(out + used, size - used, "%s",
                 ", the only kind of model that this library computes; use "
                 "another model");
}

static expclip_status read_choice(int32_t *choice, const expclip__key *key,
                                  const json_t *value, const char *where,
                                  expclip_error *err)
{
    char found[VALUE_SIZE], expected[256];

    write_value(found, value);
    *choice = find_choice(key->values, found);
    if (*choice >= 0)
        return EXPCLIP_OK;
    write_choices(expected, sizeof(expected), key->values);
    return fail_value(key, value, where, expected, EXPCLIP_ERROR_UNSUPPORTED,
                      err);
}

static expclip_status read_only(const expclip__key *key, const json_t *value,
                                const char *where, expclip_error *err)
{
    int32_t choice;

    if (json_is_null(value))
        return EXPCLIP_OK;
    return read_choice(&choice, key, value, where, err);
}

static expclip_status fail_family(const expclip__key *key, const json_t *value,
                                  const char *where, expclip_error *err)
{
    char found[VALUE_SIZE];

    write_value(found, value);
    return expclip__fail(
        err, EXPCLIP_ERROR_UNSUPPORTED,
        "%s%s is %s: the model is %s, expected a CLIP with "
        "a plain vision transformer and CLIP's own text "
        "encoder; use such a model",
        where, key->name, found,
        expclip__family_of(json_string_value(value), key->values));
}

static expclip_status read_number(double *out, const expclip__key *key,
                                  const json_t *value, const char *where,
                                  expclip_error *err)
{
    const double number = json_number_value(value);

    if (key->kind == EXPCLIP__KEY_INTEGER && key->values &&
        json_is_array(value))
        return fail_family(key, value, where, err);
    if (key->kind == EXPCLIP__KEY_INTEGER
            ? !json_is_integer(value) || number < 0 || number > MAX_NUMBER
            : !json_is_number(value) || !(number > 0 && number <= MAX_NUMBER))
        return fail_type(key, value, where,
                         key->kind == EXPCLIP__KEY_INTEGER
                             ? "a whole number from 0 to 16777216"
                             : "a number above 0",
                         err);
    *out = number;
    return EXPCLIP_OK;
}

static expclip_status read_three(float out[3], const expclip__key *key,
                                 const json_t *value, const char *where,
                                 expclip_error *err)
{
    float three[3];

    for (size_t i = 0; i < 3; i++) {
        const json_t *one =
            json_is_array(value) ? json_array_get(value, i) : value;

        three[i] = (float)json_number_value(one);
        if (!json_is_number(one) || !isfinite(three[i]) ||
            (json_is_array(value) && json_array_size(value) != 3))
            return fail_type(key, value, where, "three numbers", err);
    }
    memcpy(out, three, sizeof(three));
    return EXPCLIP_OK;
}

/* 224, [224, 224], {"shortest_edge": 224}, {"height": 224, "width": 224} */
static expclip_status read_size(expclip__size_keys *out,
                                const expclip__key *key, const json_t *value,
                                const char *where, expclip_error *err)
{
    static const char *const names[] = { "shortest_edge", "height", "width" };
    const json_t *sides[3] = { NULL };
    double numbers[3] = { 0 };
    size_t n = 0;

    if (json_is_array(value) && json_array_size(value) == 2) {
        sides[1] = json_array_get(value, 0);
        sides[2] = json_array_get(value, 1);
        n = 2;
    } else if (!json_is_object(value)) {
        sides[0] = value;
    }
    for (int i = 0; json_is_object(value) && i < 3; i++) {
        sides[i] = json_object_get(value, names[i]);
        n += sides[i] != NULL;
    }
    if (json_is_object(value) && (n == 0 || n != json_object_size(value)))
        return fail_value(key, value, where,
                          "shortest_edge, or height and width",
                          EXPCLIP_ERROR_UNSUPPORTED, err);
    for (int i = 0; i < 3; i++) {
        numbers[i] = json_number_value(sides[i]);
        if (sides[i] && (!json_is_integer(sides[i]) || numbers[i] < 1 ||
                         numbers[i] > MAX_NUMBER))
            return fail_type(key, value, where, "whole numbers of pixels", err);
    }
    *out = (expclip__size_keys){ numbers[0], numbers[1], numbers[2] };
    return EXPCLIP_OK;
}

double expclip__size_square(const expclip__size_keys *size)
{
    if (size->height == 0 && size->width == 0)
        return size->shortest;
    return size->shortest == 0 && size->height == size->width ? size->height
                                                              : -1;
}

static expclip_status read_section(char *out, const expclip__key *key,
                                   const json_t *value, const char *where,
                                   expclip_error *err)
{
    char inner[WHERE_SIZE];

    if (json_is_null(value))
        return EXPCLIP_OK;
    if (!json_is_object(value))
        return fail_type(key, value, where, "an object", err);
    snprintf(inner, sizeof(inner), "%s%s.", where, key->name);
    return expclip__keys_read(out, value, key->section, inner, err);
}

static expclip_status read_key(char *out, const expclip__key *key,
                               const json_t *value, const char *where,
                               expclip_error *err)
{
    void *place = out + key->place;

    switch (key->kind) {
    case EXPCLIP__KEY_HARMLESS:
        return EXPCLIP_OK;
    case EXPCLIP__KEY_ONLY:
        return read_only(key, value, where, err);
    case EXPCLIP__KEY_FAMILY:
        return is_empty(value) ? EXPCLIP_OK
                               : fail_family(key, value, where, err);
    case EXPCLIP__KEY_NUMBER:
    case EXPCLIP__KEY_INTEGER:
        return read_number(place, key, value, where, err);
    case EXPCLIP__KEY_FLAG:
        if (!json_is_boolean(value))
            return fail_type(key, value, where, "true or false", err);
        *(int32_t *)place = json_is_true(value);
        return EXPCLIP_OK;
    case EXPCLIP__KEY_CHOICE:
        return read_choice(place, key, value, where, err);
    case EXPCLIP__KEY_THREE:
        return read_three(place, key, value, where, err);
    case EXPCLIP__KEY_SIZE:
        return read_size(place, key, value, where, err);
    case EXPCLIP__KEY_SECTION:
        return read_section(out, key, value, where, err);
    }
    return EXPCLIP_OK;
}

static int is_known(const expclip__key_section *section, const char *name)
{
    for (size_t i = 0; i < section->n_keys; i++)
        if (strcmp(section->keys[i].name, name) == 0)
            return 1;
    return 0;
}

static expclip_status check_unknown(const json_t *object,
                                    const expclip__key_section *section,
                                    const char *where, expclip_error *err)
{
    const char *name;
    json_t *value;
    char found[VALUE_SIZE];

    /* The macro wants an object that is not const, and changes nothing. */
    json_object_foreach ((json_t *)(uintptr_t)object, name, value) {
        if (is_known(section, name) || is_empty(value))
            continue;
        write_value(found, value);
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s%.64s is %s, expected no such key: this "
                             "version does not know what it does to the "
                             "embeddings; remove it if it does nothing",
                             where, name, found);
    }
    return EXPCLIP_OK;
}

expclip_status expclip__keys_read(void *out, const json_t *object,
                                  const expclip__key_section *section,
                                  const char *where, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < section->n_keys; i++) {
        const expclip__key *key = &section->keys[i];
        const json_t *value = json_object_get(object, key->name);

        if (value && !(section->nulls && json_is_null(value)))
            status = read_key(out, key, value, where, err);
    }
    if (!status && section->closed)
        status = check_unknown(object, section, where, err);
    return status;
}
