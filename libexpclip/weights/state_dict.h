/* SPDX-License-Identifier: MIT */
/*
 * state_dict.h - the named tensors among the values of a torch pickle.
 */
#ifndef EXPCLIP_WEIGHTS_STATE_DICT_H
#define EXPCLIP_WEIGHTS_STATE_DICT_H

#include "weights/pickle.h"
#include "weights/weights.h"

/** Say where a storage begins in the file: sets w->offset, and w->storage for
 * the caller's own use. w->name is the tensor's, for messages. */
typedef expclip_status
expclip__place_storage(expclip__weight *w, void *data,
                       const expclip__pickle_node *storage, expclip_error *err);

/**
 * Add the tensors of dictionaries in dictionaries, or of modules in modules,
 * to source number `source`. The keys or attributes that lead to one, joined
 * by dots, are its name; the part that leads to all of them is left out, so
 * that {"epoch": 3, "state_dict": {...}} gives the state dict's own names.
 */
expclip_status expclip__state_dict_read(expclip__weights *ws, int32_t source,
                                        const expclip__pickle *p,
                                        expclip__place_storage *place,
                                        void *data, expclip_error *err);

#endif
