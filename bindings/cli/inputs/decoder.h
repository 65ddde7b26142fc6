/* SPDX-License-Identifier: MIT */
/*
 * decoder.h - images made ready for the encoder, one batch ahead: while the
 * caller computes on a batch, a second thread reads and decodes the next one.
 */
#ifndef EXPCLIP_CLI_DECODER_H
#define EXPCLIP_CLI_DECODER_H

#include "inputs/inputs.h"

/** Some consecutive inputs; those that could be read are in `batch`. */
typedef struct decoded {
    expclip_batch *batch;
    const input *inputs; /* [n] */
    size_t n;
} decoded;

typedef struct decoder decoder;

/**
 * @param in       outlives the decoder
 * @param options  the box is used for inputs that have none of their own
 * @return 0 or EXIT_RESOURCES, reported
 */
int decoder_start(decoder **out, const expclip_model *model, const inputs *in,
                  const expclip_image_options *options, size_t batch_size);
/**
 * The next batch, NULL when all are done or stop_wanted(). Ends the use of the
 * one before.
 */
const decoded *decoder_next(decoder *d);
/**
 * Row of input `i` (from 0) of a batch in its results, or -1 when it failed:
 * then *status and *message say why, valid as long as the batch.
 */
ptrdiff_t decoded_row(const decoded *batch, size_t i, expclip_status *status,
                      const char **message);
/** Wait for the thread and free all; takes NULL. */
void decoder_stop(decoder *d);

#endif
