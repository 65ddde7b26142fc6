/* SPDX-License-Identifier: MIT */
/*
 * film_drawing.c - the film once more, with a box and a label around each face.
 *
 * Labels are smoothed over half a second, so that they can be read.
 */
#include "runs/film_drawing.h"

#include <math.h>
#include <stdlib.h>

#include "inputs/frame_clock.h"
#include "plots/plot.h"
#include "runs/clip_failure.h"
#include "runs/film_encoder.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"

#define SMOOTHING 0.5   /* seconds */
#define USUAL_RATE 25.0 /* frames per second */
#define MOST_RATE 240.0 /* frames per second */

/** A face in a frame. */
typedef struct drawn_face {
    double time;
    int64_t track;
    expclip_face face;
    int32_t label; /* -1 = none */
    float probability;
} drawn_face;

/** What a track is taken for at present. */
typedef struct smoothed {
    int64_t track;
    double time;
    float *probabilities; /* [n_classes] */
} smoothed;

struct film_drawing {
    char *path;
    film_encoder *encoder;
    const char *const *names;
    size_t n_classes;
    float temperature;
    drawn_face *faces; /* [n_faces] */
    size_t n_faces;
    smoothed *tracks; /* [n_tracks] */
    size_t n_tracks;
    float *row; /* [n_classes] */
};

/* ------------------------------------------------------------------------
 * Before and while the film is scored
 */

int film_drawing_open(film_drawing **out, const char *path)
{
    film_encoder *encoder = NULL;
    film_drawing *d;
    int rc;

    if (!plot_available()) {
        console_error("--draw: this program was built without cairo, which "
                      "draws");
        return EXIT_USAGE;
    }
    rc = film_encoder_open(&encoder, path);
    if (rc)
        return rc;
    d = memory_new(1, sizeof(*d));
    d->encoder = encoder;
    d->path = memory_text("%s", path);
    *out = d;
    return 0;
}

void film_drawing_set_classes(film_drawing *d, const char *const *names,
                              size_t n_classes, float temperature)
{
    d->names = names;
    d->n_classes = n_classes;
    d->temperature = temperature;
    d->row = memory_new(n_classes, sizeof(*d->row));
}

static smoothed *track_of(film_drawing *d, int64_t track)
{
    smoothed *s;

    for (size_t i = 0; i < d->n_tracks; i++)
        if (d->tracks[i].track == track)
            return &d->tracks[i];
    d->tracks = memory_resize(d->tracks, d->n_tracks + 1, sizeof(*d->tracks));
    s = &d->tracks[d->n_tracks++];
    *s = (smoothed){ track, -1.0,
                     memory_new(d->n_classes, sizeof(*s->probabilities)) };
    return s;
}

void film_drawing_add(film_drawing *d, int64_t track, double time,
                      const expclip_face *face, const float *logits)
{
    smoothed *s = track_of(d, track);
    const double step = s->time < 0.0 ? INFINITY : fabs(time - s->time);
    const float weight = (float)(1.0 - exp(-step / SMOOTHING));
    size_t best;

    expclip_logits_softmax(d->row, d->n_classes, logits, d->n_classes,
                           d->temperature, NULL);
    for (size_t i = 0; i < d->n_classes; i++)
        s->probabilities[i] += weight * (d->row[i] - s->probabilities[i]);
    s->time = time;
    best = expclip_logits_argmax(s->probabilities, d->n_classes);
    d->faces = memory_resize(d->faces, d->n_faces + 1, sizeof(*d->faces));
    d->faces[d->n_faces++] = (drawn_face){ time, track, *face, (int32_t)best,
                                           s->probabilities[best] };
}

void film_drawing_free(film_drawing *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n_tracks; i++)
        free(d->tracks[i].probabilities);
    free(d->tracks);
    free(d->faces);
    free(d->row);
    film_encoder_free(d->encoder);
    free(d->path);
    free(d);
}

/* ------------------------------------------------------------------------
 * The film
 */

/** While frames are drawn. */
typedef struct drawing {
    const film_drawing *d;
    expclip_frames *frames;
    expclip_detector *detector;
    expclip_image_options image;
    frame_clock clock;
    double rate;           /* of the film that is written */
    double start;          /* time of the first frame */
    int64_t n_written;     /* frames */
    unsigned char *shown;  /* the frame that was drawn last; NULL = none yet */
    int32_t width, height; /* of the first frame; others are scaled to it */
    size_t next;           /* of the faces */
} drawing;

