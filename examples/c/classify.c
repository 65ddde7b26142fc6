/* SPDX-License-Identifier: MIT */
/*
 * classify.c - the main job: which expression do these images resemble?
 *
 *     cc classify.c -o classify $(pkg-config --cflags --libs expclip)
 *     ./classify ../faces/happiness_2.png ../faces/anger_1.png
 *
 * Next: custom_classes.c asks about classes of your own.
 */
#include <expclip.h>
#include <stdio.h>
#include <stdlib.h>

#define N_CLASSES 7

static void print_result(const expclip_classes *classes, const char *path,
                         const float *logits)
{
    float probabilities[N_CLASSES];
    size_t best = expclip_logits_argmax(logits, N_CLASSES);

    expclip_logits_softmax(probabilities, N_CLASSES, logits, N_CLASSES, 1.0f,
                           NULL);
    printf("%s: %s (%.0f %%)\n", path, expclip_classes_name(classes, best),
           100.0 * (double)probabilities[best]);
}

int main(int argc, char **argv)
{
    expclip_model *model = NULL;
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;
    expclip_batch *batch = NULL;
    expclip_error err = { 0, "" };
    float *logits = NULL;
    size_t n;
    int exit_code = EXIT_FAILURE;

    if (argc < 2) {
        fprintf(stderr, "usage: classify IMAGE...\n");
        return EXIT_FAILURE;
    }
    if (expclip_model_load(&model, "demo", NULL, &err) ||
        expclip_prompts_builtin(&prompts, "type2", N_CLASSES, &err) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, &err) ||
        expclip_batch_create(&batch, model, &err))
        goto done;

    /* An image that cannot be read does not stop the others. */
    for (int i = 1; i < argc; i++)
        if (expclip_batch_add_file(batch, argv[i], NULL, &err)) {
            if (expclip_batch_count(batch) != (size_t)i)
                goto done; /* not even an item: nothing can go on */
            fprintf(stderr, "%s\n", err.message);
        }

    n = expclip_batch_count(batch);
    logits = malloc(n * N_CLASSES * sizeof(*logits));
    if (!logits) {
        snprintf(err.message, sizeof(err.message), "out of memory");
        goto done;
    }
    if (expclip_model_score_images(logits, n * N_CLASSES, model, classes, batch,
                                   NULL, &err))
        goto done;
    for (size_t i = 0; i < n; i++)
        if (expclip_batch_status(batch, i) == EXPCLIP_OK)
            print_result(classes, argv[i + 1], logits + i * N_CLASSES);
    exit_code = EXIT_SUCCESS;
done:
    if (exit_code)
        fprintf(stderr, "classify: %s\n", err.message);
    free(logits);
    expclip_batch_free(batch);
    expclip_classes_free(classes);
    expclip_prompts_free(prompts);
    expclip_model_free(model);
    return exit_code;
}
