/* SPDX-License-Identifier: MIT */
/*
 * track_faces.c - the library's detector, scene cuts and tracker over the
 * frames of a film, for test_tracking.py:
 *
 *     track_faces [LOWER [LOST]] < frames > boxes
 *
 * A frame is a line "WIDTH HEIGHT SECONDS" and its bytes, rows of R, G, B. For
 * each, "frame CUT N" and N lines "TRACK x y width height", -1 being no track;
 * then "earlier TRACK FRAME FACE" and "ended TRACK FIRST LAST FRAMES".
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "faces/detector.h"
#include "faces/scene_cut.h"
#include "faces/tracker.h"

typedef struct film {
    expclip__detector detector;
    expclip__scene_cut cut;
    expclip__tracker *tracker;
} film;

static void print_tracks(const expclip__tracks *r)
{
    for (size_t i = 0; i < r->n_earlier; i++)
        printf("earlier %lld %lld %zu\n", (long long)r->earlier[i].track,
               (long long)r->earlier[i].frame, r->earlier[i].face);
    for (size_t i = 0; i < r->n_ended; i++)
        printf("ended %lld %.9g %.9g %lld\n", (long long)r->ended[i].track,
               r->ended[i].first, r->ended[i].last,
               (long long)r->ended[i].n_frames);
}

static void print_frame(const expclip__tracker_frame *frame,
                        const expclip__tracks *r)
{
    printf("frame %d %zu\n", frame->is_cut, frame->n_faces);
    for (size_t i = 0; i < frame->n_faces; i++) {
        const expclip_face *f = &frame->faces[i];

        printf("%lld %.9g %.9g %.9g %.9g\n", (long long)r->of_face[i],
               (double)f->x, (double)f->y, (double)f->width, (double)f->height);
    }
    print_tracks(r);
}

static expclip_status step(film *f, const expclip__image *image, double time,
                           expclip_error *err)
{
    expclip__tracker_frame frame = { .time = time,
                                     .width = image->width,
                                     .height = image->height };
    expclip__candidates c;
    expclip__tracks r;
    expclip_status status =
        expclip__detector_find(&c, &f->detector, image, err);

    if (status)
        return status;
    frame.is_cut = expclip__scene_cut_step(&f->cut, image);
    frame.faces = c.faces;
    frame.n_faces = c.n;
    status = expclip__tracker_step(&r, f->tracker, &frame, err);
    if (!status)
        print_frame(&frame, &r);
    expclip__candidates_free(&c);
    return status;
}

static int run(film *f, expclip_error *err)
{
    expclip__image image;
    expclip__tracks r;
    double time;

    while (scanf("%d %d %lf", &image.width, &image.height, &time) == 3 &&
           getchar() == '\n') {
        const size_t size = (size_t)image.width * (size_t)image.height * 3;
        expclip_status status;

        image.rgb = malloc(size);
        if (!image.rgb || fread(image.rgb, 1, size, stdin) != size)
            return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED, "half a frame");
        status = step(f, &image, time, err);
        free(image.rgb);
        if (status)
            return status;
    }
    if (expclip__tracker_end(&r, f->tracker, err))
        return 1;
    print_tracks(&r);
    return 0;
}

int main(int argc, char **argv)
{
    expclip__tracker_options options = EXPCLIP__TRACKER_OPTIONS;
    film f = { .tracker = NULL };
    expclip_error err;
    int failed;

    if (argc > 1)
        options.lower = strtof(argv[1], NULL);
    if (argc > 2)
        options.lost = strtof(argv[2], NULL);
    failed = expclip__detector_open(&f.detector, NULL, 1, &err) ||
             expclip__tracker_create(&f.tracker, &options, &err);
    f.detector.threshold = options.lower;
    failed = failed || run(&f, &err);
    if (failed)
        fprintf(stderr, "%s\n", err.message);
    expclip__tracker_free(f.tracker);
    expclip__detector_close(&f.detector);
    return failed;
}
