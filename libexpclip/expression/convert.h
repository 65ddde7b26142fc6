/* SPDX-License-Identifier: MIT */
/*
 * convert.h - any model we read, as one self-describing safetensors file.
 */
#ifndef EXPCLIP_CONVERT_H
#define EXPCLIP_CONVERT_H

#include <expclip_tools.h>

/** As expclip_weights_convert(), arguments checked. */
expclip_status expclip__convert(const char *path, const char *out_path,
                                const expclip_convert_options *options,
                                expclip_error *err);

#endif
