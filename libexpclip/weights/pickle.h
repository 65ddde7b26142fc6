/* SPDX-License-Identifier: MIT */
/*
 * pickle.h - the values that a torch pickle describes. Nothing is ever run.
 *
 * Python's pickle is a small stack language whose programs may call anything.
 * Here the few words that torch needs to describe tensors are known, calls are
 * looked up in a table of names, and every other word is refused.
 * Values that trainings keep beside the weights are read and mean nothing.
 */
#ifndef EXPCLIP_WEIGHTS_PICKLE_H
#define EXPCLIP_WEIGHTS_PICKLE_H

#include <expclip.h>

#include "weights/pickle_values.h"

/** Read a pickle; messages give the byte where it went wrong. The bytes must
 * outlive the result, whose strings lie in them. */
expclip_status expclip__pickle_read(expclip__pickle **out, const uint8_t *bytes,
                                    size_t size, expclip_error *err);
/** The same for one of several pickles, as torch wrote them before 1.6; *used
 * is where it ends. */
expclip_status expclip__pickle_read_next(expclip__pickle **out, size_t *used,
                                         const uint8_t *bytes, size_t size,
                                         expclip_error *err);
/** Takes NULL. */
void expclip__pickle_free(expclip__pickle *p);

#endif
