/* SPDX-License-Identifier: MIT */
/*
 * clip.c - a whole CLIP: how items become forward passes.
 *
 * Images go through the tower a few at a time, texts sorted by length, so
 * that a pass is neither too large for the caches nor full of padding. With
 * `one_by_one` a pass holds one item: its result then cannot depend on its
 * neighbours, not even in the last bit.
 */
#include "encoders/clip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/threads.h"

#define IMAGES_A_PASS 8 /* larger passes were not faster: tests/bench */
#define TEXTS_A_PASS 32

/* exp(logit_scale); a file with a value that is no temperature is damaged. */
static void load_logit_scale(expclip__clip *out, expclip__loader *l)
{
    char name[EXPCLIP__NAME_SIZE];
    float *value;

    expclip__name(name, l->config, EXPCLIP__LOGIT_SCALE);
    value = expclip__loader_read(l, name, 0, 0, NULL);
    if (!value)
        return;
    out->logit_scale = expf(value[0]);
    if (!(out->logit_scale > 0.0f && out->logit_scale < 1e6f))
        l->status = expclip__fail(l->err, EXPCLIP_ERROR_NONFINITE,
                                  "tensor \"%s\": %g, expected the logarithm "
                                  "of a scale between 0 and 1e6",
                                  name, (double)value[0]);
}

expclip_status expclip__clip_load(expclip__clip *out,
                                  const expclip__weights *ws,
                                  const expclip__config *config,
                                  tensor_device *device, int32_t image_size,
                                  int32_t check_finite, expclip_error *err)
{
    expclip__clip clip = { .device = device, .embed_dim = config->embed_dim };
    expclip__loader l;
    expclip_status status;

    expclip__loader_init(&l, ws, config, device, check_finite, err);
    expclip__vision_load(&clip.vision, &l,
                         image_size ? image_size : config->image_size);
    expclip__text_load(&clip.text, &l);
    load_logit_scale(&clip, &l);
    clip.hash = l.hash;
    status = expclip__loader_end(&l);
    if (!status)
        status = expclip__tokenizer_create(&clip.tokenizer,
                                           config->vocabulary_size, err);
    if (status)
        expclip__clip_clear(&clip);
    else
        *out = clip;
    return status;
}

void expclip__clip_clear(expclip__clip *clip)
{
    expclip__vision_clear(&clip->vision);
    expclip__text_clear(&clip->text);
    expclip__tokenizer_free(clip->tokenizer);
    memset(clip, 0, sizeof(*clip));
}

/* ---- images ---- */

expclip_status expclip__clip_embed_images(const expclip__clip *clip, float *out,
                                          const float *pixels, size_t n,
                                          const expclip_cancel *cancel,
                                          expclip_error *err)
{
    const size_t dim = (size_t)clip->embed_dim;
    const size_t size = (size_t)clip->vision.image_size;
    const size_t most = clip->one_by_one ? 1 : IMAGES_A_PASS;
    expclip_status status = EXPCLIP_OK;

    for (size_t done = 0; !status && done < n; done += most) {
        const size_t now = n - done < most ? n - done : most;
        tensor_scope *s;

        status = expclip__cancel_check(cancel, err);
        if (status)
            break;
        s = tensor_scope_begin(clip->device, err);
        tensor_to_f32(s,
                      expclip__vision_forward(s, &clip->vision,
                                              pixels + done * 3 * size * size,
                                              (int64_t)now),
                      out + done * dim, (int64_t)(now * dim));
        status = tensor_scope_end(s);
    }
    return status;
}

/* ---- texts ---- */

/* A text's ids, and where it stands in the caller's list. */
typedef struct tokens {
    int32_t *ids; /* [n], inside one array of all texts */
    size_t n;
    size_t place;
} tokens;

static int by_length(const void *a, const void *b)
{
    const tokens *x = a, *y = b;

    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static expclip_status tokenize(const expclip__clip *clip, tokens *list,
                               int32_t *ids, expclip__input_text *texts,
                               size_t n, expclip_error *err)
{
    const size_t context = (size_t)clip->text.context_length;
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < n; i++) {
        list[i].ids = ids + i * context;
        list[i].place = i;
        status = expclip__tokenizer_encode(list[i].ids, context, &list[i].n,
                                           &texts[i].truncated, clip->tokenizer,
                                           texts[i].text, texts[i].size, err);
    }
    return status;
}

/* One forward pass over `n` texts, the longest last. */
static expclip_status embed_tokens(const expclip__clip *clip, float *out,
                                   const tokens *list, size_t n, int64_t *ids,
                                   float *rows, expclip_error *err)
{
    const size_t dim = (size_t)clip->embed_dim;
    const size_t length = list[n - 1].n;
    int64_t ends[TEXTS_A_PASS];
    tensor_scope *s;
    expclip_status status;

    memset(ids, 0, n * length * sizeof(*ids));
    for (size_t i = 0; i < n; i++) {
        ends[i] = (int64_t)list[i].n - 1;
        for (size_t j = 0; j < list[i].n; j++)
            ids[i * length + j] = list[i].ids[j];
    }
    s = tensor_scope_begin(clip->device, err);
    tensor_to_f32(s,
                  expclip__text_forward(s, &clip->text, ids, ends, (int64_t)n,
                                        (int64_t)length),
                  rows, (int64_t)(n * dim));
    status = tensor_scope_end(s);
    for (size_t i = 0; !status && i < n; i++)
        memcpy(out + list[i].place * dim, rows + i * dim, dim * sizeof(*out));
    return status;
}

expclip_status expclip__clip_embed_texts(const expclip__clip *clip, float *out,
                                         expclip__input_text *texts, size_t n,
                                         const expclip_cancel *cancel,
                                         expclip_error *err)
{
    const size_t context = (size_t)clip->text.context_length;
    const size_t most = clip->one_by_one ? 1 : TEXTS_A_PASS;
    tokens *list = expclip__alloc(n, sizeof(*list));
    int32_t *ids = expclip__alloc(n * context, sizeof(*ids));
    int64_t *pass = expclip__alloc(TEXTS_A_PASS * context, sizeof(*pass));
    float *rows =
        expclip__alloc(TEXTS_A_PASS * (size_t)clip->embed_dim, sizeof(*rows));
    expclip_status status;

    if (!list || !ids || !pass || !rows) {
        status = expclip__fail_memory(err, "tokens");
        goto done;
    }
    status = tokenize(clip, list, ids, texts, n, err);
    if (status)
        goto done;
    qsort(list, n, sizeof(*list), by_length);
    for (size_t i = 0; !status && i < n; i += most) {
        status = expclip__cancel_check(cancel, err);
        if (!status)
            status = embed_tokens(clip, out, list + i,
                                  n - i < most ? n - i : most, pass, rows, err);
    }
done:
    expclip__free(list);
    expclip__free(ids);
    expclip__free(pass);
    expclip__free(rows);
    return status;
}
