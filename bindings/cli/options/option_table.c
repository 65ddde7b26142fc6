/* SPDX-License-Identifier: MIT */
/*
 * option_table.c - what the rows of the option tables say.
 */
#include "options/option_table.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const command_option common_options[] = {
    OPT_HEADING("Every command"),
    OPT_FLAG(common_settings, quiet, "quiet", 'q',
             "Print only results and errors."),
    OPT_FLAG(common_settings, force, "force", 0,
             "Also replace files that this program did not write."),
    OPT_FLAG(common_settings, help, "help", 'h', "Print this help and exit."),
    OPT_END,
};

const common_settings common_defaults = { 0, 0, 0 };

/** Is the default of a number one that could be typed? Else it means that none
 * is given. */
static int in_range(const command_option *o, double value)
{
    return value >= o->min && value <= o->max;
}

/** The default that is in the settings, as it would be typed; NULL for none. */
static const char *default_of(char *out, size_t out_size,
                              const command_option *o, const void *defaults)
{
    const void *place = (const char *)defaults + o->place;
    int32_t n;
    int64_t l;
    double x;
    float f;

    switch (o->kind) {
    case OPTION_TEXT:
    case OPTION_CHOICE:
        return *(const char *const *)place;
    case OPTION_INT:
        memcpy(&n, place, sizeof(n));
        x = n;
        break;
    case OPTION_LONG:
        memcpy(&l, place, sizeof(l));
        x = (double)l;
        break;
    case OPTION_REAL:
        memcpy(&f, place, sizeof(f));
        x = (double)f;
        break;
    case OPTION_DOUBLE:
        memcpy(&x, place, sizeof(x));
        break;
    default:
        return NULL;
    }
    if (!in_range(o, x))
        return NULL;
    snprintf(out, out_size, "%.7g", x);
    return out;
}

void option_describe(char out[OPTION_TEXT_MAX], const command_option *o,
                     const void *defaults)
{
    char number[32];
    const char *value = default_of(number, sizeof(number), o, defaults);

    if (!value || !*value)
        snprintf(out, OPTION_TEXT_MAX, "%s", o->help);
    else
        snprintf(out, OPTION_TEXT_MAX, "%s Default: %s", o->help, value);
}

/** Can these `n` letters be typed as they are? */
static int is_word(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(text[i] >= 'a' && text[i] <= 'z') &&
            !(text[i] >= '0' && text[i] <= '9') && !strchr("-_", text[i]))
            return 0;
    return n > 0;
}

void option_value_words(char out[OPTION_TEXT_MAX], const command_option *o)
{
    const char *rest = o->value ? o->value : "";
    size_t size = 0;

    out[0] = '\0';
    while (*rest) {
        const size_t n = strcspn(rest, "|[");
        if (is_word(rest, n))
            size += (size_t)snprintf(out + size, OPTION_TEXT_MAX - size,
                                     "%s%.*s", size ? " " : "", (int)n, rest);
        rest += n + strcspn(rest + n, "|");
        rest += *rest == '|';
    }
}

static size_t size_of(const command_option *o)
{
    switch (o->kind) {
    case OPTION_TEXT:
    case OPTION_CHOICE:
        return sizeof(const char *);
    case OPTION_TEXTS:
        return sizeof(option_texts);
    case OPTION_LONG:
        return sizeof(int64_t);
    case OPTION_REAL:
        return sizeof(float);
    case OPTION_DOUBLE:
        return sizeof(double);
    case OPTION_END:
    case OPTION_HEADING:
        return 0;
    default:
        return sizeof(int32_t);
    }
}

int option_is_changed(const command_option *o, const void *settings,
                      const void *defaults)
{
    return memcmp((const char *)settings + o->place,
                  (const char *)defaults + o->place, size_of(o)) != 0;
}

int option_takes_file(const command_option *o)
{
    static const char *const kinds[] = { "FILE", "DIR", "PATH" };

    for (size_t i = 0; o->value && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strstr(o->value, kinds[i]))
            return 1;
    return o->kind == OPTION_RESULTS;
}