static int by_time(const void *a, const void *b)
{
    const drawn_face *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->track < y->track ? -1 : x->track > y->track;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/**
 * Frames per second: those of the parts that have the most, so that a rate that
 * varies loses no frames. A single short step may be a slip of a clock.
 */
static double rate_of(const film_drawing *d)
{
    double *steps = memory_new(d->n_faces, sizeof(*steps));
    double usual, sum = 0.0;
    size_t n = 0, n_usual = 0;

    for (size_t k = 1; k < d->n_faces; k++)
        if (d->faces[k].time > d->faces[k - 1].time)
            steps[n++] = d->faces[k].time - d->faces[k - 1].time;
    if (n == 0) {
        free(steps);
        return USUAL_RATE;
    }
    qsort(steps, n, sizeof(*steps), by_size);
    usual = steps[n / 10];
    /* Times are rounded, to milliseconds in Matroska: the mean is closer. */
    for (size_t k = 0; k < n; k++)
        if (steps[k] > usual / 1.5 && steps[k] < 1.5 * usual) {
            sum += steps[k];
            n_usual++;
        }
    free(steps);
    usual = sum / (double)n_usual;
    return fmin(1.0 / usual, MOST_RATE);
}

/** The faces of this frame, as boxes with labels; labels are for free(). */
static photo_box *boxes_of(drawing *g, double time, size_t *n)
{
    const film_drawing *d = g->d;
    photo_box *boxes = NULL;

    *n = 0;
    while (g->next < d->n_faces && d->faces[g->next].time < time - 1e-6)
        g->next++;
    for (size_t i = g->next; i < d->n_faces && d->faces[i].time < time + 1e-6;
         i++) {
        const drawn_face *f = &d->faces[i];

        boxes = memory_resize(boxes, *n + 1, sizeof(*boxes));
        boxes[(*n)++] =
            (photo_box){ f->face.x, f->face.y, f->face.width, f->face.height,
                         memory_text("#%lld %s %.0f %%", (long long)f->track,
                                     d->names[f->label],
                                     100.0 * (double)f->probability) };
    }
    return boxes;
}

/** @return its pixels in the size of the film, for free(), or NULL */
static unsigned char *draw(drawing *g, const expclip_faces *faces, double time)
{
    photo_plot photo = { .width = expclip_faces_width(faces),
                         .height = expclip_faces_height(faces) };
    const size_t size = (size_t)photo.width * (size_t)photo.height * 3;
    uint8_t *rgb = memory_new(size, 1);
    photo_box *boxes = boxes_of(g, time, &photo.n_boxes);
    unsigned char *pixels = NULL;

    photo.rgb = rgb;
    photo.boxes = boxes;
    if (!expclip_faces_copy_image(rgb, size, faces, NULL))
        pixels = plot_photo_pixels(&photo, g->width, g->height);
    for (size_t i = 0; i < photo.n_boxes; i++)
        free((char *)(uintptr_t)boxes[i].label);
    free(boxes);
    free(rgb);
    return pixels;
}

/**
 * The film has one rate, whatever that of the source is: a frame is shown until
 * the time of the next one, and left out when that has come already.
 */
static int write_until(drawing *g, const unsigned char *pixels, int64_t n)
{
    int rc = 0;

    for (; g->n_written < n && !rc; g->n_written++)
        rc = film_encoder_add(g->d->encoder, pixels);
    return rc;
}

static int write_frame(drawing *g, const expclip_faces *faces, double time)
{
    const int64_t place = (int64_t)llround((time - g->start) * g->rate);
    unsigned char *pixels;
    int rc;

    if (!g->shown) {
        g->width = expclip_faces_width(faces);
        g->height = expclip_faces_height(faces);
        rc = film_encoder_start(g->d->encoder, g->width, g->height, g->rate);
        if (rc)
            return rc;
    }
    pixels = draw(g, faces, time);
    if (!pixels) {
        console_error("%s: a frame could not be drawn", g->d->path);
        return EXIT_RESOURCES;
    }
    rc = write_until(g, g->shown ? g->shown : pixels, place);
    free(g->shown);
    g->shown = pixels;
    return rc ? rc : write_until(g, pixels, place + 1);
}

/** Of a damaged frame the one before is shown on. */
static int draw_frames(drawing *g)
{
    expclip_error err;
    progress bar;
    int64_t n = 0;
    int rc = 0;

    progress_start(&bar, "frames drawn",
                   fmax((double)expclip_frames_count(g->frames), 0.0));
    while (!rc) {
        expclip_faces *faces = NULL;
        double time;

        if (expclip_detector_find_frame(&faces, g->detector, g->frames,
                                        &g->image, stop_token(), &err))
            rc = clip_failure_report(&err);
        if (rc || !faces)
            break;
        time = frame_clock_next(&g->clock, expclip_frames_time(g->frames, 0));
        if (n++ == 0)
            g->start = time;
        if (!expclip_faces_status(faces))
            rc = write_frame(g, faces, time);
        expclip_faces_free(faces);
        progress_show(&bar, (double)n);
    }
    progress_hide(&bar);
    return rc;
}

int film_drawing_write(film_drawing *d, const char *clip,
                       const expclip_frames_options *frames,
                       const expclip_image_options *image)
{
    expclip_detector_options smallest = EXPCLIP_DETECTOR_OPTIONS_INIT;
    expclip_frames_options options = *frames;
    drawing g = { .d = d, .image = *image };
    expclip_error err;
    int rc = 0;

    /* The faces are known: this one only gives the pixels. */
    smallest.long_side = 32;
    smallest.threads = 1;
    smallest.threshold = 1.0f;
    options.sampling = EXPCLIP_SAMPLING_ALL;
    if (d->n_faces)
        qsort(d->faces, d->n_faces, sizeof(*d->faces), by_time);
    g.rate = rate_of(d);
    if (expclip_detector_create(&g.detector, &smallest, &err) ||
        expclip_frames_open(&g.frames, clip, &options, &err))
        rc = failure_report(&err);
    if (!rc)
        rc = draw_frames(&g);
    expclip_frames_free(g.frames);
    expclip_detector_free(g.detector);
    free(g.shown);
    if (!rc)
        rc = film_encoder_commit(d->encoder);
    if (!rc)
        console_note("drawn: %s", d->path);
    return rc;
}
