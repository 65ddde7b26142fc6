/* SPDX-License-Identifier: MIT */
/*
 * pickle_machine.h - the machine that pickle.c runs; the other pickle_*.c
 * extend it.
 *
 * The first failure is kept in `status` and everything after it does nothing,
 * so that words check once, before they use a value.
 */
#ifndef EXPCLIP_WEIGHTS_PICKLE_MACHINE_H
#define EXPCLIP_WEIGHTS_PICKLE_MACHINE_H

#include <expclip_base.h>

#include "weights/pickle_values.h"

#define EXPCLIP__PK_MAX_MARKS 1000u
#define EXPCLIP__PK_MAX_ITEMS (1u << 20)

/* Nodes that are there from the start: values without content. */
enum {
    EXPCLIP__PK_NONE,
    EXPCLIP__PK_TRUE,
    EXPCLIP__PK_FALSE,
    EXPCLIP__PK_FLOAT,
    EXPCLIP__PK_OTHER,
    EXPCLIP__PK_N_CONSTANTS
};

/** What a name in the pickle stands for. */
typedef enum expclip__pk_role {
    EXPCLIP__PK_NO_ROLE, /* not a name */
    EXPCLIP__PK_DICT,
    EXPCLIP__PK_ANY_DICT, /* with arguments that do not matter */
    EXPCLIP__PK_TENSOR,
    EXPCLIP__PK_PARAMETER,
    EXPCLIP__PK_PARAMETER_STATE,
    EXPCLIP__PK_TYPED, /* a tensor that is told its type */
    EXPCLIP__PK_TYPE,
    EXPCLIP__PK_STORAGE, /* not called: the type of a storage */
    EXPCLIP__PK_SIZE,
    EXPCLIP__PK_LIST, /* a list of numbers of a TorchScript module */
    EXPCLIP__PK_TAG,  /* a value with the name of its type */
    EXPCLIP__PK_MODULE,
    EXPCLIP__PK_INERT /* whatever is made with it has no meaning */
} expclip__pk_role;

/** A growing array. */
typedef struct expclip__pk_array {
    void *data;
    uint32_t n;
    uint32_t capacity;
} expclip__pk_array;

typedef struct expclip__pk_machine {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    size_t word;      /* where the present word begins, for messages */
    size_t frame_end; /* of the last frame */
    expclip__pk_array nodes;
    expclip__pk_array items;
    expclip__pk_array views;
    expclip__pk_array stack; /* refs */
    expclip__pk_array memo;  /* refs + 1, 0 = not set */
    uint32_t n_memo;         /* of them set */
    uint32_t marks[EXPCLIP__PK_MAX_MARKS];
    uint32_t n_marks;
    int legacy; /* the format before torch 1.6 */
    int stopped;
    expclip_status status;
    expclip_error *err;
} expclip__pk_machine;

/* ---- failing ---- */

void expclip__pk_fail(expclip__pk_machine *m, expclip_status code,
                      const char *what);
/** FORMAT. */
void expclip__pk_damaged(expclip__pk_machine *m, const char *what);

/* ---- values ---- */

/** Element number `index`, made with all before it when it is new; NULL when
 * that fails. */
void *expclip__pk_reach(expclip__pk_machine *m, expclip__pk_array *a,
                        uint32_t index, size_t size, uint32_t most,
                        const char *too_many);
/** Valid until the next node is made. */
expclip__pickle_node *expclip__pk_node(const expclip__pk_machine *m,
                                       expclip__pickle_ref r);
expclip__pickle_kind expclip__pk_kind(const expclip__pk_machine *m,
                                      expclip__pickle_ref r);
/** EXPCLIP__PK_NONE when it fails. */
expclip__pickle_ref expclip__pk_new_node(expclip__pk_machine *m,
                                         expclip__pickle_kind kind);

/* ---- the stack ---- */

void expclip__pk_push(expclip__pk_machine *m, expclip__pickle_ref r);
/** @return the node, valid until the next one is made; NULL when it fails */
expclip__pickle_node *expclip__pk_push_new(expclip__pk_machine *m,
                                           expclip__pickle_kind kind);
/** Where the values above the last mark begin. */
uint32_t expclip__pk_floor(const expclip__pk_machine *m);
/** The value `down` places below the top, above the last mark. */
expclip__pickle_ref expclip__pk_peek(expclip__pk_machine *m, uint32_t down);
expclip__pickle_ref expclip__pk_pop(expclip__pk_machine *m);

/* ---- containers ---- */

int expclip__pk_is_container(expclip__pickle_kind kind);
/** Put a value at the end of a container that is not in another one. */
void expclip__pk_add_item(expclip__pk_machine *m, expclip__pickle_ref container,
                          expclip__pickle_ref key, expclip__pickle_ref value);
/** The n values of a container. @return 1, or 0 when there are not n */
int expclip__pk_unpack(const expclip__pk_machine *m,
                       expclip__pickle_ref container, expclip__pickle_ref *out,
                       uint32_t n);

/* ---- names: pickle_names.c ---- */

void expclip__pk_word_global(expclip__pk_machine *m);
void expclip__pk_word_stack_global(expclip__pk_machine *m);
/** What a value stands for; *dtype, when it is not NULL, is that of a storage
 * and is not set for a value that is no name. */
expclip__pk_role expclip__pk_role_of(const expclip__pk_machine *m,
                                     expclip__pickle_ref r,
                                     expclip__dtype *dtype);

/* ---- words of pickle_containers.c ---- */

void expclip__pk_word_add_items(expclip__pk_machine *m);
void expclip__pk_word_append(expclip__pk_machine *m);
void expclip__pk_word_appends(expclip__pk_machine *m);
void expclip__pk_word_frozen_set(expclip__pk_machine *m);
void expclip__pk_word_mark(expclip__pk_machine *m);
void expclip__pk_word_set_item(expclip__pk_machine *m);
void expclip__pk_word_set_items(expclip__pk_machine *m);
void expclip__pk_word_tuple(expclip__pk_machine *m);
/** Of the n values on top of the stack. */
void expclip__pk_word_tuple_of(expclip__pk_machine *m, uint32_t n);

/* ---- words of pickle_calls.c ---- */

void expclip__pk_word_persistent(expclip__pk_machine *m);
void expclip__pk_word_reduce(expclip__pk_machine *m);
void expclip__pk_word_new_object(expclip__pk_machine *m);
void expclip__pk_word_new_object_named(expclip__pk_machine *m);
void expclip__pk_word_build(expclip__pk_machine *m);

#endif
