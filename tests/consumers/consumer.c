/* SPDX-License-Identifier: MIT */
/*
 * consumer.c - a program of a user, built three ways from an installed and
 * moved prefix. It needs the library, but no libtorch: it prints token ids.
 */
#include <expclip.h>
#include <expclip_batcher.h>
#include <expclip_tools.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    static const char text[] = "a smiling face";
    expclip_tokenizer *tokenizer = NULL;
    expclip_error err;
    int32_t ids[77];
    size_t n_ids = 0;

    if (strcmp(expclip_library_version(), EXPCLIP_VERSION) != 0 ||
        expclip_library_abi_version() != EXPCLIP_ABI_VERSION) {
        fprintf(stderr, "header %s, library %s\n", EXPCLIP_VERSION,
                expclip_library_version());
        return 1;
    }
    if (expclip_tokenizer_create(&tokenizer, 49408, &err) ||
        expclip_tokenizer_encode(ids, 77, &n_ids, NULL, tokenizer, text,
                                 strlen(text), &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i < n_ids; i++)
        printf("%d ", (int)ids[i]);
    printf("\n");
    expclip_tokenizer_free(tokenizer);
    return 0;
}
