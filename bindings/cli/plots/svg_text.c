/* SPDX-License-Identifier: MIT */
/*
 * svg_text.c - cairo's SVG, made short and fit to stand beside others.
 *
 * cairo spells out what holds anyhow, gives six decimals of a dot, and repeats
 * the outline of each letter in every file: nine tenths of a page of many
 * plots. It names the parts of a file (glyph0-1, clip2, ...) alike in every
 * file, and browsers look names up in the whole page: so names get a prefix
 * made of the drawing's own text, and glyphs the name of their outline.
 */
#define _GNU_SOURCE /* open_memstream() */
#include "plots/svg_text.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/characters.h"
#include "terminal/memory.h"

/** A text on its way. */
typedef struct svg {
    FILE *f;
    unsigned prefix;
    json_t *glyphs; /* NULL = a file */
    json_t *names;  /* {cairo's: number} of this one's glyphs */
    char before;    /* the letter in front */
    int in_path;
} svg;

/** FNV-1a, 32 bits. */
static uint32_t digest(const char *text)
{
    uint32_t sum = 2166136261u;

    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 16777619u;
    return sum;
}

/** Does a text begin with another one? @return its size, or 0 */
static size_t begins(const char *text, const char *with)
{
    const size_t n = strlen(with);

    return strncmp(text, with, n) == 0 ? n : 0;
}

/** What XML allows of a text, with its own characters escaped. */
static void print_title(FILE *f, const char *text)
{
    static const character_escape escapes[] = {
        { "<", "&lt;" }, { "&", "&amp;" }, { "\"", "&quot;" }, { NULL, NULL }
    };

    character_print_escaped(f, text, escapes, "\xEF\xBF\xBD");
}

/* ------------------------------------------------------------------------
 * Pieces; each is printed and stepped over
 */

/** What may be missing: SVG's own defaults, white space between elements, and
 * the names of surfaces, which count what was drawn before. */
static size_t superfluous(const svg *s, const char *text)
{
    static const char *const defaults[] = {
        " style=\"stroke:none;\"", "stroke:none;",      "fill-rule:nonzero;",
        "fill-opacity:1;",         "stroke-opacity:1;", "stroke-linecap:butt;",
        "stroke-linejoin:miter;",  "stop-opacity:1;",
    };
    size_t n = 0;

    for (size_t i = 0; !n && i < sizeof(defaults) / sizeof(defaults[0]); i++)
        n = begins(text, defaults[i]);
    if (!n && begins(text, " id=\"surface"))
        n = (size_t)(strchr(text + 5, '"') - text) + 1;
    if (!n && s->glyphs)
        n = *text == '\n' ? 1 + strspn(text + 1, " ") : begins(text, "xlink:");
    return n;
}

/** "rgb(10%,20%,30%)" as "#1a334d". */
static size_t print_colour(FILE *f, const char *text)
{
    double rgb[3];
    int n = 0;

    if (sscanf(text, "rgb(%lf%%,%lf%%,%lf%%)%n", &rgb[0], &rgb[1], &rgb[2],
               &n) < 3 ||
        !n)
        return 0;
    fputc('#', f);
    for (int i = 0; i < 3; i++)
        fprintf(f, "%02x", (unsigned)lround(rgb[i] * 2.55));
    return (size_t)n;
}

/** A hundredth of a dot is not seen; shares of 1 keep four decimals. */
static size_t print_number(FILE *f, const char *text)
{
    const size_t n = strspn(text, "0123456789.");
    const double value = strtod(text, NULL);
    char number[32];
    size_t size;

    snprintf(number, sizeof(number), "%.*f", value < 1.0 ? 4 : 2, value);
    size = strlen(number);
    while (size && number[size - 1] == '0')
        size--;
    fwrite(number, 1, size - (number[size - 1] == '.'), f);
    return n;
}

/** A name, where it is given and where it is used. */
static size_t print_name(const svg *s, const char *text)
{
    static const char *const before[] = { " id=\"", "href=\"#", "url(#" };
    size_t n = 0;

    for (size_t i = 0; !n && i < sizeof(before) / sizeof(before[0]); i++)
        n = begins(text, before[i]);
    if (n)
        fprintf(s->f, "%.*sp%08x-", (int)n, text, s->prefix);
    return n;
}

/** Print one piece. @return its size */
static size_t print_piece(svg *s, const char *text)
{
    const char before = s->before;
    size_t n = 0;

    s->before = *text;
    if (begins(text, " d=\""))
        s->in_path = 1;
    else if (s->in_path && *text == '"' && before != '=')
        s->in_path = 0;
    if (s->in_path && before == 'Z') { /* no stroke comes from its new start */
        n = strspn(text, " M-.0123456789");
        if (text[n] == '"')
            return n;
    }
    /* Letters and signs part the numbers of a path as well. */
    if (s->in_path && *text == ' ' && !begins(text, " d") &&
        (isalpha((unsigned char)before) || strchr("-\"", text[1]) ||
         isalpha((unsigned char)text[1])))
        return 1;
    if ((n = superfluous(s, text)) || (n = print_colour(s->f, text)) ||
        (n = print_name(s, text)))
        return n;
    if (isdigit((unsigned char)*text) && !isalnum((unsigned char)before))
        return print_number(s->f, text);
    if ((n = begins(text, "ransform=\""))) /* keeps its decimals */
        n += strcspn(text + n, "\"");
    n = n ? n : 1;
    fwrite(text, 1, n, s->f);
    return n;
}

