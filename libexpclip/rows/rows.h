/* SPDX-License-Identifier: MIT */
/*
 * rows.h - a row of numbers for each item of a dataset, computed in steps: what
 * features (rows/features.h) and targets (rows/targets.h) have in common.
 */
#ifndef EXPCLIP_ROWS_ROWS_H
#define EXPCLIP_ROWS_ROWS_H

#include <expclip_rows.h>

#include "base/text.h"
#include "datasets/dataset.h"
#include "rows/row_store.h"

/** How rows of one kind are made. */
typedef struct expclip__rows_kind {
    const char *name; /* "features" or "targets" */
    /** Write all that the rows depend on, in lines "name: value". */
    void (*identify)(const expclip_rows *r, expclip__buffer *text);
    /** Items of the step that begins at `first`: the same for the same items,
     * however often the work was interrupted. */
    size_t (*step_size)(const expclip_rows *r, size_t first);
    /** The rows and the notes, zeroed, of the n items of a step. A row whose
     * note is a failure may be left as it is. */
    expclip_status (*make)(expclip_rows *r, float *rows,
                           expclip__row_note *notes, size_t n,
                           const expclip_cancel *cancel, expclip_error *err);
    /** Give back what only this kind has. */
    void (*close)(expclip_rows *r);
} expclip__rows_kind;

/** The beginning of what each kind adds its own to. */
struct expclip_rows {
    const expclip__rows_kind *kind;
    expclip_dataset *dataset; /* retained */
    uint64_t fork_generation; /* of the model or teacher */
    expclip__row_store store;
};

/** An object of `size` bytes, zeroed behind its beginning; NULL when memory is
 * out. */
void *expclip__rows_new(size_t size, const expclip__rows_kind *kind,
                        const expclip_dataset *dataset,
                        uint64_t fork_generation);
/** Start, or go on from the file where the last whole step ended; as
 * expclip__row_store_open(). */
expclip_status expclip__rows_start(expclip_rows *r, const char *path,
                                   size_t dim, int keep, expclip_error *err);
/** As expclip_rows_step(), arguments checked. */
expclip_status expclip__rows_step(expclip_rows *r, const expclip_cancel *cancel,
                                  expclip_error *err);
void expclip__rows_free(expclip_rows *r);

/** How an item's image is read. */
expclip_image_options expclip__rows_image_options(const expclip__item *item,
                                                  int32_t exif);
/** Read it, wherever it is. */
expclip_status expclip__rows_read_image(expclip__image *image,
                                        const expclip__item *item, int32_t exif,
                                        const expclip_cancel *cancel,
                                        expclip_error *err);
/** A message without the item's path at its beginning: long paths would leave
 * no room. */
const char *expclip__rows_without_path(const char *message,
                                       const expclip__item *item);
/** Note that an item failed. */
void expclip__rows_note(expclip__row_note *note, const expclip__item *item,
                        expclip_status status, const char *message);

#endif
