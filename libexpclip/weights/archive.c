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
#include "weights/pickle.h"
#include "weights/set.h"
#include "weights/zip.h"

#define MAX_PICKLE (16u << 20)
#define MAX_SMALL 4096 /* bytes; an entry about the archive itself */
#define MAX_NAME 512u
#define MAX_DEPTH 64        /* of modules; CLIP has 7 */
#define MAX_VISITS 1000000u /* a module may be reached in many ways */

typedef struct archive {
    expclip__zip *zip;
    char *top;             /* with its slash */
    atomic_uchar *checked; /* for each entry: 1 when its sum was right */
    uint8_t *types;        /* for each entry: 1 + dtype, 0 = not known */
} archive;

/* A walk through the values; `path` is the name so far. */
typedef struct walk {
    expclip__weights *ws;
    const archive *a;
    const expclip__pickle *p;
    int32_t source;
    char path[MAX_NAME];
    size_t path_size;
    expclip_error *err;
} walk;

/* Where a walk is in one container. */
typedef struct level {
    uint32_t item;
    size_t path_size; /* of the container's name, with its dot */
} level;

/* ---- one tensor ---- */

static const expclip__pickle_node *node_at(const walk *k,
                                           expclip__pickle_ref ref)
{
    return &k->p->nodes[ref];
}

/* The archive's entry with a storage's bytes; checks that it fits. */
static expclip_status
find_storage(const walk *k, const expclip__pickle_node *storage, int32_t *out)
{
    const uint64_t wanted = (uint64_t)storage->is.storage.n_elements *
                            expclip__dtype_size(storage->is.storage.dtype);
    const uint8_t type = (uint8_t)(1 + storage->is.storage.dtype);
    const expclip__zip_entry *e;
    expclip__buffer name = { 0 };

    expclip__buffer_add_format(&name, "%sdata/%llu", k->a->top,
                               (unsigned long long)storage->is.storage.key);
    if (name.failed)
        return expclip__fail_memory(k->err, "tensor");
    *out = expclip__zip_find(k->a->zip, name.data);
    expclip__buffer_free(&name);
    if (*out < 0)
        return expclip__fail(k->err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": no entry data/%llu in the archive",
                             k->path,
                             (unsigned long long)storage->is.storage.key);
    e = &k->a->zip->entries[*out];
    if (!e->stored)
        return expclip__fail(k->err, EXPCLIP_ERROR_UNSUPPORTED,
                             "tensor \"%s\": compressed; torch.save() stores",
                             k->path);
    if (e->size != wanted)
        return expclip__fail(k->err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": %llu bytes in data/%llu, expected "
                             "%llu",
                             k->path, (unsigned long long)e->size,
                             (unsigned long long)storage->is.storage.key,
                             (unsigned long long)wanted);
    if (k->a->types[*out] && k->a->types[*out] != type)
        return expclip__fail(k->err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": data/%llu is of two types",
                             k->path,
                             (unsigned long long)storage->is.storage.key);
    k->a->types[*out] = type;
    return EXPCLIP_OK;
}

static expclip_status add_tensor(walk *k, const expclip__pickle_node *tensor)
{
    const expclip__pickle_view *v = &k->p->views[tensor->is.tensor.view];
    const expclip__pickle_node *storage = node_at(k, tensor->is.tensor.storage);
    expclip__weight w = { .name = k->path,
                          .dtype = storage->is.storage.dtype,
                          .n_dims = v->n_dims,
                          .n_elements = v->n_elements,
                          .source = k->source };
    expclip_status status = find_storage(k, storage, &w.storage);

    if (status)
        return status;
    memcpy(w.shape, v->shape, sizeof(w.shape));
    memcpy(w.stride, v->stride, sizeof(w.stride));
    w.offset = k->a->zip->entries[w.storage].start +
               (uint64_t)(v->n_elements ? v->offset : 0) *
                   expclip__dtype_size(w.dtype);
    return expclip__set_add_tensor(k->ws, &w, k->err);
}

/* ---- the walk ---- */

/* Continue the path with a key. @return 0 when the key is no name */
static int extend(walk *k, size_t path_size, const expclip__pickle_node *key)
{
    size_t size;

    if (key->kind != EXPCLIP__PICKLE_STRING)
        return 0;
    size = key->is.string.size;
    if (size == 0 || size >= MAX_NAME - path_size)
        return 0;
    memcpy(k->path + path_size, key->is.string.text, size);
    k->path_size = path_size + size;
    k->path[k->path_size] = '\0';
    return 1;
}

