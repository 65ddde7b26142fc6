/* SPDX-License-Identifier: MIT */
/*
 * custom_classes.c - classes of your own, by template and by single prompts.
 *
 *     cc custom_classes.c -o custom_classes $(pkg-config --cflags --libs
 * expclip)
 *     ./custom_classes ../faces/happiness_2.png
 *
 * The class set is saved and read back: scoring with it needs no text encoder.
 */
#include <expclip.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    expclip_model *model = NULL;
    expclip_prompts *prompts = NULL;
    expclip_classes *made = NULL, *classes = NULL;
    expclip_batch *batch = NULL;
    expclip_error err = { 0, "" };
    float logits[3], probabilities[3];
    int exit_code = EXIT_FAILURE;

    if (argc != 2) {
        fprintf(stderr, "usage: custom_classes IMAGE\n");
        return EXIT_FAILURE;
    }
    if (expclip_model_load(&model, "demo", NULL, &err) ||
        expclip_prompts_create(&prompts, &err) ||
        expclip_prompts_add_class(prompts, "calm", "a {} face.", &err) ||
        expclip_prompts_add(prompts, "smiling", "a face with a smile.", &err) ||
        expclip_prompts_add(prompts, "smiling", "raised corners of the mouth.",
                            &err) ||
        expclip_prompts_add(prompts, "frowning", "lowered brows.", &err))
        goto done;
    if (expclip_classes_create(&made, model, prompts, NULL, NULL, &err) ||
        expclip_classes_save(made, "mood.classes", &err) ||
        expclip_classes_load(&classes, "mood.classes", &err))
        goto done;
    if (expclip_batch_create(&batch, model, &err) ||
        expclip_batch_add_file(batch, argv[1], NULL, &err) ||
        expclip_model_score_images(logits, 3, model, classes, batch, NULL,
                                   &err) ||
        expclip_logits_softmax(probabilities, 3, logits, 3, 1.0f, &err))
        goto done;
    for (size_t i = 0; i < expclip_classes_count(classes); i++)
        printf("%-10s %5.1f %%\n", expclip_classes_name(classes, i),
               100.0 * (double)probabilities[i]);
    exit_code = EXIT_SUCCESS;
done:
    if (exit_code)
        fprintf(stderr, "custom_classes: %s\n", err.message);
    expclip_batch_free(batch);
    expclip_classes_free(classes);
    expclip_classes_free(made);
    expclip_prompts_free(prompts);
    expclip_model_free(model);
    return exit_code;
}
