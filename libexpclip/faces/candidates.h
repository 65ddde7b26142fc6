/* SPDX-License-Identifier: MIT */
/*
 * candidates.h - faces from YuNet's maps: boxes, points and scores, and of
 * those that lie over each other the best.
 *
 * As OpenCV's FaceDetectorYN does it, so that the faces are the same.
 */
#ifndef EXPCLIP_FACES_CANDIDATES_H
#define EXPCLIP_FACES_CANDIDATES_H

#include <expclip_faces.h>

#include "faces/yunet.h"

typedef struct expclip__candidates {
    expclip_face *faces; /* [n], the best first, in pixels of the image that the
                            network saw */
    size_t n;
    float best; /* the highest score of all cells; 0 when there is none */
} expclip__candidates;

/**
 * Faces with a score above `threshold`, without those that share more than 0.3
 * of their common area with a better one.
 *
 * @param[out] out  for expclip__candidates_free(); written on success only
 */
expclip_status expclip__candidates_find(expclip__candidates *out,
                                        const expclip__yunet_maps *maps,
                                        float threshold, expclip_error *err);
void expclip__candidates_free(expclip__candidates *c);

#endif
