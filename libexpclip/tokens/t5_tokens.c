/* SPDX-License-Identifier: MIT */
/*
 * t5_tokens.c - a text as T5's token ids, by the module that sees
 * SentencePiece, which is loaded with the first tokenizer.
 */
#include "tokens/t5_tokens.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/error.h"
#include "tokens/sentencepiece.h"

#define MODULE "libexpclip-sentencepiece.so"

struct expclip__t5_tokens {
    void *model;
};

/* Filled once, then only read; never closed, other threads may be inside. */
static const expclip__sentencepiece *module;
static char why_not[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load_module(void)
{
    void *library = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
    const char *reason;

    if (library)
        module = dlsym(library, EXPCLIP__SENTENCEPIECE_TABLE);
    if (module)
        return;
    reason = dlerror();
    snprintf(why_not, sizeof(why_not), "%s",
             reason ? reason : "cannot be loaded");
}

expclip_status expclip__t5_tokens_load(expclip__t5_tokens **out,
                                       const char *path, expclip_error *err)
{
    expclip__sentencepiece_message why = { "" };
    expclip__t5_tokens *t;
    expclip_status status;

    pthread_once(&once, load_module);
    if (!module)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: a teacher that reads texts by SentencePiece "
                             "needs " MODULE " beside the library and "
                             "libsentencepiece (on Debian and Ubuntu the "
                             "package libsentencepiece0; to build the module, "
                             "libsentencepiece-dev): %s",
                             path, why_not);
    t = expclip__alloc_zero(1, sizeof(*t));
    if (!t)
        return expclip__fail_memory(err, "tokenizer");
    status = module->load(&t->model, path, &why);
    if (status) {
        expclip__free(t);
        return expclip__fail(err, status, "%s: %s", path, why.text);
    }
    *out = t;
    return EXPCLIP_OK;
}

void expclip__t5_tokens_free(expclip__t5_tokens *t)
{
    if (!t)
        return;
    module->free(t->model);
    expclip__free(t);
}

size_t expclip__t5_tokens_count(const expclip__t5_tokens *t)
{
    return module->count(t->model);
}

expclip_status expclip__t5_tokens_encode(int32_t **ids, size_t *n_ids,
                                         const expclip__t5_tokens *t,
                                         const char *text, expclip_error *err)
{
    expclip__sentencepiece_message why = { "" };
    const expclip_status status =
        module->encode(ids, n_ids, t->model, text, expclip__alloc, &why);

    return status ? expclip__fail(err, status, "text: %s", why.text)
                  : EXPCLIP_OK;
}
