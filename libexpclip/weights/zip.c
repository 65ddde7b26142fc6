/* SPDX-License-Identifier: MIT */
/*
 * zip.c - the directory of a zip archive (PKWARE APPNOTE 6.3).
 *
 *     local header, name, extra, bytes [, descriptor]     for each entry
 *     the same again without the bytes                    the directory
 *     [zip64 end, zip64 locator,] end
 *
 * Scanners of such files were fooled by archives that two readers understand
 * in two ways: entries that overlap, names that are there twice, headers that
 * contradict the directory. All of that is refused here.
 */
#include "weights/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#define MAX_ENTRIES 65536
#define MAX_NAME 512
#define MAX_DIRECTORY (32u << 20)

#define SIZE_LOCAL 30
#define SIZE_CENTRAL 46
#define SIZE_END64 56
#define SIZE_LOCATOR 20
#define SIZE_END 22
#define SIZE_TAIL (SIZE_END64 + SIZE_LOCATOR + SIZE_END)

#define FLAG_DESCRIPTOR 0x0008u /* sizes follow the bytes */
#define FLAGS_ENCRYPTED 0x2041u /* also strong encryption, masked headers */

/* A file while its directory is read. */
typedef struct reader {
    const expclip__file *file;
    expclip_error *err;
    uint64_t start; /* of the directory, which ends where the end begins */
    uint64_t size;
    uint64_t n_entries;
} reader;

/* What an entry says of itself, in the directory or before its bytes. */
typedef struct header {
    unsigned flags;
    unsigned method;
    uint32_t crc;
    uint64_t size;     /* in the file */
    uint64_t inflated; /* unpacked */
    uint64_t offset;   /* of the local header; directory only */
    size_t name_size;
    size_t extra_size;
} header;

static uint16_t read_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t read_u32(const uint8_t *p)
{
    return read_u16(p) | (uint32_t)read_u16(p + 2) << 16;
}

static uint64_t read_u64(const uint8_t *p)
{
    return read_u32(p) | (uint64_t)read_u32(p + 4) << 32;
}

static expclip_status fail(const reader *r, expclip_status code,
                           const char *what)
{
    return expclip__fail(r->err, code, "%s: %s", r->file->path, what);
}

/* ---- the end ---- */

/* A field of the short end that says the same as `value`, or "see zip64". */
static int agrees(uint64_t field, uint64_t value, uint64_t see_zip64)
{
    return field == value || field == see_zip64;
}

/* `tail` is the last SIZE_TAIL bytes. */
static int read_end64(reader *r, const uint8_t *tail)
{
    const uint8_t *locator = tail + SIZE_END64;

    if (read_u32(tail) != 0x06064b50 || read_u64(tail + 4) != 44 ||
        read_u32(tail + 16) || read_u32(tail + 20) ||
        read_u64(tail + 24) != read_u64(tail + 32) || read_u32(locator + 4) ||
        read_u32(locator + 16) != 1 ||
        read_u64(locator + 8) != r->file->size - SIZE_TAIL)
        return 0;
    r->n_entries = read_u64(tail + 32);
    r->size = read_u64(tail + 40);
    r->start = read_u64(tail + 48);
    return 1;
}

static expclip_status read_end(reader *r)
{
    uint8_t tail[SIZE_TAIL] = { 0 };
    const uint8_t *end = tail + SIZE_TAIL - SIZE_END;
    const uint64_t file_size = r->file->size;
    const size_t n = file_size < SIZE_TAIL ? (size_t)file_size : SIZE_TAIL;
    uint64_t end_size = SIZE_END;
    expclip_status status = expclip__file_read(r->file, file_size - n,
                                               tail + SIZE_TAIL - n, n, r->err);

    if (status)
        return status;
    if (read_u32(end) != 0x06054b50 || read_u16(end + 20))
        return fail(r, EXPCLIP_ERROR_TRUNCATED,
                    "does not end as a zip archive does: cut short, or "
                    "something follows; fetch or copy it anew");
    r->n_entries = read_u16(end + 10);
    r->size = read_u32(end + 12);
    r->start = read_u32(end + 16);
    if (read_u32(tail + SIZE_END64) == 0x07064b50) {
        end_size = SIZE_TAIL;
        if (!read_end64(r, tail))
            return fail(r, EXPCLIP_ERROR_FORMAT, "zip64 end is damaged");
    }
    if (read_u16(end + 4) || read_u16(end + 6) ||
        read_u16(end + 8) != read_u16(end + 10) ||
        !agrees(read_u16(end + 10), r->n_entries, UINT16_MAX) ||
        !agrees(read_u32(end + 12), r->size, UINT32_MAX) ||
        !agrees(read_u32(end + 16), r->start, UINT32_MAX))
        return fail(r, EXPCLIP_ERROR_FORMAT, "zip end contradicts itself");
    if (r->start > file_size - end_size ||
        r->size != file_size - end_size - r->start)
        return fail(r, EXPCLIP_ERROR_FORMAT,
                    "zip directory is not where the end says");
    if (r->n_entries > MAX_ENTRIES || r->size > MAX_DIRECTORY)
        return expclip__fail(r->err, EXPCLIP_ERROR_LIMIT,
                             "%s: %llu zip entries in %llu bytes, expected at "
                             "most %d in %u",
                             r->file->path, (unsigned long long)r->n_entries,
                             (unsigned long long)r->size, MAX_ENTRIES,
                             MAX_DIRECTORY);
    return EXPCLIP_OK;
}

