/* SPDX-License-Identifier: MIT */
/*
 * dataset_layouts.h - one function a layout: it adds the items that lie below
 * the builder's folder.
 */
#ifndef EXPCLIP_DATASET_LAYOUTS_H
#define EXPCLIP_DATASET_LAYOUTS_H

#include "datasets/dataset_builder.h"

/* dataset_stills.c */
expclip_status expclip__read_rafdb(expclip__builder *b, expclip_error *err);
expclip_status expclip__read_affectnet(expclip__builder *b, expclip_error *err);
expclip_status expclip__read_caers(expclip__builder *b, expclip_error *err);

/* dataset_ckplus.c */
expclip_status expclip__read_ckplus(expclip__builder *b, expclip_error *err);

/* dataset_fer.c */
expclip_status expclip__read_ferplus(expclip__builder *b, expclip_error *err);
expclip_status expclip__read_fer2013(expclip__builder *b, expclip_error *err);

/* dataset_clips.c */
expclip_status expclip__read_dfew(expclip__builder *b, expclip_error *err);
expclip_status expclip__read_ferv39k(expclip__builder *b, expclip_error *err);
expclip_status expclip__read_mafw(expclip__builder *b, expclip_error *err);
expclip_status expclip__read_afew(expclip__builder *b, expclip_error *err);

/* dataset_folders.c */
expclip_status expclip__read_folder(expclip__builder *b, expclip_error *err);

/* dataset_images.c */
expclip_status expclip__read_images(expclip__builder *b, expclip_error *err);

/* dataset_list.c */
expclip_status expclip__read_list(expclip__builder *b, expclip_error *err);
/** Lists that the caller names, one per fold, instead of the layout's own. */
expclip_status expclip__read_lists(expclip__builder *b,
                                   const char *const *lists, size_t n_lists,
                                   expclip_error *err);

/** A label in the dataset's own code; EXPCLIP__DROPPED for its dropped ones.
 */
expclip_status expclip__read_code(int32_t *label, const expclip__builder *b,
                                  const expclip__field *field,
                                  expclip_error *err);
/** A label that is the name of a class. */
expclip_status expclip__read_class(int32_t *label, const expclip__builder *b,
                                   const expclip__field *field,
                                   expclip_error *err);
/** The item's path: `folder`, a name inside it, an ending; with `name` checked
 * to stay inside. */
expclip_status expclip__item_path(expclip__item *item, const char *folder,
                                  const expclip__field *name,
                                  const char *ending, expclip_error *err);
/** The whole number in a NumPy file of one element, text or integer. */
expclip_status expclip__read_npy_number(int64_t *out, const char *path,
                                        expclip_error *err);

#endif
