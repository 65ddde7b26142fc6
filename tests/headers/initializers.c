/* SPDX-License-Identifier: MIT */
/*
 * initializers.c - every INIT macro gives every field a value, compiled as
 * only_header.c is: -Wextra reports a field that a macro forgot.
 */
#include <expclip.h>
#include <expclip_batcher.h>
#include <expclip_clips.h>
#include <expclip_eval.h>
#include <expclip_tools.h>
#include <expclip_train.h>

size_t initializers(void);

size_t initializers(void)
{
    expclip_load_options load = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_image_options image = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_batcher_options batcher = EXPCLIP_BATCHER_OPTIONS_INIT;
    expclip_classes_options classes = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_embed_options embed = EXPCLIP_EMBED_OPTIONS_INIT;
    expclip_convert_options convert = EXPCLIP_CONVERT_OPTIONS_INIT;
    expclip_frames_options frames = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_timeline_options timeline = EXPCLIP_TIMELINE_OPTIONS_INIT;
    expclip_dataset_options dataset = EXPCLIP_DATASET_OPTIONS_INIT;
    expclip_features_options features = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_metrics_options metrics = EXPCLIP_METRICS_OPTIONS_INIT;
    expclip_teacher_options teacher = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_trainer_options trainer = EXPCLIP_TRAINER_OPTIONS_INIT;

    return load.struct_size + image.struct_size + batcher.struct_size +
           classes.struct_size + embed.struct_size + convert.struct_size +
           frames.struct_size + timeline.struct_size + dataset.struct_size +
           features.struct_size + metrics.struct_size + teacher.struct_size +
           trainer.struct_size;
}
