/* SPDX-License-Identifier: MIT */
/*
 * score_sheet.c - scores as one page of HTML that needs nothing else: pictures
 * are in it, nothing is fetched, no script runs.
 *
 * All text from outside goes through html_text(), which escapes it; the page's
 * own policy forbids everything but its styles and its pictures.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "terminal/memory.h"
#include "views/html_text.h"
#include "views/score_view.h"

enum { PICTURE_MAX = 2 * 1024 * 1024 }; /* bytes of a file that is put in */

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"generator\" content=\"expclip\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
    " img-src data:; style-src 'unsafe-inline'\">\n"
    "<title>Facial expressions - expclip</title>\n"
    "<style>\n"
    ":root{color-scheme:light dark;--page:#f6f5f2;--card:#fff;--text:#1d1d1f;"
    "--soft:#6b6b70;--line:#e3e1dc;--rail:#eeece7;--bad:#b3261e}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#17181a;--card:#222326;"
    "--text:#ececee;--soft:#a0a0a6;--line:#35363a;--rail:#303135;"
    "--bad:#ff897d}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:1280px;padding:32px 24px;"
    "background:var(--page);color:var(--text);"
    "font:15px/1.45 system-ui,sans-serif}\n"
    "h1{font-size:24px;font-weight:650;margin:0 0 4px}\n"
    "header p,footer{color:var(--soft);margin:0}\n"
    "main{display:grid;gap:16px;margin:24px 0;"
    "grid-template-columns:repeat(auto-fill,minmax(230px,1fr))}\n"
    "figure{margin:0;background:var(--card);border:1px solid var(--line);"
    "border-radius:12px;overflow:hidden;break-inside:avoid}\n"
    "figure img,.none{display:block;width:100%;aspect-ratio:1;"
    "object-fit:contain;background:var(--rail)}\n"
    ".none{display:grid;place-items:center;color:var(--soft);padding:24px;"
    "text-align:center;font-size:13px}\n"
    "figcaption{padding:12px 14px 14px}\n"
    ".best{display:flex;justify-content:space-between;align-items:baseline;"
    "font-weight:650;font-size:17px}\n"
    ".path{color:var(--soft);font-size:12px;overflow-wrap:anywhere;"
    "margin-bottom:8px}\n"
    ".row{display:grid;grid-template-columns:6.5em 1fr 4.2em;gap:6px;"
    "align-items:center;font-size:12px}\n"
    ".row span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}\n"
    ".row span:last-child{text-align:right;font-variant-numeric:tabular-nums;"
    "color:var(--soft)}\n"
    ".row.top span{font-weight:600;color:var(--text)}\n"
    ".rail{height:8px;border-radius:4px;background:var(--rail);"
    "overflow:hidden}\n"
    ".bar{height:100%;border-radius:4px;print-color-adjust:exact;"
    "-webkit-print-color-adjust:exact}\n"
    ".bad{color:var(--bad);font-size:13px;overflow-wrap:anywhere}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;"
    "font-size:13px;margin:0 0 12px}\n"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
    "footer{border-top:1px solid var(--line);padding-top:16px;font-size:13px}\n"
    "@media print{body{padding:0;background:#fff}"
    "main{grid-template-columns:repeat(4,1fr);gap:8px}"
    "figcaption{padding:8px}.best{font-size:14px}.path{font-size:10px}"
    ".row{font-size:9px;gap:4px;grid-template-columns:5.6em 1fr 4.6em}}\n"
    "</style>\n"
    "</head>\n"
    "<body>\n";

/** One hue a class, in the order of the paper's classes; then again. */
static const char *const bar_colours[] = {
    "#e6a817", "#4a7fc1", "#8d9299", "#d2483f", "#b05fc0", "#5f9e4f",
    "#2f9c95", "#9c6b3f", "#e07b39", "#7468c9", "#5d7280",
};

/* ------------------------------------------------------------------------
 * Pictures
 */

/** What browsers show and the library reads, by its first bytes. */
static const char *media_type(const unsigned char *bytes, size_t size)
{
    static const struct {
        const char *start;
        size_t size;
        const char *type;
    } kinds[] = { { "\xFF\xD8\xFF", 3, "image/jpeg" },
                  { "\x89PNG\r\n", 6, "image/png" },
                  { "BM", 2, "image/bmp" } };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (size >= kinds[i].size &&
            memcmp(bytes, kinds[i].start, kinds[i].size) == 0)
            return kinds[i].type;
    return NULL;
}

