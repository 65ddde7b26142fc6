/* SPDX-License-Identifier: MIT */
/*
 * conventions_apply.c - what the files say, put into a config and checked
 * against the tensors.
 */
#include "encoders/conventions.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

#define END_ID_OF_OLD 2 /* transformers takes it for "the highest id" */

/* ---- our own files ---- */

static void set_heads(expclip__tower_config *tower, int64_t heads)
{
    if (heads >= 1 && heads <= tower->width)
        tower->heads = (int32_t)heads;
}

static void read_three(float out[3], const json_t *list)
{
    for (size_t i = 0; i < 3 && json_array_size(list) == 3; i++)
        out[i] = (float)json_number_value(json_array_get(list, i));
}

/* A metadata value that is JSON itself, such as "[12, 8]"; NULL without one. */
static json_t *metadata_json(const expclip__weights *ws, const char *key)
{
    const char *text = expclip__weights_metadata(ws, key);

    return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}

static void read_metadata_numbers(expclip__config *c,
                                  const expclip__weights *ws)
{
    json_t *heads = metadata_json(ws, "heads");
    json_t *eps = metadata_json(ws, "layer_norm_eps");
    json_t *mean = metadata_json(ws, "image_mean");
    json_t *std = metadata_json(ws, "image_std");

    set_heads(&c->vision, json_integer_value(json_array_get(heads, 0)));
    set_heads(&c->text, json_integer_value(json_array_get(heads, 1)));
    if (json_is_real(eps))
        c->layer_norm_eps = json_real_value(eps);
    read_three(c->mean, mean);
    read_three(c->std, std);
    json_decref(heads);
    json_decref(eps);
    json_decref(mean);
    json_decref(std);
}

static expclip_status read_metadata(expclip__config *c,
                                    const expclip__weights *ws,
                                    expclip_error *err)
{
    const char *activation = expclip__weights_metadata(ws, "activation");
    const char *preset = expclip__weights_metadata(ws, "clip_preprocess");

    if (activation && strcmp(activation, "quick_gelu") != 0 &&
        strcmp(activation, "gelu") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "metadata \"activation\": \"%s\", expected "
                             "\"quick_gelu\" or \"gelu\"",
                             activation);
    if (activation)
        c->quick_gelu = activation[0] == 'q';
    if (preset && !expclip__preset_find(preset, &c->preset))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "metadata \"clip_preprocess\": no preset \"%s\"",
                             preset);
    c->has_preset = preset != NULL;
    read_metadata_numbers(c, ws);
    return EXPCLIP_OK;
}

/* ---- configuration files ---- */

/* A number of the configuration that a tensor's shape must bear out. */
typedef struct dimension {
    const char *what;
    double said; /* 0: nothing */
    int32_t found;
} dimension;

static expclip_status check_dimensions(const expclip__config *c,
                                       const expclip__conventions *s,
                                       expclip_error *err)
{
    const expclip__tower_keys *v = &s->model.vision, *t = &s->model.text;
    const dimension list[] = {
        { "the image encoder's width", v->width, c->vision.width },
        { "the image encoder's layers", v->layers, c->vision.layers },
        { "the image encoder's MLP", v->mlp_width, c->vision.mlp_width },
        { "the image encoder's MLP", floor(v->mlp_ratio * c->vision.width),
          c->vision.mlp_width },
        { "the side of a patch", expclip__size_square(&v->patch),
          c->patch_size },
        { "the side of an image", expclip__size_square(&v->image),
          c->image_size },
        { "the text encoder's width", t->width, c->text.width },
        { "the text encoder's layers", t->layers, c->text.layers },
        { "the text encoder's MLP", t->mlp_width, c->text.mlp_width },
        { "the text encoder's MLP", floor(t->mlp_ratio * c->text.width),
          c->text.mlp_width },
        { "the vocabulary", t->vocabulary, c->vocabulary_size },
        { "the context length", t->context, c->context_length },
        { "the embedding's dimension", s->model.embed_dim, c->embed_dim },
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (list[i].said != 0 && list[i].said != list[i].found)
            return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                                 "%s: %s is %.0f, expected %d as the tensors "
                                 "have it; put these weights' own "
                                 "configuration beside them",
                                 s->source, list[i].what, list[i].said,
                                 (int)list[i].found);
    return EXPCLIP_OK;
}

static expclip_status apply_heads(expclip__config *c,
                                  const expclip__conventions *s,
                                  expclip_error *err)
{
    const int32_t head = (int32_t)s->model.vision.head_width;
    double heads = s->model.vision.heads;

    if (s->source && strcmp(s->source, EXPCLIP__CONVENTIONS_OPEN_CLIP) == 0)
        heads = head > 0 && c->vision.width % head == 0 ? c->vision.width / head
                                                        : 0;
    if (heads < 1 || fmod(c->vision.width, heads) != 0)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: heads of width %d, or %g heads, expected "
                             "the image encoder's width %d to divide into "
                             "them; put these weights' own configuration "
                             "beside them",
                             s->source, (int)head, heads, (int)c->vision.width);
    if (s->model.text.heads < 1 ||
        fmod(c->text.width, s->model.text.heads) != 0)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: %g heads, expected the text encoder's width "
                             "%d to divide into them; put these weights' own "
                             "configuration beside them",
                             s->source, s->model.text.heads,
                             (int)c->text.width);
    c->vision.heads = (int32_t)heads;
    c->text.heads = (int32_t)s->model.text.heads;
    return EXPCLIP_OK;
}

