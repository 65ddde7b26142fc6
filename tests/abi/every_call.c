/* SPDX-License-Identifier: MIT */
/*
 * every_call.c - the functions that neither the program nor an example calls,
 * once with success and once without; see test_errors_agree.py, which looks at
 * what they return.
 *
 *     every_call FACE TEACHER IMAGES FEATURES TARGETS
 *
 * TEACHER is the folder of a small BERT, IMAGES one of images with a
 * description beside each; FEATURES and TARGETS are .npy files. "victim" is an
 * image too, which no output may replace.
 */
#include <expclip.h>
#include <expclip_batcher.h>
#include <expclip_clips.h>
#include <expclip_faces.h>
#include <expclip_rows.h>
#include <expclip_tools.h>
#include <expclip_train.h>
#include <stdio.h>
#include <stdlib.h>

#define N_CLASSES 7
#define MAX_DIM 8192

static expclip_error err;
static float floats[MAX_DIM];

/* Every call of main() goes through here. */
static void ok(expclip_status status, int line)
{
    if (status == EXPCLIP_OK)
        return;
    fprintf(stderr, "line %d: %s\n", line, err.message);
    exit(1);
}
#define OK(call) ok(call, __LINE__)
#define FAILS(call) ok(!(call), __LINE__)

static void use_batch(expclip_batch *batch, const char *face)
{
    static uint8_t bytes[1 << 20];
    const uint8_t pixels[2 * 2 * 3] = { 0 };
    FILE *file = fopen(face, "rb");
    const size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;

    if (file)
        fclose(file);
    OK(expclip_batch_add_bytes(batch, bytes, size, NULL, &err));
    OK(expclip_batch_add_pixels(batch, pixels, sizeof(pixels), 2, 2, 0,
                                EXPCLIP_PIXELS_RGB, NULL, &err));
}

static void use_classes(const expclip_classes *classes)
{
    expclip_prompts *prompts = NULL;
    expclip_classes *selected = NULL;
    int32_t top[N_CLASSES + 1];

    OK(expclip_classes_prompts(&prompts, classes, &err));
    OK(expclip_classes_select(&selected, classes, prompts, NULL, &err));
    FAILS(expclip_logits_top_k(top, N_CLASSES + 1, floats, N_CLASSES, &err));
    FAILS(expclip_classes_save(classes, "victim", &err));
    FAILS(expclip_weights_convert("demo", "victim", NULL, &err));
    expclip_classes_free(selected);
    expclip_prompts_free(prompts);
}

static void use_batcher(const expclip_model *model,
                        const expclip_classes *classes,
                        const expclip_batch *batch)
{
    const size_t n = expclip_batch_count(batch);
    expclip_batcher *batcher = NULL;

    OK(expclip_batcher_create(&batcher, model, NULL, &err));
    OK(expclip_batcher_score_images(floats, n * N_CLASSES, batcher, classes,
                                    batch, NULL, &err));
    OK(expclip_batcher_embed_images(
        floats, n * (size_t)expclip_model_projected_dim(model), batcher, batch,
        NULL, NULL, &err));
    expclip_batcher_free(batcher);
}

static void use_clip(const expclip_model *model, const expclip_batch *batch)
{
    expclip_clip *clip = NULL;
    int32_t indices[16];

    OK(expclip_frames_sample(indices, 16, 100, EXPCLIP_SAMPLING_SPREAD, &err));
    OK(expclip_clip_create(&clip, model, &err));
    OK(expclip_clip_add_images(clip, batch, NULL, 0, NULL, &err));
    OK(expclip_clip_embed(floats, (size_t)expclip_model_projected_dim(model),
                          clip, NULL, &err));
    expclip_clip_free(clip);
}

static void use_finding(const expclip_detector *detector, const char *image,
                        const char *images)
{
    static uint8_t bytes[1 << 20];
    const uint8_t pixels[32 * 32 * 3] = { 0 };
    FILE *file = fopen(image, "rb");
    const size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
    expclip_frames *frames = NULL;
    expclip_faces *faces[3] = { NULL };

    if (file)
        fclose(file);
    OK(expclip_detector_find_bytes(&faces[0], detector, bytes, size, NULL,
                                   &err));
    OK(expclip_detector_find_pixels(&faces[1], detector, pixels, sizeof(pixels),
                                    32, 32, 0, EXPCLIP_PIXELS_RGB, NULL, &err));
    OK(expclip_frames_open(&frames, images, NULL, &err));
    OK(expclip_detector_find_frame(&faces[2], detector, frames, NULL, NULL,
                                   &err));
    for (int i = 0; i < 3; i++)
        expclip_faces_free(faces[i]);
    expclip_frames_free(frames);
}

/* Two frames of one face, which open a track, and a cut. */
static void use_tracker(const expclip_faces *faces)
{
    expclip_tracker *tracker = NULL;
    expclip_track_face earlier;
    expclip_track ended;
    int32_t track[1];

    OK(expclip_tracker_create(&tracker, NULL, &err));
    OK(expclip_tracker_add(track, 1, tracker, 0.0, faces, &err));
    OK(expclip_tracker_add(track, 1, tracker, 0.04, faces, &err));
    OK(expclip_tracker_earlier(&earlier, tracker, 0, &err));
    FAILS(expclip_tracker_add(track, 1, tracker, 0.04, faces, &err));
    OK(expclip_tracker_finish(tracker, &err));
    OK(expclip_tracker_ended(&ended, tracker, 0, &err));
    expclip_tracker_free(tracker);
}

