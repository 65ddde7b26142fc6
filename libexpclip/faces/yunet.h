/* SPDX-License-Identifier: MIT */
/*
 * yunet.h - YuNet, the network that finds faces: an image to three maps.
 *
 * Wu et al., YuNet: A Tiny Millisecond-level Face Detector, 2023; the weights
 * are face_detection_yunet_2023mar of the OpenCV Zoo, that is yunet_s of
 * libfacedetection.train. Input: B, G, R from 0 to 255, sides that are
 * multiples of 32. A 640 x 480 image gives maps of 80 x 60, 40 x 30 and
 * 20 x 15 cells, each of which looks for one face around it.
 */
#ifndef EXPCLIP_FACES_YUNET_H
#define EXPCLIP_FACES_YUNET_H

#include "weights/weights.h"

#define EXPCLIP__YUNET_UNITS 17
#define EXPCLIP__YUNET_MAPS 3

/** What each cell says: logits of a face and of an object; the box's centre and
 * the logarithms of its sides, in cells; five points x, y, in cells. */
enum {
    EXPCLIP__YUNET_FACE,
    EXPCLIP__YUNET_BOX,
    EXPCLIP__YUNET_OBJECT = 5,
    EXPCLIP__YUNET_POINTS,
    EXPCLIP__YUNET_CHANNELS = 16
};

/** Immutable once loaded: threads may share it. */
typedef struct expclip__yunet {
    int32_t n_threads;
    float *values; /* of all convolutions */
    const float *stem;
    const float *units[EXPCLIP__YUNET_UNITS];
} expclip__yunet;

/** What the network says of each cell of `stride` x `stride` pixels. */
typedef struct expclip__yunet_map {
    int32_t stride; /* 8, 16, 32 */
    int32_t rows;
    int32_t columns;
    const float *cells; /* [rows, columns, EXPCLIP__YUNET_CHANNELS] */
} expclip__yunet_map;

typedef struct expclip__yunet_maps {
    expclip__yunet_map map[EXPCLIP__YUNET_MAPS];
    float *values; /* of all of them */
} expclip__yunet_maps;

/**
 * Read the network. The object is for expclip__yunet_close() also after a
 * failure.
 *
 * @param n_threads  that a pass takes; its numbers do not depend on them
 * @return OK, SHAPE (not this network), NONFINITE, MEMORY
 */
expclip_status expclip__yunet_load(expclip__yunet *out,
                                   const expclip__weights *ws,
                                   int32_t n_threads, expclip_error *err);
void expclip__yunet_close(expclip__yunet *y);

/**
 * Look at rgb [height, width, 3]; zeros are added below and to the right.
 *
 * @param[out] out  for expclip__yunet_maps_free(); written on success only
 */
expclip_status expclip__yunet_run(expclip__yunet_maps *out,
                                  const expclip__yunet *y, const uint8_t *rgb,
                                  int32_t width, int32_t height,
                                  expclip_error *err);
void expclip__yunet_maps_free(expclip__yunet_maps *maps);

/** The weights in the library, a safetensors file. */
const uint8_t *expclip__yunet_bytes(size_t *size);

#endif
