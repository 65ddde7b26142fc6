/* SPDX-License-Identifier: MIT */
/*
 * batch.h - images made ready for a model, each with its own status.
 */
#ifndef EXPCLIP_BATCH_H
#define EXPCLIP_BATCH_H

#include "expression/model.h"
#include "faces/faces.h"
#include "video/frames.h"

/** One image of a batch. */
typedef struct expclip__batch_item {
    expclip_status status;
    char *message; /* NULL when it did not fail */
    size_t slot;   /* which pixels, when it did not fail */
    int64_t image; /* counted from 0 over the images that were added */
    int32_t face;  /* of that image; -1 = no face's crop */
} expclip__batch_item;

struct expclip_batch {
    expclip_model *model;       /* retained */
    expclip__batch_item *items; /* [n_items], capacity items_capacity */
    size_t n_items;
    size_t items_capacity;
    int64_t n_images;
    float *pixels; /* [n_slots, 3, S, S], failed items have none */
    size_t n_slots;
    size_t slots_capacity;
};

expclip_status expclip__batch_create(expclip_batch **out,
                                     const expclip_model *model,
                                     expclip_error *err);
void expclip__batch_free(expclip_batch *batch);
void expclip__batch_clear(expclip_batch *batch);

/** Floats of one image: 3 * S * S. */
size_t expclip__batch_image_floats(const expclip_batch *batch);

/**
 * Add an item: `status` and *why say how decoding went, `image` is made ready
 * when it went well. @return the item's status, or MEMORY when no item was
 * added
 */
expclip_status expclip__batch_add(expclip_batch *batch,
                                  const expclip__image *image,
                                  expclip_status status,
                                  const expclip_error *why, expclip_error *err);
/** Which face of each image is taken. */
typedef struct expclip__face_choice {
    const expclip_detector *detector; /* NULL = images are taken whole */
    int32_t which;                    /* LARGEST or AUTO: one item an image */
    expclip__crop crop;
    int32_t upright;
} expclip__face_choice;

/** As expclip_batch_add_faces(), `crop` that of the options or of the model. */
expclip_status expclip__batch_add_faces(size_t *n_added, expclip_batch *batch,
                                        const expclip_faces *faces,
                                        int32_t which,
                                        const expclip__crop *crop,
                                        int32_t upright, expclip_error *err);
/**
 * Add the next frames, at most `n`; *n_added = 0 at the end. Items that were
 * added before a failure stay.
 *
 * @param choice  NULL = frames are taken whole
 */
expclip_status expclip__batch_add_frames(size_t *n_added, expclip_batch *batch,
                                         expclip_frames *frames, size_t n,
                                         const expclip_image_options *options,
                                         const expclip__face_choice *choice,
                                         const expclip_cancel *cancel,
                                         expclip_error *err);
/** Add the chosen face of the image in a file's bytes, which it takes; as
 * expclip__batch_add(). */
expclip_status expclip__batch_add_chosen(expclip_batch *batch, const char *name,
                                         uint8_t *bytes, size_t size,
                                         const expclip_image_options *options,
                                         const expclip__face_choice *choice,
                                         expclip_error *err);

#endif
