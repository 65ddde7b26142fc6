/* SPDX-License-Identifier: MIT */
/*
 * state_dict.c - a walk through a pickle's values, which may be reached in many
 * ways: depth and visits have limits.
 */
#include "weights/state_dict.h"

#include <string.h>

#include "base/error.h"
#include "weights/set.h"

#define MAX_NAME 512u
#define MAX_DEPTH 64        /* of modules; CLIP has 7 */
#define MAX_VISITS 1000000u /* a module may be reached in many ways */

typedef expclip__pickle_node node;

/* Where a walk is in one container. */
typedef struct level {
    const node *container;
    uint32_t item;
    size_t path_size; /* of the container's name, with its dot */
    int nameless;     /* a text that is no name leads to it */
} level;

/* A walk through the values; `path` is the name so far. */
typedef struct walk {
    const expclip__pickle *p;
    char path[MAX_NAME];
    level levels[MAX_DEPTH];
    int depth;
    uint32_t visits;
    expclip_error *err;
} walk;

static const node *node_at(const walk *k, expclip__pickle_ref ref)
{
    return &k->p->nodes[ref];
}

/* Continue the path with a key. @return its size, 0 when the key is no name */
static size_t extend(walk *k, size_t path_size, const node *key)
{
    size_t size;

    if (key->kind != EXPCLIP__PICKLE_STRING)
        return 0;
    size = key->is.string.size;
    if (size == 0 || size >= MAX_NAME - path_size ||
        memchr(key->is.string.text, 0, size))
        return 0;
    memcpy(k->path + path_size, key->is.string.text, size);
    k->path[path_size + size] = '\0';
    return path_size + size;
}

/* Names of containers in containers are joined by dots. */
static expclip_status enter(walk *k, size_t path_size, const node *container)
{
    if (k->depth == MAX_DEPTH || path_size + 1 >= MAX_NAME)
        return expclip__fail(k->err, EXPCLIP_ERROR_LIMIT,
                             "module \"%.*s\": too deep", (int)path_size,
                             k->path);
    if (path_size)
        k->path[path_size++] = '.';
    k->levels[k->depth++] =
        (level){ container, container->is.items.first, path_size, 0 };
    return EXPCLIP_OK;
}

/* Modules hold modules; only a dictionary of the root's kind holds others. */
static int is_inside(const node *outer, const node *value)
{
    return value->kind == EXPCLIP__PICKLE_OBJECT ||
           (value->kind == EXPCLIP__PICKLE_DICT &&
            outer->kind == EXPCLIP__PICKLE_DICT);
}

/*
 * The next tensor, with its name in `path`; NULL at the end. What is under a
 * number in an inner dictionary has no name (an optimizer's state) and is left
 * out; a tensor under one in the outermost dictionary is refused.
 */
static expclip_status next(const node **out, walk *k)
{
    *out = NULL;
    while (k->depth > 0) {
        level *l = &k->levels[k->depth - 1];
        const expclip__pickle_item *item = &k->p->items[l->item];
        const node *key, *value;
        size_t size;
        int nameless;
        expclip_status status;

        if (l->item == 0) {
            k->depth--;
            continue;
        }
        l->item = item->next;
        value = node_at(k, item->value);
        if (++k->visits > MAX_VISITS)
            return expclip__fail(k->err, EXPCLIP_ERROR_LIMIT,
                                 "more than %u values", MAX_VISITS);
        if (value->kind != EXPCLIP__PICKLE_TENSOR &&
            !is_inside(l->container, value))
            continue;
        key = node_at(k, item->key);
        size = extend(k, l->path_size, key);
        nameless =
            l->nameless || (!size && key->kind == EXPCLIP__PICKLE_STRING);
        if (value->kind == EXPCLIP__PICKLE_TENSOR &&
            (nameless || (!size && k->depth == 1)))
            return expclip__fail(k->err, EXPCLIP_ERROR_FORMAT,
                                 "tensor in \"%.*s\": its key is not a text, "
                                 "or a name of more than %u bytes",
                                 (int)l->path_size, k->path, MAX_NAME - 1);
        if (size && value->kind == EXPCLIP__PICKLE_TENSOR) {
            *out = value;
            return EXPCLIP_OK;
        }
        if (!size && !nameless)
            continue;
        status = enter(k, size ? size : l->path_size, value);
        if (status)
            return status;
        k->levels[k->depth - 1].nameless = nameless;
    }
    return EXPCLIP_OK;
}

/* Go to the container that alone has all tensors. */
static expclip_status find_root(const node **out, walk *k, const node *root)
{
    const node *tensor, *chosen[MAX_DEPTH];
    int common = -1; /* containers on the way to each of the tensors */
    expclip_status status;

    k->depth = 0;
    k->visits = 0;
    status = enter(k, 0, root);
    while (!status && !(status = next(&tensor, k)) && tensor) {
        if (common < 0)
            for (common = 0; common < k->depth; common++)
                chosen[common] = k->levels[common].container;
        while (common > k->depth ||
               chosen[common - 1] != k->levels[common - 1].container)
            common--; /* the root is always the same */
    }
    *out = common > 0 && root->kind == EXPCLIP__PICKLE_DICT ? chosen[common - 1]
                                                            : root;
    return status;
}

static expclip_status add_tensor(expclip__weights *ws, int32_t source,
                                 const walk *k, const node *tensor,
                                 expclip__place_storage *place, void *data)
{
    const expclip__pickle_view *v = &k->p->views[tensor->is.tensor.view];
    const node *storage = node_at(k, tensor->is.tensor.storage);
    expclip__weight w = { .name = k->path,
                          .dtype = storage->is.storage.dtype,
                          .n_dims = v->n_dims,
                          .n_elements = v->n_elements,
                          .source = source };
    const expclip_status status = place(&w, data, storage, k->err);

    if (status)
        return status;
    memcpy(w.shape, v->shape, sizeof(w.shape));
    memcpy(w.stride, v->stride, sizeof(w.stride));
    w.offset += (uint64_t)(v->n_elements ? v->offset : 0) *
                expclip__dtype_size(w.dtype);
    return expclip__set_add_tensor(ws, &w, k->err);
}

expclip_status expclip__state_dict_read(expclip__weights *ws, int32_t source,
                                        const expclip__pickle *p,
                                        expclip__place_storage *place,
                                        void *data, expclip_error *err)
{
    walk k = { .p = p, .err = err };
    const node *root = node_at(&k, p->root), *tensor;
    const size_t before = ws->n_tensors;
    expclip_status status;

    if (root->kind != EXPCLIP__PICKLE_DICT &&
        root->kind != EXPCLIP__PICKLE_OBJECT)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "it holds neither a state dict nor a module; save "
                             "model.state_dict() by torch.save()");
    status = find_root(&root, &k, root);
    k.depth = 0;
    k.visits = 0;
    if (!status)
        status = enter(&k, 0, root);
    while (!status && !(status = next(&tensor, &k)) && tensor)
        status = add_tensor(ws, source, &k, tensor, place, data);
    if (!status && ws->n_tensors == before)
        status =
            expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                          "it holds no named tensors (NumPy's arrays and an "
                          "optimizer's state have none); save "
                          "model.state_dict() by torch.save()");
    return status;
}
