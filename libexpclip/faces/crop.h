/* SPDX-License-Identifier: MIT */
/*
 * crop.h - which part of an image an encoder sees of a face.
 */
#ifndef EXPCLIP_FACES_CROP_H
#define EXPCLIP_FACES_CROP_H

#include <expclip_faces.h>

#include "image/image.h"

/** In heights of a face's box. */
typedef struct expclip__crop {
    float side; /* of the square */
    float up;   /* from the box's centre to the square's */
} expclip__crop;

#define EXPCLIP__CROP_DEFAULT                                                  \
    {                                                                          \
        1.4f, 0.0f                                                             \
    }
#define EXPCLIP__CROP_LEAST_SIDE 0.5f
#define EXPCLIP__CROP_MOST_SIDE 4.0f
#define EXPCLIP__CROP_MOST_UP 1.0f /* and down */

/** Are both numbers within the bounds above? */
int expclip__crop_is_sound(const expclip__crop *crop);

/** Set the crop to what a caller's options say; 0 and 0 leave it as it is.
 * @return EXPCLIP_OK or EXPCLIP_ERROR_ARGUMENT */
expclip_status expclip__crop_choose(expclip__crop *crop, float side, float up,
                                    expclip_error *err);

/** As expclip_faces_crop(), in an image of width x height. */
expclip_box expclip__crop_box(const expclip_face *face,
                              const expclip__crop *crop, int32_t width,
                              int32_t height);

/** Degrees, counterclockwise, by which the person's head seems to be turned
 * after the line of the eyes; 0 when they are where no eyes can be. */
float expclip__crop_tilt(const expclip_face *face);

/**
 * Copy the box out of an image that shows the original at a reduced scale.
 *
 * @param box    in pixels of the original
 * @param width  of the original
 * @param tilt   degrees by which the copy is turned back around the centre of
 *               the box; what lies outside the image repeats its edge
 */
expclip_status expclip__crop_copy(expclip__image *out,
                                  const expclip__image *image,
                                  const expclip_box *box, int32_t width,
                                  int32_t height, float tilt,
                                  expclip_error *err);

#endif
