/* SPDX-License-Identifier: MIT */
/*
 * threads.c - one model, one class set, many threads: each has its own batch.
 *
 *     cc threads.c -o threads -pthread $(pkg-config --cflags --libs expclip)
 *     ./threads ../faces/happiness_2.png ../faces/anger_1.png
 *
 * With a thread per image, one core each is the better use of the machine:
 * options.threads = 1.
 */
#include <expclip.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define N_CLASSES 7
#define MAX_THREADS 64

typedef struct job {
    const expclip_model *model;     /* shared */
    const expclip_classes *classes; /* shared */
    const char *path;
    float logits[N_CLASSES];
    expclip_error err;
    expclip_status status;
} job;

static void *work(void *argument)
{
    job *j = argument;
    expclip_batch *batch = NULL;

    j->status = expclip_batch_create(&batch, j->model, &j->err);
    if (!j->status)
        j->status = expclip_batch_add_file(batch, j->path, NULL, &j->err);
    if (!j->status)
        j->status = expclip_model_score_images(
            j->logits, N_CLASSES, j->model, j->classes, batch, NULL, &j->err);
    expclip_batch_free(batch);
    return NULL;
}

static int run(job *jobs, int n)
{
    pthread_t threads[MAX_THREADS];
    int started = 0, failed;

    while (started < n &&
           !pthread_create(&threads[started], NULL, work, &jobs[started]))
        started++;
    failed = started < n;
    for (int i = 0; i < started; i++) {
        const job *j = &jobs[i];

        pthread_join(threads[i], NULL);
        failed |= j->status != EXPCLIP_OK;
        printf("%s: %s\n", j->path,
               j->status ? j->err.message
                         : expclip_classes_name(
                               j->classes,
                               expclip_logits_argmax(j->logits, N_CLASSES)));
    }
    return failed;
}

int main(int argc, char **argv)
{
    static job jobs[MAX_THREADS];
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = NULL;
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;
    expclip_error err = { 0, "" };
    int exit_code = EXIT_FAILURE, n = argc - 1;

    if (n < 1 || n > MAX_THREADS) {
        fprintf(stderr, "usage: threads IMAGE... (at most %d)\n", MAX_THREADS);
        return EXIT_FAILURE;
    }
    options.threads = 1;
    if (expclip_model_load(&model, "demo", &options, &err) ||
        expclip_prompts_builtin(&prompts, "type2", N_CLASSES, &err) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, &err)) {
        fprintf(stderr, "threads: %s\n", err.message);
        goto done;
    }
    for (int i = 0; i < n; i++)
        jobs[i] =
            (job){ .model = model, .classes = classes, .path = argv[i + 1] };
    exit_code = run(jobs, n) ? EXIT_FAILURE : EXIT_SUCCESS;
done:
    expclip_classes_free(classes);
    expclip_prompts_free(prompts);
    expclip_model_free(model);
    return exit_code;
}
