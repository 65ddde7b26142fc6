/* SPDX-License-Identifier: MIT */
/*
 * api_options.c - every kind of options begins with its defaults.
 */
#include <expclip_batcher.h>
#include <expclip_clips.h>
#include <expclip_eval.h>
#include <expclip_faces.h>
#include <expclip_tools.h>
#include <expclip_train.h>

#include "api/check.h"

#define OPTIONS(name, DEFAULTS)                                                \
    void expclip_##name##_options_init(expclip_##name##_options *options,      \
                                       size_t options_size)                    \
    {                                                                          \
        static const expclip_##name##_options defaults = DEFAULTS;             \
                                                                               \
        expclip__write_options(options, options_size, &defaults,               \
                               sizeof(defaults));                              \
    }

OPTIONS(batcher, EXPCLIP_BATCHER_OPTIONS_INIT)
OPTIONS(classes, EXPCLIP_CLASSES_OPTIONS_INIT)
OPTIONS(convert, EXPCLIP_CONVERT_OPTIONS_INIT)
OPTIONS(crop, EXPCLIP_CROP_OPTIONS_INIT)
OPTIONS(dataset, EXPCLIP_DATASET_OPTIONS_INIT)
OPTIONS(detector, EXPCLIP_DETECTOR_OPTIONS_INIT)
OPTIONS(embed, EXPCLIP_EMBED_OPTIONS_INIT)
OPTIONS(features, EXPCLIP_FEATURES_OPTIONS_INIT)
OPTIONS(frames, EXPCLIP_FRAMES_OPTIONS_INIT)
OPTIONS(image, EXPCLIP_IMAGE_OPTIONS_INIT)
OPTIONS(load, EXPCLIP_LOAD_OPTIONS_INIT)
OPTIONS(metrics, EXPCLIP_METRICS_OPTIONS_INIT)
OPTIONS(teacher, EXPCLIP_TEACHER_OPTIONS_INIT)
OPTIONS(timeline, EXPCLIP_TIMELINE_OPTIONS_INIT)
OPTIONS(tracker, EXPCLIP_TRACKER_OPTIONS_INIT)
OPTIONS(trainer, EXPCLIP_TRAINER_OPTIONS_INIT)
