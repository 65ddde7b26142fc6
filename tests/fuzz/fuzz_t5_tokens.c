/* SPDX-License-Identifier: MIT */
/*
 * fuzz_t5_tokens.c - any bytes as a SentencePiece model, and a text encoded
 * with it. Ids must be of the model.
 */
#include "fuzz_folder.h"

#include "base/alloc.h"
#include "tokens/t5_tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "the happiness of a face \xc3\xa9 12";
    expclip__t5_tokens *t = NULL;
    int32_t *ids = NULL;
    size_t n = 0;
    expclip_error err = { 0 };
    expclip_status status = expclip__t5_tokens_load(
        &t, fuzz_write("spiece.model", data, size), &err);

    fuzz_check(status, &err);
    if (status)
        return 0;
    status = expclip__t5_tokens_encode(&ids, &n, t, text, &err);
    fuzz_check(status, &err);
    for (size_t i = 0; !status && i < n; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= expclip__t5_tokens_count(t))
            abort();
    expclip__free(ids);
    expclip__t5_tokens_free(t);
    return 0;
}
