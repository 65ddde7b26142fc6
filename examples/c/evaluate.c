/* SPDX-License-Identifier: MIT */
/*
 * evaluate.c - rates of a folder of labelled images, one folder per class.
 *
 *     cc evaluate.c -o evaluate $(pkg-config --cflags --libs expclip) -lm
 *     ./evaluate my-faces
 *
 * The image encoder sees each image once; each prompt set is then scored on
 * what it made of them. What is printed is JSON: UAR, WAR, recall per class.
 */
#include <expclip_rows.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const prompt_sets[] = { "type1", "type3" };

/* Embeddings of all images, a few per step. */
static int embed_all(expclip_rows *features, size_t n, expclip_error *err)
{
    while (expclip_rows_done_count(features) < n)
        if (expclip_rows_step(features, NULL, err))
            return 1;
    return 0;
}

/* The classes of the dataset in the words of a prompt set. */
static int make_classes(expclip_classes **classes, const expclip_model *model,
                        const expclip_dataset *dataset, const char *set,
                        expclip_error *err)
{
    expclip_prompts *prompts = NULL;
    int failed = expclip_prompts_create(&prompts, err);

    for (int32_t c = 0; !failed && c < expclip_dataset_class_count(dataset);
         c++)
        failed = expclip_prompts_add_class(
            prompts, expclip_dataset_class_name(dataset, (size_t)c), set, err);
    if (!failed)
        failed =
            expclip_classes_create(classes, model, prompts, NULL, NULL, err);
    expclip_prompts_free(prompts);
    return failed;
}

/* Score and print the rates. */
static int rate(expclip_rows *features, const expclip_model *model,
                const expclip_classes *classes, const expclip_dataset *dataset,
                expclip_error *err)
{
    const size_t n = expclip_dataset_count(dataset);
    const size_t n_classes = expclip_classes_count(classes);
    float *logits = malloc(n * n_classes * sizeof(*logits));
    int32_t *labels = malloc(n * sizeof(*labels));
    const char **names = malloc(n_classes * sizeof(*names));
    expclip_string *rates = NULL;
    float temperature = 0.0f;
    int failed = !logits || !labels || !names;

    if (failed)
        snprintf(err->message, sizeof(err->message), "out of memory");
    for (size_t i = 0; !failed && i < n; i++)
        labels[i] = expclip_dataset_label(dataset, i);
    for (size_t c = 0; !failed && c < n_classes; c++)
        names[c] = expclip_classes_name(classes, c);
    failed =
        failed ||
        expclip_rows_score(logits, n * n_classes, features, model, classes,
                           err) ||
        expclip_metrics_compute(&rates, logits, n * n_classes, labels, n, NULL,
                                0, names, n_classes, NULL, NULL, err) ||
        expclip_metrics_fit_temperature(&temperature, logits, n * n_classes,
                                        labels, n, err);
    if (!failed)
        printf("%s\ntemperature %.3f\n", expclip_string_data(rates),
               (double)temperature);
    expclip_string_free(rates);
    free(names);
    free(labels);
    free(logits);
    return failed;
}

int main(int argc, char **argv)
{
    expclip_model *model = NULL;
    expclip_dataset *dataset = NULL;
    expclip_rows *features = NULL;
    expclip_classes *classes = NULL;
    expclip_error err;
    int failed;

    if (argc != 2) {
        fprintf(stderr, "usage: evaluate FOLDER\n");
        return 2;
    }
    failed =
        expclip_dataset_open(&dataset, "folder", argv[1], NULL, 0, NULL,
                             &err) ||
        expclip_model_load(&model, "demo", NULL, &err) ||
        expclip_rows_create_features(&features, model, dataset, NULL, &err) ||
        embed_all(features, expclip_dataset_count(dataset), &err);
    for (size_t i = 0; !failed && i < 2; i++) {
        printf("%s: ", prompt_sets[i]);
        failed = make_classes(&classes, model, dataset, prompt_sets[i], &err) ||
                 rate(features, model, classes, dataset, &err);
        expclip_classes_free(classes);
        classes = NULL;
    }
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    expclip_rows_free(features);
    expclip_dataset_free(dataset);
    expclip_model_free(model);
    return failed;
}
