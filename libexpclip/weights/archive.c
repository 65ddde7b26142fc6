/* SPDX-License-Identifier: MIT */
/*
 * archive.c - the tensors of a torch zip archive.
 *
 *     <top>/data.pkl       what there is: a state dict, or a module
 *     <top>/data/<number>  the bytes of one storage
 *     <top>/byteorder      "little", from torch 2.1 on
 *     <top>/constants.pkl  only in TorchScript archives (torch.jit.save)
 *
 * In a TorchScript archive, as OpenAI publishes CLIP, data.pkl is a tree of
 * modules; a tensor's name is the path of attributes that leads to it. The
 * code that such an archive holds is not looked at.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "weights/set.h"
#include "weights/state_dict.h"
#include "weights/zip.h"

#define MAX_PICKLE (16u << 20)
#define MAX_SMALL 4096 /* bytes; an entry about the archive itself */

typedef struct archive {
    expclip__zip *zip;
    char *top;             /* with its slash */
    atomic_uchar *checked; /* for each entry: 1 when its sum was right */
    uint8_t *types;        /* for each entry: 1 + dtype, 0 = not known */
} archive;

/* ---- one tensor ---- */

/* The archive's entry with a storage's bytes; checks that it fits. */
static expclip_status place(expclip__weight *w, void *data,
                            const expclip__pickle_node *storage,
                            expclip_error *err)
{
    archive *a = data;
    const uint64_t wanted = (uint64_t)storage->is.storage.n_elements *
                            expclip__dtype_size(storage->is.storage.dtype);
    const unsigned long long key = storage->is.storage.key;
    const uint8_t type = (uint8_t)(1 + storage->is.storage.dtype);
    const expclip__zip_entry *e;
    expclip__buffer name = { 0 };

    expclip__buffer_add_format(&name, "%sdata/%llu", a->top, key);
    if (name.failed)
        return expclip__fail_memory(err, "tensor");
    w->storage = expclip__zip_find(a->zip, name.data);
    expclip__buffer_free(&name);
    if (w->storage < 0)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": no entry data/%llu in the archive",
                             w->name, key);
    e = &a->zip->entries[w->storage];
    if (!e->stored)
        return expclip__fail(
            err, EXPCLIP_ERROR_UNSUPPORTED,
            "tensor \"%s\": compressed, expected as torch.save() "
            "stores it; save it again by torch.save()",
            w->name);
    if (e->size != wanted)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": %llu bytes in data/%llu, expected "
                             "%llu",
                             w->name, (unsigned long long)e->size, key,
                             (unsigned long long)wanted);
    if (a->types[w->storage] && a->types[w->storage] != type)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": data/%llu is of two types",
                             w->name, key);
    a->types[w->storage] = type;
    w->offset = e->start;
    return EXPCLIP_OK;
}

/* ---- the archive ---- */

void expclip__archive_close(void *p)
{
    archive *a = p;

    if (!a)
        return;
    expclip__zip_free(a->zip);
    expclip__free(a->top);
    expclip__free(a->checked);
    expclip__free(a->types);
    expclip__free(a);
}

/* The folder of the only <top>/data.pkl. */
static expclip_status find_top(archive *a, const expclip__file *file,
                               expclip_error *err)
{
    const char *found = NULL;

    for (size_t i = 0; i < a->zip->n_entries; i++) {
        const char *name = a->zip->entries[i].name;
        const char *slash = strchr(name, '/');

        if (!slash || strcmp(slash, "/data.pkl") != 0)
            continue;
        if (found)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "%s: both \"%s\" and \"%s\", expected one",
                                 file->path, found, name);
        found = name;
    }
    if (!found)
        return expclip__fail(
            err, EXPCLIP_ERROR_UNSUPPORTED,
            "%s: a zip file without data.pkl, with \"%.100s\", "
            "expected what torch.save() writes; if it is a "
            "packed folder, unpack it and name the folder",
            file->path, a->zip->n_entries ? a->zip->entries[0].name : "");
    a->top = expclip__strndup(found, (size_t)(strchr(found, '/') - found) + 1);
    return a->top ? EXPCLIP_OK : expclip__fail_memory(err, "archive");
}

/* Index of <top>/<name>, -1 when there is none, -2 when memory is out. */
static int32_t find_entry(const archive *a, const char *name)
{
    expclip__buffer path = { 0 };
    int32_t entry;

    expclip__buffer_add_format(&path, "%s%s", a->top, name);
    entry = path.failed ? -2 : expclip__zip_find(a->zip, path.data);
    expclip__buffer_free(&path);
    return entry;
}

