/* SPDX-License-Identifier: MIT */
/*
 * fuzz_zip.c - any bytes as a zip directory.
 * Every entry that it finds is read.
 */
#include "base/alloc.h"
#include "weights/zip.h"

#include "mend_sums.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip__file file;
    expclip__zip *zip = NULL;
    uint8_t *bytes;
    size_t n;

    if (expclip__file_from_bytes(&file, data, size, "fuzz", NULL))
        return 0;
    if (!expclip__zip_open(&zip, &file, NULL)) {
        for (size_t i = 0; i < zip->n_entries; i++)
            if (!expclip__zip_read(&bytes, &n, zip, (int32_t)i, &file, 65536,
                                   NULL))
                expclip__free(bytes);
        expclip__zip_free(zip);
    }
    expclip__file_close(&file);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    return mend_mutate(data, size, max_size, seed, mend_zip);
}
