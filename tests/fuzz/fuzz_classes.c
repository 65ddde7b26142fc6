/* SPDX-License-Identifier: MIT */
/*
 * fuzz_classes.c - any bytes as a class set, from which classes are chosen: a
 * line that is the file's header, then its vectors.
 */
#include "fuzz_tensors.h"

#include "expression/classes.h"

/* The first class, and one with all prompts of the last. */
static void choose(const expclip_classes *classes)
{
    const expclip_prompts *all = classes->prompts;
    const expclip__class_prompts *last = &all->classes[all->n_classes - 1];
    expclip_prompts *some = NULL;
    expclip_classes *chosen = NULL;
    expclip_error err = { 0 };
    expclip_status status;

    if (expclip__prompts_create(&some, NULL))
        abort();
    for (size_t i = 0; i < last->n_prompts; i++)
        expclip__prompts_add(some, "last", last->prompts[i], NULL);
    expclip__prompts_add(some, "first", all->classes[0].prompts[0], NULL);
    status =
        expclip__classes_select(&chosen, classes, some, classes->pooling, &err);
    fuzz_check(status, &err);
    if (status)
        expclip__prompts_free(some);
    else
        expclip__classes_free(chosen);
}

static void score(const expclip_classes *c)
{
    float logits[64];
    float *embedding;
    expclip_error err = { 0 };

    if (c->dim < 1 || c->dim > 4096 || c->prompts->n_classes > 64)
        return;
    embedding = calloc((size_t)c->dim, sizeof(*embedding));
    if (!embedding)
        return;
    embedding[0] = 1.0f;
    fuzz_check(expclip_classes_score_embeddings(logits, c->prompts->n_classes,
                                                c, embedding, (size_t)c->dim,
                                                NULL, &err),
               &err);
    free(embedding);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_classes *c = NULL;
    expclip_error err = { 0 };
    const char *path = fuzz_tensors_write("f.classes", data, size);
    const expclip_status status = expclip__classes_load(&c, path, &err);

    fuzz_check(status, &err);
    if (status)
        return 0;
    score(c);
    choose(c);
    expclip__classes_free(c);
    return 0;
}
