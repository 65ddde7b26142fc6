/* SPDX-License-Identifier: MIT */
/*
 * report_facts.c - the words of the page: what was run, with which prompts,
 * and how to read the figures.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_files.h"
#include "terminal/memory.h"
#include "views/html_text.h"

enum {
    MOST_VALUES = 3, /* of one fact, among all results */
    DIGEST_SHORT = 12
};

typedef enum fact_kind { FACT_WORD, FACT_PATH, FACT_DIGEST } fact_kind;

static const struct {
    const char *key;
    const char *term;
    fact_kind kind;
} facts[] = {
    { "model", "Weights", FACT_PATH },
    { "model_fingerprint", "Fingerprint", FACT_DIGEST },
    { "head", "Head", FACT_PATH },
    { "preprocess", "Pixels", FACT_WORD },
    { "dtype", "Numbers", FACT_WORD },
    { "pooling", "Pooling of prompts", FACT_WORD },
    { "data", "Data", FACT_PATH },
    { "lists", "Lists", FACT_PATH },
    { "split", "Split", FACT_WORD },
    { "sampling", "Frames of clips", FACT_WORD },
    { "n_samples", "Frames a clip", FACT_WORD },
    { "order", "Order of frames", FACT_WORD },
    { "library", "Library", FACT_WORD },
};

/* ------------------------------------------------------------------------
 * Facts
 */

static int is_empty(const json_t *value)
{
    return !value || json_is_null(value) ||
           (json_is_string(value) && !*json_string_value(value)) ||
           (json_is_array(value) && !json_array_size(value));
}

static void print_value(FILE *f, const json_t *value)
{
    const json_t *item;
    size_t i;

    if (json_is_string(value))
        html_text(f, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(f, "%lld", (long long)json_integer_value(value));
    json_array_foreach (value, i, item) {
        fputs(i ? ", " : "", f);
        print_value(f, item);
    }
}

/** For the page's head, where a word is enough: the card has all of it. */
static void print_short(FILE *f, const json_t *value, fact_kind kind)
{
    char *text;

    if (json_is_array(value) && json_array_size(value) > 1) {
        fprintf(f, "%zu files", json_array_size(value));
        return;
    }
    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (kind == FACT_WORD || !json_is_string(value)) {
        print_value(f, value);
        return;
    }
    text = kind == FACT_DIGEST
               ? memory_text("%.*s", DIGEST_SHORT, json_string_value(value))
               : memory_text("%s", report_head_title(json_string_value(value)));
    html_text(f, text);
    free(text);
}

static const json_t *fact(const report_result *r, const char *key)
{
    return json_object_get(r->provenance, key);
}

/** Whether an earlier result has the same value. */
static int is_known(const report_view *v, const report_result *r,
                    const char *key)
{
    for (const report_result *other = v->results; other < r; other++)
        if (json_equal(fact(other, key), fact(r, key)))
            return 1;
    return 0;
}

static void print_values(FILE *f, const report_view *v, const char *key,
                         fact_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++) {
        const report_result *r = &v->results[i];
        if (is_empty(fact(r, key)) || is_known(v, r, key))
            continue;
        if (n && n < MOST_VALUES)
            fputs(", ", f);
        if (n < MOST_VALUES)
            print_short(f, fact(r, key), kind);
        n++;
    }
    if (n > MOST_VALUES)
        fprintf(f, " and %zu more", n - MOST_VALUES);
}

static int has_fact(const report_view *v, const char *key)
{
    for (size_t i = 0; i < v->n; i++)
        if (!is_empty(fact(&v->results[i], key)))
            return 1;
    return 0;
}

void report_facts(FILE *f, const report_view *v, const report_result *r)
{
    fputs("<dl>\n", f);
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        const char *key = facts[i].key;
        if (r ? is_empty(fact(r, key)) : !has_fact(v, key))
            continue;
        fprintf(f, "<div><dt>%s</dt><dd>", facts[i].term);
        if (r)
            print_value(f, fact(r, key));
        else
            print_values(f, v, key, facts[i].kind);
        fputs("</dd></div>\n", f);
    }
    fputs("</dl>\n", f);
}

/* ------------------------------------------------------------------------
 * Prompts
 */