static void print_pieces(svg *s, const char *text, const char *end)
{
    while (text < end)
        text += print_piece(s, text);
}

/* ------------------------------------------------------------------------
 * Glyphs
 */

/** The number of an outline, which is added when it is a new one. */
static json_int_t number_of(json_t *glyphs, const char *outline)
{
    const json_t *known = json_object_get(glyphs, outline);
    const json_int_t n = (json_int_t)json_object_size(glyphs);

    if (known)
        return json_integer_value(known);
    json_object_set_new(glyphs, outline, json_integer(n));
    return n;
}

static json_int_t glyph_of(const svg *s, const char *text, size_t size)
{
    char *name = memory_text("%.*s", (int)size, text);
    const json_int_t n = json_integer_value(json_object_get(s->names, name));

    free(name);
    return n;
}

/** Take a glyph's outline. @return its element's size, 0 for another one */
static size_t take_glyph(svg *s, const char *text)
{
    static const char *const kinds[][2] = {
        { "<symbol overflow=\"visible\" id=\"", "</symbol>" },
        { "<g id=\"glyph", "</g>" }, /* cairo 1.18 */
    };
    FILE *f = s->f;
    char *outline = NULL;
    size_t outline_size;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const size_t n = begins(text, kinds[i][0]);
        const char *end = n ? strstr(text, kinds[i][1]) : NULL;
        const char *d = end ? strstr(text, " d=\"") : NULL;
        const char *id = end ? strstr(text, "id=\"") + 4 : NULL;
        char *name;

        if (!end || !(s->f = open_memstream(&outline, &outline_size)))
            continue;
        if (d && d < end)
            print_pieces(s, d, d + 4 + strcspn(d + 4, "\""));
        s->in_path = 0;
        fclose(s->f);
        s->f = f;
        name = memory_text("%.*s", (int)strcspn(id, "\""), id);
        json_object_set_new(s->names, name,
                            json_integer(number_of(
                                s->glyphs, *outline ? outline + 4 : outline)));
        free(name);
        free(outline);
        return (size_t)(end - text) + strlen(kinds[i][1]);
    }
    s->f = f;
    return 0;
}

/** A line of text as one element that lists its glyphs, "number,x,y ...".
 * @return what was printed, 0 for anything else */
static size_t print_run(svg *s, const char *text)
{
    static const char use[] = "<use xlink:href=\"#";
    const char *body = begins(text, "<g style=\"") ? strchr(text, '>') : NULL;
    const char *at = body ? body + 1 + strspn(body + 1, " \n") : NULL;

    if (!at || !begins(at, use))
        return 0;
    print_pieces(s, text, body);
    fputs(" data-glyphs=\"", s->f);
    for (const char *gap = ""; begins(at, use); gap = " ") {
        fputs(gap, s->f);
        at += sizeof(use) - 1;
        fprintf(s->f, "%d,", (int)glyph_of(s, at, strcspn(at, "\"")));
        at = strstr(at, " x=\"") + 4;
        at += print_number(s->f, at);
        fputc(',', s->f);
        at = strstr(at, " y=\"") + 4;
        at += print_number(s->f, at);
        at = strchr(at, '>') + 1;
        at += strspn(at, " \n");
    }
    fputs("\">", s->f);
    return (size_t)(at - text);
}

/** Quotes need a second letter in JSON, and apostrophes do not. */
static void print_quoted(FILE *f, const char *text)
{
    for (; *text; text++)
        fputc(*text == '"' ? '\'' : *text, f);
}

void svg_print(FILE *f, const char *text, const char *title, json_t *glyphs)
{
    static const char element[] = "<svg ";
    const char *start = strstr(text, element);
    svg s = { .f = f, .prefix = digest(text), .glyphs = glyphs };
    char *body = NULL;
    size_t body_size;

    if (!start)
        return;
    s.names = json_object();
    if (!glyphs)
        fwrite(text, 1, (size_t)(start - text), f);
    fprintf(f, "%srole=\"img\" aria-label=\"", element);
    print_title(f, title);
    fputs("\" ", f);
    if (glyphs)
        s.f = open_memstream(&body, &body_size);
    for (text = start + sizeof(element) - 1; s.f && *text;) {
        size_t n = glyphs ? take_glyph(&s, text) : 0;

        if (!n && glyphs)
            n = print_run(&s, text);
        text += n ? n : print_piece(&s, text);
    }
    if (glyphs && s.f && fclose(s.f) == 0)
        print_quoted(f, body);
    free(body);
    json_decref(s.names);
}
