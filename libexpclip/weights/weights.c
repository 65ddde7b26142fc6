/* SPDX-License-Identifier: MIT */
/*
 * weights.c - opening weights: what kind of file is it, and where in a folder?
 *
 * The content decides, never the name: a zip begins with "PK", an index is a
 * JSON object with a weight_map, a safetensors file has its header's length
 * and then "{", what torch wrote before 1.6 begins as a pickle does.
 */
#define _GNU_SOURCE
#include "weights/weights.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/foreign.h"
#include "base/text.h"
#include "weights/set.h"

#define MAX_BESIDE (16u << 20) /* bytes of a file beside weights */
#define HEAD_SIZE 9            /* of a safetensors file: a length and "{" */

/* Looked for in a folder, in this order. */
static const char *const names_in_folder[] = {
    "model.safetensors",
    "open_clip_model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "open_clip_pytorch_model.bin",
    "pytorch_model.bin.index.json",
};

static int is_folder(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static int is_file(const char *path)
{
    struct stat s;

    return lstat(path, &s) == 0 &&
           (S_ISREG(s.st_mode) ||
            (S_ISLNK(s.st_mode) && (stat(path, &s) || S_ISREG(s.st_mode))));
}

/* What people find beside models, or instead of them, and what to do. */
static const char *const others_in_folder[][2] = {
    { "adapter_config.json",
      "an adapter (LoRA) and no model; merge it by peft's merge_and_unload(), "
      "and save that" },
    { "snapshots", "a hub's cache; name a folder below snapshots" },
    { "tf_model.h5", "weights of TensorFlow only; save them as safetensors" },
    { "flax_model.msgpack", "weights of Flax only; save them as safetensors" },
    { "model.onnx", "weights of ONNX only; use those it was made from" },
    { "onnx", "weights of ONNX only; use those it was made from" },
    { "config.json", "a configuration without weights; put them beside it" },
};

static expclip_status fail_folder(const char *path, expclip_error *err)
{
    const char *why = "if its file has another name, name the file";

    for (size_t i = 0; i < sizeof(others_in_folder) / sizeof(*others_in_folder);
         i++) {
        char *other = expclip__path_join(path, others_in_folder[i][0]);
        struct stat s;
        const int is_there = other && stat(other, &s) == 0;

        expclip__free(other);
        if (is_there) {
            why = others_in_folder[i][1];
            break;
        }
    }
    return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND,
                         "%s: a folder without %s, %s or their kind: %s", path,
                         names_in_folder[0], names_in_folder[3], why);
}

/* The file to open, for expclip__free(): `path`, or what is in the folder. A
 * link that leads nowhere is chosen too, so that opening it says so. */
static expclip_status choose_file(char **out, const char *path,
                                  expclip_error *err)
{
    if (!is_folder(path)) {
        *out = expclip__strdup(path);
        return *out ? EXPCLIP_OK : expclip__fail_memory(err, "path");
    }
    for (size_t i = 0; i < sizeof(names_in_folder) / sizeof(names_in_folder[0]);
         i++) {
        *out = expclip__path_join(path, names_in_folder[i]);
        if (!*out)
            return expclip__fail_memory(err, "path");
        if (is_file(*out))
            return EXPCLIP_OK;
        expclip__free(*out);
        *out = NULL;
    }
    return fail_folder(path, err);
}

static expclip_status fail_unknown(const expclip__file *file,
                                   expclip_error *err)
{
    uint8_t head[EXPCLIP__FOREIGN_SIZE];
    const size_t n =
        file->size < sizeof(head) ? (size_t)file->size : sizeof(head);
    const expclip__foreign *foreign;
    expclip_status status = expclip__file_read(file, 0, head, n, err);

    if (status)
        return status;
    foreign = expclip__foreign_find(head, n);
    if (!foreign)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: neither safetensors nor a file of "
                             "torch.save(); load it with what wrote it, and "
                             "save its weights with one of these",
                             file->path);
    return expclip__fail(
        err, n ? EXPCLIP_ERROR_UNSUPPORTED : EXPCLIP_ERROR_TRUNCATED,
        "%s: %s, expected safetensors or a file of torch.save(); %s",
        file->path, foreign->name, foreign->cure);
}

/* The first bytes of a file; *n of them. */
static expclip_status read_head(char head[HEAD_SIZE], size_t *n,
                                const expclip__file *file, expclip_error *err)
{
    *n = file->size < HEAD_SIZE ? (size_t)file->size : HEAD_SIZE;
    return expclip__file_read(file, 0, head, *n, err);
}

