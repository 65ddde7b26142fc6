/* SPDX-License-Identifier: MIT */
/*
 * detector.h - the faces in an image of any size.
 */
#ifndef EXPCLIP_FACES_DETECTOR_H
#define EXPCLIP_FACES_DETECTOR_H

#include "faces/candidates.h"
#include "image/image.h"

typedef struct expclip__detector {
    expclip__yunet yunet;
    float threshold;  /* of a face's score */
    int32_t side;     /* pixels: the longer one of what the network sees */
    int32_t smallest; /* pixels: smaller faces are left out */
    int32_t once;     /* 1 = no second look, twice as large */
} expclip__detector;

#define EXPCLIP__DETECTOR_THRESHOLD 0.7f
#define EXPCLIP__DETECTOR_SIDE 640
#define EXPCLIP__DETECTOR_SMALLEST 20

/**
 * The network in a file, or with NULL the one in the library, with the numbers
 * above. The object is for expclip__detector_close() also after a failure.
 */
expclip_status expclip__detector_open(expclip__detector *out,
                                      const char *weights, int32_t n_threads,
                                      expclip_error *err);
void expclip__detector_close(expclip__detector *d);

/**
 * Find faces; boxes and points are in pixels of the image. A large image is
 * shrunk so that its longer side is `side`; where that shows no face it is
 * looked at once more, twice as large.
 *
 * @param[out] out  for expclip__candidates_free(); written on success only
 */
expclip_status expclip__detector_find(expclip__candidates *out,
                                      const expclip__detector *d,
                                      const expclip__image *image,
                                      expclip_error *err);
/**
 * The same in an image of size `full` that is here in fewer pixels
 * (expclip__image_decode_reduced()): boxes, points and the smallest face are in
 * pixels of `full`. 2 * side pixels on the longer side are as good as more.
 */
expclip_status expclip__detector_find_reduced(expclip__candidates *out,
                                              const expclip__detector *d,
                                              const expclip__image *image,
                                              expclip__size full,
                                              expclip_error *err);

#endif
