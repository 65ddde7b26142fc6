/* SPDX-License-Identifier: MIT */
/*
 * track_scorer.h - one clip from its frames to the scores of each face that is
 * followed through it.
 */
#ifndef EXPCLIP_CLI_TRACK_SCORER_H
#define EXPCLIP_CLI_TRACK_SCORER_H

#include "options/face_settings.h"
#include "runs/clip_scorer.h"
#include "runs/film_drawing.h"

/** A face that was followed. */
typedef struct scored_track {
    expclip_track track;
    int64_t n_scored; /* frames in its scores */
    float *logits;    /* [n_classes] */
} scored_track;

/** What became of a clip. */
typedef struct track_result {
    expclip_status status;
    char *message; /* when the clip failed */
    int64_t n_frames;
    int64_t n_failed;
    char *failure;        /* of the first frame that failed, else NULL */
    scored_track *tracks; /* [n_tracks], by number */
    size_t n_tracks;
} track_result;

/**
 * Does the clip show one close face, so that its frames are taken whole? Most
 * of three frames say so.
 *
 * @return 1 or 0; 0 also for a clip that cannot be read
 */
int track_scorer_is_close(const clip_scorer *s, const face_search *search,
                          const char *path);
/**
 * Score the tracks of a clip. A clip that cannot be read or has no face is a
 * result, too. With a view, the timeline of every track goes there; when one
 * track is wanted, that of the longest.
 *
 * @param drawing  gets every face that is scored; NULL = none is drawn
 * @return 0, or an exit code when the run cannot go on, reported
 */
int track_scorer_run(track_result *out, const clip_scorer *s,
                     const face_search *search, film_drawing *drawing,
                     const char *path);
/** The track that was seen in the most frames, the first one among equals. */
size_t track_result_longest(const track_result *r);
void track_result_free(track_result *r);

#endif
