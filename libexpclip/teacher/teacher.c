/* SPDX-License-Identifier: MIT */
/*
 * teacher.c - what a language model's encoder says of a face (reference
 * BLIP2_T5.py, LAVIS blip2_t5.py).
 *
 *     seen = ViT-g(pixels)                             [n, 257, 1408]
 *     read = projection(Q-Former(seen))                [n, 32, width]
 *     x = read, then the instruction's tokens          [n, 32 + ids, width]
 *     target = mean over tokens of T5's encoder(x), unit length
 *
 * Two quirks of the reference are options: pixels in [0, 1] without mean and
 * std, where BLIP-2 was trained with them, and the exact GELU in T5. Its
 * dropout, which makes the paper's targets noisy, is left out.
 */
#include "teacher/teacher.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "teacher/t5_tokens.h"

/* ---- the instruction ---- */

static char *tokenizer_path(const char *path, const char *given)
{
    expclip__buffer text = { 0 };

    if (*given)
        return expclip__strdup(given);
    expclip__buffer_add_format(&text, "%s/spiece.model", path);
    return text.failed ? NULL : text.data;
}

static expclip_status read_instruction(expclip_teacher *t, const char *path,
                                       const expclip_teacher_options *o,
                                       int32_t **ids, expclip_error *err)
{
    char *model = tokenizer_path(path, o->tokenizer);
    expclip_status status;

    if (!model)
        return expclip__fail_memory(err, "instruction");
    status = expclip__t5_encode(ids, &t->n_ids, model, o->instruction, err);
    expclip__free(model);
    return status;
}

static void embed_instruction(expclip_teacher *t, expclip__loader *l,
                              const int32_t *ids)
{
    if (l->status)
        return;
    t->instruction = expclip__alloc(t->n_ids, (size_t)t->config.t5.width *
                                                  sizeof(*t->instruction));
    if (t->instruction)
        expclip__t5_embed(t->instruction, l, &t->config, ids, t->n_ids);
    else
        l->status = expclip__fail_memory(l->err, "instruction");
}

/* ---- loading ---- */

static expclip_status open_devices(expclip_teacher *t,
                                   const expclip_teacher_options *o,
                                   expclip_error *err)
{
    tensor_device_options d = {
        .name = o->device,
        .dtype = expclip__dtype_find(o->dtype),
        .n_threads = o->threads ? o->threads : expclip__n_cores(),
        .packed = 1,
    };
    expclip_status status = expclip__fork_check_threads(d.n_threads, err);

    if (!status)
        status = tensor_device_open(&t->device, &d, err);
    d.dtype = EXPCLIP__F32;
    if (!status)
        status = tensor_device_open(&t->plain_device, &d, err);
    d.name = "cpu";
    d.n_threads = 1;
    d.packed = 0;
    if (!status)
        status = tensor_device_open(&t->pixel_device, &d, err);
    return status;
}

/* The parts in the order of the data; one buffer for all of them. */
static void load_parts(expclip_teacher *t, expclip__loader *l,
                       const expclip_teacher_options *o, const int32_t *ids)
{
    const expclip__blip2_config *c = &t->config;
    const tensor_activation activation =
        strcmp(o->activation, "gelu") == 0 ? TENSOR_GELU : TENSOR_GELU_TANH;

    expclip__eva_load(&t->eva, l, c);
    l->device = t->plain_device;
    expclip__qformer_load(&t->qformer, l, c);
    l->device = t->device;
    t->projection = expclip__loader_linear(l, "language_projection.weight",
                                           "language_projection.bias",
                                           c->t5.width, c->qformer.width);
    expclip__t5_load(&t->t5, l, c, activation,
                     c->qformer.n_queries + (int64_t)t->n_ids);
    embed_instruction(t, l, ids);
}

static void write_fingerprint(expclip_teacher *t, uint64_t hash,
                              const expclip_teacher_options *o)
{
    const char *const words[] = { o->instruction, o->activation, o->preprocess,
                                  o->dtype };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        hash = expclip__hash(hash, words[i], strlen(words[i]) + 1);
    expclip__hash_text(t->fingerprint, hash);
}

static expclip_status load(expclip_teacher *t, const char *path,
                           const expclip_teacher_options *o, expclip_error *err)
{
    expclip__preset preset = EXPCLIP__PRESET_EXPCLIP;
    expclip__weights *ws = NULL;
    int32_t *ids = NULL;
    expclip__loader l;
    expclip_status status = expclip__weights_open(&ws, path, err);

    if (!status)
        status = expclip__blip2_config_read(&t->config, ws, err);
    if (!status)
        status = read_instruction(t, path, o, &ids, err);
    if (!status)
        status = open_devices(t, o, err);
    if (!status) {
        expclip__preset_find(o->preprocess, &preset);
        expclip__pixels_init(&t->pixels, preset, t->config.vision.image_size);
        expclip__loader_init(&l, ws, NULL, t->device, 1, err);
        load_parts(t, &l, o, ids);
        write_fingerprint(t, l.hash, o);
        status = expclip__loader_end(&l);
    }
    expclip__free(ids);
    expclip__weights_free(ws);
    return status;
}

static void free_teacher(expclip_teacher *t)
{
    expclip__eva_clear(&t->eva);
    expclip__qformer_clear(&t->qformer);
    tensor_linear_free(t->projection);
    expclip__t5_clear(&t->t5);
    tensor_device_close(t->pixel_device);
    tensor_device_close(t->plain_device);
    tensor_device_close(t->device);
    expclip__free(t->instruction);
    expclip__free(t);
}

