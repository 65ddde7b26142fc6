/* SPDX-License-Identifier: MIT */
/*
 * classes_select.c - classes of other prompts or another pooling, from vectors
 * that are there already: the text encoder does not run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "expression/classes.h"

/** A prompt and where its vector is. */
typedef struct known_prompt {
    const char *text;
    size_t index;
} known_prompt;

/* Equal texts have equal vectors, so it does not matter which is found. */
static int compare(const void *a, const void *b)
{
    return strcmp(((const known_prompt *)a)->text,
                  ((const known_prompt *)b)->text);
}

/* All prompts of `p`, sorted by text; for expclip__free(). */
static known_prompt *sort_prompts(const expclip_prompts *p, size_t *n)
{
    known_prompt *list;

    *n = expclip__prompts_total(p);
    list = expclip__alloc(*n, sizeof(*list));
    for (size_t i = 0, k = 0; list && i < p->n_classes; i++)
        for (size_t j = 0; j < p->classes[i].n_prompts; j++, k++) {
            list[k].text = p->classes[i].prompts[j];
            list[k].index = k;
        }
    if (list)
        qsort(list, *n, sizeof(*list), compare);
    return list;
}

static expclip_status take(expclip_classes *c, size_t k,
                           const expclip_classes *from,
                           const known_prompt *known, size_t n_known,
                           const known_prompt *wanted, expclip_error *err)
{
    const size_t dim = (size_t)c->dim;
    const known_prompt *found =
        bsearch(wanted, known, n_known, sizeof(*known), compare);

    if (!found)
        return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND,
                             "prompt \"%s\" is none of the classes'",
                             wanted->text);
    memcpy(c->prompt_vectors + k * dim,
           from->prompt_vectors + found->index * dim,
           dim * sizeof(*c->prompt_vectors));
    if (c->truncated) {
        c->truncated[k] = from->truncated[found->index];
        c->n_truncated += c->truncated[k];
    }
    return EXPCLIP_OK;
}

static expclip_status take_all(expclip_classes *c, const expclip_classes *from,
                               const expclip_prompts *prompts,
                               expclip_error *err)
{
    const size_t n = expclip__prompts_total(prompts);
    size_t n_known;
    known_prompt *known = sort_prompts(from->prompts, &n_known);
    expclip_status status = EXPCLIP_OK;

    c->prompt_vectors = expclip__alloc(n * (size_t)c->dim, sizeof(float));
    if (from->truncated)
        c->truncated = expclip__alloc(n, sizeof(*c->truncated));
    else
        c->n_truncated = from->n_truncated;
    if (!known || !c->prompt_vectors || (from->truncated && !c->truncated))
        status = expclip__fail_memory(err, "prompts");
    for (size_t i = 0, k = 0; !status && i < prompts->n_classes; i++)
        for (size_t j = 0; !status && j < prompts->classes[i].n_prompts;
             j++, k++) {
            const known_prompt wanted = { prompts->classes[i].prompts[j], 0 };

            status = take(c, k, from, known, n_known, &wanted, err);
        }
    expclip__free(known);
    return status;
}

expclip_status expclip__classes_select(expclip_classes **out,
                                       const expclip_classes *classes,
                                       expclip_prompts *prompts,
                                       int32_t pooling, expclip_error *err)
{
    expclip_classes *c = expclip__alloc_zero(1, sizeof(*c));

    if (!c)
        return expclip__fail_memory(err, "classes");
    c->pooling = pooling;
    c->dim = classes->dim;
    c->logit_scale = classes->logit_scale;
    memcpy(c->fingerprint, classes->fingerprint, sizeof(c->fingerprint));
    c->prompts = prompts;
    return expclip__classes_finish(out, c, take_all(c, classes, prompts, err),
                                   err);
}
