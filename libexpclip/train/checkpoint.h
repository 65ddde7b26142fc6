/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.h - the state of training in a folder, so that it can go on after
 * an end at any moment.
 *
 * A checkpoint is one file, step-NNNNNNNNNN.checkpoint, that appears when it is
 * complete (base/io.h) and ends in a checksum; the last two are kept. A lock
 * keeps a second trainer out.
 */
#ifndef EXPCLIP_TRAIN_CHECKPOINT_H
#define EXPCLIP_TRAIN_CHECKPOINT_H

#include <expclip_base.h>

typedef struct expclip__checkpoints expclip__checkpoints;

/** What one holds. The arrays are the trainer's. */
typedef struct expclip__checkpoint {
    const char *identity; /* data and options, a line "name: value" each */
    int64_t step;         /* steps done */
    double loss;          /* of the last of them */
    double accuracy;
    float *head; /* [head_size] */
    size_t head_size;
    float *moments; /* [moments_size] */
    size_t moments_size;
} expclip__checkpoint;

/** Make the folder if it is missing, and lock it: STATE when it is in use. */
expclip_status expclip__checkpoints_open(expclip__checkpoints **out,
                                         const char *folder,
                                         expclip_error *err);
/**
 * Fill a checkpoint from the newest sound file; its step stays when there is
 * none. A damaged file is left out: *note, for expclip__free(), says what
 * happened, NULL when there was nothing. STATE when the newest sound one is of
 * another identity; FORMAT when all are damaged.
 */
expclip_status expclip__checkpoints_load(expclip__checkpoints *c,
                                         expclip__checkpoint *checkpoint,
                                         char **note, expclip_error *err);
/** Write one, and remove those before the last two. */
expclip_status expclip__checkpoints_save(expclip__checkpoints *c,
                                         const expclip__checkpoint *checkpoint,
                                         expclip_error *err);
/** Unlock and free; takes NULL. */
void expclip__checkpoints_close(expclip__checkpoints *c);

#endif
