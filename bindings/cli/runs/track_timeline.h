/* SPDX-License-Identifier: MIT */
/*
 * track_timeline.h - a timeline for each face that is followed.
 *
 * When all tracks are wanted, their rows go to the view as they come. When one
 * is wanted, it is known at the end only which: all rows wait until then.
 */
#ifndef EXPCLIP_CLI_TRACK_TIMELINE_H
#define EXPCLIP_CLI_TRACK_TIMELINE_H

#include <expclip_clips.h>

#include "views/timeline_view.h"

typedef struct track_timelines track_timelines;
typedef struct track_timeline track_timeline;

/**
 * @param step  seconds that a track's last frame lasts when it is its only one
 */
track_timelines *track_timelines_new(timeline_view *view,
                                     const expclip_timeline_options *options,
                                     size_t n_classes, int all, double step);
/** Hand on what waits of a track. */
void track_timelines_show(track_timelines *ts, int64_t number);
void track_timelines_free(track_timelines *ts); /* takes NULL */

/** The timeline of a track that opens; NULL after a failure, reported. */
track_timeline *track_timeline_open(track_timelines *ts, int64_t number);
/** @return 0 or an exit code, reported */
int track_timeline_add(track_timeline *t, double time, const float *logits);
/** The track has ended. @return 0 or an exit code, reported */
int track_timeline_close(track_timeline *t);

#endif
