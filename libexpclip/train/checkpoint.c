/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.c - the state of training in a folder.
 *
 *     bytes     what
 *     16        "expclip training", no NUL
 *     8 x 5     version, bytes of the identity, step, numbers of head and state
 *     8 x 2     loss, accuracy
 *     ...       identity, head, state
 *     8         hash of all before
 *
 * Little endian, as all machines that libtorch runs on.
 */
#define _GNU_SOURCE /* O_CLOEXEC, flock() */
#include "train/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/text.h"

enum { VERSION = 1, N_KEPT = 2, N_DIGITS = 10, LONGEST_IDENTITY = 65536 };

static const char magic[16] = { 'e', 'x', 'p', 'c', 'l', 'i', 'p', ' ',
                                't', 'r', 'a', 'i', 'n', 'i', 'n', 'g' };
static const char prefix[] = "step-";
static const char suffix[] = ".checkpoint";

typedef struct header {
    char magic[16];
    uint64_t version;
    uint64_t identity_size;
    uint64_t step;
    uint64_t head_size;
    uint64_t moments_size;
    double loss;
    double accuracy;
} header;

struct expclip__checkpoints {
    char *folder;
    int lock;
};

/* ---- the folder ---- */

static expclip_status fail_folder(const char *folder, const char *what,
                                  expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_IO, "%s: %s: %s", folder, what,
                         strerror(errno));
}

static expclip_status lock_folder(expclip__checkpoints *c, expclip_error *err)
{
    char *path = expclip__path_join(c->folder, "lock");

    if (!path)
        return expclip__fail_memory(err, "checkpoints");
    c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    expclip__free(path);
    if (c->lock < 0)
        return fail_folder(c->folder, "cannot be written to", err);
    if (flock(c->lock, LOCK_EX | LOCK_NB) == 0)
        return EXPCLIP_OK;
    if (errno != EWOULDBLOCK)
        return fail_folder(c->folder, "cannot be locked", err);
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "%s: in use by another trainer; give each its own "
                         "folder of checkpoints",
                         c->folder);
}

expclip_status expclip__checkpoints_open(expclip__checkpoints **out,
                                         const char *folder, expclip_error *err)
{
    expclip__checkpoints *c = expclip__alloc_zero(1, sizeof(*c));
    expclip_status status = EXPCLIP_OK;

    if (!c)
        return expclip__fail_memory(err, "checkpoints");
    c->lock = -1;
    c->folder = expclip__strdup(folder);
    if (!c->folder)
        status = expclip__fail_memory(err, "checkpoints");
    else if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        status = fail_folder(folder, "cannot be made", err);
    else
        status = lock_folder(c, err);
    if (status)
        expclip__checkpoints_close(c);
    else
        *out = c;
    return status;
}

void expclip__checkpoints_close(expclip__checkpoints *c)
{
    if (!c)
        return;
    if (c->lock >= 0)
        close(c->lock); /* unlocks */
    expclip__free(c->folder);
    expclip__free(c);
}

/* ---- which files there are ---- */

/* Step of a checkpoint's name, -1 for another file. */
static int64_t step_of(const char *name)
{
    const size_t start = sizeof(prefix) - 1;
    uint64_t step;

    if (strncmp(name, prefix, start) != 0 ||
        strlen(name) != start + N_DIGITS + sizeof(suffix) - 1 ||
        strcmp(name + start + N_DIGITS, suffix) != 0 ||
        !expclip__parse_u64(name + start, N_DIGITS, &step))
        return -1;
    return (int64_t)step;
}

static char *path_of(const expclip__checkpoints *c, int64_t step)
{
    expclip__buffer path = { 0 };

    expclip__buffer_add_format(&path, "%s/%s%010lld%s", c->folder, prefix,
                               (long long)step, suffix);
    if (!path.failed)
        return path.data;
    expclip__buffer_free(&path);
    return NULL;
}

static int later_first(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x < y) - (x > y);
}

/* Steps of all checkpoints, the latest first, for expclip__free(). */
static expclip_status list_steps(const expclip__checkpoints *c, int64_t **out,
                                 size_t *n_out, expclip_error *err)
{
    DIR *folder = opendir(c->folder);
    const struct dirent *entry;
    int64_t *steps = NULL;
    size_t n = 0;

    if (!folder)
        return fail_folder(c->folder, "cannot be read", err);
    while ((entry = readdir(folder))) {
        const int64_t step = step_of(entry->d_name);
        int64_t *grown;

        if (step < 0)
            continue;
        grown = expclip__grown(steps, n, sizeof(*steps));
        if (!grown) {
            closedir(folder);
            expclip__free(steps);
            return expclip__fail_memory(err, "checkpoints");
        }
        steps = grown;
        steps[n++] = step;
    }
    closedir(folder);
    if (n)
        qsort(steps, n, sizeof(*steps), later_first);
    *out = steps;
    *n_out = n;
    return EXPCLIP_OK;
}

