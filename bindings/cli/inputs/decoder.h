/* SPDX-License-Identifier: MIT */
/*
 * decoder.h - images made ready for the encoder, one batch ahead: while the
 * caller computes on a batch, a second thread reads and decodes the next one,
 * and finds the faces in it.
 */
#ifndef EXPCLIP_CLI_DECODER_H
#define EXPCLIP_CLI_DECODER_H

#include "inputs/inputs.h"
#include "options/face_settings.h"

/** The faces that were found in an image. */
typedef struct found_faces {
    int32_t width; /* of the image after turning; 0 = none were looked for */
    int32_t height;
    int32_t turn; /* degrees beyond EXIF's */
    size_t n;
    expclip_face *faces; /* [n] */
} found_faces;

/** What became of one input. */
typedef struct decoded_image {
    const input *input;
    size_t first; /* its rows in the batch */
    size_t n;     /* of them: 0 when it failed, several with several faces */
    expclip_error error; /* when n is 0 */
    found_faces found;
} decoded_image;

/** Some consecutive inputs. */
typedef struct decoded {
    expclip_batch *batch;
    decoded_image *images; /* [n] */
    size_t n;
} decoded;

typedef struct decoder decoder;

/**
 * @param in       outlives the decoder
 * @param options  the box is used for inputs that have none of their own
 * @param search   for which faces; outlives the decoder
 * @return 0 or EXIT_RESOURCES, reported
 */
int decoder_start(decoder **out, const expclip_model *model, const inputs *in,
                  const expclip_image_options *options,
                  const face_search *search, size_t batch_size);
/**
 * The next batch, NULL when all are done or stop_wanted(). Ends the use of the
 * one before. It has at most `batch_size` images, and fewer when those have
 * several faces.
 */
const decoded *decoder_next(decoder *d);
/** What is no fault of an image: memory or libtorch; NULL when all is well. */
const expclip_error *decoded_failure(const decoded *batch);
/** Results of an image, at least 1: what failed is one. */
size_t decoded_count(const decoded_image *image);
/**
 * The row of result `k` of an image, or -1 when it failed: then *status and
 * *message say why, valid as long as the batch.
 */
ptrdiff_t decoded_row(const decoded *batch, const decoded_image *image,
                      size_t k, expclip_status *status, const char **message);
/** Wait for the thread and free all; takes NULL. */
void decoder_stop(decoder *d);

#endif
