/* SPDX-License-Identifier: MIT */
/*
 * fuzz_prompts.c - any bytes as a prompts file, JSON or lines. What comes out
 * has classes with names and prompts.
 */
#include "fuzz_folder.h"

#include "expression/prompts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_prompts *p = NULL;
    expclip_error err = { 0 };
    const expclip_status status =
        expclip__prompts_load(&p, fuzz_write("prompts", data, size), &err);

    fuzz_check(status, &err);
    if (status)
        return 0;
    if (p->n_classes == 0)
        abort();
    for (size_t i = 0; i < p->n_classes; i++) {
        if (!p->classes[i].name[0] || p->classes[i].n_prompts == 0)
            abort();
        for (size_t j = 0; j < p->classes[i].n_prompts; j++)
            if (!p->classes[i].prompts[j][0])
                abort();
    }
    expclip__prompts_free(p);
    return 0;
}
