/* SPDX-License-Identifier: MIT */
/*
 * pixels.h - turning an image and cutting a face out of it, in place.
 */
#ifndef EXPCLIP_PIXELS_H
#define EXPCLIP_PIXELS_H

#include "image/image.h"

/** Bring upright what EXIF's orientation 1..8 describes; others do nothing. */
expclip_status expclip__image_turn(expclip__image *image, int orientation,
                                   expclip_error *err);
/** Cut the options' box with its margin; LIMIT when it is all outside. */
expclip_status expclip__image_cut(expclip__image *image,
                                  const expclip_image_options *options,
                                  expclip_error *err);
/** The same of an image of size `full` that is here in fewer pixels: the box is
 * in pixels of `full`, and all pixels that it touches are kept. */
expclip_status expclip__image_cut_reduced(expclip__image *image,
                                          expclip__size full,
                                          const expclip_image_options *options,
                                          expclip_error *err);

#endif
