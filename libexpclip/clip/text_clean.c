/* SPDX-License-Identifier: MIT */
/*
 * text_clean.c - text as CLIP's tokenizer wants it, before it is split
 * (simple_tokenizer.py, basic_clean and whitespace_clean):
 *
 *     ftfy.fix_text, html.unescape twice, strip, one space between words, lower
 *
 * Of ftfy 6.3 all is here but its repair of mojibake, which guesses. Like
 * ftfy, a line is fixed again and again until nothing changes.
 */
#include "clip/text_clean.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"
#include "base/error.h"
#include "clip/runes.h"
#include "clip/unescape.h"

#define MAX_SEGMENT 1000000 /* ftfy's max_decode_length */

/* ---- fixes of one character (ftfy chardata.py, fixes.py) ---- */

static const struct {
    int32_t from;
    int32_t to[3];
} ligatures[] = {
    { 0x0132, { 'I', 'J' } },    { 0x0133, { 'i', 'j' } },
    { 0x0149, { 0x02bc, 'n' } }, { 0x01c4, { 'D', 0x017d } },
    { 0x01c5, { 'D', 0x017e } }, { 0x01c6, { 'd', 0x017e } },
    { 0x01c7, { 'L', 'J' } },    { 0x01c8, { 'L', 'j' } },
    { 0x01c9, { 'l', 'j' } },    { 0x01ca, { 'N', 'J' } },
    { 0x01cb, { 'N', 'j' } },    { 0x01cc, { 'n', 'j' } },
    { 0x01f1, { 'D', 'Z' } },    { 0x01f2, { 'D', 'z' } },
    { 0x01f3, { 'd', 'z' } },    { 0xfb00, { 'f', 'f' } },
    { 0xfb01, { 'f', 'i' } },    { 0xfb02, { 'f', 'l' } },
    { 0xfb03, { 'f', 'f', 'i' } }, { 0xfb04, { 'f', 'f', 'l' } },
    { 0xfb05, { 0x017f, 't' } }, { 0xfb06, { 's', 't' } },
};

/* Control characters as Windows-1252 ("sloppy": unassigned ones stay). */
static int32_t fix_control(int32_t c)
{
    static const int32_t windows_1252[32] = {
        0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
    };

    return c >= 0x80 && c <= 0x9f ? windows_1252[c - 0x80] : c;
}

/* Full and half width forms, U+FF01..U+FFEF, by their compatibility form. */
static int32_t fix_width(int32_t c)
{
    utf8proc_uint8_t in[5] = { 0 };
    utf8proc_uint8_t *out = NULL;
    utf8proc_int32_t fixed = c;

    if (c == 0x3000)
        return ' ';
    if (c < 0xff01 || c > 0xffef)
        return c;
    utf8proc_encode_char(c, in);
    if (utf8proc_map(in, 0, &out, UTF8PROC_NULLTERM | UTF8PROC_STABLE |
                                      UTF8PROC_COMPOSE | UTF8PROC_COMPAT) > 0)
        utf8proc_iterate(out, -1, &fixed);
    free(out); /* utf8proc's memory */
    return fixed;
}

static int32_t fix_quote(int32_t c)
{
    if (c == 0x02bc || (c >= 0x2018 && c <= 0x201b))
        return '\'';
    return c >= 0x201c && c <= 0x201f ? '"' : c;
}

static int is_removed(int32_t c)
{
    return c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f ||
           (c >= 0x206a && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffc);
}

static void fix_character(expclip__runes *out, int32_t c)
{
    c = fix_control(c);
    for (size_t i = 0; c >= ligatures[0].from &&
                       i < sizeof(ligatures) / sizeof(ligatures[0]); i++)
        if (ligatures[i].from == c) {
            for (int k = 0; k < 3 && ligatures[i].to[k]; k++)
                expclip__runes_add(out, fix_quote(ligatures[i].to[k]));
            return;
        }
    expclip__runes_add(out, fix_quote(fix_width(c)));
}