/* ---- entries ---- */

/*
 * Take 64-bit values from the zip64 field for those that are saturated, in the
 * order that the format gives. @return 0 when one is missing
 */
static int widen(header *h, const uint8_t *extra, size_t size)
{
    uint64_t *values[] = { &h->inflated, &h->size, &h->offset };
    size_t at = 0, field = 0;

    while (size - at >= 4 && read_u16(extra + at) != 1) {
        field = read_u16(extra + at + 2);
        if (field > size - at - 4)
            return 0;
        at += 4 + field;
    }
    field = 0;
    if (size - at >= 4) {
        field = read_u16(extra + at + 2);
        at += 4;
        if (field > size - at)
            return 0;
    }
    for (size_t i = 0; i < 3; i++) {
        if (*values[i] != UINT32_MAX)
            continue;
        if (field < 8)
            return 0;
        *values[i] = read_u64(extra + at);
        at += 8;
        field -= 8;
    }
    return 1;
}

/* The fields that local and central headers share. */
static header read_fields(const uint8_t *p)
{
    return (header){ .flags = read_u16(p),
                     .method = read_u16(p + 2),
                     .crc = read_u32(p + 8),
                     .size = read_u32(p + 12),
                     .inflated = read_u32(p + 16),
                     .name_size = read_u16(p + 20),
                     .extra_size = read_u16(p + 22) };
}

static int is_name(const char *name, size_t size)
{
    return size > 0 && size <= MAX_NAME && name[0] != '/' &&
           !memchr(name, '\0', size) && !memchr(name, '\\', size) &&
           expclip__utf8_valid(name, size);
}

/* No folder above the archive: "..", "../x", "x/..", "x/../y". */
static int leaves_folder(const char *name)
{
    for (const char *p = name; (p = strstr(p, "..")); p += 2)
        if ((p == name || p[-1] == '/') && (!p[2] || p[2] == '/'))
            return 1;
    return 0;
}

static expclip_status check_header(const reader *r, const header *h,
                                   const char *name)
{
    if (leaves_folder(name))
        return expclip__fail(r->err, EXPCLIP_ERROR_UNSAFE,
                             "%s: zip entry \"%s\" leaves the archive",
                             r->file->path, name);
    if (h->flags & FLAGS_ENCRYPTED)
        return expclip__fail(r->err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: zip entry \"%s\" is encrypted", r->file->path,
                             name);
    if (h->method != 0 && h->method != 8)
        return expclip__fail(r->err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: zip entry \"%s\": method %u, expected 0 "
                             "or 8",
                             r->file->path, name, h->method);
    if (h->method == 0 && h->size != h->inflated)
        return expclip__fail(
            r->err, EXPCLIP_ERROR_FORMAT,
            "%s: zip entry \"%s\": %llu bytes stored as %llu", r->file->path,
            name, (unsigned long long)h->inflated, (unsigned long long)h->size);
    return EXPCLIP_OK;
}

/* Does the header before the bytes say what the directory says? With a
 * descriptor it may leave sizes and sum out. */
static int same(const header *local, const header *central)
{
    const int later = (central->flags & FLAG_DESCRIPTOR) && !local->crc &&
                      !local->size && !local->inflated;

    return local->flags == central->flags && local->method == central->method &&
           local->name_size == central->name_size &&
           (later ||
            (local->crc == central->crc && local->size == central->size &&
             local->inflated == central->inflated));
}

