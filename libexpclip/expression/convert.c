/* SPDX-License-Identifier: MIT */
/*
 * convert.c - any model we read, as one self-describing safetensors file.
 *
 * Our files have OpenAI's tensor names and layouts, and say the rest in their
 * metadata. The tensors are walked twice: once to describe them, once to copy
 * their values, one at a time.
 */
#include "expression/convert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "encoders/config_read.h"
#include "encoders/loader.h"
#include "expression/compact_head.h"
#include "expression/sources.h"
#include "weights/writer.h"

typedef struct conversion {
    const expclip__sources *sources;
    expclip__config openai; /* the same model under OpenAI's names */
    expclip__dtype dtype;
    int compact;
    expclip__loader loader;
    expclip__tensors_writer *writer;
    int writing; /* 0 = describe, 1 = copy values */
    expclip_error *err;
} conversion;

/* ---- one tensor ---- */

static expclip_status check_range(const conversion *c, const char *name,
                                  const float *values, int64_t n)
{
    for (int64_t i = 0; c->dtype == EXPCLIP__F16 && i < n; i++)
        if (fabsf(values[i]) > 65504.0f) /* the largest finite fp16 */
            return expclip__fail(c->err, EXPCLIP_ERROR_NONFINITE,
                                 "tensor \"%s\": value %g does not fit fp16; "
                                 "use bf16 or fp32",
                                 name, (double)values[i]);
    return EXPCLIP_OK;
}

/* Describe, or write the values that the loader has read. */
static expclip_status put(conversion *c, const char *name, int32_t n_dims,
                          const int64_t *shape, const float *values)
{
    const expclip__dtype dtype = n_dims ? c->dtype : EXPCLIP__F32;
    int64_t n = 1;
    expclip_status status = c->loader.status;

    for (int32_t i = 0; i < n_dims; i++)
        n *= shape[i];
    if (!c->writing)
        return expclip__tensors_describe(c->writer, name, dtype, n_dims, shape,
                                         c->err);
    if (!status)
        status = check_range(c, name, values, n);
    if (!status)
        status = expclip__tensors_write_f32(c->writer, values, n, c->err);
    return status;
}

/* A tensor that both namings hold in the same layout. */
static expclip_status put_plain(conversion *c, const char *from, const char *to,
                                int32_t n_dims, const int64_t *shape)
{
    if (c->writing)
        expclip__loader_read(&c->loader, from, 0, n_dims, shape);
    return put(c, to, n_dims, shape, c->loader.values);
}

static expclip_status put_id(conversion *c, expclip__tensor_id id,
                             int32_t n_dims, const int64_t *shape)
{
    char from[EXPCLIP__NAME_SIZE], to[EXPCLIP__NAME_SIZE];

    expclip__name(from, &c->sources->config, id);
    expclip__name(to, &c->openai, id);
    return put_plain(c, from, to, n_dims, shape);
}

/* [width, d]; Hugging Face stores it the other way round. */
static expclip_status put_projection(conversion *c, expclip__tensor_id id,
                                     int64_t width)
{
    const int64_t dim = c->openai.embed_dim;
    const int64_t shape[] = { width, dim };
    char to[EXPCLIP__NAME_SIZE];

    if (c->sources->config.naming == EXPCLIP__NAMING_OPENAI)
        return put_id(c, id, 2, shape);
    expclip__name(to, &c->openai, id);
    return put(c, to, 2, shape,
               c->writing
                   ? expclip__loader_read_transposed(&c->loader, id, dim, width)
                   : NULL);
}

/* ---- blocks ---- */

static expclip_status put_block(conversion *c, expclip__block_place at,
                                const expclip__tower_config *tower)
{
    const int64_t w = tower->width, m = tower->mlp_width;
    const struct {
        expclip__block_tensor_id id;
        int32_t n_dims;
        int64_t shape[2];
    } parts[] = {
        { EXPCLIP__LN_1_WEIGHT, 1, { w } },
        { EXPCLIP__LN_1_BIAS, 1, { w } },
        { EXPCLIP__QKV_WEIGHT, 2, { 3 * w, w } },
        { EXPCLIP__QKV_BIAS, 1, { 3 * w } },
        { EXPCLIP__OUT_WEIGHT, 2, { w, w } },
        { EXPCLIP__OUT_BIAS, 1, { w } },
        { EXPCLIP__LN_2_WEIGHT, 1, { w } },
        { EXPCLIP__LN_2_BIAS, 1, { w } },
        { EXPCLIP__FC_WEIGHT, 2, { m, w } },
        { EXPCLIP__FC_BIAS, 1, { m } },
        { EXPCLIP__PROJ_WEIGHT, 2, { w, m } },
        { EXPCLIP__PROJ_BIAS, 1, { w } },
    };
    char name[EXPCLIP__NAME_SIZE];
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (c->writing)
            expclip__loader_read_block(&c->loader, at, parts[i].id, 0,
                                       parts[i].n_dims, parts[i].shape);
        expclip__block_name(name, &c->openai, at.tower, at.layer, parts[i].id);
        status =
            put(c, name, parts[i].n_dims, parts[i].shape, c->loader.values);
    }
    return status;
}

