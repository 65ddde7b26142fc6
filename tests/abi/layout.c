/* SPDX-License-Identifier: MIT */
/*
 * layout.c - where each field of the public structs lies. It passes when it
 * compiles. Programs built against an older header pass these structs to a
 * newer library: fields are added at the end, and nothing here ever changes
 * without an "ABI" entry in CHANGELOG.md. No struct ends in padding: a field
 * added there would not change struct_size.
 */
#include <expclip.h>
#include <expclip_batcher.h>
#include <expclip_clips.h>
#include <expclip_eval.h>
#include <expclip_faces.h>
#include <expclip_tools.h>
#include <expclip_train.h>

#define SIZE(type, size)                                                       \
    _Static_assert(sizeof(type) == (size), "size of " #type)
#define FIELD(type, field, offset)                                             \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field)

#if UINTPTR_MAX == 0xffffffffffffffff
SIZE(expclip_error, 512);
FIELD(expclip_error, code, 0);
FIELD(expclip_error, message, 4);

SIZE(expclip_load_options, 72);
FIELD(expclip_load_options, struct_size, 0);
FIELD(expclip_load_options, head, 8);
FIELD(expclip_load_options, preprocess, 16);
FIELD(expclip_load_options, activation, 24);
FIELD(expclip_load_options, device, 32);
FIELD(expclip_load_options, dtype, 40);
FIELD(expclip_load_options, threads, 48);
FIELD(expclip_load_options, deterministic, 52);
FIELD(expclip_load_options, portable, 56);
FIELD(expclip_load_options, image_size, 60);
FIELD(expclip_load_options, check_finite, 64);
FIELD(expclip_load_options, reserved, 68);

SIZE(expclip_image_options, 48);
FIELD(expclip_image_options, struct_size, 0);
FIELD(expclip_image_options, box_x, 8);
FIELD(expclip_image_options, box_y, 12);
FIELD(expclip_image_options, box_width, 16);
FIELD(expclip_image_options, box_height, 20);
FIELD(expclip_image_options, box_margin, 24);
FIELD(expclip_image_options, exif, 28);
FIELD(expclip_image_options, allow_truncated, 32);
FIELD(expclip_image_options, max_pixels, 40);

SIZE(expclip_batcher_options, 24);
FIELD(expclip_batcher_options, struct_size, 0);
FIELD(expclip_batcher_options, max_batch, 8);
FIELD(expclip_batcher_options, max_delay_us, 12);
FIELD(expclip_batcher_options, queue_size, 16);
FIELD(expclip_batcher_options, reserved, 20);

SIZE(expclip_classes_options, 16);
FIELD(expclip_classes_options, struct_size, 0);
FIELD(expclip_classes_options, pooling, 8);
FIELD(expclip_classes_options, reserved, 12);

SIZE(expclip_embed_options, 16);
FIELD(expclip_embed_options, struct_size, 0);
FIELD(expclip_embed_options, projected, 8);
FIELD(expclip_embed_options, normalize, 12);

SIZE(expclip_convert_options, 48);
FIELD(expclip_convert_options, struct_size, 0);
FIELD(expclip_convert_options, head, 8);
FIELD(expclip_convert_options, preprocess, 16);
FIELD(expclip_convert_options, activation, 24);
FIELD(expclip_convert_options, dtype, 32);
FIELD(expclip_convert_options, compact_head, 40);
FIELD(expclip_convert_options, reserved, 44);

SIZE(expclip_frames_options, 56);
FIELD(expclip_frames_options, sampling, 8);
FIELD(expclip_frames_options, n_samples, 12);
FIELD(expclip_frames_options, order, 16);
FIELD(expclip_frames_options, rotate, 20);
FIELD(expclip_frames_options, frame_count, 24);
FIELD(expclip_frames_options, start, 32);
FIELD(expclip_frames_options, end, 40);
FIELD(expclip_frames_options, frame_rate, 48);

SIZE(expclip_timeline_options, 56);
FIELD(expclip_timeline_options, smoothing, 8);
FIELD(expclip_timeline_options, median_frames, 12);
FIELD(expclip_timeline_options, ema_seconds, 16);
FIELD(expclip_timeline_options, temperature, 24);
FIELD(expclip_timeline_options, enter, 32);
FIELD(expclip_timeline_options, leave, 40);
FIELD(expclip_timeline_options, min_seconds, 48);

SIZE(expclip_dataset_options, 48);
FIELD(expclip_dataset_options, split, 8);
FIELD(expclip_dataset_options, map_from, 16);
FIELD(expclip_dataset_options, map_to, 24);
FIELD(expclip_dataset_options, policy, 32);
FIELD(expclip_dataset_options, reserved, 36);
FIELD(expclip_dataset_options, labels, 40);

SIZE(expclip_features_options, 56);
FIELD(expclip_features_options, cache, 8);
FIELD(expclip_features_options, batch, 16);
FIELD(expclip_features_options, sampling, 20);
FIELD(expclip_features_options, n_samples, 24);
FIELD(expclip_features_options, order, 28);
FIELD(expclip_features_options, policy, 32);
FIELD(expclip_features_options, exif, 36);
FIELD(expclip_features_options, faces, 40);
FIELD(expclip_features_options, crop_side, 44);
FIELD(expclip_features_options, crop_up, 48);
FIELD(expclip_features_options, upright, 52);

SIZE(expclip_detector_options, 40);
FIELD(expclip_detector_options, weights, 8);
FIELD(expclip_detector_options, threshold, 16);
FIELD(expclip_detector_options, long_side, 20);
FIELD(expclip_detector_options, smallest, 24);
FIELD(expclip_detector_options, quick, 28);
FIELD(expclip_detector_options, turn, 32);
FIELD(expclip_detector_options, threads, 36);

SIZE(expclip_tracker_options, 32);
FIELD(expclip_tracker_options, upper, 8);
FIELD(expclip_tracker_options, lower, 12);
FIELD(expclip_tracker_options, reach, 16);
FIELD(expclip_tracker_options, hits, 20);
FIELD(expclip_tracker_options, lost, 24);

SIZE(expclip_track, 32);
FIELD(expclip_track, n_frames, 8);
FIELD(expclip_track, first, 16);
FIELD(expclip_track, last, 24);

SIZE(expclip_track_face, 24);
FIELD(expclip_track_face, frame, 8);
FIELD(expclip_track_face, face, 16);

SIZE(expclip_crop_options, 24);
FIELD(expclip_crop_options, side, 8);
FIELD(expclip_crop_options, up, 12);
FIELD(expclip_crop_options, upright, 16);
FIELD(expclip_crop_options, reserved, 20);

SIZE(expclip_box, 16);
FIELD(expclip_box, y, 4);
FIELD(expclip_box, width, 8);
FIELD(expclip_box, height, 12);

SIZE(expclip_face, 60);
FIELD(expclip_face, y, 4);
FIELD(expclip_face, width, 8);
FIELD(expclip_face, height, 12);
FIELD(expclip_face, score, 16);
FIELD(expclip_face, points, 20);

SIZE(expclip_rates, 40);
FIELD(expclip_rates, war, 8);
FIELD(expclip_rates, macro_f1, 16);
FIELD(expclip_rates, n, 24);
FIELD(expclip_rates, n_failed, 32);

SIZE(expclip_metrics_options, 32);
FIELD(expclip_metrics_options, n_bootstrap, 8);
FIELD(expclip_metrics_options, n_bins, 12);
FIELD(expclip_metrics_options, confidence, 16);
FIELD(expclip_metrics_options, seed, 24);

SIZE(expclip_teacher_options, 64);
FIELD(expclip_teacher_options, instruction, 8);
FIELD(expclip_teacher_options, tokenizer, 16);
FIELD(expclip_teacher_options, activation, 24);
FIELD(expclip_teacher_options, preprocess, 32);
FIELD(expclip_teacher_options, device, 40);
FIELD(expclip_teacher_options, dtype, 48);
FIELD(expclip_teacher_options, threads, 56);
FIELD(expclip_teacher_options, reserved, 60);

SIZE(expclip_trainer_options, 88);
FIELD(expclip_trainer_options, optimizer, 8);
FIELD(expclip_trainer_options, schedule, 16);
FIELD(expclip_trainer_options, checkpoints, 24);
FIELD(expclip_trainer_options, epochs, 32);
FIELD(expclip_trainer_options, batch, 36);
FIELD(expclip_trainer_options, checkpoint_steps, 40);
FIELD(expclip_trainer_options, threads, 44);
FIELD(expclip_trainer_options, learning_rate, 48);
FIELD(expclip_trainer_options, momentum, 56);
FIELD(expclip_trainer_options, weight_decay, 64);
FIELD(expclip_trainer_options, logit_scale, 72);
FIELD(expclip_trainer_options, seed, 80);
#endif

/* Numbers that programs have compiled in. */
_Static_assert(EXPCLIP_OK == 0, "status");
_Static_assert(EXPCLIP_ERROR_ARGUMENT == -10, "status");
_Static_assert(EXPCLIP_ERROR_STATE == -11, "status");
_Static_assert(EXPCLIP_ERROR_CANCELLED == -12, "status");
_Static_assert(EXPCLIP_ERROR_FORK == -13, "status");
_Static_assert(EXPCLIP_ERROR_BUSY == -14, "status");
_Static_assert(EXPCLIP_ERROR_IO == -20, "status");
_Static_assert(EXPCLIP_ERROR_NOT_FOUND == -21, "status");
_Static_assert(EXPCLIP_ERROR_FORMAT == -30, "status");
_Static_assert(EXPCLIP_ERROR_TRUNCATED == -31, "status");
_Static_assert(EXPCLIP_ERROR_UNSUPPORTED == -32, "status");
_Static_assert(EXPCLIP_ERROR_UNSAFE == -33, "status");
_Static_assert(EXPCLIP_ERROR_LIMIT == -34, "status");
_Static_assert(EXPCLIP_ERROR_SHAPE == -35, "status");
_Static_assert(EXPCLIP_ERROR_NONFINITE == -36, "status");
_Static_assert(EXPCLIP_ERROR_NO_FACE == -37, "status");
_Static_assert(EXPCLIP_ERROR_BACKEND == -40, "status");
_Static_assert(EXPCLIP_ERROR_MEMORY == -50, "status");
_Static_assert(EXPCLIP_ERROR_INTERNAL == -60, "status");
