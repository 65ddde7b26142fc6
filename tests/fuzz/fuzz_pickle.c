/* SPDX-License-Identifier: MIT */
/*
 * fuzz_pickle.c - any bytes as a pickle.
 *
 * All that comes out is looked at: strings, views, items.
 */
#include <stdlib.h>

#include "weights/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip__pickle *p = NULL;
    uint32_t at, sum = 0;

    if (expclip__pickle_read(&p, data, size, NULL))
        return 0;
    if (p->nodes[p->root].kind == EXPCLIP__PICKLE_DICT ||
        p->nodes[p->root].kind == EXPCLIP__PICKLE_OBJECT)
        for (at = p->nodes[p->root].is.items.first; at;
             at = p->items[at].next) {
            const expclip__pickle_node *key = &p->nodes[p->items[at].key];

            if (key->kind == EXPCLIP__PICKLE_STRING)
                for (size_t i = 0; i < key->is.string.size; i++)
                    sum += (unsigned char)key->is.string.text[i];
            sum += (uint32_t)p->nodes[p->items[at].value].kind;
        }
    if (sum == UINT32_MAX)
        abort(); /* never: it only keeps the sum alive */
    expclip__pickle_free(p);
    return 0;
}