static expclip_status put_tower(conversion *c, expclip__tower which,
                                const expclip__tower_config *tower)
{
    expclip_status status = EXPCLIP_OK;

    for (int32_t i = 0; !status && i < tower->layers; i++)
        status = put_block(c, (expclip__block_place){ which, i }, tower);
    return status;
}

/* ---- head ---- */

static expclip_status put_head(conversion *c)
{
    const expclip__weight *w = c->sources->head;
    const int64_t dim = c->openai.embed_dim;
    const int compact = c->compact && w && w->shape[0] > dim;
    int64_t shape[] = { 0, dim };
    float *values, *r;
    expclip_status status;

    if (!w)
        return EXPCLIP_OK;
    if (w->shape[1] != dim)
        return expclip__fail(c->err, EXPCLIP_ERROR_SHAPE,
                             "head \"%s\": %lld columns, expected %lld",
                             w->name, (long long)w->shape[1], (long long)dim);
    shape[0] = compact ? dim : w->shape[0];
    if (!c->writing)
        return put(c, "mlp.weight", 2, shape, NULL);
    values = expclip__alloc((size_t)w->n_elements, sizeof(*values));
    r = expclip__alloc((size_t)(dim * dim), sizeof(*r));
    status =
        values && r
            ? expclip__weights_read_f32(expclip__sources_head(c->sources), w,
                                        values, w->n_elements, 1, c->err)
            : expclip__fail_memory(c->err, "head");
    if (!status && compact)
        status = expclip__compact_head(r, values, w->shape[0], dim, c->err);
    if (!status)
        status = put(c, "mlp.weight", 2, shape, compact ? r : values);
    expclip__free(values);
    expclip__free(r);
    return status;
}

/* ---- the file ---- */

static expclip_status put_all(conversion *c)
{
    const expclip__config *m = &c->openai;
    const int64_t v = m->vision.width, t = m->text.width, p = m->patch_size;
    const int64_t positions = (int64_t)m->grid * m->grid + 1;
    expclip_status status;

    if ((status = put_id(c, EXPCLIP__CLASS_EMBEDDING, 1, &v)) ||
        (status = put_id(c, EXPCLIP__PATCH_EMBEDDING, 4,
                         (const int64_t[]){ v, 3, p, p })) ||
        (status = put_id(c, EXPCLIP__VISION_POSITIONS, 2,
                         (const int64_t[]){ positions, v })) ||
        (status = put_id(c, EXPCLIP__LN_PRE_WEIGHT, 1, &v)) ||
        (status = put_id(c, EXPCLIP__LN_PRE_BIAS, 1, &v)) ||
        (status = put_tower(c, EXPCLIP__VISION, &m->vision)) ||
        (status = put_id(c, EXPCLIP__LN_POST_WEIGHT, 1, &v)) ||
        (status = put_id(c, EXPCLIP__LN_POST_BIAS, 1, &v)) ||
        (status = put_projection(c, EXPCLIP__VISION_PROJECTION, v)) ||
        (status = put_id(c, EXPCLIP__TOKEN_EMBEDDING, 2,
                         (const int64_t[]){ m->vocabulary_size, t })) ||
        (status = put_id(c, EXPCLIP__TEXT_POSITIONS, 2,
                         (const int64_t[]){ m->context_length, t })) ||
        (status = put_tower(c, EXPCLIP__TEXT, &m->text)) ||
        (status = put_id(c, EXPCLIP__LN_FINAL_WEIGHT, 1, &t)) ||
        (status = put_id(c, EXPCLIP__LN_FINAL_BIAS, 1, &t)) ||
        (status = put_projection(c, EXPCLIP__TEXT_PROJECTION, t)) ||
        (status = put_id(c, EXPCLIP__LOGIT_SCALE, 0, NULL)))
        return status;
    return put_head(c);
}