/* ---- reading ---- */

/* The first line in which two identities differ. */
static expclip_status fail_identity(const char *path, const char *found,
                                    const char *expected, expclip_error *err)
{
    while (*found && *expected) {
        const size_t a = strcspn(found, "\n"), b = strcspn(expected, "\n");

        if (a != b || strncmp(found, expected, a) != 0)
            return expclip__fail(err, EXPCLIP_ERROR_STATE,
                                 "%s: trained with %.*s, expected %.*s; use "
                                 "another folder, or the same data and options",
                                 path, (int)a, found, (int)b, expected);
        found += a + (found[a] != '\0');
        expected += b + (expected[b] != '\0');
    }
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "%s: trained with other data or options", path);
}

static expclip_status fail_damaged(const expclip__file *file, const char *what,
                                   expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: damaged: %s",
                         file->path, what);
}

/* Bytes of the file that a header describes; 0 when there is none such. */
static uint64_t size_of(const header *h)
{
    uint64_t numbers, size;

    if (memcmp(h->magic, magic, sizeof(magic)) != 0 ||
        h->identity_size > LONGEST_IDENTITY ||
        __builtin_add_overflow(h->head_size, h->moments_size, &numbers) ||
        __builtin_mul_overflow(numbers, sizeof(float), &size) ||
        __builtin_add_overflow(
            size, sizeof(*h) + h->identity_size + sizeof(uint64_t), &size))
        return 0;
    return size;
}

/*
 * Sizes first: a file that is not as long as its header says is damaged, and
 * one of another head is told by its identity. Neither is read whole.
 */
static expclip_status check_size(const expclip__file *file,
                                 const expclip__checkpoint *expected,
                                 expclip_error *err)
{
    char identity[LONGEST_IDENTITY + 1];
    header h;
    expclip_status status;

    if (file->size < sizeof(h) + sizeof(uint64_t))
        return fail_damaged(file, "too short", err);
    if ((status = expclip__file_read(file, 0, &h, sizeof(h), err)))
        return status;
    if (size_of(&h) != file->size)
        return fail_damaged(file, "its sizes are wrong", err);
    if (h.head_size == expected->head_size &&
        h.moments_size == expected->moments_size)
        return EXPCLIP_OK;
    status =
        expclip__file_read(file, sizeof(h), identity, h.identity_size, err);
    if (status)
        return status;
    identity[h.identity_size] = '\0';
    return strcmp(identity, expected->identity) == 0
               ? fail_damaged(file, "its sizes are wrong", err)
               : fail_identity(file->path, identity, expected->identity, err);
}

/* All bytes of a file whose checksum is right, for expclip__free(). */
static expclip_status read_sound(uint8_t **out, const expclip__file *file,
                                 expclip_error *err)
{
    const size_t size = (size_t)file->size, sum_at = size - sizeof(uint64_t);
    uint8_t *bytes = expclip__alloc(size, 1);
    uint64_t sum;
    expclip_status status;

    if (!bytes)
        return expclip__fail_memory(err, "checkpoint");
    status = expclip__file_read(file, 0, bytes, size, err);
    if (!status) {
        memcpy(&sum, bytes + sum_at, sizeof(sum));
        if (expclip__hash(EXPCLIP__HASH_START, bytes, sum_at) != sum)
            status = fail_damaged(file, "its checksum is wrong", err);
    }
    if (status)
        expclip__free(bytes);
    else
        *out = bytes;
    return status;
}

static expclip_status take(expclip__checkpoint *checkpoint,
                           const uint8_t *bytes, const expclip__file *file,
                           expclip_error *err)
{
    const size_t head = checkpoint->head_size * sizeof(float);
    const size_t moments = checkpoint->moments_size * sizeof(float);
    const uint8_t *body = bytes + sizeof(header);
    char *identity;
    header h;
    expclip_status status = EXPCLIP_OK;

    memcpy(&h, bytes, sizeof(h));
    if (h.version != VERSION)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: version %llu, expected %d", file->path,
                             (unsigned long long)h.version, VERSION);
    if (size_of(&h) != file->size)
        return fail_damaged(file, "it changed while it was read", err);
    identity = expclip__strndup((const char *)body, (size_t)h.identity_size);
    if (!identity)
        return expclip__fail_memory(err, "checkpoint");
    if (strcmp(identity, checkpoint->identity) != 0)
        status = fail_identity(file->path, identity, checkpoint->identity, err);
    else if (h.head_size != checkpoint->head_size ||
             h.moments_size != checkpoint->moments_size)
        status = fail_damaged(file, "its sizes are wrong", err);
    expclip__free(identity);
    if (status)
        return status;
    body += h.identity_size;
    memcpy(checkpoint->head, body, head);
    memcpy(checkpoint->moments, body + head, moments);
    checkpoint->step = (int64_t)h.step;
    checkpoint->loss = h.loss;
    checkpoint->accuracy = h.accuracy;
    return EXPCLIP_OK;
}

