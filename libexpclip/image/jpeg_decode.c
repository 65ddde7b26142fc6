/* SPDX-License-Identifier: MIT */
/*
 * jpeg_decode.c - JPEG: what jpeg.c lets pass goes to the decoder of the build.
 */
#include "image/encoded.h"
#include "image/jpeg.h"
#include "image/jpeg_stb.h"
#include "image/jpeg_turbo.h"

expclip_status expclip__decode_jpeg(expclip__image *out,
                                    const expclip__encoded *in,
                                    expclip_error *err)
{
    const expclip_image_options *o = in->options;
    expclip__jpeg jpeg;
    expclip_status status = expclip__jpeg_check(&jpeg, in->bytes, in->size,
                                                o->allow_truncated, err);

    if (status ||
        (status = expclip__image_check_size(jpeg.width, jpeg.height, o, err)) ||
        (status = expclip__jpeg_check_cost(&jpeg, in->size, o->max_pixels,
                                           o->allow_truncated, err)))
        return status;
    return expclip__has_jpeg_turbo ? expclip__jpeg_turbo(out, &jpeg, in, err)
                                   : expclip__jpeg_stb(out, &jpeg, in, err);
}
