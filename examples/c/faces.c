/* SPDX-License-Identifier: MIT */
/*
 * faces.c - several people in one image: which expression does each resemble?
 *
 *     cc faces.c -o faces $(pkg-config --cflags --libs expclip)
 *     ./faces ../scenes/scene_1.png
 *
 * The faces are found once; the same expclip_faces could be cut out, drawn or
 * given to expclip_tracker_add() as well.
 */
#include <expclip_faces.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_CLASSES = 7 };

static int print_faces(const expclip_faces *faces,
                       const expclip_classes *classes, const float *logits,
                       expclip_error *err)
{
    const size_t n = expclip_faces_count(faces);

    for (size_t i = 0; i < n; i++) {
        const float *row = logits + i * N_CLASSES;
        expclip_face face;

        if (expclip_faces_get(&face, faces, i, err))
            return 1;
        printf("%4.0f, %4.0f  %3.0f x %3.0f  %s\n", (double)face.x,
               (double)face.y, (double)face.width, (double)face.height,
               expclip_classes_name(classes,
                                    expclip_logits_argmax(row, N_CLASSES)));
    }
    return 0;
}

/* Each face is cut out as the model knows faces, and is an item of a batch. */
static int score_faces(const expclip_model *model,
                       const expclip_classes *classes,
                       const expclip_faces *faces, expclip_error *err)
{
    expclip_batch *batch = NULL;
    float *logits = NULL;
    size_t n = 0;
    int failed =
        expclip_batch_create(&batch, model, err) ||
        expclip_batch_add_faces(&n, batch, faces, EXPCLIP_FACES_ALL, NULL, err);

    if (!failed && !(logits = malloc(n * N_CLASSES * sizeof(*logits)))) {
        snprintf(err->message, sizeof(err->message), "out of memory");
        failed = 1;
    }
    if (!failed)
        failed = expclip_model_score_images(logits, n * N_CLASSES, model,
                                            classes, batch, NULL, err) ||
                 print_faces(faces, classes, logits, err);
    free(logits);
    expclip_batch_free(batch);
    return failed;
}

int main(int argc, char **argv)
{
    expclip_model *model = NULL;
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;
    expclip_detector *detector = NULL;
    expclip_faces *faces = NULL;
    expclip_error err = { 0, "" };
    int failed;

    if (argc != 2) {
        fprintf(stderr, "usage: faces IMAGE\n");
        return EXIT_FAILURE;
    }
    failed =
        expclip_model_load(&model, "demo", NULL, &err) ||
        expclip_prompts_builtin(&prompts, "type3", N_CLASSES, &err) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, &err) ||
        expclip_detector_create(&detector, NULL, &err) ||
        expclip_detector_find_file(&faces, detector, argv[1], NULL, &err) ||
        score_faces(model, classes, faces, &err);
    if (failed)
        fprintf(stderr, "faces: %s\n", err.message);
    expclip_faces_free(faces);
    expclip_detector_free(detector);
    expclip_classes_free(classes);
    expclip_prompts_free(prompts);
    expclip_model_free(model);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
