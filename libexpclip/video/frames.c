/* SPDX-License-Identifier: MIT */
/*
 * frames.c - the frames of a clip that a rule takes, wherever they come from.
 */
#include "video/frames.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "video/sampling.h"

struct expclip_frames {
    expclip__frame_source source;
    expclip__sampling sampling; /* n_frames -1: ALL, not counted */
    int64_t next;               /* of the frames that the rule takes */
    char *path;                 /* for messages */
    expclip__frame_note *notes; /* [n_notes], of the last read */
    size_t n_notes;
};

/* ---- opening ---- */

static expclip_status open_source(expclip_frames *f, const char *path,
                                  const expclip_frames_options *o,
                                  expclip_error *err)
{
    const int count = o->sampling != EXPCLIP_SAMPLING_ALL && !o->frame_count;
    struct stat s;

    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode))
        return expclip__folder_open(&f->source, path, o, err);
    return expclip__video_open(&f->source, path, o, count, err);
}

static expclip_status check_count(const expclip_frames *f, expclip_error *err)
{
    const int64_t n = f->sampling.n_frames;

    if (n == 0)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: no frame, expected at least 1", f->path);
    if (n > INT32_MAX)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%s: %lld frames, expected at most %d", f->path,
                             (long long)n, INT32_MAX);
    return EXPCLIP_OK;
}

expclip_status expclip__frames_open(expclip_frames **out, const char *path,
                                    const expclip_frames_options *options,
                                    expclip_error *err)
{
    expclip_frames *f = expclip__alloc_zero(1, sizeof(*f));
    expclip_status status;

    if (!f)
        return expclip__fail_memory(err, "frames");
    f->path = expclip__strdup(path);
    status = f->path ? open_source(f, path, options, err)
                     : expclip__fail_memory(err, "frames");
    if (!status) {
        f->sampling.rule = options->sampling;
        f->sampling.n_samples = options->n_samples;
        f->sampling.n_frames =
            options->frame_count ? options->frame_count : f->source.n_frames;
        status = check_count(f, err);
    }
    if (status)
        expclip__frames_free(f);
    else
        *out = f;
    return status;
}

void expclip__frames_free(expclip_frames *frames)
{
    if (!frames)
        return;
    if (frames->source.close)
        frames->source.close(&frames->source);
    expclip__free(frames->path);
    expclip__free(frames->notes);
    expclip__free(frames);
}

/* ---- reading ---- */

static expclip_status reserve_note(expclip_frames *f, expclip_error *err)
{
    expclip__frame_note *grown =
        expclip__grown(f->notes, f->n_notes, sizeof(*grown));

    if (!grown)
        return expclip__fail_memory(err, "frames");
    f->notes = grown;
    return EXPCLIP_OK;
}

/* The rule takes a frame that is not there: its list says more than there are,
 * or they went away meanwhile. */
static void fail_missing(expclip__frame *frame, const expclip_frames *f)
{
    frame->status = expclip__fail(
        &frame->why, EXPCLIP_ERROR_NOT_FOUND,
        "%s: frame %lld of %lld is missing, there are %lld", f->path,
        (long long)frame->index, (long long)f->sampling.n_frames,
        (long long)f->source.n_frames);
}

expclip_status expclip__frames_next(expclip_frames *frames, expclip__frame *out,
                                    int *end,
                                    const expclip_image_options *options,
                                    const expclip_cancel *cancel,
                                    expclip_error *err)
{
    const expclip__sampling *s = &frames->sampling;
    const int counted = s->n_frames >= 0;
    expclip__frame frame = { .index = frames->next, .time = -1.0, .weight = 1 };
    int missing = 0;
    expclip_status status;

    if (counted && frames->next == expclip__sampling_count(s)) {
        *end = 1;
        return EXPCLIP_OK;
    }
    if (counted) {
        frame.index = expclip__sampling_index(s, frames->next);
        frame.weight = expclip__sampling_weight(s, frames->next);
    }
    if ((status = reserve_note(frames, err)) ||
        (status = frames->source.read(&frames->source, &frame, &missing,
                                      options, cancel, err)))
        return status;
    *end = missing && !counted;
    if (*end)
        return EXPCLIP_OK;
    if (missing)
        fail_missing(&frame, frames);
    frames->notes[frames->n_notes++] =
        (expclip__frame_note){ frame.index, frame.time, frame.weight };
    frames->next++;
    *out = frame;
    return EXPCLIP_OK;
}

/* ---- what was read ---- */

void expclip__frames_forget(expclip_frames *frames)
{
    frames->n_notes = 0;
}

const expclip__frame_note *expclip__frames_noted(const expclip_frames *frames,
                                                 size_t i)
{
    return i < frames->n_notes ? &frames->notes[i] : NULL;
}

int64_t expclip__frames_count(const expclip_frames *frames)
{
    return frames->sampling.n_frames;
}

double expclip__frames_duration(const expclip_frames *frames)
{
    return frames->source.duration;
}