static expclip_status load_one(const expclip__checkpoints *c, int64_t step,
                               expclip__checkpoint *checkpoint,
                               expclip_error *err)
{
    char *path = path_of(c, step);
    expclip__file file;
    uint8_t *bytes = NULL;
    expclip_status status;

    if (!path)
        return expclip__fail_memory(err, "checkpoint");
    status = expclip__file_open(&file, path, err);
    expclip__free(path);
    if (status)
        return status;
    status = check_size(&file, checkpoint, err);
    if (!status)
        status = read_sound(&bytes, &file, err);
    if (!status)
        status = take(checkpoint, bytes, &file, err);
    expclip__free(bytes);
    expclip__file_close(&file);
    return status;
}

expclip_status expclip__checkpoints_load(expclip__checkpoints *c,
                                         expclip__checkpoint *checkpoint,
                                         char **note, expclip_error *err)
{
    expclip_error why = { 0 };
    int64_t *steps = NULL;
    size_t n = 0, i = 0;
    expclip_status status = list_steps(c, &steps, &n, err);

    for (; !status && i < n; i++) {
        const expclip_status one = load_one(c, steps[i], checkpoint, &why);

        if (one == EXPCLIP_OK)
            break;
        if (one != EXPCLIP_ERROR_FORMAT && one != EXPCLIP_ERROR_NOT_FOUND)
            status = expclip__fail(err, one, "%s", why.message);
    }
    if (!status && n && i == n)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "%s; no older one is sound: remove them to "
                               "begin again",
                               why.message);
    if (!status && i && i < n) {
        expclip__buffer text = { 0 };

        expclip__buffer_add_format(&text,
                                   "%s; training continues from step %lld",
                                   why.message, (long long)steps[i]);
        *note = text.data;
    }
    expclip__free(steps);
    return status;
}

/* ---- writing ---- */

static void remove_old(const expclip__checkpoints *c)
{
    int64_t *steps = NULL;
    size_t n = 0;

    if (list_steps(c, &steps, &n, NULL))
        return; /* they are only in the way */
    for (size_t i = N_KEPT; i < n; i++) {
        char *path = path_of(c, steps[i]);

        if (path)
            unlink(path);
        expclip__free(path);
    }
    expclip__free(steps);
}

/* One buffer, hashed and written as a whole. */
static expclip_status fill(expclip__buffer *out, const expclip__checkpoint *p,
                           expclip_error *err)
{
    header h = { .version = VERSION,
                 .identity_size = strlen(p->identity),
                 .step = (uint64_t)p->step,
                 .head_size = p->head_size,
                 .moments_size = p->moments_size,
                 .loss = p->loss,
                 .accuracy = p->accuracy };
    uint64_t sum;

    memcpy(h.magic, magic, sizeof(magic));
    expclip__buffer_add(out, &h, sizeof(h));
    expclip__buffer_add_string(out, p->identity);
    expclip__buffer_add(out, p->head, p->head_size * sizeof(float));
    expclip__buffer_add(out, p->moments, p->moments_size * sizeof(float));
    if (out->failed)
        return expclip__fail_memory(err, "checkpoint");
    sum = expclip__hash(EXPCLIP__HASH_START, out->data, out->size);
    expclip__buffer_add(out, &sum, sizeof(sum));
    return out->failed ? expclip__fail_memory(err, "checkpoint") : EXPCLIP_OK;
}

expclip_status expclip__checkpoints_save(expclip__checkpoints *c,
                                         const expclip__checkpoint *checkpoint,
                                         expclip_error *err)
{
    expclip__buffer bytes = { 0 };
    expclip__writer *writer = NULL;
    char *path = path_of(c, checkpoint->step);
    expclip_status status = path ? fill(&bytes, checkpoint, err)
                                 : expclip__fail_memory(err, "checkpoint");

    if (!status)
        status = expclip__writer_open(&writer, path, EXPCLIP__FILE_ANY, err);
    if (!status)
        status = expclip__writer_add(writer, bytes.data, bytes.size, err);
    if (status)
        expclip__writer_abort(writer);
    else
        status = expclip__writer_commit(writer, err);
    if (!status)
        remove_old(c);
    expclip__buffer_free(&bytes);
    expclip__free(path);
    return status;
}
