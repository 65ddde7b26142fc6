/* SPDX-License-Identifier: MIT */
/*
 * train.c - a head learned from features of images and rows of a teacher.
 *
 *     cc train.c -o train $(pkg-config --cflags --libs expclip) -lm
 *     expclip features --head none --images faces -o features
 *     expclip targets --teacher TEACHER --images faces -o targets
 *     ./train features targets head.safetensors
 *
 * Both files may also be .npy of equal order, [n, d] and [n, D]. The options
 * that are not set here are the paper's.
 */
#include <expclip_train.h>
#include <stdio.h>

/* All steps; prints a line at the end of each epoch. */
static int run(expclip_trainer *trainer, expclip_error *err)
{
    const int64_t total = expclip_trainer_total_steps(trainer);
    const int64_t epoch = expclip_trainer_epoch_steps(trainer);

    while (expclip_trainer_step_count(trainer) < total) {
        if (expclip_trainer_step(trainer, NULL, err))
            return 1;
        if (expclip_trainer_step_count(trainer) % epoch == 0)
            printf("epoch %lld: loss %.4f\n",
                   (long long)(expclip_trainer_step_count(trainer) / epoch),
                   expclip_trainer_loss(trainer));
    }
    return 0;
}

int main(int argc, char **argv)
{
    expclip_trainer_options options = EXPCLIP_TRAINER_OPTIONS_INIT;
    expclip_trainer *trainer = NULL;
    expclip_error err;
    int failed;

    if (argc != 4) {
        fprintf(stderr, "usage: train FEATURES TARGETS HEAD\n");
        return 2;
    }
    options.batch = 8; /* the faces of ../faces are few */
    failed =
        expclip_trainer_create(&trainer, argv[1], argv[2], &options, &err) ||
        run(trainer, &err) || expclip_trainer_save_head(trainer, argv[3], &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    expclip_trainer_free(trainer);
    return failed;
}
