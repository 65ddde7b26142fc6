/* SPDX-License-Identifier: MIT */
/*
 * sources.c - which files a model and its head come from.
 *
 * A path may also be "demo", or the name of a download: "ViT-B/32" is looked
 * for as ViT-B-32.pt in the cache folder, "ExpCLIP_B32" as
 * ExpCLIP_B32_model.pth. The cache is $EXPCLIP_CACHE, else
 * $XDG_CACHE_HOME/expclip, else ~/.cache/expclip.
 */
#include "expression/sources.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "encoders/config_read.h"
#include "expression/demo_model.h"
#include "expression/head.h"

#define WIDEST_OF_OPENAI 1024 /* ViT-L/14: wider ones use either GELU */

/* ---- names of downloads ---- */

static int exists(const char *path)
{
    struct stat s;

    return path && stat(path, &s) == 0;
}

static void add_cache_folder(expclip__buffer *b)
{
    const char *cache = getenv("EXPCLIP_CACHE");
    const char *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");

    if (cache && cache[0])
        expclip__buffer_add_format(b, "%s/", cache);
    else if (xdg && xdg[0])
        expclip__buffer_add_format(b, "%s/expclip/", xdg);
    else
        expclip__buffer_add_format(b, "%s/.cache/expclip/", home ? home : ".");
}

/* "ViT-B/32" to "<cache>/ViT-B-32<ending>", or NULL. */
static char *cached_path(const char *name, const char *ending)
{
    expclip__buffer b = { 0 };
    size_t start;

    add_cache_folder(&b);
    start = b.size;
    expclip__buffer_add_string(&b, name);
    expclip__buffer_add_string(&b, ending);
    for (size_t i = start; !b.failed && i < b.size; i++)
        if (b.data[i] == '/')
            b.data[i] = '-';
    return b.data;
}

/*
 * The path to open, for expclip__free(): `path` itself when there is such a
 * file or folder, else a download of that name.
 */
static expclip_status resolve(char **out, const char *path, const char *what,
                              expclip_error *err)
{
    static const char *const endings[] = { ".pt", "_model.pth", ".safetensors",
                                           "" };

    *out = NULL;
    if (!exists(path) && path[0] != '/' && path[0] != '.') {
        for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
            *out = cached_path(path, endings[i]);
            if (exists(*out))
                return EXPCLIP_OK;
            expclip__free(*out);
            *out = NULL;
        }
        return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND,
                             "%s \"%s\": no such file, and no download of that "
                             "name; \"expclip pull --list\" lists what can be "
                             "fetched",
                             what, path);
    }
    *out = expclip__strdup(path);
    return *out ? EXPCLIP_OK : expclip__fail_memory(err, what);
}

static expclip_status open_model(expclip__weights **out, const char *path,
                                 expclip_error *err)
{
    const uint8_t *bytes;
    size_t size;
    char *file = NULL;
    expclip_status status;

    if (strcmp(path, "demo") == 0) {
        bytes = expclip__demo_model(&size);
        if (size == 0)
            return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND,
                                 "model \"demo\": not in this build");
        return expclip__weights_open_bytes(out, bytes, size, "demo", err);
    }
    status = resolve(&file, path, "model", err);
    if (!status)
        status = expclip__weights_open(out, file, err);
    expclip__free(file);
    return status;
}

/* ---- head ---- */

static expclip_status open_head(expclip__sources *s, const char *head,
                                expclip_error *err)
{
    char *file = NULL;
    expclip_status status;

    if (strcmp(head, "none") == 0)
        return EXPCLIP_OK;
    if (strcmp(head, "auto") == 0)
        return expclip__head_find(&s->head, s->model, err);
    status = resolve(&file, head, "head", err);
    if (!status)
        status = expclip__weights_open(&s->head_file, file, err);
    expclip__free(file);
    if (!status)
        status = expclip__head_find(&s->head, s->head_file, err);
    if (status)
        return status;
    if (!s->head)
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "head \"%s\": no tensor \"mlp.weight\" of two "
                             "dimensions",
                             head);
    return EXPCLIP_OK;
}

const expclip__weights *expclip__sources_head(const expclip__sources *s)
{
    return s->head_file ? s->head_file : s->model;
}

/* The name of that file, while the files are opened. */
static const char *head_path(const expclip__sources *s)
{
    return s->head_file ? s->head_path : s->path;
}

/* ---- preset ---- */

/* The head's file says it; the reference's heads, which say nothing, were all
 * trained with "expclip". */
