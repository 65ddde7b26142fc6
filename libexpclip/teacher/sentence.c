/* SPDX-License-Identifier: MIT */
/*
 * sentence.c - what a text encoder makes of a description.
 *
 *     ids = the text's tokens, with those that begin and end it
 *     target = mean over tokens of the encoder's last states, unit length
 *
 * as sentence-transformers pools a BERT, and the reference BLIP-2's T5. A text
 * is encoded alone, so that no other one changes its numbers.
 */
#include "teacher/sentence.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "teacher/unit_mean.h"

static int is_t5(const expclip__weights *ws)
{
    return expclip__weights_find(
               ws, "encoder.block.0.layer.0.SelfAttention.q.weight") != NULL;
}

int expclip__sentence_is(const expclip__weights *ws)
{
    return is_t5(ws) || expclip__bert_is(ws);
}

/* ---- loading ---- */

/* "Uncased" unless tokenizer_config.json says otherwise. */
static expclip_status read_lower(int *lower, const expclip__weights *ws,
                                 expclip_error *err)
{
    char *text = NULL;
    size_t size = 0;
    json_t *config;
    expclip_status status = expclip__weights_read_beside(
        &text, &size, ws, "tokenizer_config.json", err);

    config = text ? json_loadb(text, size, 0, NULL) : NULL;
    if (!status && text && !config)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "tokenizer_config.json: no JSON object");
    *lower = !json_is_false(json_object_get(config, "do_lower_case"));
    json_decref(config);
    expclip__free(text);
    return status;
}

static expclip_status check_vocabulary(size_t found, int32_t expected,
                                       expclip_error *err)
{
    if (found <= (size_t)expected)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "vocabulary: %zu tokens, expected at most the %d of "
                         "the weights",
                         found, (int)expected);
}

static expclip_status load_bert(expclip__sentence *e, expclip__loader *l,
                                const char *vocabulary)
{
    expclip__bert_config c;
    int lower = 1;
    expclip_status status = expclip__bert_config_read(&c, l->ws, l->err);

    if (!status)
        status = read_lower(&lower, l->ws, l->err);
    if (!status)
        status =
            expclip__wordpiece_load(&e->wordpiece, vocabulary, lower, l->err);
    if (!status)
        status = check_vocabulary(expclip__wordpiece_count(e->wordpiece),
                                  c.vocabulary, l->err);
    if (status)
        return status;
    expclip__bert_load(&e->bert, l, &c);
    e->max_tokens = (size_t)c.positions;
    e->width = (size_t)c.width;
    return l->status;
}

static expclip_status load_t5(expclip__sentence *e, expclip__loader *l,
                              const char *tokenizer, const char *activation)
{
    const expclip__t5_config *c = &e->t5_config;
    expclip__dimensions d;
    expclip_status status;

    expclip__dimensions_open(&d, l->ws, l->err);
    expclip__t5_config_read(&e->t5_config, &d, "", NULL);
    status = expclip__dimensions_close(&d);
    if (!status)
        status = expclip__t5_tokens_load(&e->t5_tokens, tokenizer, l->err);
    if (!status)
        status = check_vocabulary(expclip__t5_tokens_count(e->t5_tokens),
                                  c->vocabulary, l->err);
    if (status)
        return status;
    expclip__t5_load(&e->t5, l, c, expclip__t5_activation(activation),
                     EXPCLIP__T5_TOKENS);
    e->t5_words = expclip__t5_load_words(l, c);
    e->max_tokens = EXPCLIP__T5_TOKENS;
    e->width = (size_t)c->width;
    return l->status;
}

expclip_status expclip__sentence_load(expclip__sentence *e, uint64_t *hash,
                                      const expclip__weights *ws,
                                      const char *folder,
                                      const expclip__teacher_devices *devices,
                                      const expclip_teacher_options *o,
                                      expclip_error *err)
{
    const int t5 = is_t5(ws);
    /* One that the options name, or beside the weights. */
    char *path = *o->tokenizer ? expclip__strdup(o->tokenizer)
                               : expclip__path_join(folder, t5 ? "spiece.model"
                                                               : "vocab.txt");
    expclip__loader l;
    expclip_status status;

    if (!path)
        return expclip__fail_memory(err, "teacher");
    expclip__loader_init(&l, ws, NULL, devices->main, 1, err);
    status = t5 ? load_t5(e, &l, path, o->activation) : load_bert(e, &l, path);
    *hash = l.hash;
    expclip__loader_end(&l);
    expclip__free(path);
    return status;
}

void expclip__sentence_clear(expclip__sentence *e)
{
    expclip__bert_clear(&e->bert);
    expclip__wordpiece_free(e->wordpiece);
    expclip__t5_clear(&e->t5);
    tensor_free(e->t5_words);
    expclip__t5_tokens_free(e->t5_tokens);
    memset(e, 0, sizeof(*e));
}

/* ---- forward ---- */

static expclip_status read_ids(int32_t **ids, size_t *n,
                               const expclip__sentence *e, const char *text,
                               size_t size, expclip_error *err)
{
    expclip_status status =
        e->wordpiece
            ? expclip__wordpiece_encode(ids, n, e->wordpiece, text, size, err)
            : expclip__t5_tokens_encode(ids, n, e->t5_tokens, text, err);

    if (status || *n <= e->max_tokens)
        return status;
    expclip__free(*ids);
    *ids = NULL;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "text: %zu tokens, expected at most %zu", *n,
                         e->max_tokens);
}

static tensor *encode_t5(tensor_scope *s, const expclip__sentence *e,
                         const int64_t *ids, int64_t n)
{
    const int64_t shape[] = { 1, n, e->t5_config.width };
    const tensor *x = tensor_rows(s, e->t5_words, tensor_from_i64(s, ids, n));

    return expclip__t5_forward(s, &e->t5, tensor_reshape(s, x, 3, shape));
}

/* ids -> the last states [n, width]. */
static expclip_status compute(float *states, const expclip__sentence *e,
                              const int64_t *ids, int64_t n,
                              const expclip__teacher_devices *devices,
                              expclip_error *err)
{
    tensor_scope *s = tensor_scope_begin(devices->main, err);
    const tensor *x = e->wordpiece ? expclip__bert_forward(s, &e->bert, ids, n)
                                   : encode_t5(s, e, ids, n);

    tensor_to_f32(s, x, states, n * (int64_t)e->width);
    return tensor_scope_end(s);
}

expclip_status expclip__sentence_encode(const expclip__sentence *e, float *out,
                                        const char *text, size_t size,
                                        const expclip__teacher_devices *devices,
                                        expclip_error *err)
{
    int32_t *ids = NULL;
    int64_t *wide = NULL;
    float *states = NULL;
    size_t n = 0;
    expclip_status status = read_ids(&ids, &n, e, text, size, err);

    if (status)
        return status;
    wide = expclip__alloc(n, sizeof(*wide));
    states = expclip__alloc(n, e->width * sizeof(*states));
    if (!wide || !states)
        status = expclip__fail_memory(err, "text");
    for (size_t i = 0; !status && i < n; i++)
        wide[i] = ids[i];
    if (!status)
        status = compute(states, e, wide, (int64_t)n, devices, err);
    if (!status)
        status = expclip__unit_mean(out, states, n, e->width, err);
    expclip__free(ids);
    expclip__free(wide);
    expclip__free(states);
    return status;
}
