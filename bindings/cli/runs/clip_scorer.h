/* SPDX-License-Identifier: MIT */
/*
 * clip_scorer.h - one clip from its frames to its scores, and on the way the
 * scores of each frame when there shall be a timeline.
 */
#ifndef EXPCLIP_CLI_CLIP_SCORER_H
#define EXPCLIP_CLI_CLIP_SCORER_H

#include <expclip_clips.h>

#include "terminal/progress.h"
#include "views/timeline_view.h"

/** What all clips of a run share. */
typedef struct clip_scorer {
    const expclip_model *model;
    const expclip_classes *classes;
    expclip_frames_options frames;
    expclip_image_options image;
    int32_t batch;
    progress *bar; /* of frames; NULL = none */

    timeline_view *view; /* NULL = no timeline */
    expclip_timeline_options timeline;
} clip_scorer;

/** What became of a clip. */
typedef struct clip_result {
    expclip_status status;
    char *message; /* when the clip failed */
    int64_t n_frames;
    int64_t n_failed;
    char *failure; /* of the first frame that failed, else NULL */
    double *times; /* [n_times] of the frames in it; not with all frames */
    size_t n_times;
    float *logits; /* [n_classes] */
} clip_result;

/**
 * Score one clip. A clip that cannot be read is a result, too.
 *
 * @return 0, or an exit code when the run cannot go on, reported
 */
int clip_scorer_run(clip_result *out, const clip_scorer *s, const char *path);
void clip_result_free(clip_result *r);

#endif
