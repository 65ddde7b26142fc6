/* SPDX-License-Identifier: MIT */
/*
 * classes.c - class prompts, embedded by a model, one vector a class.
 *
 * The paper's score of a class is the mean over its prompts p of
 * scale * (image . p). That mean is scale * (image . mean of p), so a class
 * needs one vector whatever its number of prompts. open_clip scales the mean
 * back to unit length; the paper does not, so classes with diverse prompts
 * score lower (reference test.py).
 */
#include "expression/classes.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

void expclip__classes_free(expclip_classes *classes)
{
    if (!classes)
        return;
    expclip__prompts_free(classes->prompts);
    expclip__free(classes->prompt_vectors);
    expclip__free(classes->class_vectors);
    expclip__free(classes->truncated);
    expclip__free(classes);
}

/* Mean of n rows, with unit length when `unit` is set. */
static expclip_status pool(float *out, const float *rows, size_t n, size_t dim,
                           int unit, expclip_error *err)
{
    double square = 0.0, factor = 1.0 / (double)n;

    for (size_t j = 0; j < dim; j++) {
        double sum = 0.0;

        for (size_t i = 0; i < n; i++)
            sum += (double)rows[i * dim + j];
        square += sum * sum;
        out[j] = (float)(sum * factor);
    }
    if (!unit)
        return EXPCLIP_OK;
    factor = (double)n / sqrt(square);
    if (!isfinite(factor))
        return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                             "the prompts of a class cancel each other out");
    for (size_t j = 0; j < dim; j++)
        out[j] = (float)((double)out[j] * factor);
    return EXPCLIP_OK;
}

expclip_status expclip__classes_pool(expclip_classes *classes,
                                     expclip_error *err)
{
    const size_t dim = (size_t)classes->dim;
    const float *rows = classes->prompt_vectors;
    expclip_status status = EXPCLIP_OK;

    classes->class_vectors =
        expclip__alloc(classes->prompts->n_classes * dim, sizeof(float));
    if (!classes->class_vectors)
        return expclip__fail_memory(err, "class vectors");
    for (size_t i = 0; !status && i < classes->prompts->n_classes; i++) {
        const size_t n = classes->prompts->classes[i].n_prompts;

        status = pool(classes->class_vectors + i * dim, rows, n, dim,
                      classes->pooling == EXPCLIP_POOLING_EMBEDDINGS, err);
        rows += n * dim;
    }
    return status;
}

expclip_status expclip__classes_finish(expclip_classes **out,
                                       expclip_classes *c,
                                       expclip_status status,
                                       expclip_error *err)
{
    if (!status)
        status = expclip__classes_pool(c, err);
    if (status) {
        c->prompts = NULL; /* still the caller's */
        expclip__classes_free(c);
    } else {
        *out = c;
    }
    return status;
}

static expclip_status embed_prompts(expclip_classes *c, const expclip_model *m,
                                    const expclip_prompts *prompts,
                                    const expclip_cancel *cancel,
                                    expclip_error *err)
{
    const expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    const size_t n = expclip__prompts_total(prompts);
    expclip__input_text *texts = expclip__alloc(n, sizeof(*texts));
    expclip_status status;
    size_t k = 0;

    c->prompt_vectors = expclip__alloc(n * (size_t)c->dim, sizeof(float));
    c->truncated = expclip__alloc(n, sizeof(*c->truncated));
    if (!texts || !c->prompt_vectors || !c->truncated) {
        expclip__free(texts);
        return expclip__fail_memory(err, "prompts");
    }
    for (size_t i = 0; i < prompts->n_classes; i++)
        for (size_t j = 0; j < prompts->classes[i].n_prompts; j++, k++) {
            texts[k].text = prompts->classes[i].prompts[j];
            texts[k].size = strlen(texts[k].text);
        }
    status = expclip__model_embed_texts(m, c->prompt_vectors, texts, n,
                                        &options, cancel, err);
    for (k = 0; !status && k < n; k++) {
        c->truncated[k] = texts[k].truncated != 0;
        c->n_truncated += c->truncated[k];
    }
    expclip__free(texts);
    return status;
}

expclip_status
expclip__classes_create(expclip_classes **out, const expclip_model *model,
                        expclip_prompts *prompts, int32_t pooling,
                        const expclip_cancel *cancel, expclip_error *err)
{
    expclip_classes *c = expclip__alloc_zero(1, sizeof(*c));

    if (!c)
        return expclip__fail_memory(err, "classes");
    c->pooling = pooling;
    c->dim = (int32_t)expclip__model_dim(model, 1);
    c->logit_scale = model->clip.logit_scale;
    memcpy(c->fingerprint, model->fingerprint, sizeof(c->fingerprint));
    c->prompts = prompts;
    return expclip__classes_finish(
        out, c, embed_prompts(c, model, prompts, cancel, err), err);
}
