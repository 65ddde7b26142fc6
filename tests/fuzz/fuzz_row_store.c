/* SPDX-License-Identifier: MIT */
/*
 * fuzz_row_store.c - any bytes as the records of a file of features that is
 * continued. Header and records have right checksums; the first two bytes say
 * how many rows there are of how many numbers.
 */
#include "fuzz_folder.h"

#include "base/hash.h"
#include "rows/row_store.h"

static const char identity[] = "data set: fuzz\n";

static void put_sum(uint8_t *bytes, size_t size, uint64_t start)
{
    const uint64_t sum = expclip__hash(start, bytes, size - sizeof(sum));

    memcpy(bytes + size - sizeof(sum), &sum, sizeof(sum));
}

/* A file of the records, for free(). */
static uint8_t *make_file(const uint8_t *records, size_t size, size_t n,
                          size_t dim)
{
    const size_t record = expclip__row_record_size(dim);
    uint8_t *file = calloc(1, EXPCLIP__ROW_HEADER + size);

    if (!file)
        abort();
    memcpy(file, "expclip rows 1  ", EXPCLIP__ROW_TEXT);
    snprintf((char *)file + EXPCLIP__ROW_TEXT, EXPCLIP__ROW_IDENTITY,
             "%srows: %zu of %zu numbers\n", identity, n, dim);
    put_sum(file, EXPCLIP__ROW_HEADER, EXPCLIP__HASH_START);
    if (size)
        memcpy(file + EXPCLIP__ROW_HEADER, records, size);
    for (uint64_t i = 0; (i + 1) * record <= size; i++)
        put_sum(file + EXPCLIP__ROW_HEADER + i * record, record,
                expclip__hash(EXPCLIP__HASH_START, &i, sizeof(i)));
    return file;
}

static void read_all(expclip__row_store *s)
{
    float row[16];
    expclip_error err = { 0 };

    if (s->n_done > s->n || s->n_failed > s->n_done)
        abort();
    for (size_t i = 0; i < s->n_done; i++) {
        if (!memchr(s->notes[i].message, 0, EXPCLIP__ROW_MESSAGE))
            abort();
        fuzz_check(expclip__row_store_read(s, row, i, &err), &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t n = size > 2 ? 1 + data[0] % 8 : 1;
    const size_t dim = size > 2 ? 1 + data[1] % 16 : 1;
    const size_t start = size > 2 ? 2 : size;
    uint8_t *file = make_file(data + start, size - start, n, dim);
    expclip__row_store s;
    expclip_error err = { 0 };
    expclip_status status;

    fuzz_write("rows", file, EXPCLIP__ROW_HEADER + size - start);
    free(file);
    status = expclip__row_store_open(&s, fuzz_path("rows"), identity, n, dim,
                                     size & 1, &err);
    fuzz_check(status, &err);
    if (status)
        return 0;
    read_all(&s);
    expclip__row_store_close(&s);
    return 0;
}