/* Compare the local header and find where the bytes begin. */
static expclip_status read_local(const reader *r, const header *central,
                                 expclip__zip_entry *e)
{
    uint8_t raw[SIZE_LOCAL + MAX_NAME], extra[32];
    const size_t fixed = SIZE_LOCAL + central->name_size;
    header local;
    expclip_status status = EXPCLIP_OK;

    if (central->offset > r->start || fixed > r->start - central->offset)
        return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                             "%s: zip entry \"%s\" begins at byte %llu, the "
                             "directory at %llu",
                             r->file->path, e->name,
                             (unsigned long long)central->offset,
                             (unsigned long long)r->start);
    status = expclip__file_read(r->file, central->offset, raw, fixed, r->err);
    if (status)
        return status;
    local = read_fields(raw + 6);
    e->start = central->offset + fixed + local.extra_size;
    if (local.size == UINT32_MAX || local.inflated == UINT32_MAX) {
        const size_t n =
            local.extra_size < sizeof(extra) ? local.extra_size : sizeof(extra);

        status = expclip__file_read(r->file, central->offset + fixed, extra, n,
                                    r->err);
        if (status)
            return status;
        if (!widen(&local, extra, n))
            return fail(r, EXPCLIP_ERROR_FORMAT, "zip64 sizes are missing");
    }
    if (read_u32(raw) != 0x04034b50 || !same(&local, central) ||
        memcmp(raw + SIZE_LOCAL, e->name, central->name_size) != 0)
        return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                             "%s: zip entry \"%s\": its header at byte %llu "
                             "contradicts the directory",
                             r->file->path, e->name,
                             (unsigned long long)central->offset);
    if (e->start > r->start || e->size > r->start - e->start)
        return expclip__fail(
            r->err, EXPCLIP_ERROR_FORMAT,
            "%s: zip entry \"%s\": %llu bytes from byte %llu, "
            "the directory begins at %llu",
            r->file->path, e->name, (unsigned long long)e->size,
            (unsigned long long)e->start, (unsigned long long)r->start);
    return EXPCLIP_OK;
}

/* A folder that has content: some readers give its bytes, others none. */
static int is_full_folder(const header *h, const char *name,
                          uint32_t attributes)
{
    return h->inflated > 0 &&
           (attributes & 0x10 || name[h->name_size - 1] == '/');
}

/* One entry of the directory at p; *used is its length there. */
static expclip_status read_entry(const reader *r, expclip__zip_entry *e,
                                 char *name, const uint8_t *p, size_t left,
                                 size_t *used)
{
    header h;
    size_t comment;
    expclip_status status;

    if (left < SIZE_CENTRAL || read_u32(p) != 0x02014b50)
        return fail(r, EXPCLIP_ERROR_FORMAT, "zip directory is damaged");
    h = read_fields(p + 8);
    h.offset = read_u32(p + 42);
    comment = read_u16(p + 32);
    *used = SIZE_CENTRAL + h.name_size + h.extra_size + comment;
    if (*used > left || read_u16(p + 34) ||
        !is_name((const char *)p + SIZE_CENTRAL, h.name_size) ||
        !widen(&h, p + SIZE_CENTRAL + h.name_size, h.extra_size) ||
        is_full_folder(&h, (const char *)p + SIZE_CENTRAL, read_u32(p + 38)))
        return fail(r, EXPCLIP_ERROR_FORMAT, "zip directory is damaged");
    memcpy(name, p + SIZE_CENTRAL, h.name_size);
    name[h.name_size] = '\0';
    *e = (expclip__zip_entry){ .name = name,
                               .header = h.offset,
                               .size = h.size,
                               .crc = h.crc,
                               .stored = h.method == 0 };
    status = check_header(r, &h, name);
    return status ? status : read_local(r, &h, e);
}

static expclip_status read_directory(const reader *r, expclip__zip *zip,
                                     const uint8_t *directory)
{
    size_t at = 0, used = 0;
    char *name = zip->names;
    expclip_status status;

    for (size_t i = 0; i < r->n_entries; i++) {
        status = read_entry(r, &zip->entries[i], name, directory + at,
                            (size_t)r->size - at, &used);
        if (status)
            return status;
        at += used;
        name += strlen(name) + 1;
    }
    if (at != r->size)
        return fail(r, EXPCLIP_ERROR_FORMAT,
                    "zip directory has more than its entries");
    return EXPCLIP_OK;
}

