/* SPDX-License-Identifier: MIT */
/*
 * dataset_builder.h - a dataset while it is made: what every layout needs.
 */
#ifndef EXPCLIP_DATASET_BUILDER_H
#define EXPCLIP_DATASET_BUILDER_H

#include "base/text.h"
#include "datasets/dataset.h"
#include "datasets/dataset_lines.h"
#include "datasets/dataset_known.h"
#include "shared/left_out.h"

/* label of an item that is left out without a word: another split, or a class
 * that the dataset does not have */
#define EXPCLIP__DROPPED (-1)

struct expclip__builder {
    expclip_dataset *dataset;
    const expclip__known *known;
    const char *path; /* of the dataset, as given */
    const expclip_dataset_options *options;
    expclip__left_out left_out;
};

/** Add an item; its path is taken, also by a failure. */
expclip_status expclip__add_item(expclip__builder *b, const expclip__item *item,
                                 expclip_error *err);
/** Add the name of a class. */
expclip_status expclip__add_class(expclip__builder *b, const char *name,
                                  expclip_error *err);
/**
 * Something at `place` of `list` (-1 = none) cannot be used: under STOP the
 * failure that it is, under SKIP a problem, and OK. What is not FORMAT or LIMIT
 * fails in any case.
 */
expclip_status expclip__add_problem(expclip__builder *b, int32_t list,
                                    size_t line, const expclip_error *why,
                                    expclip_error *err);

/** Say what is done that nobody asked for. */
expclip_status expclip__add_note(expclip__builder *b, expclip__note_kind kind,
                                 expclip_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/**
 * Make an item of a line; it has its fold, list and line already. The item's
 * path is written on success only, and not with a label of EXPCLIP__DROPPED.
 * Messages name the field, not file and line.
 */
typedef expclip_status expclip__row_reader(expclip__item *item,
                                           const expclip__builder *b,
                                           const expclip__lines *line,
                                           void *data, expclip_error *err);
/** Read all lines of a list. */
expclip_status expclip__add_rows(expclip__builder *b, const char *path,
                                 int32_t fold, expclip__row_reader *read,
                                 void *data, expclip_error *err);

enum { EXPCLIP__NOTHING, EXPCLIP__FILE, EXPCLIP__FOLDER };
/** What is at a path; links are followed. */
int expclip__path_kind(const char *path);
/**
 * The first of `names` (ends with NULL) that is there, below the dataset's
 * folder, for expclip__free(); NULL when none is. "" is the folder itself.
 */
expclip_status expclip__find_part(char **out, const expclip__builder *b,
                                  const char *const *names, int kind,
                                  expclip_error *err);
/** The same for what must be there: else fails with what was expected. */
expclip_status expclip__need_part(char **out, const expclip__builder *b,
                                  const char *const *names, int kind,
                                  const char *expected, expclip_error *err);
/** NOT_FOUND: `NAME: PATH: found no ...`. */
expclip_status expclip__fail_part(expclip_error *err, const expclip__builder *b,
                                  const char *expected);

#endif
