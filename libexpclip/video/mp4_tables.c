/* SPDX-License-Identifier: MIT */
/*
 * mp4_tables.c - do an MP4's tables fit into it? (ISO/IEC 14496-12)
 *
 * FFmpeg believes the number of entries: for some tables it takes the memory
 * at once, and samples that need no bytes in their table, because all are of
 * one size, take 24 bytes of memory each. So the numbers are compared first.
 */
#include "video/mp4_tables.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

#define MAX_BOXES 100000
/* Samples beyond the bytes of the file: it may have been cut. */
#define SPARE_SAMPLES (4u << 20)

/* Boxes of boxes, which are stepped into. */
static const char containers[][5] = { "moov", "trak", "mdia", "minf",
                                      "stbl", "moof", "traf" };

/* Tables: bytes of the box before the number of entries, which has 4, and of an
 * entry; 0 = none need be there. */
static const struct {
    char name[5];
    uint64_t before;
    uint64_t entry;
} tables[] = {
    { "stts", 4, 8 }, { "ctts", 4, 8 }, { "stsc", 4, 12 }, { "stss", 4, 4 },
    { "stps", 4, 4 }, { "stco", 4, 4 }, { "co64", 4, 8 },  { "stsz", 8, 0 },
    { "stz2", 8, 0 }, { "trun", 4, 0 },
};

static int is_container(const uint8_t *name)
{
    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++)
        if (memcmp(containers[i], name, 4) == 0)
            return 1;
    return 0;
}

/* The `size` bytes of a box begin at `at`. */
static expclip_status check_table(const expclip__file *file,
                                  const uint8_t *name, uint64_t at,
                                  uint64_t size, expclip_error *err)
{
    size_t i = 0;
    uint64_t n, most;
    uint8_t b[4];

    while (i < sizeof(tables) / sizeof(tables[0]) &&
           memcmp(tables[i].name, name, 4) != 0)
        i++;
    if (i == sizeof(tables) / sizeof(tables[0]) || size < tables[i].before + 4)
        return EXPCLIP_OK;
    if (expclip__file_read(file, at + tables[i].before, b, 4, NULL))
        return EXPCLIP_OK; /* whoever reads it will say */
    n = expclip__big_endian(b, 4);
    most = tables[i].entry ? (size - tables[i].before - 4) / tables[i].entry
                           : file->size + SPARE_SAMPLES;
    if (n <= most)
        return EXPCLIP_OK;
    return expclip__fail(
        err, EXPCLIP_ERROR_FORMAT,
        "%s: damaged: box \"%s\" at byte %llu has %llu entries, expected at "
        "most %llu in its %llu bytes; get the file anew",
        file->path, tables[i].name, (unsigned long long)at,
        (unsigned long long)n, (unsigned long long)most,
        (unsigned long long)size);
}

expclip_status expclip__mp4_check_tables(const expclip__file *file,
                                         expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;
    uint64_t at = 0;
    uint8_t b[16];

    for (int n = 0; !status && n < MAX_BOXES; n++) {
        const uint64_t left = file->size - at;
        uint64_t size, head = 8;

        if (left < 8 || expclip__file_read(file, at, b, 8, NULL))
            break;
        size = expclip__big_endian(b, 4);
        if (size == 1) { /* of 64 bits, behind the name */
            head = 16;
            if (left < 16 || expclip__file_read(file, at, b, 16, NULL))
                break;
            size = expclip__big_endian(b + 8, 8);
        }
        if (size == 0) /* up to the end */
            size = left;
        if (size < head)
            break;
        if (is_container(b + 4)) {
            at += head;
            continue;
        }
        if (size > left)
            break;
        status = check_table(file, b + 4, at + head, size - head, err);
        at += size;
    }
    return status;
}
