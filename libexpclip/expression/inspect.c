/* SPDX-License-Identifier: MIT */
/*
 * inspect.c - what a weights file says of itself, as JSON. Only headers are
 * read; libtorch is not needed.
 */
#include "expression/inspect.h"

#include <jansson.h>

#include "base/error.h"
#include "encoders/config_read.h"
#include "expression/head.h"
#include "weights/weights.h"

static json_t *describe_tensor(const expclip__weight *w)
{
    json_t *shape = json_array();

    for (int32_t i = 0; i < w->n_dims; i++)
        json_array_append_new(shape, json_integer(w->shape[i]));
    return json_pack("{s:s, s:s, s:o}", "name", w->name, "dtype",
                     expclip__dtype_name(w->dtype), "shape", shape);
}

static json_t *describe_tensors(const expclip__weights *ws)
{
    json_t *list = json_array();

    for (size_t i = 0; i < expclip__weights_count(ws); i++)
        json_array_append_new(list,
                              describe_tensor(expclip__weights_at(ws, i)));
    return list;
}

static json_t *describe_metadata(const expclip__weights *ws)
{
    json_t *object = json_object();

    for (size_t i = 0; i < expclip__weights_n_metadata(ws); i++) {
        const char *key = expclip__weights_metadata_key(ws, i);

        json_object_set_new(object, key,
                            json_string(expclip__weights_metadata(ws, key)));
    }
    return object;
}

static json_t *describe_tower(const expclip__tower_config *t)
{
    return json_pack("{s:i, s:i, s:i, s:i}", "width", t->width, "layers",
                     t->layers, "heads", t->heads, "mlp_width", t->mlp_width);
}

/* null when the file holds no CLIP: a head, or something else. */
static json_t *describe_architecture(const expclip__weights *ws)
{
    expclip__config c;
    char name[64];

    if (expclip__config_read(&c, ws, NULL))
        return json_null();
    expclip__config_name(name, sizeof(name), &c);
    return json_pack(
        "{s:s, s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:o, s:o}", "name", name,
        "image_size", c.image_size, "patch_size", c.patch_size, "embedding_dim",
        c.embed_dim, "context_length", c.context_length, "vocabulary_size",
        c.vocabulary_size, "activation", c.quick_gelu ? "quick_gelu" : "gelu",
        "conventions", c.source ? c.source : "assumed", "vision",
        describe_tower(&c.vision), "text", describe_tower(&c.text));
}

static json_t *describe_head(const expclip__weights *ws)
{
    const expclip__weight *w = NULL;

    return !expclip__head_find(&w, ws, NULL) && w ? describe_tensor(w)
                                                  : json_null();
}

expclip_status expclip__inspect(char **out, const char *path,
                                expclip_error *err)
{
    expclip__weights *ws = NULL;
    json_t *root;
    char *text;
    expclip_status status = expclip__weights_open(&ws, path, err);

    if (status)
        return status;
    root = json_pack(
        "{s:s, s:o, s:o, s:o, s:o}", "format", expclip__weights_format(ws),
        "architecture", describe_architecture(ws), "head", describe_head(ws),
        "metadata", describe_metadata(ws), "tensors", describe_tensors(ws));
    text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    expclip__weights_free(ws);
    if (!text)
        return expclip__fail_memory(err, "description");
    *out = text;
    return EXPCLIP_OK;
}
