/* SPDX-License-Identifier: MIT */
/*
 * calls.c - what a call costs in C, as calls.py, Calls.java and calls_test.go
 * measure it in their languages: one image of the demo model's size, scored
 * over and over by 1 and by 4 threads of one model.
 *
 *     cc calls.c -o calls $(pkg-config --cflags --libs expclip) && ./calls
 */
#define _GNU_SOURCE
#include <expclip.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_CALLS 300
#define SIDE 64

static expclip_model *model;
static expclip_classes *classes;

static void *work(void *unused)
{
    static const uint8_t pixels[SIDE * SIDE * 3];
    float logits[7];

    for (int i = 0; i < N_CALLS; i++) {
        expclip_batch *batch = NULL;

        if (expclip_batch_create(&batch, model, NULL) ||
            expclip_batch_add_pixels(batch, pixels, sizeof(pixels), SIDE, SIDE,
                                     0, EXPCLIP_PIXELS_RGB, NULL, NULL) ||
            expclip_model_score_images(logits, 7, model, classes, batch, NULL,
                                       NULL))
            abort();
        expclip_batch_free(batch);
    }
    return unused;
}

static double milliseconds_a_call(int n_threads)
{
    struct timespec start, end;
    pthread_t threads[4];

    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < n_threads; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (1e3 * (double)(end.tv_sec - start.tv_sec) +
            1e-6 * (double)(end.tv_nsec - start.tv_nsec)) /
           (n_threads * N_CALLS);
}

int main(void)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_prompts *prompts = NULL;

    options.threads = 1;
    if (expclip_model_load(&model, "demo", &options, NULL) ||
        expclip_prompts_builtin(&prompts, "type3", 7, NULL) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, NULL))
        return 1;
    work(NULL);
    for (int turn = 0; turn < 5; turn++)
        printf("C 1 %.3f\nC 4 %.3f\n", milliseconds_a_call(1),
               milliseconds_a_call(4));
}
