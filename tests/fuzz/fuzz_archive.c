/* SPDX-License-Identifier: MIT */
/*
 * fuzz_archive.c - any bytes as a torch archive.
 *
 * First as it is; then as the data.pkl of a sound archive around it, with one
 * storage of 64 bytes, so that a pickle need not fit a zip by luck.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "mend_sums.h"
#include "read_weights.h"

/* A zip file being put together; headers of `names` of the same length. */
static size_t put_header(uint8_t *out, uint32_t signature, const char *name,
                         const uint8_t *bytes, size_t size, size_t place)
{
    const size_t fixed = signature == 0x04034b50 ? 30 : 46;
    const size_t fields = signature == 0x04034b50 ? 6 : 8;
    const uint32_t crc = (uint32_t)crc32_z(0, bytes, size);
    const uint32_t n = (uint32_t)size, offset = (uint32_t)place;

    memset(out, 0, fixed);
    memcpy(out, &signature, 4);
    memcpy(out + fields + 8, &crc, 4);
    memcpy(out + fields + 12, &n, 4);
    memcpy(out + fields + 16, &n, 4);
    out[fields + 20] = (uint8_t)strlen(name);
    if (fixed == 46)
        memcpy(out + 42, &offset, 4);
    memcpy(out + fixed, name, strlen(name));
    return fixed + strlen(name);
}

static void read_around(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a/data.pkl", "a/data/0" };
    const uint8_t storage[64] = { 0 };
    const uint8_t *bytes[] = { data, storage };
    const size_t sizes[] = { size, sizeof(storage) };
    uint8_t *zip = malloc(size + 1024);
    size_t places[2], at = 0, start;
    uint32_t value;

    if (!zip)
        return;
    for (size_t i = 0; i < 2; i++) {
        places[i] = at;
        at += put_header(zip + at, 0x04034b50, names[i], bytes[i], sizes[i], 0);
        if (sizes[i])
            memcpy(zip + at, bytes[i], sizes[i]);
        at += sizes[i];
    }
    start = at;
    for (size_t i = 0; i < 2; i++)
        at += put_header(zip + at, 0x02014b50, names[i], bytes[i], sizes[i],
                         places[i]);
    memset(zip + at, 0, 22);
    memcpy(zip + at, "PK\x05\x06\0\0\0\0\2\0\2\0", 12);
    value = (uint32_t)(at - start);
    memcpy(zip + at + 12, &value, 4);
    value = (uint32_t)start;
    memcpy(zip + at + 16, &value, 4);
    read_all(zip, at + 22);
    free(zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_all(data, size);
    if (size < 1u << 20)
        read_around(data, size);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    return mend_mutate(data, size, max_size, seed, mend_zip);
}