static void use_faces(expclip_batch *batch, const char *image,
                      const char *images)
{
    expclip_detector *detector = NULL;
    expclip_faces *faces = NULL;
    expclip_face face;
    expclip_box box;
    uint8_t *rgb;
    size_t n;

    OK(expclip_detector_create(&detector, NULL, &err));
    use_finding(detector, image, images);
    OK(expclip_detector_find_file(&faces, detector, image, NULL, &err));
    OK(expclip_faces_get(&face, faces, 0, &err));
    OK(expclip_faces_copy(floats, 15 * expclip_faces_count(faces), faces,
                          &err));
    n = 3 * (size_t)expclip_faces_width(faces) *
        (size_t)expclip_faces_height(faces);
    rgb = malloc(n);
    OK(expclip_faces_copy_image(rgb, n, faces, &err));
    OK(expclip_faces_crop(&box, faces, 0, NULL, &err));
    OK(expclip_faces_copy_crop(rgb, 3 * (size_t)box.width * (size_t)box.height,
                               faces, 0, NULL, &err));
    OK(expclip_batch_add_faces(&n, batch, faces, EXPCLIP_FACES_LARGEST, NULL,
                               &err));
    use_tracker(faces);
    free(rgb);
    expclip_faces_free(faces);
    expclip_detector_free(detector);
}

static void use_data(const expclip_model *model, const char *teacher_path,
                     const char *images)
{
    const float logits[4] = { 1, 0, 0, 1 };
    const int32_t labels[2] = { 0, 1 };
    expclip_dataset *dataset = NULL;
    expclip_rows *features = NULL;
    expclip_teacher *teacher = NULL;
    expclip_rows *targets = NULL, *other_targets = NULL;
    expclip_features_options options = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_rows *other_features = NULL;
    expclip_string *test = NULL;
    expclip_rates rates;
    float *rows;
    size_t n;

    OK(expclip_dataset_open(&dataset, "images", images, NULL, 0, NULL, &err));
    n = expclip_dataset_count(dataset) *
        (size_t)expclip_model_projected_dim(model);
    rows = malloc(n * sizeof(*rows));
    OK(expclip_rows_create_features(&features, model, dataset, NULL, &err));
    while (expclip_rows_done_count(features) < expclip_dataset_count(dataset))
        OK(expclip_rows_step(features, NULL, &err));
    options.cache = "victim";
    FAILS(expclip_rows_create_features(&other_features, model, dataset,
                                       &options, &err));
    OK(expclip_rows_embed(rows, n, features, model, NULL, &err));
    OK(expclip_teacher_create(&teacher, teacher_path, NULL, &err));
    OK(expclip_rows_create_targets(&targets, teacher, dataset, "targets",
                                   &err));
    FAILS(expclip_rows_create_targets(&other_targets, teacher, dataset,
                                      "victim", &err));
    OK(expclip_rows_step(targets, NULL, &err));
    OK(expclip_rows_copy(floats, (size_t)expclip_teacher_dim(teacher), targets,
                         0, &err));
    OK(expclip_metrics_compare(&test, logits, 4, logits, 4, labels, 2, &err));
    OK(expclip_metrics_rates(&rates, logits, 4, labels, 2, NULL, 0, &err));
    free(rows);
    expclip_string_free(test);
    expclip_rows_free(targets);
    expclip_teacher_free(teacher);
    expclip_rows_free(features);
    expclip_dataset_free(dataset);
}

static void use_trainer(const char *features, const char *targets)
{
    expclip_trainer_options options = EXPCLIP_TRAINER_OPTIONS_INIT;
    expclip_trainer *trainer = NULL;
    float *head;
    size_t n;

    options.batch = 8;
    options.checkpoints = "checkpoints";
    OK(expclip_trainer_create(&trainer, features, targets, &options, &err));
    n = (size_t)expclip_trainer_feature_dim(trainer) *
        (size_t)expclip_trainer_target_dim(trainer);
    head = malloc(n * sizeof(*head));
    OK(expclip_trainer_copy_head(head, n, trainer, &err));
    FAILS(expclip_trainer_save_head(trainer, "victim", &err));
    OK(expclip_trainer_checkpoint(trainer, &err));
    free(head);
    expclip_trainer_free(trainer);
}

int main(int argc, char **argv)
{
    expclip_model *model = NULL;
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;
    expclip_batch *batch = NULL;

    if (argc != 6)
        return 2;
    OK(expclip_model_load(&model, "demo", NULL, &err));
    OK(expclip_prompts_builtin(&prompts, "type1", N_CLASSES, &err));
    OK(expclip_classes_create(&classes, model, prompts, NULL, NULL, &err));
    OK(expclip_batch_create(&batch, model, &err));
    use_batch(batch, argv[1]);
    use_faces(batch, argv[1], argv[3]);
    use_classes(classes);
    use_batcher(model, classes, batch);
    use_clip(model, batch);
    use_data(model, argv[2], argv[3]);
    use_trainer(argv[4], argv[5]);
    expclip_batch_free(batch);
    expclip_classes_free(classes);
    expclip_prompts_free(prompts);
    expclip_model_free(model);
    return 0;
}
