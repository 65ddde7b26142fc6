/* SPDX-License-Identifier: MIT */
/*
 * scoring.c - what `expclip score` and `expclip clip` share.
 */
#include "runs/scoring.h"

#include <stdlib.h>
#include <string.h>

#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"

int scoring_open(scoring *out, const scoring_settings *s, const char *name,
                 const char *what, int n_operands)
{
    int rc;

    memset(out, 0, sizeof(*out));
    out->settings = s;
    out->form = s->json ? &score_json : s->csv ? &score_csv : &score_table;
    out->view.what = what;
    out->view.in = &out->in;
    out->view.top = (size_t)s->top;
    if (n_operands == 0) {
        console_error("%s: no %ss named; see \"expclip %s --help\"", name, what,
                      name);
        return EXIT_USAGE;
    }
    if (s->json && s->csv) {
        console_error("--json and --csv exclude each other");
        return EXIT_USAGE;
    }
    rc = image_settings_read(&out->image, &s->images);
    return rc ? rc : class_settings_read(&out->prompts, &s->classes);
}

int scoring_load(scoring *run)
{
    const scoring_settings *s = run->settings;
    int rc = model_settings_load(&run->model, &s->model);
    size_t n;

    if (!rc)
        rc = class_settings_create(&run->classes, &s->classes, run->model,
                                   run->prompts);
    if (rc)
        return rc;
    n = expclip_classes_count(run->classes);
    run->names = memory_new(n, sizeof(*run->names));
    for (size_t i = 0; i < n; i++)
        run->names[i] = expclip_classes_name(run->classes, i);
    run->probabilities = memory_new(n, sizeof(*run->probabilities));
    run->order = memory_new(n, sizeof(*run->order));
    run->view.names = run->names;
    run->view.n_classes = n;
    run->start = console_seconds();
    return 0;
}

/** The calls cannot fail on good sizes. */
void scoring_show(scoring *run, score_result *r, const float *logits)
{
    const size_t n = run->view.n_classes;

    if (!r->status) {
        expclip_logits_softmax(run->probabilities, n, logits, n,
                               run->settings->temperature, NULL);
        expclip_logits_top_k(run->order, n, logits, n, NULL);
        r->logits = logits;
        r->probabilities = run->probabilities;
        r->order = run->order;
    }
    run->form->item(&run->view, r);
    if (!r->status)
        return;
    console_flush(); /* a terminal shows both in their order */
    input_report(r->input, r->status, r->message);
    run->n_failed++;
}

int scoring_end(scoring *run, int rc)
{
    expclip_classes_free(run->classes);
    expclip_prompts_free(run->prompts);
    expclip_model_free(run->model);
    inputs_free(&run->in);
    free(run->names);
    free(run->probabilities);
    free(run->order);
    return !rc && run->n_failed ? EXIT_SOME_FAILED : rc;
}