/** Read a regular file of at most PICTURE_MAX bytes; NULL for any other. */
static unsigned char *read_picture(const char *path, size_t *size)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    unsigned char *bytes = NULL;
    struct stat st;
    ssize_t n = 0;

    *size = 0;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= PICTURE_MAX) {
        bytes = memory_new((size_t)st.st_size, 1);
        while (*size < (size_t)st.st_size &&
               (n = read(fd, bytes + *size, (size_t)st.st_size - *size)) > 0)
            *size += (size_t)n;
    }
    close(fd);
    return bytes;
}

static void print_picture(FILE *f, const score_result *r)
{
    size_t size = 0;
    unsigned char *bytes =
        r->status ? NULL : read_picture(r->input->path, &size);
    const char *type = bytes ? media_type(bytes, size) : NULL;

    if (type) {
        fprintf(f, "<img alt=\"\" src=\"data:%s;base64,", type);
        html_base64(f, bytes, size);
        fputs("\">\n", f);
    } else {
        fprintf(f, "<div class=\"none\">%s</div>\n",
                r->status ? "no picture" : "larger than 2 MB: not put in");
    }
    free(bytes);
}

/* ------------------------------------------------------------------------
 * Page
 */

void sheet_begin(FILE *f, const sheet_facts *facts)
{
    fputs(head, f);
    fputs("<header>\n<h1>Facial expressions</h1>\n<p>Zero-shot scores by the "
          "model ",
          f);
    html_text(f, facts->model);
    fputs(". They say what a picture resembles, never what a person"
          " feels.</p>\n",
          f);
    if (facts->is_demo)
        fputs("<p>The demo model is for drawn faces, to try the software: it"
              " does not read photographs.</p>\n",
              f);
    fputs("</header>\n<main>\n", f);
}

static void print_row(FILE *f, const score_view *v, size_t c, double share,
                      int is_best)
{
    const size_t n_colours = sizeof(bar_colours) / sizeof(bar_colours[0]);

    fprintf(f, "<div class=\"row%s\"><span>", is_best ? " top" : "");
    html_text(f, v->names[c]);
    fprintf(f,
            "</span><div class=\"rail\"><div class=\"bar\" style=\"width:%.1f%%"
            ";background:%s\"></div></div><span>%.1f %%</span></div>\n",
            share, bar_colours[c % n_colours], share);
}

void sheet_item(FILE *f, const score_view *v, const score_result *r)
{
    const size_t n = v->top && v->top < v->n_classes ? v->top : v->n_classes;

    fputs("<figure>\n", f);
    print_picture(f, r);
    fputs("<figcaption>\n", f);
    if (!r->status) {
        const size_t best = (size_t)r->order[0];
        fputs("<div class=\"best\"><span>", f);
        html_text(f, v->names[best]);
        fprintf(f, "</span><span>%.0f %%</span></div>\n",
                100 * (double)r->probabilities[best]);
    }
    fputs("<div class=\"path\">", f);
    html_text(f, r->input->path);
    fputs("</div>\n", f);
    for (size_t i = 0; i < n && !r->status; i++) {
        const size_t c = v->top ? (size_t)r->order[i] : i;
        print_row(f, v, c, 100 * (double)r->probabilities[c],
                  c == (size_t)r->order[0]);
    }
    if (r->status) {
        fprintf(f, "<div class=\"bad\">%s: ", expclip_status_name(r->status));
        html_text(f, input_reason(r->input, r->message));
        fputs("</div>\n", f);
    }
    fputs("</figcaption>\n</figure>\n", f);
}

static void print_fact(FILE *f, const char *term, const char *text)
{
    if (!text)
        return;
    fprintf(f, "<dt>%s</dt><dd>", term);
    html_text(f, text);
    fputs("</dd>\n", f);
}

void sheet_end(FILE *f, const sheet_facts *facts, size_t n, size_t n_failed)
{
    char text[64];
    const time_t now = time(NULL);
    struct tm utc;

    fputs("</main>\n<footer>\n<dl>\n", f);
    snprintf(text, sizeof(text), "%zu, %zu of them failed", n, n_failed);
    print_fact(f, "Pictures", text);
    print_fact(f, "Model", facts->model);
    print_fact(f, "Fingerprint", facts->fingerprint);
    print_fact(f, "Head", facts->head);
    print_fact(f, "Pixels", facts->preprocess);
    print_fact(f, "Numbers", facts->dtype);
    print_fact(f, "Prompts", facts->prompts);
    print_fact(f, "Pooling", facts->pooling);
    snprintf(text, sizeof(text), "%g", facts->temperature);
    print_fact(f, "Temperature", text);
    print_fact(f, "Made by", "expclip " EXPCLIP_VERSION);
    if (gmtime_r(&now, &utc) &&
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &utc))
        print_fact(f, "Made on", text);
    fputs("</dl>\n</footer>\n</body>\n</html>\n", f);
}
