/* SPDX-License-Identifier: MIT */
/*
 * dimensions.c - the dimensions of a model as transformers stores it.
 */
#include "teacher/dimensions.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "encoders/names.h"

enum { MOST = 1 << 20 }; /* of any dimension */

void expclip__dimensions_open(expclip__dimensions *out,
                              const expclip__weights *ws, expclip_error *err)
{
    char *text = NULL;
    size_t size = 0;
    expclip_status status =
        expclip__weights_read_beside(&text, &size, ws, "config.json", err);
    json_t *config = text ? json_loadb(text, size, 0, NULL) : json_object();

    if (!status && !config)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "config.json: no JSON object");
    expclip__free(text);
    *out = (expclip__dimensions){ ws, config, status, err };
}

expclip_status expclip__dimensions_close(expclip__dimensions *d)
{
    json_decref(d->config);
    d->config = NULL;
    return d->status;
}

int32_t expclip__dimension(expclip__dimensions *d, const char *prefix,
                           const char *part, int32_t n_dims, int32_t dim)
{
    char name[EXPCLIP__NAME_SIZE];
    const expclip__weight *w;

    if (d->status)
        return 1;
    snprintf(name, sizeof(name), "%s%s", prefix, part);
    w = expclip__weights_find(d->ws, name);
    if (w && w->n_dims == n_dims && w->shape[dim] >= 1 && w->shape[dim] <= MOST)
        return (int32_t)w->shape[dim];
    d->status = expclip__fail(d->err, EXPCLIP_ERROR_SHAPE,
                              "tensor \"%s\": %s, expected %d dimensions", name,
                              w ? "another shape" : "missing", (int)n_dims);
    return 1;
}

static const json_t *find(const expclip__dimensions *d, const char *part,
                          const char *key)
{
    const json_t *object = part ? json_object_get(d->config, part) : d->config;

    return json_object_get(object, key);
}

int32_t expclip__dimension_number(const expclip__dimensions *d,
                                  const char *part, const char *key,
                                  int32_t missing)
{
    const json_t *value = find(d, part, key);

    return json_is_integer(value) && json_integer_value(value) >= 1 &&
                   json_integer_value(value) <= MOST
               ? (int32_t)json_integer_value(value)
               : missing;
}

/* Is there a tensor of layer n? */
static int has_layer(const expclip__weights *ws, const char *prefix, int32_t n)
{
    char start[128];
    const size_t size =
        (size_t)snprintf(start, sizeof(start), "%s%d.", prefix, (int)n);

    for (size_t i = 0; i < expclip__weights_count(ws); i++)
        if (strncmp(expclip__weights_at(ws, i)->name, start, size) == 0)
            return 1;
    return 0;
}

int32_t expclip__dimension_layers(expclip__dimensions *d, const char *prefix,
                                  const char *part, const char *key)
{
    int32_t n = 0, expected;

    if (d->status)
        return 1;
    while (has_layer(d->ws, prefix, n))
        n++;
    expected = expclip__dimension_number(d, part, key, n ? n : 1);
    if (n == expected)
        return n;
    d->status = expclip__fail(d->err, EXPCLIP_ERROR_SHAPE,
                              "tensors \"%s...\": %d layers, expected %d",
                              prefix, (int)n, (int)expected);
    return 1;
}

double expclip__dimension_real(const expclip__dimensions *d, const char *part,
                               const char *key, double missing)
{
    const json_t *value = find(d, part, key);
    const double x = json_is_number(value) ? json_number_value(value) : missing;

    return x > 0.0 && x < 1.0 ? x : missing;
}

void expclip__dimension_heads(expclip__dimensions *d, const char *part,
                              int32_t width, int32_t heads)
{
    if (!d->status && width % heads != 0)
        d->status = expclip__fail(d->err, EXPCLIP_ERROR_SHAPE,
                                  "%s: width %d, expected a multiple of its %d "
                                  "heads",
                                  part, (int)width, (int)heads);
}