expclip_status expclip__teacher_create(expclip_teacher **out, const char *path,
                                       const expclip_teacher_options *options,
                                       expclip_error *err)
{
    expclip_teacher *t = expclip__alloc_zero(1, sizeof(*t));
    expclip_status status;

    if (!t)
        return expclip__fail_memory(err, "teacher");
    expclip__ref_init(&t->refs);
    t->fork_generation = expclip__fork_generation();
    status = load(t, path, options, err);
    if (status)
        free_teacher(t);
    else
        *out = t;
    return status;
}

expclip_teacher *expclip__teacher_retain(const expclip_teacher *teacher)
{
    expclip_teacher *t = (expclip_teacher *)(uintptr_t)teacher;

    expclip__ref_take(&t->refs);
    return t;
}

void expclip__teacher_release(expclip_teacher *teacher)
{
    if (teacher && expclip__ref_drop(&teacher->refs))
        free_teacher(teacher);
}

/* ---- forward ---- */

/* Numbers of one scope go to another of another type through memory. */
static expclip_status see(const expclip_teacher *t, float *seen,
                          const float *pixels, int64_t n, expclip_error *err)
{
    const int64_t g = t->config.vision.grid;
    tensor_scope *s = tensor_scope_begin(t->device, err);

    tensor_to_f32(s, expclip__eva_forward(s, &t->eva, pixels, n), seen,
                  n * (g * g + 1) * t->config.vision.width);
    return tensor_scope_end(s);
}

static expclip_status read_queries(const expclip_teacher *t, float *queries,
                                   const float *seen, int64_t n,
                                   expclip_error *err)
{
    const int64_t g = t->config.vision.grid;
    const int64_t shape[] = { n, g * g + 1, t->config.vision.width };
    tensor_scope *s = tensor_scope_begin(t->plain_device, err);
    const tensor *x = tensor_from_f32(s, seen, 3, shape);

    tensor_to_f32(s, expclip__qformer_forward(s, &t->qformer, x), queries,
                  n * t->config.qformer.n_queries * t->config.qformer.width);
    return tensor_scope_end(s);
}

static expclip_status think(const expclip_teacher *t, float *states,
                            const float *queries, int64_t n, expclip_error *err)
{
    const int64_t width = t->config.t5.width, n_ids = (int64_t)t->n_ids;
    const int64_t n_queries = t->config.qformer.n_queries;
    const int64_t shape[] = { n, n_queries, t->config.qformer.width };
    const int64_t one[] = { 1, n_ids, width }, all[] = { n, n_ids, width };
    tensor_scope *s = tensor_scope_begin(t->device, err);
    const tensor *x = tensor_from_f32(s, queries, 3, shape);
    const tensor *words = tensor_from_f32(s, t->instruction, 3, one);

    x = tensor_linear_apply(s, t->projection, x, TENSOR_IDENTITY);
    x = tensor_concat(s, x, tensor_expand(s, words, 3, all), 1);
    tensor_to_f32(s, expclip__t5_forward(s, &t->t5, x), states,
                  n * (n_queries + n_ids) * width);
    return tensor_scope_end(s);
}

/* states [tokens, width] -> out [width]: their mean, unit length. */
static expclip_status finish(float *out, const float *states, size_t tokens,
                             size_t width, expclip_error *err)
{
    double length = 0.0;

    for (size_t j = 0; j < width; j++) {
        double sum = 0.0;

        for (size_t i = 0; i < tokens; i++)
            sum += (double)states[i * width + j];
        out[j] = (float)(sum / (double)tokens);
        length += (double)out[j] * (double)out[j];
    }
    length = sqrt(length);
    if (!(length > 0.0 && isfinite(length)))
        return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                             "target: length %g, expected a finite one above 0",
                             length);
    for (size_t j = 0; j < width; j++)
        out[j] = (float)((double)out[j] / length);
    return EXPCLIP_OK;
}

static expclip_status encode_few(const expclip_teacher *t, float *out,
                                 const float *pixels, size_t n,
                                 expclip_error *err)
{
    const expclip__blip2_config *c = &t->config;
    const size_t g = (size_t)c->vision.grid, width = (size_t)c->t5.width;
    const size_t tokens = (size_t)c->qformer.n_queries + t->n_ids;
    float *seen = expclip__alloc(n * (g * g + 1),
                                 (size_t)c->vision.width * sizeof(*seen));
    float *queries =
        expclip__alloc(n * (size_t)c->qformer.n_queries,
                       (size_t)c->qformer.width * sizeof(*queries));
    float *states = expclip__alloc(n * tokens, width * sizeof(*states));
    expclip_status status;

    if (!seen || !queries || !states)
        status = expclip__fail_memory(err, "targets");
    else
        status = see(t, seen, pixels, (int64_t)n, err);
    if (!status)
        status = read_queries(t, queries, seen, (int64_t)n, err);
    if (!status)
        status = think(t, states, queries, (int64_t)n, err);
    for (size_t i = 0; !status && i < n; i++)
        status = finish(out + i * width, states + i * tokens * width, tokens,
                        width, err);
    expclip__free(seen);
    expclip__free(queries);
    expclip__free(states);
    return status;
}

expclip_status expclip__teacher_encode(const expclip_teacher *t, float *out,
                                       const float *pixels, size_t n,
                                       const expclip_cancel *cancel,
                                       expclip_error *err)
{
    const size_t size = (size_t)t->pixels.size;
    expclip_status status = expclip__fork_check(t->fork_generation, err);

    for (size_t i = 0; !status && i < n; i += EXPCLIP__TEACHER_BATCH) {
        const size_t few =
            n - i < EXPCLIP__TEACHER_BATCH ? n - i : EXPCLIP__TEACHER_BATCH;

        status = expclip__cancel_check(cancel, err);
        if (!status)
            status = encode_few(t, out + i * (size_t)t->config.t5.width,
                                pixels + i * 3 * size * size, few, err);
    }
    return status;
}
