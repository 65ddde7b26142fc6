/* SPDX-License-Identifier: MIT */
/*
 * track_reader.h - the faces of a clip, found, followed and cut out, one batch
 * ahead: while the caller computes on a batch, a second thread reads on.
 *
 * Every frame is looked at, since faces are followed from one to the next, but
 * only some are scored: those that the sampling rule takes, and the first of
 * each track.
 */
#ifndef EXPCLIP_CLI_TRACK_READER_H
#define EXPCLIP_CLI_TRACK_READER_H

#include <expclip_clips.h>

#include "options/face_settings.h"

/** The face behind a row of the batch. */
typedef struct track_row {
    int64_t track;
    double time; /* seconds */
    int32_t weight;
    expclip_face face;
} track_row;

/** Some rows that follow each other, and the tracks that ended after them. */
typedef struct track_part {
    expclip_batch *batch;
    track_row *rows; /* [n_rows] */
    size_t n_rows;
    expclip_track *ended; /* [n_ended] */
    size_t n_ended;
    double time; /* of the last frame */
    int64_t n_frames;
    int64_t n_failed;
    expclip_error first_failure; /* of a frame in this part */
    float best_score;            /* of all candidates so far */
    int is_end;
    expclip_status status;
    expclip_error error; /* why, when status is not OK */
} track_part;

typedef struct track_reader track_reader;

/** What a reader needs; all of it outlives the reader. */
typedef struct track_source {
    const expclip_model *model;
    const face_search *search;
    expclip_frames *frames; /* all of them */
    expclip_image_options image;
    const int32_t *samples; /* [n_samples], rising; NULL = every frame */
    size_t n_samples;
    size_t batch_size;
} track_source;

/** @return 0 or an exit code, reported */
int track_reader_start(track_reader **out, const track_source *source);
/** The next part; ends the use of the one before. Not after the end. */
const track_part *track_reader_next(track_reader *r);
/** Wait for the thread and free all; takes NULL. */
void track_reader_stop(track_reader *r);

#endif