/* One epsilon and one activation serve both towers. */
static expclip_status apply_numbers(expclip__config *c,
                                    const expclip__conventions *s,
                                    expclip_error *err)
{
    const expclip__tower_keys *v = &s->model.vision, *t = &s->model.text;
    const double v_eps = v->eps > 0 ? v->eps : c->layer_norm_eps;
    const double t_eps = t->eps > 0 ? t->eps : c->layer_norm_eps;

    if (v_eps != t_eps)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: norm_kwargs.eps or layer_norm_eps is %g for "
                             "images and %g for texts, expected the same for "
                             "both; use another model",
                             s->source, v_eps, t_eps);
    if (v->quick_gelu != t->quick_gelu)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: hidden_act is %s for images and %s for "
                             "texts, expected the same for both; use another "
                             "model",
                             s->source, v->quick_gelu ? "quick_gelu" : "gelu",
                             t->quick_gelu ? "quick_gelu" : "gelu");
    c->layer_norm_eps = v_eps;
    c->quick_gelu = v->quick_gelu | s->model.quick_gelu;
    return EXPCLIP_OK;
}

/* The row that stands for a text is the end token's: the highest id, or the
 * one of `eos_token_id` or `eos_id`. */
static expclip_status check_end(const expclip__config *c,
                                const expclip__conventions *s,
                                expclip_error *err)
{
    const int32_t end = c->vocabulary_size - 1;
    const expclip__tower_keys *t = &s->model.text;
    const int open_clip = c->naming == EXPCLIP__NAMING_OPENAI;

    if (open_clip
            ? !t->pool_by_id || t->end_id == end
            : t->end_id == 0 || t->end_id == end || t->end_id == END_ID_OF_OLD)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "%s: %s is %.0f, expected %d, the id that ends a "
                         "text here; use a model with CLIP's own tokens",
                         s->source,
                         open_clip ? "text_cfg.pool_type is \"eos\" and eos_id"
                                   : "text_config.eos_token_id",
                         t->end_id, (int)end);
}

static expclip_status apply_model(expclip__config *c,
                                  const expclip__conventions *s,
                                  expclip_error *err)
{
    expclip_status status;

    if ((status = check_dimensions(c, s, err)) ||
        (status = apply_heads(c, s, err)) ||
        (status = apply_numbers(c, s, err)))
        return status;
    return check_end(c, s, err);
}

/* Sides of 0 are not said, and then the encoder's. */
static int is_side(double side, const expclip__config *c)
{
    return side == 0 || side == c->image_size;
}

static expclip_status apply_pixels(expclip__config *c,
                                   const expclip__conventions *s,
                                   expclip_error *err)
{
    const expclip__pixel_keys *p = &s->pixels;
    const int square = p->size.height != 0 || p->size.width != 0;

    for (int i = 0; i < 3; i++)
        if (!(p->std[i] > 0))
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "%s: std is %g, expected a number above 0",
                                 s->pixel_source, (double)p->std[i]);
    if (!is_side(expclip__size_square(&p->size), c) ||
        (p->center_crop &&
         !is_side(p->crop.shortest ? p->crop.shortest
                                   : expclip__size_square(&p->crop),
                  c)) ||
        (!p->center_crop && !square))
        return expclip__fail(
            err, EXPCLIP_ERROR_UNSUPPORTED,
            "%s: size, crop_size and do_center_crop make images of %.0f, "
            "cut to %.0f%s, expected sides of %d as the image encoder takes "
            "them; use another model, or its own configuration",
            s->pixel_source, expclip__size_square(&p->size),
            expclip__size_square(&p->crop),
            p->center_crop ? "" : " (not cut at all)", (int)c->image_size);
    if (p->squash || square) {
        c->has_preset = 1;
        c->preset = EXPCLIP__PRESET_CLIP_SQUASH;
    }
    for (int i = 0; i < 3; i++) {
        c->mean[i] = p->normalize ? p->mean[i] : 0.0f;
        c->std[i] = p->normalize ? p->std[i] : 1.0f;
    }
    return EXPCLIP_OK;
}

expclip_status expclip__conventions_apply(expclip__config *config,
                                          const expclip__conventions *said,
                                          const expclip__weights *ws,
                                          expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    config->source = said->source;
    if (expclip__conventions_are_ours(ws))
        return read_metadata(config, ws, err);
    if (said->source)
        status = apply_model(config, said, err);
    if (!status && said->pixel_source)
        status = apply_pixels(config, said, err);
    return status;
}