/* Names of modules in modules are joined by dots. */
static expclip_status enter(walk *k, level *levels, int *depth,
                            const expclip__pickle_node *module)
{
    if (*depth == MAX_DEPTH || k->path_size + 1 >= MAX_NAME)
        return expclip__fail(k->err, EXPCLIP_ERROR_LIMIT,
                             "module \"%s\": too deep", k->path);
    if (k->path_size)
        k->path[k->path_size++] = '.';
    levels[(*depth)++] = (level){ module->is.items.first, k->path_size };
    return EXPCLIP_OK;
}

/*
 * Add all tensors of a dictionary or module and of the modules in it. A
 * dictionary in a dictionary is not entered: it holds an optimiser's state.
 */
static expclip_status collect(walk *k, const expclip__pickle_node *root)
{
    level levels[MAX_DEPTH];
    int depth = 0;
    uint32_t visits = 0;
    expclip_status status = enter(k, levels, &depth, root);

    while (!status && depth > 0) {
        level *l = &levels[depth - 1];
        const expclip__pickle_item *item = &k->p->items[l->item];
        const expclip__pickle_node *value = node_at(k, item->value);

        if (l->item == 0) {
            depth--;
            continue;
        }
        l->item = item->next;
        if (++visits > MAX_VISITS)
            return expclip__fail(k->err, EXPCLIP_ERROR_LIMIT,
                                 "more than %u values", MAX_VISITS);
        if (value->kind != EXPCLIP__PICKLE_TENSOR &&
            value->kind != EXPCLIP__PICKLE_OBJECT)
            continue;
        if (!extend(k, l->path_size, node_at(k, item->key)))
            return expclip__fail(k->err, EXPCLIP_ERROR_FORMAT,
                                 "tensor in \"%.*s\": its key is not a text, "
                                 "or a name of more than %u bytes",
                                 (int)l->path_size, k->path, MAX_NAME - 1);
        status = value->kind == EXPCLIP__PICKLE_TENSOR
                     ? add_tensor(k, value)
                     : enter(k, levels, &depth, value);
    }
    return status;
}

/* The dictionary that a training program put around the weights. */
static const expclip__pickle_node *unwrap(const walk *k,
                                          const expclip__pickle_node *root)
{
    static const char *const wrappers[] = { "state_dict", "model_state_dict",
                                            "model" };

    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
        for (uint32_t at = root->is.items.first; at;
             at = k->p->items[at].next) {
            const expclip__pickle_item *item = &k->p->items[at];
            const expclip__pickle_node *key = node_at(k, item->key);
            const expclip__pickle_node *value = node_at(k, item->value);

            if (value->kind == EXPCLIP__PICKLE_DICT &&
                key->kind == EXPCLIP__PICKLE_STRING &&
                key->is.string.size == strlen(wrappers[i]) &&
                memcmp(key->is.string.text, wrappers[i], key->is.string.size) ==
                    0)
                return value;
        }
    return root;
}

static expclip_status read_values(walk *k)
{
    const expclip__pickle_node *root = node_at(k, k->p->root);
    expclip_status status;

    if (root->kind != EXPCLIP__PICKLE_DICT &&
        root->kind != EXPCLIP__PICKLE_OBJECT)
        return expclip__fail(k->err, EXPCLIP_ERROR_UNSUPPORTED,
                             "data.pkl holds neither a state dict nor a "
                             "module");
    if (root->kind == EXPCLIP__PICKLE_DICT)
        root = unwrap(k, root);
    status = collect(k, root);
    if (!status && k->ws->n_tensors == 0)
        status = expclip__fail(k->err, EXPCLIP_ERROR_UNSUPPORTED,
                               "data.pkl holds no named tensors");
    return status;
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
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: a zip file without data.pkl, expected what "
                             "torch.save() writes",
                             file->path);
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
                                  const archive *a, expclip_error *err)
{
    const expclip__file *file = &ws->sources[source].file;
    const int32_t entry = find_entry(a, "data.pkl");
    walk k = { .ws = ws, .a = a, .source = source };
    expclip__pickle *p = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    expclip_error why;
    expclip_status status;

    if (entry < 0)
        return expclip__fail_memory(err, "archive");
    status =
        expclip__zip_read(&bytes, &size, a->zip, entry, file, MAX_PICKLE, err);
    if (status)
        return status;
    status = expclip__pickle_read(&p, bytes, size, &why);
    if (!status) {
        k.p = p;
        k.err = &why;
        status = read_values(&k);
    }
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