/* ---- fixes of a line ---- */

/* Carriage returns and the other line ends become "\n". */
static void fix_line_breaks(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n; i++) {
        const int32_t c = in->c[i];

        if (c == '\r' && i + 1 < in->n && in->c[i + 1] == '\n')
            continue;
        expclip__runes_add(out, c == '\r' || c == 0x2028 || c == 0x2029 ||
                                        c == 0x85
                                    ? '\n'
                                    : c);
    }
}

/* Characters behind "ESC [" that make a terminal escape; 0 = none. */
static size_t escape_length(const expclip__runes *in, size_t at)
{
    size_t i = at + 2;

    if (in->c[at] != 0x1b || at + 1 >= in->n || in->c[at + 1] != '[')
        return 0;
    while (i < in->n &&
           (in->c[i] == ';' ||
            utf8proc_category(in->c[i]) == UTF8PROC_CATEGORY_ND))
        i++;
    if (i < in->n && ((in->c[i] >= 'a' && in->c[i] <= 'z') ||
                      (in->c[i] >= 'A' && in->c[i] <= 'Z')))
        return i + 1 - at;
    return 0;
}

static void remove_controls(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n; i++) {
        const size_t escape = escape_length(in, i);

        if (escape)
            i += escape - 1;
        else if (!is_removed(in->c[i]))
            expclip__runes_add(out, in->c[i]);
    }
}

/* Canonical composition (NFC). */
static void compose(expclip__runes *out, const expclip__runes *in)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t n;
    size_t size;
    char *text = expclip__runes_to_utf8(in, &size);

    n = text ? utf8proc_map((const utf8proc_uint8_t *)text,
                            (utf8proc_ssize_t)size, &composed,
                            UTF8PROC_STABLE | UTF8PROC_COMPOSE)
             : -1;
    if (n < 0)
        out->failed = 1;
    else
        expclip__runes_add_utf8(out, (const char *)composed, (size_t)n);
    free(composed); /* utf8proc's memory */
    expclip__free(text);
}

typedef void step(expclip__runes *out, const expclip__runes *in);

static void fix_characters(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n; i++)
        fix_character(out, in->c[i]);
}

/* Replace `text` by step(text). */
static void apply(expclip__runes *text, step *what)
{
    expclip__runes out = { 0 };

    what(&out, text);
    out.failed |= text->failed;
    expclip__runes_clear(text);
    *text = out;
}

static int same(const expclip__runes *a, const expclip__runes *b)
{
    return a->n == b->n &&
           (a->n == 0 || memcmp(a->c, b->c, a->n * sizeof(*a->c)) == 0);
}

static void copy(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n; i++)
        expclip__runes_add(out, in->c[i]);
}

static int is_ascii_text(const expclip__runes *line)
{
    for (size_t i = 0; i < line->n; i++)
        if ((line->c[i] < 0x20 && line->c[i] != '\n') || line->c[i] > 0x7e)
            return 0;
    return 1;
}

/* ftfy's fix_and_explain(). Plain ASCII has nothing to fix but its HTML. */
static void fix_line(expclip__runes *line, int unescape)
{
    static step *const steps[] = { fix_characters, fix_line_breaks,
                                   remove_controls, compose };
    int changed = 1;

    while (changed && !line->failed) {
        expclip__runes before = { 0 };

        copy(&before, line);
        if (unescape)
            apply(line, expclip__unescape_ftfy);
        for (size_t i = 0; !is_ascii_text(line) &&
                           i < sizeof(steps) / sizeof(steps[0]); i++)
            apply(line, steps[i]);
        changed = !same(&before, line);
        line->failed |= before.failed;
        expclip__runes_clear(&before);
    }
}

/* End of the line that begins at `at`, its "\n" included. */
static size_t line_end(const expclip__runes *text, size_t at)
{
    size_t end = at;

    while (end < text->n && end - at < MAX_SEGMENT && text->c[end] != '\n')
        end++;
    return end < text->n && end - at < MAX_SEGMENT ? end + 1 : end;
}

