/* SPDX-License-Identifier: MIT */
/*
 * text_clean.c - what OpenAI's SimpleTokenizer does before it splits words:
 *
 *     text = ftfy.fix_text(text)
 *     text = html.unescape(html.unescape(text)).strip()
 *     text = re.sub(r'\s+', ' ', text).strip().lower()
 */
#include "tokens/text_clean.h"

#include <string.h>
#include <utf8proc.h>

#include "base/error.h"
#include "tokens/mend.h"
#include "tokens/unescape.h"

#define MAX_TEXT (16u << 20) /* bytes */

/* str.isspace() */
static int is_space(int32_t c)
{
    return c <= 0x20
               ? (c >= 9 && c <= 13) || c >= 28
               : c == 0x85 || c == 0xa0 || c == 0x1680 ||
                     (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
                     c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static void squeeze_spaces(expclip__codes *text)
{
    size_t to = 0;

    for (size_t at = 0; at < text->size; at++) {
        if (!is_space(text->data[at]))
            text->data[to++] = text->data[at];
        else if (to && text->data[to - 1] != ' ')
            text->data[to++] = ' ';
    }
    text->size = to - (to && text->data[to - 1] == ' ');
}

/* ---- lower case ---- */

/* Unicode's Case_Ignorable: marks, formats, modifiers, and these within words
 * (Word_Break MidLetter, MidNumLet and Single_Quote). */
static int is_case_ignorable(int32_t c)
{
    static const int32_t within_words[] = {
        '\'',   '.',    ':',    0xb7,   0x387,  0x55f,  0x5f4,  0x2018, 0x2019,
        0x2024, 0x2027, 0xfe13, 0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a,
    };

    for (size_t i = 0; i < sizeof(within_words) / sizeof(int32_t); i++)
        if (within_words[i] == c)
            return 1;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return 1;
    default:
        return 0;
    }
}

/* Unicode's Cased, of characters that are not Case_Ignorable. */
static int is_cased(int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
        return 1;
    default: /* Other_Lowercase and Other_Uppercase of PropList.txt */
        return c == 0xaa || c == 0xba || (c >= 0x2160 && c <= 0x217f) ||
               (c >= 0x24b6 && c <= 0x24e9) || (c >= 0x1f130 && c <= 0x1f149) ||
               (c >= 0x1f150 && c <= 0x1f169) || (c >= 0x1f170 && c <= 0x1f189);
    }
}

/* A capital sigma ends a word when a letter is before it and none after. */
static int is_final_sigma(const expclip__codes *text, size_t at)
{
    size_t before = at, after = at + 1;

    while (before > 0 && is_case_ignorable(text->data[before - 1]))
        before--;
    if (before == 0 || !is_cased(text->data[before - 1]))
        return 0;
    while (after < text->size && is_case_ignorable(text->data[after]))
        after++;
    return after == text->size || !is_cased(text->data[after]);
}

/* str.lower() */
static void lower(expclip__codes *out, const expclip__codes *text)
{
    for (size_t i = 0; i < text->size; i++) {
        const int32_t c = text->data[i];

        if (c < 0x80) {
            expclip__codes_add(out, c >= 'A' && c <= 'Z' ? c + 32 : c);
        } else if (c == 0x3a3) {
            expclip__codes_add(out, is_final_sigma(text, i) ? 0x3c2 : 0x3c3);
        } else if (c == 0x130) { /* I with a dot, the one that becomes two */
            expclip__codes_add(out, 'i');
            expclip__codes_add(out, 0x307);
        } else {
            expclip__codes_add(out, utf8proc_tolower(c));
        }
    }
}

expclip_status expclip__text_clean(expclip__codes *out, const char *text,
                                   size_t size, expclip_error *err)
{
    expclip__codes codes = { 0 }, lowered = { 0 };
    expclip_status status = EXPCLIP_OK;

    if (size > MAX_TEXT)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "text: %zu bytes, expected at most %u", size,
                             MAX_TEXT);
    expclip__codes_add_utf8(&codes, text, size);
    if (codes.failed)
        status = expclip__fail_memory(err, "text");
    if (!status)
        status = expclip__mend(&codes, err);
    if (!status) {
        expclip__unescape(&codes);
        expclip__unescape(&codes);
        squeeze_spaces(&codes);
        lower(&lowered, &codes);
        if (lowered.failed)
            status = expclip__fail_memory(err, "text");
    }
    expclip__codes_free(&codes);
    if (status)
        expclip__codes_free(&lowered);
    else
        *out = lowered;
    return status;
}
