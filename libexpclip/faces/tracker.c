/* SPDX-License-Identifier: MIT */
/*
 * tracker.c - faces to tracks: those of the upper band first, then the unsure
 * ones, the pair that fits best before the others.
 *
 * The assignment of the least sum (Hungarian) was measured, too: MOTA and IDF1
 * are the same to 0.003.
 */
#include "faces/tracker.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "faces/motion.h"

enum { MOST_HITS = EXPCLIP__TRACKER_MOST_HITS };

/* A track, from its first box on. */
typedef struct track {
    int64_t number; /* -1: it is not open yet */
    expclip__motion motion, predicted;
    double first;
    int64_t n_frames;
    size_t faces[MOST_HITS]; /* while it is not open, of the last frames */
    int64_t face;            /* of the frame at hand, or -1 */
} track;

struct expclip__tracker {
    expclip__tracker_options options;
    int64_t frame;  /* number of the last step */
    int64_t number; /* of the next track */
    int has_time;
    double time;
    int32_t width, height; /* of the last frame */
    track *tracks;         /* in the order of their numbers */
    size_t n_tracks, room_tracks;
    int64_t *of_face;
    size_t room_faces;
    expclip__track_face *earlier;
    size_t n_earlier, room_earlier;
    expclip__track_end *ended;
    size_t n_ended, room_ended;
};

/* ---- options ---- */

static expclip_status check_number(const char *name, double found, double least,
                                   double most, expclip_error *err)
{
    if (found >= least && found <= most)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "tracker: %s is %g, expected %g to %g", name, found,
                         least, most);
}

static expclip_status check_options(const expclip__tracker_options *o,
                                    expclip_error *err)
{
    const struct {
        const char *name;
        double found, least, most;
    } numbers[] = {
        { "upper score", (double)o->upper, 0, 1 },
        { "lower score", (double)o->lower, 0, (double)o->upper },
        { "reach", (double)o->reach, 0.1, 100 },
        { "seconds until a track is lost", (double)o->lost, 0, 60 },
        { "number of hits", o->hits, 1, MOST_HITS },
    };
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < sizeof(numbers) / sizeof(*numbers); i++)
        status = check_number(numbers[i].name, numbers[i].found,
                              numbers[i].least, numbers[i].most, err);
    return status;
}

expclip_status expclip__tracker_create(expclip__tracker **out,
                                       const expclip__tracker_options *options,
                                       expclip_error *err)
{
    expclip_status status = check_options(options, err);
    expclip__tracker *t;

    if (status)
        return status;
    t = expclip__alloc_zero(1, sizeof(*t));
    if (!t)
        return expclip__fail_memory(err, "tracker");
    t->options = *options;
    t->frame = -1;
    *out = t;
    return EXPCLIP_OK;
}

void expclip__tracker_free(expclip__tracker *t)
{
    if (!t)
        return;
    expclip__free(t->tracks);
    expclip__free(t->of_face);
    expclip__free(t->earlier);
    expclip__free(t->ended);
    expclip__free(t);
}

/* ---- room: nothing can fail once a tracker changes ---- */

/* The array with room for n elements, at least; NULL when there is no memory,
 * and it is as before. */
static void *roomy(void *array, size_t *room, size_t n, size_t size)
{
    void *grown;

    if (array && n <= *room)
        return array;
    grown = expclip__realloc(array, n + n / 2 + 8, size);
    if (grown)
        *room = n + n / 2 + 8;
    return grown;
}

static size_t looked_at(size_t n_faces)
{
    return n_faces < EXPCLIP__TRACKER_MOST_FACES ? n_faces
                                                 : EXPCLIP__TRACKER_MOST_FACES;
}

static int make_room(expclip__tracker *t, size_t n_faces)
{
    const size_t n = t->n_tracks, n_new = looked_at(n_faces);
    const size_t n_earlier = n_new * (size_t)t->options.hits;
    track *tracks =
        roomy(t->tracks, &t->room_tracks, n + n_new, sizeof(*tracks));
    int64_t *of_face =
        roomy(t->of_face, &t->room_faces, n_faces, sizeof(*of_face));
    expclip__track_face *earlier =
        roomy(t->earlier, &t->room_earlier, n_earlier, sizeof(*earlier));
    expclip__track_end *ended =
        roomy(t->ended, &t->room_ended, n, sizeof(*ended));

    t->tracks = tracks ? tracks : t->tracks;
    t->of_face = of_face ? of_face : t->of_face;
    t->earlier = earlier ? earlier : t->earlier;
    t->ended = ended ? ended : t->ended;
    return tracks && of_face && earlier && ended;
}

