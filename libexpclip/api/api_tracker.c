/* SPDX-License-Identifier: MIT */
/*
 * api_tracker.c - following faces from frame to frame.
 */
#include <string.h>

#include "api/check.h"
#include "base/alloc.h"
#include "base/error.h"
#include "faces/faces.h"
#include "faces/scene_cut.h"
#include "faces/tracker.h"

struct expclip_tracker {
    expclip__tracker *tracker;
    expclip__scene_cut scene;
    expclip__tracks last; /* what the last call said */
    int is_cut;
};

expclip_status expclip_tracker_create(expclip_tracker **out,
                                      const expclip_tracker_options *options,
                                      expclip_error *err)
{
    expclip_tracker_options o = EXPCLIP_TRACKER_OPTIONS_INIT;
    expclip__tracker_options inner;
    expclip_tracker *t;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)))
        return status;
    inner = (expclip__tracker_options){ o.upper, o.lower, o.reach,
                                        (float)o.lost, o.hits };
    t = expclip__alloc_zero(1, sizeof(*t));
    if (!t)
        return expclip__fail_memory(err, "tracker");
    status = expclip__tracker_create(&t->tracker, &inner, err);
    if (status)
        expclip_tracker_free(t);
    else
        *out = t;
    return expclip__returned(status, err);
}

void expclip_tracker_free(expclip_tracker *tracker)
{
    if (!tracker)
        return;
    expclip__tracker_free(tracker->tracker);
    expclip__free(tracker);
}

/* ---- frames ---- */

/* A damaged frame has no image, which is no cut. */
static int is_cut(expclip_tracker *t, const expclip_faces *faces)
{
    return faces->image.rgb &&
           expclip__scene_cut_step(&t->scene, &faces->image);
}

static expclip_status
write_tracks(int32_t *tracks, const expclip__tracks *found, expclip_error *err)
{
    for (size_t i = 0; i < found->n_faces; i++)
        if (found->of_face[i] > INT32_MAX)
            return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                                 "tracks: %lld, expected at most %d",
                                 (long long)found->of_face[i], INT32_MAX);
    for (size_t i = 0; i < found->n_faces; i++)
        tracks[i] = (int32_t)found->of_face[i];
    return EXPCLIP_OK;
}

expclip_status expclip_tracker_add(int32_t *tracks, size_t tracks_size,
                                   expclip_tracker *tracker, double time,
                                   const expclip_faces *faces,
                                   expclip_error *err)
{
    const expclip__scene_cut before =
        tracker ? tracker->scene : (expclip__scene_cut){ 0 };
    expclip__tracker_frame frame;
    expclip_status status;
    int cut;

    if ((status = expclip__check_pointer(tracker, "tracker", err)) ||
        (status = expclip__check_pointer(faces, "faces", err)) ||
        (status = expclip__check_array(tracks, tracks_size, "tracks", err)) ||
        (status = expclip__check_size(tracks_size, faces->found.n,
                                      "tracks_size", err)))
        return status;
    cut = is_cut(tracker, faces);
    frame = (expclip__tracker_frame){ .time = time,
                                      .width = faces->width,
                                      .height = faces->height,
                                      .is_cut = cut,
                                      .faces = faces->found.faces,
                                      .n_faces = faces->found.n };
    status =
        expclip__tracker_step(&tracker->last, tracker->tracker, &frame, err);
    if (status)
        tracker->scene = before;
    else
        tracker->is_cut = cut;
    if (!status)
        status = write_tracks(tracks, &tracker->last, err);
    return expclip__returned(status, err);
}

expclip_status expclip_tracker_finish(expclip_tracker *tracker,
                                      expclip_error *err)
{
    expclip_status status = expclip__check_pointer(tracker, "tracker", err);

    if (status)
        return status;
    memset(&tracker->scene, 0, sizeof(tracker->scene));
    tracker->is_cut = 0;
    status = expclip__tracker_end(&tracker->last, tracker->tracker, err);
    return expclip__returned(status, err);
}

/* ---- what the last call said ---- */

int32_t expclip_tracker_cut(const expclip_tracker *tracker)
{
    return tracker ? tracker->is_cut : 0;
}

size_t expclip_tracker_earlier_count(const expclip_tracker *tracker)
{
    return tracker ? tracker->last.n_earlier : 0;
}

static expclip_status check_index(size_t index, size_t n, expclip_error *err)
{
    if (index < n)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "index: %zu, the tracker has %zu", index, n);
}

expclip_status expclip_tracker_earlier(expclip_track_face *out,
                                       const expclip_tracker *tracker,
                                       size_t index, expclip_error *err)
{
    const expclip__track_face *face;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(tracker, "tracker", err)) ||
        (status = check_index(index, tracker->last.n_earlier, err)))
        return status;
    face = &tracker->last.earlier[index];
    *out =
        (expclip_track_face){ face->track, face->frame, (int64_t)face->face };
    return expclip__returned(EXPCLIP_OK, err);
}

size_t expclip_tracker_ended_count(const expclip_tracker *tracker)
{
    return tracker ? tracker->last.n_ended : 0;
}

expclip_status expclip_tracker_ended(expclip_track *out,
                                     const expclip_tracker *tracker,
                                     size_t index, expclip_error *err)
{
    const expclip__track_end *end;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(tracker, "tracker", err)) ||
        (status = check_index(index, tracker->last.n_ended, err)))
        return status;
    end = &tracker->last.ended[index];
    *out = (expclip_track){ end->track, end->n_frames, end->first, end->last };
    return expclip__returned(EXPCLIP_OK, err);
}
