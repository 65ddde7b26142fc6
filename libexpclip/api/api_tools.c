/* SPDX-License-Identifier: MIT */
/*
 * api_tools.c - tokens, inspecting and converting files.
 */
#include <expclip_tools.h>

#include "api/api_strings.h"
#include "api/check.h"
#include "base/error.h"
#include "expression/convert.h"
#include "expression/inspect.h"
#include "tokens/tokenizer.h"

/* ---- images ---- */

/* ---- tokens ---- */

expclip_status expclip_tokenizer_create(expclip_tokenizer **out,
                                        int32_t vocabulary_size,
                                        expclip_error *err)
{
    expclip_status status = expclip__check_pointer(out, "out", err);

    return expclip__returned(
        status ? status : expclip__tokenizer_create(out, vocabulary_size, err),
        err);
}

expclip_status expclip_tokenizer_encode(int32_t *ids, size_t ids_size,
                                        size_t *n_ids, int32_t *truncated,
                                        const expclip_tokenizer *tokenizer,
                                        const char *text, size_t text_size,
                                        expclip_error *err)
{
    int32_t cut = 0;
    expclip_status status;

    if ((status = expclip__check_pointer(ids, "ids", err)) ||
        (status = expclip__check_pointer(n_ids, "n_ids", err)) ||
        (status = expclip__check_pointer(tokenizer, "tokenizer", err)) ||
        (status = expclip__check_array(text, text_size, "text", err)))
        return status;
    if (ids_size < 2)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "ids_size: %zu, expected at least 2 for start and "
                             "end",
                             ids_size);
    status = expclip__tokenizer_encode(ids, ids_size, n_ids, &cut, tokenizer,
                                       text, text_size, err);
    if (!status && truncated)
        *truncated = cut;
    return expclip__returned(status, err);
}

void expclip_tokenizer_free(expclip_tokenizer *tokenizer)
{
    expclip__tokenizer_free(tokenizer);
}

/* ---- files ---- */

expclip_status expclip_weights_inspect(expclip_string **out, const char *path,
                                       expclip_error *err)
{
    char *text = NULL;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(path, "path", err)) ||
        (status = expclip__inspect(&text, path, err)))
        return status;
    return expclip__returned(expclip__string_create(out, text, err), err);
}

expclip_status expclip_weights_convert(const char *path, const char *out_path,
                                       const expclip_convert_options *options,
                                       expclip_error *err)
{
    expclip_convert_options o = EXPCLIP_CONVERT_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_pointer(path, "path", err)) ||
        (status = expclip__check_pointer(out_path, "out_path", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = expclip__check_pointer(o.head, "head", err)) ||
        (status = expclip__check_pointer(o.preprocess, "preprocess", err)) ||
        (status = expclip__check_pointer(o.activation, "activation", err)) ||
        (status = expclip__check_pointer(o.dtype, "dtype", err)) ||
        (status = expclip__check_flag(o.compact_head, "compact_head", err)) ||
        (status = expclip__check_reserved(o.reserved, err)))
        return status;
    return expclip__returned(expclip__convert(path, out_path, &o, err), err);
}