expclip_status expclip__set_read_source(expclip__weights *ws,
                                        expclip__file *file, expclip_error *err)
{
    const int32_t number = (int32_t)ws->n_sources;
    char head[HEAD_SIZE];
    size_t n;
    expclip_status status = expclip__set_add_source(ws, file, err);

    if (status)
        return status;
    file = &ws->sources[number].file;
    status = read_head(head, &n, file, err);
    if (status)
        return status;
    if (n >= 4 && memcmp(head, "PK", 2) == 0)
        return expclip__archive_read(ws, number, err);
    if (n == 0)
        return fail_unknown(file, err);
    if (n < HEAD_SIZE)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "%s: %zu bytes, too few for weights", file->path,
                             n);
    if (head[8] != '{' && (unsigned char)head[0] == 0x80) /* a pickle */
        return expclip__legacy_read(ws, number, err);
    if (head[8] != '{')
        return fail_unknown(file, err);
    ws->format = "safetensors";
    return expclip__safetensors_read(ws, number, err);
}

/* An index of shards begins as JSON. The length in front of a safetensors
 * header may look like a brace too, but it has zeros. */
static int is_index(const char *head, size_t n)
{
    size_t i = 0;

    while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\n' ||
                     head[i] == '\r'))
        i++;
    return i < n && head[i] == '{' && !memchr(head, 0, n);
}

/* Takes the file over. */
static expclip_status read_file(expclip__weights *ws, expclip__file *file,
                                const char *path, expclip_error *err)
{
    char head[HEAD_SIZE];
    size_t n;
    expclip_status status = read_head(head, &n, file, err);

    if (status || is_index(head, n)) {
        expclip__file_close(file);
        return status ? status : expclip__shards_read(ws, path, err);
    }
    return expclip__set_read_source(ws, file, err);
}

expclip_status expclip__weights_open(expclip__weights **out, const char *path,
                                     expclip_error *err)
{
    expclip__weights *ws = expclip__alloc_zero(1, sizeof(*ws));
    expclip__file file;
    char *name = NULL;
    expclip_status status;

    if (!ws)
        return expclip__fail_memory(err, "weights");
    status = choose_file(&name, path, err);
    if (!status && !(ws->folder = expclip__path_folder(name)))
        status = expclip__fail_memory(err, "path");
    if (!status)
        status = expclip__file_open(&file, name, err);
    if (!status)
        status = read_file(ws, &file, name, err);
    expclip__free(name);
    if (status)
        expclip__weights_free(ws);
    else
        *out = ws;
    return status;
}

expclip_status expclip__weights_open_bytes(expclip__weights **out,
                                           const uint8_t *bytes, size_t size,
                                           const char *name, expclip_error *err)
{
    expclip__weights *ws = expclip__alloc_zero(1, sizeof(*ws));
    expclip__file file;
    expclip_status status;

    if (!ws)
        return expclip__fail_memory(err, "weights");
    status = expclip__file_from_bytes(&file, bytes, size, name, err);
    if (!status)
        status = expclip__set_read_source(ws, &file, err);
    if (status)
        expclip__weights_free(ws);
    else
        *out = ws;
    return status;
}

/* A configuration that is another thing is told by its name, before its reader
 * stumbles over the first letter. */
static expclip_status check_text(const char *path, const char *text,
                                 size_t size, expclip_error *err)
{
    const expclip__foreign *foreign =
        expclip__foreign_find((const uint8_t *)text, size);

    return foreign ? expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                   "%s: %s, expected a text; %s", path,
                                   foreign->name, foreign->cure)
                   : EXPCLIP_OK;
}

static void remove_bom(char *text, size_t *size)
{
    const size_t bom = expclip__bom_size(text, *size);

    *size -= bom;
    memmove(text, text + bom, *size + 1);
}

expclip_status expclip__weights_read_beside(char **out, size_t *size,
                                            const expclip__weights *ws,
                                            const char *name,
                                            expclip_error *err)
{
    char *path;
    uint8_t *bytes = NULL;
    expclip_status status;

    *out = NULL;
    *size = 0;
    if (!ws->folder)
        return EXPCLIP_OK;
    if ((status = expclip__check_file_name(name, err)))
        return status;
    path = expclip__path_join(ws->folder, name);
    status = path ? expclip__read_file(&bytes, size, path, MAX_BESIDE, err)
                  : expclip__fail_memory(err, name);
    if (!status)
        status = check_text(path, (const char *)bytes, *size, err);
    if (!status) {
        *out = (char *)bytes;
        remove_bom(*out, size);
    } else {
        expclip__free(bytes);
    }
    expclip__free(path);
    return status == EXPCLIP_ERROR_NOT_FOUND ? EXPCLIP_OK : status;
}