/*
 * ftfy's fix_text(): line by line. HTML is decoded until a line holds a "<":
 * a text with tags is taken to be HTML itself.
 */
static void fix_text(expclip__runes *out, const expclip__runes *in)
{
    int unescape = 1;

    for (size_t at = 0; at < in->n && !out->failed;) {
        const size_t end = line_end(in, at);
        expclip__runes line = { 0 };

        for (; at < end; at++) {
            unescape &= in->c[at] != '<';
            expclip__runes_add(&line, in->c[at]);
        }
        fix_line(&line, unescape);
        copy(out, &line);
        out->failed |= line.failed;
        expclip__runes_clear(&line);
    }
}

/* ---- spaces, case ---- */

int expclip__is_space(int32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) ||
           c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

/* One space between words, none at the ends. */
static void collapse_spaces(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n; i++) {
        if (!expclip__is_space(in->c[i]))
            expclip__runes_add(out, in->c[i]);
        else if (out->n > 0 && i + 1 < in->n &&
                 !expclip__is_space(in->c[i + 1]))
            expclip__runes_add(out, ' ');
    }
}

static int is_cased(int32_t c)
{
    const utf8proc_category_t category = utf8proc_category(c);

    return category == UTF8PROC_CATEGORY_LU ||
           category == UTF8PROC_CATEGORY_LL ||
           category == UTF8PROC_CATEGORY_LT ||
           utf8proc_toupper(c) != c || utf8proc_tolower(c) != c;
}

/* Unicode's Case_Ignorable: marks, formats, modifiers, and some points. */
static int is_ignored(int32_t c)
{
    static const int32_t points[] = {
        '\'', '.', ':', 0xb7, 0x387, 0x55f, 0x5f4, 0x2018, 0x2019, 0x2024,
        0x2027, 0xfe13, 0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a,
    };
    const utf8proc_category_t category = utf8proc_category(c);

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        if (points[i] == c)
            return 1;
    return category == UTF8PROC_CATEGORY_MN ||
           category == UTF8PROC_CATEGORY_ME ||
           category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_LM ||
           category == UTF8PROC_CATEGORY_SK;
}

/* A sigma at the end of a word has its own small form (Final_Sigma). */
static int32_t lower_sigma(const expclip__runes *in, size_t at)
{
    size_t i = at;

    while (i > 0 && is_ignored(in->c[i - 1]))
        i--;
    if (i == 0 || !is_cased(in->c[i - 1]))
        return 0x3c3;
    for (i = at + 1; i < in->n && is_ignored(in->c[i]);)
        i++;
    return i < in->n && is_cased(in->c[i]) ? 0x3c3 : 0x3c2;
}

/* Python's str.lower(). */
static void lower(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n; i++) {
        const int32_t c = in->c[i];

        if (c == 0x3a3) {
            expclip__runes_add(out, lower_sigma(in, i));
        } else if (c == 0x130) { /* I with a dot: the dot becomes a mark */
            expclip__runes_add(out, 'i');
            expclip__runes_add(out, 0x307);
        } else {
            expclip__runes_add(out, utf8proc_tolower(c));
        }
    }
}

expclip_status expclip__text_clean(char **out, size_t *out_size,
                                   const char *text, size_t size,
                                   expclip_error *err)
{
    static step *const steps[] = { fix_text, expclip__unescape_html,
                                   expclip__unescape_html, collapse_spaces,
                                   lower };
    expclip__runes runes = { 0 };
    char *clean;

    expclip__runes_add_utf8(&runes, text, size);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        apply(&runes, steps[i]);
    clean = expclip__runes_to_utf8(&runes, out_size);
    expclip__runes_clear(&runes);
    if (!clean)
        return expclip__fail_memory(err, "text");
    *out = clean;
    return EXPCLIP_OK;
}
