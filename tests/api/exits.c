/* SPDX-License-Identifier: MIT */
/*
 * exits.c - a process may end while its threads load models and score: the
 * exit code is the one that it asked for, however often it is tried.
 *
 *     exits FACE N
 *
 * N children, two at a time, each end at another moment of their threads' work:
 * in main(), in main() that has not called the library yet, in another thread.
 */
#define _GNU_SOURCE
#include <expclip.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_ASKED_FOR = 7, N_THREADS = 4, AT_ONCE = 2 };

static const char *face;

static expclip_model *load(void)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = NULL;

    options.threads = 1;
    expclip_model_load(&model, "demo", &options, NULL);
    return model;
}

static void *load_for_ever(void *unused)
{
    for (;;)
        expclip_model_free(load());
    return unused;
}

static void *score_for_ever(void *model)
{
    for (;;) {
        expclip_batch *batch = NULL;
        expclip_prompts *prompts = NULL;
        expclip_classes *classes = NULL;
        float logits[7];

        expclip_prompts_builtin(&prompts, "type1", 7, NULL);
        expclip_classes_create(&classes, model, prompts, NULL, NULL, NULL);
        expclip_batch_create(&batch, model, NULL);
        expclip_batch_add_file(batch, face, NULL, NULL);
        expclip_model_score_images(logits, 7, model, classes, batch, NULL,
                                   NULL);
        expclip_batch_free(batch);
        expclip_classes_free(classes);
        expclip_prompts_free(prompts);
    }
    return NULL;
}

static void start(void *(*work)(void *), void *model)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, work, model))
        exit(1);
}

/* The thread that ends the process has never called the library, while others
 * load libtorch into it. */
static void exit_while_others_begin(int k)
{
    const struct timespec delay = { 0, 8000000L * (k % 50) };

    for (int i = 0; i < N_THREADS; i++)
        start(load_for_ever, NULL);
    nanosleep(&delay, NULL);
    exit(EXIT_ASKED_FOR);
}

static void exit_while_all_work(int k)
{
    const struct timespec delay = { 0, 2000000L * (k % 50) };
    expclip_model *model = load();

    if (!model)
        exit(1);
    for (int i = 0; i < N_THREADS; i++)
        start(i % 2 ? score_for_ever : load_for_ever, model);
    nanosleep(&delay, NULL);
    exit(EXIT_ASKED_FOR);
}

/* In another thread than main(), which was inside. */
static void *load_and_exit(void *k)
{
    exit_while_all_work(*(int *)k);
    return NULL;
}

static void work_and_exit(int k)
{
    if (k % 3 == 0)
        exit_while_all_work(k);
    if (k % 3 == 1)
        exit_while_others_begin(k);
    start(load_and_exit, &k);
    for (;;)
        pause();
}

static int end_of_one(void)
{
    int status;

    if (wait(&status) > 0 && WIFEXITED(status) &&
        WEXITSTATUS(status) == EXIT_ASKED_FOR)
        return 0;
    if (WIFSIGNALED(status))
        fprintf(stderr, "ended by signal %d\n", WTERMSIG(status));
    else
        fprintf(stderr, "exit code %d\n", WEXITSTATUS(status));
    return 1;
}

int main(int argc, char **argv)
{
    const int n = argc == 3 ? atoi(argv[2]) : 0;
    int n_wrong = 0;

    if (n < 1)
        return 2;
    face = argv[1];
    for (int k = 0; k < n + AT_ONCE; k++) {
        if (k >= AT_ONCE)
            n_wrong += end_of_one();
        if (k < n && fork() == 0)
            work_and_exit(k);
    }
    printf("%d exits, %d wrong\n", n, n_wrong);
    return n_wrong != 0;
}
