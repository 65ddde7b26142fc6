/* SPDX-License-Identifier: MIT */
/*
 * clip.c - one answer for a folder of frames or a video file, and what is seen
 * in every second of it.
 *
 *     cc clip.c -o clip $(pkg-config --cflags --libs expclip) -lm
 *     ./clip ../faces
 */
#include <expclip_clips.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_CLASSES = 7, AT_ONCE = 8 };

/* The mean of 16 frames that are spread over the clip. */
static int score_whole(const expclip_model *model,
                       const expclip_classes *classes, const char *path,
                       expclip_error *err)
{
    expclip_frames *frames = NULL;
    expclip_clip *clip = NULL;
    float logits[N_CLASSES];
    int failed = expclip_frames_open(&frames, path, NULL, err) ||
                 expclip_clip_create(&clip, model, err) ||
                 expclip_clip_add_frames(clip, frames, NULL, NULL, err) ||
                 expclip_clip_score(logits, N_CLASSES, clip, classes, err);

    if (!failed)
        printf("%s: %s, %lld frames\n", path,
               expclip_classes_name(classes,
                                    expclip_logits_argmax(logits, N_CLASSES)),
               (long long)expclip_clip_frame_count(clip));
    expclip_clip_free(clip);
    expclip_frames_free(frames);
    return failed;
}

/* Every frame, a few in memory at a time: print the first of each second. */
static int score_frames(const expclip_model *model,
                        const expclip_classes *classes, expclip_frames *frames,
                        expclip_batch *batch, expclip_error *err)
{
    float logits[AT_ONCE * N_CLASSES];
    double next = 0.0;
    size_t n = 0;

    for (;;) {
        expclip_batch_clear(batch);
        if (expclip_frames_read(&n, frames, batch, AT_ONCE, NULL, NULL, err))
            return 1;
        if (n == 0)
            return 0;
        if (expclip_model_score_images(logits, n * N_CLASSES, model, classes,
                                       batch, NULL, err))
            return 1;
        for (size_t i = 0; i < n; i++) {
            const float *row = logits + i * N_CLASSES;
            const double time = expclip_frames_time(frames, i);

            if (time < next || isnan(row[0]))
                continue;
            printf("%7.2f s  %s\n", time,
                   expclip_classes_name(classes,
                                        expclip_logits_argmax(row, N_CLASSES)));
            next = floor(time) + 1.0;
        }
    }
}

int main(int argc, char **argv)
{
    expclip_frames_options all = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_model *model = NULL;
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;
    expclip_frames *frames = NULL;
    expclip_batch *batch = NULL;
    expclip_error err = { 0, "" };
    int failed;

    if (argc != 2) {
        fprintf(stderr, "usage: clip FOLDER|VIDEO\n");
        return EXIT_FAILURE;
    }
    all.sampling = EXPCLIP_SAMPLING_ALL;
    failed =
        expclip_model_load(&model, "demo", NULL, &err) ||
        expclip_prompts_builtin(&prompts, "type2", N_CLASSES, &err) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, &err) ||
        score_whole(model, classes, argv[1], &err) ||
        expclip_frames_open(&frames, argv[1], &all, &err) ||
        expclip_batch_create(&batch, model, &err) ||
        score_frames(model, classes, frames, batch, &err);
    if (failed)
        fprintf(stderr, "clip: %s\n", err.message);
    expclip_batch_free(batch);
    expclip_frames_free(frames);
    expclip_classes_free(classes);
    expclip_prompts_free(prompts);
    expclip_model_free(model);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
