/* SPDX-License-Identifier: MIT */
/*
 * fuzz_merges.c - any bytes as a merge table: as many merges as it has lines,
 * and a text encoded with them.
 */
#include "tokens/tokenizer.h"

#define LEAST 514

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "aaaa abab the happiness of a face";
    expclip_tokenizer *t = NULL;
    int32_t vocabulary = LEAST, ids[sizeof(text) + 2], truncated;
    size_t n;

    for (size_t i = 0; i + 1 < size; i++)
        vocabulary += data[i] == '\n' && vocabulary < 40000;
    if (expclip__tokenizer_from_merges(&t, (const char *)data, size, vocabulary,
                                       NULL))
        return 0;
    (void)expclip__tokenizer_encode(ids, sizeof(ids) / sizeof(ids[0]), &n,
                                    &truncated, t, text, sizeof(text) - 1,
                                    NULL);
    expclip__tokenizer_free(t);
    return 0;
}
