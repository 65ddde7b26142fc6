/* SPDX-License-Identifier: MIT */
/*
 * clip_reader.h - frames of a clip, one batch ahead: while the caller computes
 * on a batch, a second thread decodes the next one.
 */
#ifndef EXPCLIP_CLI_CLIP_READER_H
#define EXPCLIP_CLI_CLIP_READER_H

#include <expclip_clips.h>

/** Some frames that follow each other. */
typedef struct clip_part {
    expclip_batch *batch;
    size_t n;         /* 0: the end, or a failure */
    double *times;    /* [n], seconds */
    int32_t *weights; /* [n] */
    expclip_status status;
    expclip_error error; /* why, when status is not OK */
} clip_part;

typedef struct clip_reader clip_reader;

/**
 * @param frames  used by the reader alone until clip_reader_stop()
 * @return 0 or EXIT_RESOURCES, reported
 */
int clip_reader_start(clip_reader **out, const expclip_model *model,
                      expclip_frames *frames,
                      const expclip_image_options *options, int32_t batch_size);
/** The next part; ends the use of the one before. Not after the end. */
const clip_part *clip_reader_next(clip_reader *r);
/** Wait for the thread and free all; takes NULL. */
void clip_reader_stop(clip_reader *r);

#endif