/* Data and options of the head's training, NULL when its file has none. */
static const char *head_provenance(const expclip__sources *s)
{
    const expclip__weights *ws = s->head ? expclip__sources_head(s) : NULL;
    const char *own = ws ? expclip__weights_metadata(ws, "provenance") : NULL;

    return own || !ws ? own : expclip__weights_metadata(ws, "head_provenance");
}

static expclip_status put_metadata(conversion *c)
{
    const expclip__sources *s = c->sources;
    const expclip__config *m = &s->config;
    char name[64], heads[32], eps[32], mean[64], std[64], side[32], up[32];
    const char *const clip =
        expclip__preset_name(m->has_preset ? m->preset : EXPCLIP__PRESET_CLIP);
    const char *const metadata[][2] = {
        { "format", "expclip" },
        { "format_version", "1" },
        { "name", s->name ? s->name : name },
        { "activation", m->quick_gelu ? "quick_gelu" : "gelu" },
        { "heads", heads },
        { "layer_norm_eps", eps },
        { "clip_preprocess", clip },
        { "image_mean", mean },
        { "image_std", std },
        { "preprocess", expclip__preset_name(s->pixels.preset) },
        { "crop.side", side },
        { "crop.up", up },
        { "head", !s->head     ? "none"
                  : c->compact ? "compact"
                               : "full" },
        { "source_format", expclip__weights_format(s->model) },
        { "library", EXPCLIP_VERSION },
    };
    expclip_status status = EXPCLIP_OK;

    expclip__config_name(name, sizeof(name), m);
    snprintf(heads, sizeof(heads), "[%d, %d]", (int)m->vision.heads,
             (int)m->text.heads);
    snprintf(eps, sizeof(eps), "%.9g", m->layer_norm_eps);
    snprintf(side, sizeof(side), "%.6g", (double)s->crop.side);
    snprintf(up, sizeof(up), "%.6g", (double)s->crop.up);
    snprintf(mean, sizeof(mean), "[%.9g, %.9g, %.9g]", (double)m->mean[0],
             (double)m->mean[1], (double)m->mean[2]);
    snprintf(std, sizeof(std), "[%.9g, %.9g, %.9g]", (double)m->std[0],
             (double)m->std[1], (double)m->std[2]);
    for (size_t i = 0; !status && i < sizeof(metadata) / sizeof(metadata[0]);
         i++)
        status = expclip__tensors_metadata(c->writer, metadata[i][0],
                                           metadata[i][1], c->err);
    if (!status && head_provenance(s))
        status = expclip__tensors_metadata(c->writer, "head_provenance",
                                           head_provenance(s), c->err);
    return status;
}

static expclip_status write_file(conversion *c, const char *out_path)
{
    expclip_status status, read;

    expclip__loader_init(&c->loader, c->sources->model, &c->sources->config,
                         NULL, 1, c->err);
    if (!(status = expclip__tensors_create(&c->writer, out_path, c->err)) &&
        !(status = put_metadata(c)) && !(status = put_all(c))) {
        c->writing = 1;
        status = put_all(c);
    }
    read = expclip__loader_end(&c->loader);
    if (!status && !(status = read))
        status = expclip__tensors_commit(c->writer, c->err);
    expclip__tensors_free(c->writer);
    return status;
}

expclip_status expclip__convert(const char *path, const char *out_path,
                                const expclip_convert_options *options,
                                expclip_error *err)
{
    const expclip__source_options what = { options->head, options->preprocess,
                                           options->activation };
    conversion c = { .compact = options->compact_head, .err = err };
    expclip__sources s;
    expclip_status status;

    c.dtype = expclip__dtype_find(options->dtype);
    if (c.dtype == EXPCLIP__N_DTYPES)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "dtype: \"%s\", expected fp32, fp16 or bf16",
                             options->dtype);
    status = expclip__sources_open(&s, path, &what, err);
    if (status)
        return status;
    c.sources = &s;
    c.openai = s.config;
    c.openai.naming = EXPCLIP__NAMING_OPENAI;
    c.openai.prefix[0] = '\0';
    c.openai.text_prefix[0] = '\0';
    status = write_file(&c, out_path);
    expclip__sources_close(&s);
    return status;
}
