/* SPDX-License-Identifier: MIT */
/*
 * mend.c - ftfy 6.3's fix_text(), but for its repair of wrong encodings.
 *
 * Line by line, these steps are repeated until a round changes nothing:
 * unescape HTML, C1 controls as Windows-1252, ligatures, widths, quotes, line
 * breaks, terminal escapes, control characters, NFC.
 */
#include "tokens/mend.h"

#include <string.h>
#include <utf8proc.h>

#include "base/error.h"
#include "tokens/html_entities.h"
#include "tokens/unescape.h"

#define LONGEST_LINE 1000000 /* code points; ftfy's max_decode_length */
#define MAX_ROUNDS 32        /* ours: text escaped over and over again */
#define ESCAPE 0x1b

/* ---- character by character ---- */

/* chardata.LIGATURES */
static const struct {
    int32_t code;
    int32_t letters[3];
} ligatures[] = {
    { 0x132, { 'I', 'J' } },       { 0x133, { 'i', 'j' } },
    { 0x149, { 0x2bc, 'n' } },     { 0x1c4, { 'D', 0x17d } },
    { 0x1c5, { 'D', 0x17e } },     { 0x1c6, { 'd', 0x17e } },
    { 0x1c7, { 'L', 'J' } },       { 0x1c8, { 'L', 'j' } },
    { 0x1c9, { 'l', 'j' } },       { 0x1ca, { 'N', 'J' } },
    { 0x1cb, { 'N', 'j' } },       { 0x1cc, { 'n', 'j' } },
    { 0x1f1, { 'D', 'Z' } },       { 0x1f2, { 'D', 'z' } },
    { 0x1f3, { 'd', 'z' } },       { 0xfb00, { 'f', 'f' } },
    { 0xfb01, { 'f', 'i' } },      { 0xfb02, { 'f', 'l' } },
    { 0xfb03, { 'f', 'f', 'i' } }, { 0xfb04, { 'f', 'f', 'l' } },
    { 0xfb05, { 0x17f, 't' } },    { 0xfb06, { 's', 't' } },
};

static int32_t straight(int32_t c)
{
    if (c == 0x2bc || (c >= 0x2018 && c <= 0x201b))
        return '\'';
    return c >= 0x201c && c <= 0x201f ? '"' : c;
}

/* Fullwidth and halfwidth forms in their usual width: their NFKC. */
static size_t usual_width(int32_t out[8], int32_t c)
{
    int boundary = 0;
    utf8proc_ssize_t n;

    out[0] = c == 0x3000 ? ' ' : c;
    if (c < 0xff01 || c > 0xffef)
        return 1;
    n = utf8proc_decompose_char(c, out, 8, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE,
                                &boundary);
    return n > 0 && n <= 8 ? (size_t)n : 1;
}

static void add_folded(expclip__codes *out, int32_t c)
{
    int32_t letters[8];
    size_t n = 1;

    if (c < 0x80) {
        expclip__codes_add(out, c);
        return;
    }
    if (c < 0xa0)
        c = expclip__windows_1252[c - 0x80];
    letters[0] = c;
    for (size_t i = 0; i < sizeof(ligatures) / sizeof(ligatures[0]); i++) {
        if (ligatures[i].code != c)
            continue;
        memcpy(letters, ligatures[i].letters, sizeof(ligatures[i].letters));
        n = letters[2] ? 3 : 2;
    }
    if (n == 1)
        n = usual_width(letters, c);
    for (size_t i = 0; i < n; i++)
        expclip__codes_add(out, straight(letters[i]));
}

static void fold(expclip__codes *out, const expclip__codes *in)
{
    for (size_t i = 0; i < in->size; i++)
        add_folded(out, in->data[i]);
}

/* ---- what stands for nothing ---- */

/* Characters of a terminal escape such as ESC [ 0 ; 3 1 m; 0 = it is none. */
static size_t terminal_escape(const int32_t *s, size_t size)
{
    size_t at = 2;

    if (size < 3 || s[0] != ESCAPE || s[1] != '[')
        return 0;
    while (at < size &&
           (s[at] == ';' || utf8proc_category(s[at]) == UTF8PROC_CATEGORY_ND))
        at++;
    if (at == size ||
        !((s[at] >= 'a' && s[at] <= 'z') || (s[at] >= 'A' && s[at] <= 'Z')))
        return 0;
    return at + 1;
}

/* chardata.CONTROL_CHARS; those that shape the text around them stay. */
static int is_removed_control(int32_t c)
{
    return c < 0x20 ? c != '\t' && c != '\n' && c != '\f' && c != '\r'
                    : c == 0x7f || (c >= 0x206a && c <= 0x206f) ||
                          c == 0xfeff || (c >= 0xfff9 && c <= 0xfffc);
}

/* Line breaks as "\n"; terminal escapes and control characters out. */
static void strip_controls(expclip__codes *text)
{
    int32_t *s = text->data;
    size_t to = 0, length;

    for (size_t at = 0; at < text->size; at++) {
        const int32_t c = s[at];

        if ((length = terminal_escape(s + at, text->size - at))) {
            at += length - 1;
        } else if (c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85) {
            if (c != '\r' || at + 1 == text->size || s[at + 1] != '\n')
                s[to++] = '\n';
        } else if (!is_removed_control(c)) {
            s[to++] = c;
        }
    }
    text->size = to;
}

/* ---- NFC ---- */

