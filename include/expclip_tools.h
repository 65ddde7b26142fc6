/* SPDX-License-Identifier: MIT */
/*
 * expclip_tools.h - tools around the main job: tokens, a look into weights
 * files, and conversion to one self-describing file. None of it needs libtorch.
 *
 * The rules at the top of expclip.h hold here too.
 */
#ifndef EXPCLIP_TOOLS_H
#define EXPCLIP_TOOLS_H

#include "expclip_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Tokens ---------------------------------------------------------- */

/** CLIP's byte-pair encoder. Immutable: threads may share it. */
typedef struct expclip_tokenizer expclip_tokenizer;

/**
 * Create a tokenizer.
 *
 * @param vocabulary_size  49408 is CLIP's; a smaller number keeps the first
 *                         merges only. A model's own number is
 *                         expclip_model_vocabulary_size()
 */
EXPCLIP_API expclip_status expclip_tokenizer_create(expclip_tokenizer **out,
                                                    int32_t vocabulary_size,
                                                    expclip_error *err);
/**
 * Write the token ids of a text, start and end tokens included, without
 * padding. Invalid UTF-8 is read as U+FFFD; "<|endoftext|>" in a text is plain
 * text.
 *
 * @param[out] ids        [ids_size]; a longer result is cut there, and its last
 *                        id is the end token
 * @param[out] n_ids      number of ids written
 * @param[out] truncated  1 when the text was cut, else 0; may be NULL
 * @return EXPCLIP_OK or EXPCLIP_ERROR_LIMIT (a text over 16 MB)
 */
EXPCLIP_API expclip_status expclip_tokenizer_encode(
    int32_t *ids, size_t ids_size, size_t *n_ids, int32_t *truncated,
    const expclip_tokenizer *tokenizer, const char *text, size_t text_size,
    expclip_error *err);
EXPCLIP_API void expclip_tokenizer_free(expclip_tokenizer *tokenizer);

/* ---- Files ----------------------------------------------------------- */

/** A text that the library made. Immutable: threads may share it. */
typedef struct expclip_string expclip_string;

/** The text, ended by NUL; owned by the string. */
EXPCLIP_API const char *expclip_string_data(const expclip_string *string);
/** Number of bytes, without the NUL. */
EXPCLIP_API size_t expclip_string_size(const expclip_string *string);
EXPCLIP_API void expclip_string_free(expclip_string *string);

/**
 * Describe a weights file or folder without loading it, as JSON: {"format",
 * "tensors": [{"name", "dtype", "shape"}], "metadata": {}, "architecture": {}
 * or null}.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, UNSAFE, LIMIT, MEMORY}
 */
EXPCLIP_API expclip_status expclip_weights_inspect(expclip_string **out,
                                                   const char *path,
                                                   expclip_error *err);

typedef struct expclip_convert_options {
    size_t struct_size;
    const char *head;       /* as in expclip_load_options. Default: "auto" */
    const char *preprocess; /* as in expclip_load_options. Default: "auto" */
    const char *activation; /* as in expclip_load_options. Default: "auto" */
    const char *dtype;      /* "fp32", "fp16" or "bf16". Default: "fp16" */
    int32_t compact_head;   /* 1 = keep only R of the head's QR decomposition.
                               It gives the same cosines; that of a head of 4096
                               x 512 has 1/8 of its size. Default: 0 */
    int32_t reserved;       /* 0 */
} expclip_convert_options;

#define EXPCLIP_CONVERT_OPTIONS_INIT \
    { sizeof(expclip_convert_options), "auto", "auto", "auto", "fp16", 0, 0 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_convert_options_init(expclip_convert_options *options,
                                              size_t options_size);

/**
 * Write a model and its head as one self-describing safetensors file. An
 * existing file is replaced only when the new one is complete. It reads the
 * same files as expclip_model_load() and fails with the same codes, but needs
 * no libtorch.
 */
EXPCLIP_API expclip_status
expclip_weights_convert(const char *path, const char *out_path,
                        const expclip_convert_options *options,
                        expclip_error *err);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_TOOLS_H */
