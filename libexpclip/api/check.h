/* SPDX-License-Identifier: MIT */
/*
 * check.h - the checks that every exported function makes of its arguments.
 */
#ifndef EXPCLIP_API_CHECK_H
#define EXPCLIP_API_CHECK_H

#include <expclip.h>

/** ARGUMENT when `pointer` is NULL; `name` as in the header. */
expclip_status expclip__check_pointer(const void *pointer, const char *name,
                                      expclip_error *err);
/** The same for an array, which may be NULL when its size is 0. */
expclip_status expclip__check_array(const void *array, size_t size,
                                    const char *name, expclip_error *err);
/** ARGUMENT when a size is another one than expected. */
expclip_status expclip__check_size(size_t found, size_t expected,
                                   const char *name, expclip_error *err);
/** ARGUMENT when a number is none of least..most. */
expclip_status expclip__check_range(int64_t found, int64_t least, int64_t most,
                                    const char *name, expclip_error *err);
/**
 * Copy the caller's options over the defaults that are in *out. A caller that
 * was built with an older header has a smaller struct_size; fields that it
 * does not know keep their defaults. NULL options change nothing.
 */
expclip_status expclip__check_options(void *out, size_t out_size,
                                      const void *options, const char *name,
                                      expclip_error *err);
/** Copy defaults to options of a caller that knows `options_size` bytes. */
void expclip__write_options(void *options, size_t options_size,
                            const void *defaults, size_t defaults_size);
/** ARGUMENT when a field that later versions may use is not 0. */
expclip_status expclip__check_reserved(int32_t value, expclip_error *err);
/** ARGUMENT when a flag is neither 0 nor 1. */
expclip_status expclip__check_flag(int32_t value, const char *name,
                                   expclip_error *err);
/** Complete and check the caller's options, which may be NULL. */
expclip_status
expclip__check_image_options(expclip_image_options *out,
                             const expclip_image_options *options,
                             expclip_error *err);
expclip_status
expclip__check_embed_options(expclip_embed_options *out,
                             const expclip_embed_options *options,
                             expclip_error *err);
/** STATE when a batch was made for another model. */
expclip_status expclip__check_belongs(const expclip_model *model,
                                      const expclip_batch *batch,
                                      expclip_error *err);
/** STATE when classes were embedded by another model. */
expclip_status expclip__check_classes(const expclip_classes *classes,
                                      const char *fingerprint,
                                      expclip_error *err);

#endif
