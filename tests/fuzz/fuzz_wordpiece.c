/* SPDX-License-Identifier: MIT */
/*
 * fuzz_wordpiece.c - any bytes as BERT's vocabulary, a byte 0xff, and a text.
 * Ids must be of the vocabulary.
 */
#include "fuzz_folder.h"

#include "base/alloc.h"
#include "tokens/wordpiece.h"

static const char needed[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

static void encode(const expclip__wordpiece *w, const uint8_t *text,
                   size_t size)
{
    int32_t *ids = NULL;
    size_t n = 0;
    expclip_error err = { 0 };
    const expclip_status status =
        expclip__wordpiece_encode(&ids, &n, w, (const char *)text, size, &err);

    fuzz_check(status, &err);
    if (status)
        return;
    for (size_t i = 0; i < n; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= expclip__wordpiece_count(w))
            abort();
    expclip__free(ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0xff, size) : NULL;
    const size_t n = end ? (size_t)(end - data) : size;
    const size_t n_needed = sizeof(needed) - 1;
    char *file = malloc(n_needed + n);
    expclip__wordpiece *w = NULL;
    expclip_error err = { 0 };
    expclip_status status;

    if (!file)
        return 0;
    memcpy(file, needed, n_needed);
    if (n)
        memcpy(file + n_needed, data, n);
    fuzz_write("vocab.txt", file, n_needed + n);
    free(file);
    status =
        expclip__wordpiece_load(&w, fuzz_path("vocab.txt"), size & 1, &err);
    fuzz_check(status, &err);
    if (status)
        return 0;
    encode(w, end ? end + 1 : data, end ? size - n - 1 : 0);
    expclip__wordpiece_free(w);
    return 0;
}
