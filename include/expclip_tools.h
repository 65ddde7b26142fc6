/* SPDX-License-Identifier: MIT */
/*
 * expclip_tools.h - beside the main job: tokens, a look into weights files,
 * and conversion to one self-describing file. None of it needs libtorch.
 *
 * The rules at the top of expclip.h hold here too.
 */
#ifndef EXPCLIP_TOOLS_H
#define EXPCLIP_TOOLS_H

#include "expclip_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------
 * Tokens
 */

/** CLIP's byte-pair encoder. Immutable; share between threads. */
typedef struct expclip_tokenizer expclip_tokenizer;

/**
 * @param vocabulary_size  49408 = CLIP's; less keeps the first merges only, as
 *                         a model says in expclip_model_vocabulary_size()
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{ARGUMENT, MEMORY}
 */
EXPCLIP_API expclip_status expclip_tokenizer_create(expclip_tokenizer **out,
                                                    int32_t vocabulary_size,
                                                    expclip_error *err);
/**
 * Token ids of a text, start and end tokens included, without padding.
 * Invalid UTF-8 is read as U+FFFD; "<|endoftext|>" in a text is plain text.
 *
 * @param[out] ids        `ids_size` places; a longer result is cut there and
 *                        its last id is the end token
 * @param[out] n_ids      ids written
 * @param[out] truncated  1 when it was cut, else 0; may be NULL
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{ARGUMENT, LIMIT, MEMORY}
 */
EXPCLIP_API expclip_status expclip_tokenizer_encode(
    int32_t *ids, size_t ids_size, size_t *n_ids, int32_t *truncated,
    const expclip_tokenizer *tokenizer, const char *text, size_t text_size,
    expclip_error *err);
EXPCLIP_API void expclip_tokenizer_free(expclip_tokenizer *tokenizer);

/* ------------------------------------------------------------------------
 * Files
 */

/** A text that the library made. Immutable; share between threads. */
typedef struct expclip_string expclip_string;

/** The text, ended by NUL; owned by the string. */
EXPCLIP_API const char *expclip_string_data(const expclip_string *string);
/** Bytes without the NUL. */
EXPCLIP_API size_t expclip_string_size(const expclip_string *string);
EXPCLIP_API void expclip_string_free(expclip_string *string);

/**
 * Is this an image? Told by the first bytes of a file, of which 16 suffice.
 *
 * @return 1 = of a format that is read, -1 = of one that is not (such as TIFF),
 *         0 = no image that is known
 */
EXPCLIP_API int32_t expclip_image_probe(const uint8_t *bytes,
                                        size_t bytes_size);
/**
 * Describe a weights file or folder without loading it, as JSON: {"format",
 * "tensors": [{"name", "dtype", "shape"}], "metadata": {}, "architecture": {}
 * or null}.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, UNSAFE, LIMIT, MEMORY}
 */
EXPCLIP_API expclip_status expclip_model_inspect(expclip_string **out,
                                                 const char *path,
                                                 expclip_error *err);

typedef struct expclip_convert_options {
    size_t struct_size;
    const char *head;       /* as in expclip_load_options. Default: "auto" */
    const char *preprocess; /* as in expclip_load_options. Default: "auto" */
    const char *activation; /* as in expclip_load_options. Default: "auto" */
    const char *dtype;      /* "fp32", "fp16" or "bf16". Default: "fp16" */
    int32_t compact_head;   /* 1 = keep R of the head's QR: equal cosines, 1/8
                               of the size at 4096 x 512. Default: 0 */
    int32_t reserved;       /* 0 */
} expclip_convert_options;

#define EXPCLIP_CONVERT_OPTIONS_INIT \
    { sizeof(expclip_convert_options), "auto", "auto", "auto", "fp16", 0, 0 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_convert_options_init(expclip_convert_options *options,
                                              size_t options_size);

/**
 * Write a model and its head as one self-describing safetensors file, replaced
 * only when all is written. Takes and fails as expclip_model_load(), but needs
 * no libtorch.
 */
EXPCLIP_API expclip_status
expclip_model_convert(const char *path, const char *out_path,
                      const expclip_convert_options *options,
                      expclip_error *err);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_TOOLS_H */