static expclip_status head_preset(const expclip__sources *s,
                                  expclip__preset *out, expclip_error *err)
{
    const char *name =
        expclip__weights_metadata(expclip__sources_head(s), "preprocess");

    *out = EXPCLIP__PRESET_EXPCLIP;
    if (name && !expclip__preset_find(name, out))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: metadata \"preprocess\": no preset \"%s\"",
                             head_path(s), name);
    return EXPCLIP_OK;
}

static expclip_status choose_preset(expclip__sources *s, const char *name,
                                    expclip_error *err)
{
    expclip__preset preset = EXPCLIP__PRESET_CLIP;
    expclip_status status = EXPCLIP_OK;

    if (strcmp(name, "auto") != 0) {
        if (!expclip__preset_find(name, &preset))
            return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "preprocess: \"%s\", expected auto, expclip, "
                                 "clip or clip-squash",
                                 name);
    } else if (s->head) {
        status = head_preset(s, &preset, err);
    } else if (s->config.has_preset) {
        preset = s->config.preset;
    }
    expclip__pixels_init(&s->pixels, preset, s->config.image_size);
    if (preset != EXPCLIP__PRESET_EXPCLIP) {
        memcpy(s->pixels.mean, s->config.mean, sizeof(s->pixels.mean));
        memcpy(s->pixels.std, s->config.std, sizeof(s->pixels.std));
    }
    return status;
}

/* ---- crop ---- */

/* Its place in *out; what no file says is left as it is. */
static expclip_status read_crop(float *out, const expclip__sources *s,
                                const char *key, expclip_error *err)
{
    const char *head = expclip__weights_metadata(expclip__sources_head(s), key);
    const char *text = head ? head : expclip__weights_metadata(s->model, key);
    json_t *number = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    expclip_status status = EXPCLIP_OK;

    if (json_is_number(number))
        *out = (float)json_number_value(number);
    else if (text)
        status = expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                               "%s: metadata \"%s\": \"%.40s\", expected a "
                               "number",
                               head ? head_path(s) : s->path, key, text);
    json_decref(number);
    return status;
}

static expclip_status choose_crop(expclip__sources *s, expclip_error *err)
{
    expclip_status status;

    s->crop = (expclip__crop)EXPCLIP__CROP_DEFAULT;
    if ((status = read_crop(&s->crop.side, s, "crop.side", err)) ||
        (status = read_crop(&s->crop.up, s, "crop.up", err)))
        return status;
    if (expclip__crop_is_sound(&s->crop))
        return EXPCLIP_OK;
    return expclip__fail(
        err, EXPCLIP_ERROR_UNSUPPORTED,
        "%s: metadata \"crop.side\", \"crop.up\": %g and %g, "
        "expected %g to %g and %g to %g",
        head_path(s), (double)s->crop.side, (double)s->crop.up,
        (double)EXPCLIP__CROP_LEAST_SIDE, (double)EXPCLIP__CROP_MOST_SIDE,
        (double)-EXPCLIP__CROP_MOST_UP, (double)EXPCLIP__CROP_MOST_UP);
}

static expclip_status choose_activation(expclip__sources *s, const char *name,
                                        expclip_error *err)
{
    if (strcmp(name, "quick_gelu") == 0)
        s->config.quick_gelu = 1;
    else if (strcmp(name, "gelu") == 0)
        s->config.quick_gelu = 0;
    else if (strcmp(name, "auto") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "activation: \"%s\", expected auto, quick_gelu or "
                             "gelu",
                             name);
    else if (!s->config.source && s->config.vision.width > WIDEST_OF_OPENAI)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "activation: not known, since OpenAI published "
                             "no CLIP of width %d and no configuration is "
                             "beside the weights, expected gelu (LAION's "
                             "models) or quick_gelu; say which, or put the "
                             "model's configuration beside them",
                             (int)s->config.vision.width);
    return EXPCLIP_OK;
}

/* ---- public ---- */

expclip_status expclip__sources_open(expclip__sources *out, const char *path,
                                     const expclip__source_options *options,
                                     expclip_error *err)
{
    expclip__sources s = { .path = path, .head_path = options->head };
    expclip_status status;

    if ((status = open_model(&s.model, path, err)) ||
        (status = expclip__config_read(&s.config, s.model, err)) ||
        (status = choose_activation(&s, options->activation, err)) ||
        (status = open_head(&s, options->head, err)) ||
        (status = choose_preset(&s, options->preprocess, err)) ||
        (status = choose_crop(&s, err))) {
        expclip__sources_close(&s);
        return status;
    }
    s.name = expclip__weights_metadata(s.model, "name");
    s.path = s.head_path = NULL;
    *out = s;
    return EXPCLIP_OK;
}

void expclip__sources_close(expclip__sources *s)
{
    expclip__weights_free(s->head_file);
    expclip__weights_free(s->model);
    memset(s, 0, sizeof(*s));
}