/*
 * The checksums of the small entries, whether they are of use or not: a wrong
 * one says that the file is damaged. Those of storages are compared when their
 * tensors are read.
 */
static expclip_status check_small_entries(const archive *a,
                                          const expclip__file *file,
                                          expclip_error *err)
{
    const size_t top_size = strlen(a->top);

    for (size_t i = 0; i < a->zip->n_entries; i++) {
        const expclip__zip_entry *e = &a->zip->entries[i];
        uint8_t *bytes = NULL;
        size_t size;
        expclip_status status;

        if (!e->stored || e->size > MAX_SMALL ||
            (strncmp(e->name, a->top, top_size) == 0 &&
             strncmp(e->name + top_size, "data/", 5) == 0))
            continue;
        status = expclip__zip_read(&bytes, &size, a->zip, (int32_t)i, file,
                                   MAX_SMALL, err);
        expclip__free(bytes);
        if (status)
            return status;
    }
    return EXPCLIP_OK;
}

static expclip_status check_byte_order(const archive *a,
                                       const expclip__file *file,
                                       expclip_error *err)
{
    const int32_t entry = find_entry(a, "byteorder");
    uint8_t *text = NULL;
    size_t size = 0;
    expclip_status status;

    if (entry == -1) /* torch before 2.1 */
        return EXPCLIP_OK;
    if (entry == -2)
        return expclip__fail_memory(err, "archive");
    status = expclip__zip_read(&text, &size, a->zip, entry, file, 16, err);
    if (!status && (size != 6 || memcmp(text, "little", 6) != 0))
        status = expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                               "%s: byte order is not little-endian; save it "
                               "again on such a machine",
                               file->path);
    expclip__free(text);
    return status;
}

static expclip_status read_pickle(expclip__weights *ws, int32_t source,
                                  archive *a, expclip_error *err)
{
    const expclip__file *file = &ws->sources[source].file;
    const int32_t entry = find_entry(a, "data.pkl");
    expclip__pickle *p = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    expclip_error why;
    expclip_status status;

    if (entry < 0)
        return expclip__fail_memory(err, "archive");
    if (a->zip->entries[entry].size > MAX_PICKLE)
        return expclip__fail(
            err, EXPCLIP_ERROR_LIMIT,
            "%s: data.pkl of %llu bytes, expected at most %u: NumPy's arrays, "
            "perhaps; save tensors, which lie outside it",
            file->path, (unsigned long long)a->zip->entries[entry].size,
            MAX_PICKLE);
    status =
        expclip__zip_read(&bytes, &size, a->zip, entry, file, MAX_PICKLE, err);
    if (status)
        return status;
    status = expclip__pickle_read(&p, bytes, size, &why);
    if (!status)
        status = expclip__state_dict_read(ws, source, p, place, a, &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", file->path, why.message);
    expclip__pickle_free(p);
    expclip__free(bytes);
    return status;
}

expclip_status expclip__archive_read(expclip__weights *ws, int32_t source,
                                     expclip_error *err)
{
    const expclip__file *file = &ws->sources[source].file;
    archive *a = expclip__alloc_zero(1, sizeof(*a));
    expclip_status status;

    if (!a)
        return expclip__fail_memory(err, "archive");
    ws->sources[source].archive = a;
    status = expclip__zip_open(&a->zip, file, err);
    if (status)
        return status;
    a->checked = expclip__alloc_zero(a->zip->n_entries, sizeof(*a->checked));
    a->types = expclip__alloc_zero(a->zip->n_entries, sizeof(*a->types));
    if (!a->checked || !a->types)
        return expclip__fail_memory(err, "archive");
    if ((status = find_top(a, file, err)) ||
        (status = check_small_entries(a, file, err)) ||
        (status = check_byte_order(a, file, err)) ||
        (status = read_pickle(ws, source, a, err)))
        return status;
    switch (find_entry(a, "constants.pkl")) {
    case -2:
        return expclip__fail_memory(err, "archive");
    case -1:
        ws->format = "torch archive";
        break;
    default:
        ws->format = "TorchScript archive";
    }
    return EXPCLIP_OK;
}

/* ---- checksums ---- */

const expclip__zip_entry *
expclip__archive_unchecked(const expclip__source *source,
                           const expclip__weight *w)
{
    const archive *a = source->archive;

    return atomic_load(&a->checked[w->storage]) ? NULL
                                                : &a->zip->entries[w->storage];
}

void expclip__archive_set_checked(const expclip__source *source,
                                  const expclip__weight *w)
{
    const archive *a = source->archive;

    atomic_store(&a->checked[w->storage], 1);
}
