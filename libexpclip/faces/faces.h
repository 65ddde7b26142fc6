/* SPDX-License-Identifier: MIT */
/*
 * faces.h - an image and the faces that were found in it.
 *
 * An image is decoded as large as finding needs, and once more when crops need
 * more of it; so the object keeps the encoded bytes, which are small.
 */
#ifndef EXPCLIP_FACES_FACES_H
#define EXPCLIP_FACES_FACES_H

#include "base/threads.h"
#include "faces/crop.h"
#include "faces/detector.h"

struct expclip_detector {
    uint64_t fork_generation;
    expclip__detector detector;
    int32_t quick;
    int32_t turn;
};

/** As expclip_detector_create(), options complete and checked. */
expclip_status expclip__detector_create(expclip_detector **out,
                                        const expclip_detector_options *options,
                                        expclip_error *err);
void expclip__detector_free(expclip_detector *detector); /* takes NULL */

struct expclip_faces {
    expclip_status status; /* of a damaged frame */
    char *message;         /* of that, or NULL */
    char *name;            /* for messages; NULL = none */
    expclip__candidates found;
    int32_t width; /* of the image, turned */
    int32_t height;
    int32_t turn;         /* degrees beyond EXIF's */
    float threshold;      /* of the detector, for messages */
    int32_t smallest;     /* the same */
    expclip__image image; /* turned; shows the original, perhaps reduced */
    uint8_t *bytes;       /* encoded; NULL when `image` is the original */
    size_t size;
    expclip_image_options options; /* how to decode them */
};

/**
 * Find the faces of an encoded image; takes `bytes`, for expclip__free(), also
 * when it fails.
 *
 * @param name  for messages, or NULL
 */
expclip_status expclip__faces_find_encoded(expclip_faces **out,
                                           const expclip_detector *detector,
                                           const char *name, uint8_t *bytes,
                                           size_t size,
                                           const expclip_image_options *options,
                                           expclip_error *err);
/** The same of an image in memory, which it takes. */
expclip_status expclip__faces_find_image(expclip_faces **out,
                                         const expclip_detector *detector,
                                         expclip__image *image,
                                         expclip_error *err);
/** What stands for a damaged frame. */
expclip_status expclip__faces_create_failed(expclip_faces **out,
                                            expclip_status why,
                                            const char *message,
                                            expclip_error *err);
void expclip__faces_free(expclip_faces *faces);

/** As expclip_faces_largest(). */
size_t expclip__faces_largest(const expclip_faces *faces);
/** Does it show one face that is at least 0.45 times as wide? */
int expclip__faces_is_close(const expclip_faces *faces);

/** OK when there is a face; else the status of a damaged frame, or NO_FACE with
 * what was looked for and how near the best candidate came. */
expclip_status expclip__faces_check(const expclip_faces *faces,
                                    expclip_error *err);

/**
 * The image with at least `scale` pixels for one of the original along each
 * side, 1 at most. *decoded, {0} before, is for expclip__image_clear() when
 * *out is not the image that the object holds.
 */
expclip_status expclip__faces_image(const expclip__image **out,
                                    expclip__image *decoded,
                                    const expclip_faces *faces, float scale,
                                    expclip_error *err);

/** The crop of a face, in pixels of the original. */
expclip_box expclip__faces_crop(const expclip_faces *faces, size_t index,
                                const expclip__crop *crop);
/** Cut it out of an image from expclip__faces_image(). */
expclip_status expclip__faces_cut(expclip__image *out,
                                  const expclip_faces *faces, size_t index,
                                  const expclip__image *image,
                                  const expclip__crop *crop, int32_t upright,
                                  expclip_error *err);

#endif
