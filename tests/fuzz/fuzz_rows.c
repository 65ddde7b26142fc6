/* SPDX-License-Identifier: MIT */
/*
 * fuzz_rows.c - any bytes as the matrix that training reads: .npy, safetensors
 * or a file of features, whose header gets its right checksum.
 */
#include "fuzz_folder.h"

#include "base/hash.h"
#include "rows/row_store.h"
#include "rows/matrix.h"

static void read_first_and_last(const expclip__matrix *rows)
{
    const int64_t indices[] = { 0, rows->n - 1 };
    expclip_error err = { 0 };
    float *out;

    if (rows->dim < 1 || rows->n < 1)
        abort();
    if (rows->dim > 4096)
        return;
    out = malloc(2 * (size_t)rows->dim * sizeof(*out));
    if (out)
        fuzz_check(expclip__matrix_read(rows, out, indices, 2, &err), &err);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t at = EXPCLIP__ROW_HEADER - sizeof(uint64_t);
    uint8_t *file = malloc(size + 1);
    expclip__matrix rows;
    expclip_error err = { 0 };
    expclip_status status;

    if (!file)
        return 0;
    if (size)
        memcpy(file, data, size);
    if (size >= EXPCLIP__ROW_HEADER && memcmp(file, "expclip rows", 12) == 0) {
        const uint64_t sum = expclip__hash(EXPCLIP__HASH_START, file, at);

        memcpy(file + at, &sum, sizeof(sum));
    }
    status = expclip__matrix_open(&rows, fuzz_write("rows", file, size), &err);
    free(file);
    fuzz_check(status, &err);
    if (status)
        return 0;
    read_first_and_last(&rows);
    expclip__matrix_close(&rows);
    return 0;
}