static int combining_class(int32_t c)
{
    return c < 0x300 ? 0 : utf8proc_get_property(c)->combining_class;
}

/*
 * Canonical order of a run of combining marks: by class, stable. Counting sort,
 * because utf8proc's own is quadratic and a text may be one long run.
 */
static void order_marks(int32_t *marks, size_t size, expclip__codes *spare)
{
    size_t starts[256] = { 0 }, sum = 0;
    size_t ordered = 1;

    while (ordered < size && combining_class(marks[ordered - 1]) <=
                                 combining_class(marks[ordered]))
        ordered++;
    if (ordered >= size)
        return;
    spare->size = 0;
    expclip__codes_add_all(spare, marks, size);
    if (spare->failed)
        return;
    for (size_t i = 0; i < size; i++)
        starts[combining_class(marks[i])]++;
    for (size_t i = 0; i < 256; i++) {
        const size_t n = starts[i];

        starts[i] = sum;
        sum += n;
    }
    for (size_t i = 0; i < size; i++)
        marks[starts[combining_class(spare->data[i])]++] = spare->data[i];
}

static void decompose(expclip__codes *out, const expclip__codes *in)
{
    for (size_t i = 0; i < in->size; i++) {
        int32_t parts[8];
        int boundary = 0;
        utf8proc_ssize_t n = 0;

        if (in->data[i] >= 0xc0)
            n = utf8proc_decompose_char(in->data[i], parts, 8,
                                        UTF8PROC_DECOMPOSE, &boundary);
        if (n > 0 && n <= 8)
            expclip__codes_add_all(out, parts, (size_t)n);
        else
            expclip__codes_add(out, in->data[i]);
    }
}

/* Replace *text by its NFC. */
static void compose(expclip__codes *text, expclip__codes *spare)
{
    expclip__codes parts = { 0 };
    size_t i = 0, end;
    utf8proc_ssize_t n;

    while (i < text->size && text->data[i] < 0x300)
        i++;
    if (i == text->size) /* nothing that composes, nothing to compose */
        return;
    decompose(&parts, text);
    for (i = 0; i < parts.size; i = end) {
        for (end = i; end < parts.size && combining_class(parts.data[end]);)
            end++;
        if (end - i > 1)
            order_marks(parts.data + i, end - i, spare);
        end += end == i;
    }
    n = utf8proc_normalize_utf32(parts.data, (utf8proc_ssize_t)parts.size,
                                 UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    text->size = 0;
    expclip__codes_add_all(text, parts.data, n > 0 ? (size_t)n : 0);
    text->failed |= parts.failed | spare->failed;
    expclip__codes_free(&parts);
}

/* ---- lines ---- */

static int is_plain(const int32_t *s, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (s[i] > 0x7e || s[i] == '&' ||
            (s[i] < 0x20 && s[i] != '\n' && s[i] != '\t' && s[i] != '\f'))
            return 0;
    return 1;
}

/* Add a line to `out`, mended; `spare` holds what rounds need. */
static expclip_status mend_line(expclip__codes *out, const int32_t *line,
                                size_t size, int unescape,
                                expclip__codes spare[3], expclip_error *err)
{
    expclip__codes *now = &spare[0], *next = &spare[1];
    int n_rounds = 0, changed;

    now->size = 0;
    expclip__codes_add_all(now, line, size);
    do {
        size_t before = now->size;

        if (n_rounds++ == MAX_ROUNDS)
            return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                                 "text: still changes after %d rounds of "
                                 "unescaping",
                                 MAX_ROUNDS);
        next->size = 0;
        expclip__codes_add_all(next, now->data, now->size);
        if (unescape)
            expclip__unescape_strict(next);
        spare[2].size = 0;
        fold(&spare[2], next);
        strip_controls(&spare[2]);
        compose(&spare[2], next);
        if (spare[2].failed || next->failed || now->failed)
            return expclip__fail_memory(err, "text");
        changed = spare[2].size != before ||
                  (before && memcmp(spare[2].data, now->data,
                                    before * sizeof(*now->data)) != 0);
        now->size = 0;
        expclip__codes_add_all(now, spare[2].data, spare[2].size);
    } while (changed);
    expclip__codes_add_all(out, now->data, now->size);
    return EXPCLIP_OK;
}

expclip_status expclip__mend(expclip__codes *text, expclip_error *err)
{
    expclip__codes out = { 0 }, spare[3] = { { 0 } };
    int unescape = 1;
    expclip_status status = EXPCLIP_OK;

    for (size_t at = 0, end; at < text->size && !status; at = end) {
        const int32_t *line = text->data + at;

        for (end = at; end < text->size && end - at < LONGEST_LINE;)
            if (text->data[end++] == '\n')
                break;
        /* A "<" says that this is HTML, whose references stay: from here on,
         * because ftfy keeps its changed configuration. */
        for (size_t i = 0; i < end - at; i++)
            if (line[i] == '<')
                unescape = 0;
        if (is_plain(line, end - at))
            expclip__codes_add_all(&out, line, end - at);
        else
            status = mend_line(&out, line, end - at, unescape, spare, err);
    }
    if (!status && out.failed)
        status = expclip__fail_memory(err, "text");
    for (int i = 0; i < 3; i++)
        expclip__codes_free(&spare[i]);
    if (status) {
        expclip__codes_free(&out);
        return status;
    }
    expclip__codes_free(text);
    *text = out;
    return EXPCLIP_OK;
}
