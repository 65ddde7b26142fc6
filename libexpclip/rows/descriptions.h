/* SPDX-License-Identifier: MIT */
/*
 * descriptions.h - what is written about an image: a text file beside it,
 * face.txt for face.png.
 */
#ifndef EXPCLIP_ROWS_DESCRIPTIONS_H
#define EXPCLIP_ROWS_DESCRIPTIONS_H

#include "datasets/dataset.h"

/** Bytes of a description, at most. */
#define EXPCLIP__DESCRIPTION_SIZE (64u << 10)

/**
 * Read the description of an image, without the blanks around it.
 *
 * @param[out] text  ended by NUL, for expclip__free()
 * @return OK, NOT_FOUND, IO, LIMIT, FORMAT (empty, or no UTF-8), UNSUPPORTED
 *         (an image that is no file of its own)
 */
expclip_status expclip__description_read(char **text, size_t *size,
                                         const expclip__item *item,
                                         expclip_error *err);
/** All descriptions of a dataset, as read at one time. */
typedef struct expclip__descriptions {
    uint64_t hash; /* of all of them, those that are missing as such */
    size_t *first; /* [n], the first item with the same text, or SIZE_MAX where
                      there is none */
} expclip__descriptions;

expclip_status expclip__descriptions_open(expclip__descriptions *out,
                                          const expclip_dataset *d,
                                          expclip_error *err);
void expclip__descriptions_close(expclip__descriptions *s);

#endif