/* ---- which box is which track's ---- */

typedef struct pair {
    double cost;
    size_t track, face;
} pair;

static int compare(const void *a, const void *b)
{
    const pair *x = a, *y = b;

    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    if (x->track != y->track)
        return x->track < y->track ? -1 : 1;
    return x->face < y->face ? -1 : x->face > y->face;
}

/* A frame's faces as they are looked at. */
typedef struct view {
    const expclip__tracker_frame *frame;
    size_t n; /* of the frame's faces, those that are looked at */
    expclip__spot spots[EXPCLIP__TRACKER_MOST_FACES];
    unsigned char bands[EXPCLIP__TRACKER_MOST_FACES]; /* NO_BAND: taken, too */
} view;

enum { NO_BAND, UPPER_BAND, LOWER_BAND };

static void look(view *v, const expclip__tracker *t,
                 const expclip__tracker_frame *frame)
{
    v->frame = frame;
    v->n = looked_at(frame->n_faces);
    for (size_t i = 0; i < v->n; i++) {
        const expclip_face *face = &frame->faces[i];

        v->bands[i] = NO_BAND;
        if (!expclip__spot_of(&v->spots[i], face))
            continue;
        if (face->score >= t->options.upper)
            v->bands[i] = UPPER_BAND;
        else if (face->score >= t->options.lower)
            v->bands[i] = LOWER_BAND;
    }
}

static int may_go_on(const expclip__tracker *t, const track *k,
                     const expclip__tracker_frame *frame)
{
    return !frame->is_cut &&
           frame->time - k->motion.time <= (double)t->options.lost;
}

static expclip_status add_pairs(pair **pairs, size_t *n, const track *k,
                                size_t i, const view *v, unsigned char band,
                                expclip_error *err)
{
    const double deviations =
        band == UPPER_BAND ? EXPCLIP__MOTION_SURE : EXPCLIP__MOTION_UNSURE;

    for (size_t j = 0; j < v->n; j++) {
        double cost;
        pair *grown;

        if (v->bands[j] != band ||
            !expclip__motion_cost(&cost, &k->predicted, v->spots[j],
                                  deviations))
            continue;
        grown = expclip__grown(*pairs, *n, sizeof(*grown));
        if (!grown)
            return expclip__fail_memory(err, "tracks");
        *pairs = grown;
        grown[(*n)++] = (pair){ cost, i, j };
    }
    return EXPCLIP_OK;
}

/* Those of one band to tracks that have none yet. */
static expclip_status match(expclip__tracker *t, view *v, unsigned char band,
                            expclip_error *err)
{
    pair *pairs = NULL;
    size_t n = 0;
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < t->n_tracks; i++)
        if (t->tracks[i].face < 0 && may_go_on(t, &t->tracks[i], v->frame))
            status = add_pairs(&pairs, &n, &t->tracks[i], i, v, band, err);
    if (!status && n)
        qsort(pairs, n, sizeof(*pairs), compare);
    for (size_t i = 0; !status && i < n; i++) {
        track *k = &t->tracks[pairs[i].track];

        if (k->face >= 0 || v->bands[pairs[i].face] == NO_BAND)
            continue;
        k->face = (int64_t)pairs[i].face;
        v->bands[pairs[i].face] = NO_BAND;
    }
    expclip__free(pairs);
    return status;
}

static expclip_status match_all(expclip__tracker *t, view *v,
                                expclip_error *err)
{
    expclip_status status;

    for (size_t i = 0; i < t->n_tracks; i++) {
        track *k = &t->tracks[i];

        k->face = -1;
        k->predicted = k->motion;
        expclip__motion_predict(&k->predicted, v->frame->time);
    }
    status = match(t, v, UPPER_BAND, err);
    if (!status)
        status = match(t, v, LOWER_BAND, err);
    return status;
}

/* ---- tracks begin, open, go on and end ---- */

/* Its box is that of this frame. */
static void open_when_sure(expclip__tracker *t, track *k)
{
    const int64_t hits = t->options.hits;

    if (k->number >= 0 || k->n_frames < hits)
        return;
    k->number = t->number++;
    for (int64_t i = 0; i + 1 < hits; i++)
        t->earlier[t->n_earlier++] =
            (expclip__track_face){ k->number, t->frame - (hits - 1) + i,
                                   k->faces[i] };
}