static void print_prompts(FILE *f, const report_result *r)
{
    json_t *prompts = json_object_get(r->provenance, "prompts");
    const char *name;
    json_t *list;

    fputs("<details class=\"fold\"><summary>", f);
    html_text(f, r->prompts);
    fprintf(f, " <span class=\"soft\">%zu classes</span></summary>\n<dl>\n",
            json_object_size(prompts));
    json_object_foreach (prompts, name, list) {
        fputs("<div><dt>", f);
        html_text(f, name);
        fputs("</dt>", f);
        for (size_t i = 0; i < json_array_size(list); i++) {
            fputs("<dd>", f);
            print_value(f, json_array_get(list, i));
            fputs("</dd>", f);
        }
        fputs("</div>\n", f);
    }
    fputs("</dl>\n</details>\n", f);
}

static int has_same_prompts(const report_result *a, const report_result *b)
{
    return strcmp(a->prompts, b->prompts) == 0 &&
           json_equal(fact(a, "prompts"), fact(b, "prompts"));
}

void report_prompts(FILE *f, const report_view *v)
{
    if (!has_fact(v, "prompts"))
        return;
    fputs("<section id=\"prompts\">\n<h2>Prompts</h2>\n"
          "<p class=\"soft\">A class is compared through these texts.</p>\n"
          "<div class=\"panel\">\n",
          f);
    for (size_t i = 0; i < v->n; i++) {
        const report_result *r = &v->results[i];
        const report_result *other = v->results;
        while (other < r && !has_same_prompts(other, r))
            other++;
        if (other == r && !is_empty(fact(r, "prompts")))
            print_prompts(f, r);
    }
    fputs("</div>\n</section>\n", f);
}

/* ------------------------------------------------------------------------
 * How to read it
 */

static const json_t *first_interval(const report_view *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const json_t *found = json_object_get(v->results[i].json, "interval");
        if (json_is_object(found))
            return found;
    }
    return NULL;
}

static void print_interval_text(FILE *f, const json_t *interval)
{
    if (!interval)
        return;
    fputs("<div><h3>Intervals</h3>\n<p>By ", f);
    html_text(f, report_text(interval, "method"));
    fprintf(f,
            ", %g %%: items are drawn anew from those that were tested, with"
            " repeats, and that share of the draws gave figures in between."
            " They say how far a figure would move with other items of the"
            " same kind. Pictures of one person or clips of one film are"
            " alike, and the draws do not know: the truth is less certain"
            " than they say.</p></div>\n",
            100 * report_number(interval, "confidence"));
}

static void print_reference_text(FILE *f, const report_view *v)
{
    size_t n = 0;

    for (size_t i = 0; i < v->n; i++)
        n += v->results[i].has_logged ? 1 : 0;
    if (n)
        fputs(
            "<div><h3>Reference</h3>\n<p>The reference implementation keeps the"
            " output of its own test runs (zengqunzhao/Exp-CLIP,"
            " ExpCLIP_B32.txt, ExpCLIP_B16.txt, ExpCLIP_L14.txt): its"
            " released heads on the same three CLIP models, with the same"
            " five prompt sets and data sets. That run is compared with."
            " With another head the difference is that of the heads. The"
            " paper&#39;s tables 1 and 2 are of another run, at most 0.5 to"
            " 3 points from the logged one.</p></div>\n",
            f);
}

void report_reading(FILE *f, const report_view *v)
{
    fputs(
        "<section id=\"reading\">\n<h2>How to read this</h2>\n"
        "<div class=\"panel text\">\n"
        "<div><h3>UAR and WAR</h3>\n<p>WAR is the share of all items that were"
        " right, so that frequent classes decide it. UAR is the mean of the"
        " classes&#39; recalls: a class with few items weighs as much as one"
        " with many. Where classes are unequal, look at UAR first; guessing"
        " gives 100 % divided by the number of classes. With folds both are"
        " the mean of the folds&#39;, as in the paper.</p></div>\n",
        f);
    print_interval_text(f, first_interval(v));
    print_reference_text(f, v);
    fputs("<div><h3>Calibration</h3>\n<p>The curve compares how sure the model "
          "says"
          " it is with how often it is right; on the diagonal both agree. ECE"
          " is the mean distance from it. Dividing the logits by the"
          " temperature moves the shares, not the order of the classes.</p>"
          "</div>\n<div><h3>What a score does not say</h3>\n<p>Labels are what "
          "people saw in"
          " a face, and the figures say how often the model sees the same."
          " They do not say what a person feels, and hold for people and"
          " pictures like those of the data set only. Nobody should be judged"
          " by them.</p></div>\n</div>\n</section>\n",
          f);
}
