/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tokenizer.c - any bytes as a text. What comes out must be ids of the
 * vocabulary, between a start and an end.
 */
#include "base/alloc.h"
#include "tokens/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_right(const int32_t *ids, size_t n, int32_t truncated,
                    size_t ids_size)
{
    if (n < 2 || n > ids_size || (truncated && n != ids_size) ||
        ids[0] != EXPCLIP__VOCABULARY - 2 ||
        ids[n - 1] != EXPCLIP__VOCABULARY - 1)
        return 0;
    for (size_t i = 1; i + 1 < n; i++)
        if (ids[i] < 0 || ids[i] >= EXPCLIP__VOCABULARY - 2)
            return 0;
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static expclip_tokenizer *t;
    const size_t ids_size = size > 0 ? 2 + data[0] : 2;
    int32_t truncated = 0;
    int32_t *ids;
    size_t n = 0;

    if (!t && expclip__tokenizer_create(&t, EXPCLIP__VOCABULARY, NULL))
        __builtin_trap();
    ids = expclip__alloc(ids_size, sizeof(*ids));
    if (!expclip__tokenizer_encode(ids, ids_size, &n, &truncated, t,
                                   (const char *)data, size, NULL) &&
        !is_right(ids, n, truncated, ids_size))
        __builtin_trap();
    expclip__free(ids);
    return 0;
}