static void see(expclip__tracker *t, track *k)
{
    if (k->n_frames < MOST_HITS)
        k->faces[k->n_frames] = (size_t)k->face;
    k->n_frames++;
    open_when_sure(t, k);
    t->of_face[k->face] = k->number;
}

static void end(expclip__tracker *t, const track *k)
{
    if (k->number >= 0)
        t->ended[t->n_ended++] =
            (expclip__track_end){ k->number, k->first, k->motion.time,
                                  k->n_frames };
}

/* A track that is not open ends with the first frame that misses it. */
static void go_on(expclip__tracker *t, const view *v)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->n_tracks; i++) {
        track *k = &t->tracks[i];

        if (k->face >= 0) {
            k->motion = k->predicted;
            expclip__motion_correct(&k->motion, v->spots[k->face]);
            see(t, k);
        } else if (k->number < 0 || !may_go_on(t, k, v->frame)) {
            end(t, k);
            continue;
        }
        t->tracks[kept++] = *k;
    }
    t->n_tracks = kept;
}

static void begin(expclip__tracker *t, const view *v, size_t face)
{
    track *k = &t->tracks[t->n_tracks++];

    *k =
        (track){ .number = -1, .first = v->frame->time, .face = (int64_t)face };
    expclip__motion_begin(&k->motion, v->spots[face], v->frame->time,
                          (double)t->options.reach);
    see(t, k);
}

static expclip_status check_time(const expclip__tracker *t, double time,
                                 expclip_error *err)
{
    if (!isfinite(time))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "tracker: the time of a frame is %g, expected "
                             "seconds",
                             time);
    if (t->has_time && time <= t->time)
        return expclip__fail(
            err, EXPCLIP_ERROR_ARGUMENT,
            "tracker: the time of a frame is %.9g, expected more than the "
            "%.9g of the frame before: end the film before another begins",
            time, t->time);
    return EXPCLIP_OK;
}

static void resize(expclip__tracker *t, const expclip__tracker_frame *frame)
{
    if (frame->width <= 0 || frame->height <= 0)
        return;
    if (t->width > 0 &&
        (t->width != frame->width || t->height != frame->height))
        for (size_t i = 0; i < t->n_tracks; i++)
            expclip__motion_scale(&t->tracks[i].motion,
                                  (double)frame->width / t->width,
                                  (double)frame->height / t->height);
    t->width = frame->width;
    t->height = frame->height;
}

static expclip__tracks told(const expclip__tracker *t, size_t n_faces)
{
    return (expclip__tracks){ t->frame,   n_faces,    t->of_face, t->n_earlier,
                              t->earlier, t->n_ended, t->ended };
}

expclip_status expclip__tracker_step(expclip__tracks *out, expclip__tracker *t,
                                     const expclip__tracker_frame *frame,
                                     expclip_error *err)
{
    expclip_status status = check_time(t, frame->time, err);
    view v;

    if (status)
        return status;
    if (!make_room(t, frame->n_faces))
        return expclip__fail_memory(err, "tracks");
    look(&v, t, frame);
    resize(t, frame);
    status = match_all(t, &v, err);
    if (status)
        return status;
    t->frame++;
    t->has_time = 1;
    t->time = frame->time;
    t->n_earlier = t->n_ended = 0;
    for (size_t j = 0; j < frame->n_faces; j++)
        t->of_face[j] = -1;
    go_on(t, &v);
    for (size_t j = 0; j < v.n; j++)
        if (v.bands[j] == UPPER_BAND &&
            t->n_tracks < EXPCLIP__TRACKER_MOST_TRACKS)
            begin(t, &v, j);
    *out = told(t, frame->n_faces);
    return EXPCLIP_OK;
}

expclip_status expclip__tracker_end(expclip__tracks *out, expclip__tracker *t,
                                    expclip_error *err)
{
    if (!make_room(t, 0))
        return expclip__fail_memory(err, "tracks");
    t->n_earlier = t->n_ended = 0;
    for (size_t i = 0; i < t->n_tracks; i++)
        end(t, &t->tracks[i]);
    t->n_tracks = 0;
    t->has_time = 0;
    t->width = t->height = 0;
    *out = told(t, 0);
    return EXPCLIP_OK;
}