/* ---- order ---- */

static int by_place(const void *a, const void *b)
{
    const expclip__zip_entry *x = a, *y = b;

    return x->header < y->header ? -1 : x->header > y->header;
}

static int by_name(const void *a, const void *b)
{
    const expclip__zip_entry *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* Leaves the entries in the order of their names. */
static expclip_status check_order(const reader *r, expclip__zip *zip)
{
    expclip__zip_entry *e = zip->entries;
    const size_t n = zip->n_entries;

    qsort(e, n, sizeof(*e), by_place);
    if (n > 0 && e[0].header != 0)
        return fail(r, EXPCLIP_ERROR_FORMAT,
                    "bytes before the first zip entry");
    for (size_t i = 1; i < n; i++)
        if (e[i].header < e[i - 1].start + e[i - 1].size)
            return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                                 "%s: zip entries \"%s\" and \"%s\" overlap",
                                 r->file->path, e[i - 1].name, e[i].name);
    qsort(e, n, sizeof(*e), by_name);
    for (size_t i = 1; i < n; i++)
        if (strcmp(e[i].name, e[i - 1].name) == 0)
            return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                                 "%s: zip entry \"%s\": there twice",
                                 r->file->path, e[i].name);
    return EXPCLIP_OK;
}

/* ---- public ---- */

void expclip__zip_free(expclip__zip *zip)
{
    if (!zip)
        return;
    expclip__free(zip->entries);
    expclip__free(zip->names);
    expclip__free(zip);
}

expclip_status expclip__zip_open(expclip__zip **out, const expclip__file *file,
                                 expclip_error *err)
{
    reader r = { .file = file, .err = err };
    expclip__zip *zip = NULL;
    uint8_t *directory = NULL;
    expclip_status status = read_end(&r);

    if (status)
        return status;
    directory = expclip__alloc((size_t)r.size, 1);
    zip = expclip__alloc_zero(1, sizeof(*zip));
    if (zip) {
        zip->n_entries = (size_t)r.n_entries;
        /* Each name with its NUL is shorter than its directory entry. */
        zip->names = expclip__alloc((size_t)r.size, 1);
        zip->entries =
            expclip__alloc_zero(zip->n_entries, sizeof(*zip->entries));
    }
    if (!directory || !zip || !zip->names || !zip->entries)
        status = expclip__fail_memory(err, "zip directory");
    else if (!(status = expclip__file_read(file, r.start, directory,
                                           (size_t)r.size, err)) &&
             !(status = read_directory(&r, zip, directory)))
        status = check_order(&r, zip);
    expclip__free(directory);
    if (status)
        expclip__zip_free(zip);
    else
        *out = zip;
    return status;
}

int32_t expclip__zip_find(const expclip__zip *zip, const char *name)
{
    const expclip__zip_entry wanted = { .name = name };
    const expclip__zip_entry *found =
        bsearch(&wanted, zip->entries, zip->n_entries, sizeof(wanted), by_name);

    return found ? (int32_t)(found - zip->entries) : -1;
}

expclip_status expclip__zip_read(uint8_t **out, size_t *size,
                                 const expclip__zip *zip, int32_t entry,
                                 const expclip__file *file, uint64_t limit,
                                 expclip_error *err)
{
    const expclip__zip_entry *e = &zip->entries[entry];
    uint8_t *bytes;
    expclip_status status;

    if (!e->stored)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: zip entry \"%s\" is compressed, expected as "
                             "torch.save() stores it; save it again by "
                             "torch.save()",
                             file->path, e->name);
    if (e->size > limit)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%s: zip entry \"%s\": %llu bytes, expected at "
                             "most %llu",
                             file->path, e->name, (unsigned long long)e->size,
                             (unsigned long long)limit);
    bytes = expclip__alloc((size_t)e->size, 1);
    if (!bytes)
        return expclip__fail_memory(err, e->name);
    status = expclip__file_read(file, e->start, bytes, (size_t)e->size, err);
    if (!status && crc32_z(0, bytes, (size_t)e->size) != e->crc)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "%s: zip entry \"%s\": wrong checksum",
                               file->path, e->name);
    if (status) {
        expclip__free(bytes);
        return status;
    }
    *out = bytes;
    *size = (size_t)e->size;
    return EXPCLIP_OK;
}
