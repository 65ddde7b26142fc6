/* SPDX-License-Identifier: MIT */
/*
 * film_drawing.c - the film once more, with a box and a label around each face.
 *
 * Labels are smoothed over half a second, so that they can be read.
 */
#define _GNU_SOURCE
#include "runs/film_drawing.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plots/plot.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"
#include "views/outfile.h"

#define SMOOTHING 0.5 /* seconds */

extern char **environ;

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

static int has_ffmpeg(void)
{
    const char *path = getenv("PATH");
    int found = 0;

    for (; path && *path && !found; path += *path == ':') {
        const size_t n = strcspn(path, ":");
        char *name = memory_text("%.*s/ffmpeg", (int)n, path);

        found = access(name, X_OK) == 0;
        free(name);
        path += n;
    }
    return found;
}

int film_drawing_open(film_drawing **out, const char *path)
{
    film_drawing *d;
    int rc = 0;

    if (!plot_available()) {
        console_error("--draw: this program was built without cairo, which "
                      "draws");
        return EXIT_USAGE;
    }
    if (!has_ffmpeg()) {
        console_error("--draw: the program ffmpeg is not in PATH; install it, "
                      "for example by \"apt-get install ffmpeg\"");
        return EXIT_USAGE;
    }
    rc = outfile_check(path, EXPCLIP__FILE_PLOT);
    if (rc)
        return rc;
    d = memory_new(1, sizeof(*d));
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
    free(d->path);
    free(d);
}

/* ------------------------------------------------------------------------
 * The film
 */

/** While frames are drawn. */
typedef struct drawing {
    const film_drawing *d;
    const char *clip;
    expclip_frames *frames;
    expclip_detector *detector;
    int32_t width, height; /* of the first frame; others are scaled by none */
    size_t next;           /* of the faces */
    pid_t ffmpeg;
    FILE *pipe;
} drawing;

static int by_time(const void *a, const void *b)
{
    const drawn_face *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->track < y->track ? -1 : x->track > y->track;
}

/** Frames per second, by the times of the first frames. */
static double rate_of(const char *clip, const expclip_frames_options *options,
                      const expclip_detector *detector)
{
    const expclip_image_options image = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    double first = 0.0, last = 0.0;
    int n = 0;

    if (expclip_frames_open(&frames, clip, options, NULL))
        return 25.0;
    for (; n < 50; n++) {
        expclip_faces *faces = NULL;

        if (expclip_detector_find_frame(&faces, detector, frames, &image,
                                        stop_token(), NULL) ||
            !faces)
            break;
        last = expclip_frames_time(frames, 0);
        first = n ? first : last;
        expclip_faces_free(faces);
    }
    expclip_frames_free(frames);
    return n > 1 && last > first ? (n - 1) / (last - first) : 25.0;
}

static int start_ffmpeg(drawing *g, double rate)
{
    char *size = memory_text("%dx%d", (int)g->width, (int)g->height);
    char *frames = memory_text("%.3f", rate);
    char *const arguments[] = { "ffmpeg",
                                "-loglevel",
                                "error",
                                "-f",
                                "rawvideo",
                                "-pix_fmt",
                                "bgr0",
                                "-s",
                                size,
                                "-r",
                                frames,
                                "-i",
                                "-",
                                "-vf",
                                "pad=ceil(iw/2)*2:"
                                "ceil(ih/2)*2",
                                "-pix_fmt",
                                "yuv420p",
                                "-metadata",
                                "comment=" EXPCLIP__PLOT_MARK,
                                "-y",
                                g->d->path,
                                NULL };
    posix_spawn_file_actions_t actions;
    int ends[2], failed;

    if (pipe2(ends, O_CLOEXEC)) {
        console_error("pipe: %s", strerror(errno));
        failed = errno;
    } else {
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
        failed = posix_spawnp(&g->ffmpeg, "ffmpeg", &actions, NULL, arguments,
                              environ);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[0]);
        if (failed) {
            console_error("ffmpeg: %s", strerror(failed));
            close(ends[1]);
        } else {
            g->pipe = fdopen(ends[1], "w");
        }
    }
    free(size);
    free(frames);
    return failed || !g->pipe ? EXIT_RESOURCES : 0;
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

static int write_frame(drawing *g, const expclip_faces *faces, double time)
{
    photo_plot photo = { .width = g->width, .height = g->height };
    const size_t size = (size_t)g->width * (size_t)g->height;
    uint8_t *rgb = memory_new(size, 3);
    photo_box *boxes = boxes_of(g, time, &photo.n_boxes);
    unsigned char *pixels;
    int rc = 0;

    /* A frame of another size, or a damaged one, is black. */
    expclip_faces_copy_image(rgb, size * 3, faces, NULL);
    photo.rgb = rgb;
    photo.boxes = boxes;
    pixels = plot_photo_pixels(&photo);
    if (!pixels || fwrite(pixels, 4, size, g->pipe) != size) {
        console_error("%s: ffmpeg did not take the frames", g->d->path);
        rc = EXIT_RESOURCES;
    }
    for (size_t i = 0; i < photo.n_boxes; i++)
        free((char *)(uintptr_t)boxes[i].label);
    free(boxes);
    free(pixels);
    free(rgb);
    return rc;
}

static int draw_frames(drawing *g, double rate)
{
    const expclip_image_options image = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_error err;
    progress bar;
    int64_t n = 0;
    int rc = 0;

    progress_start(&bar, "frames drawn",
                   fmax((double)expclip_frames_count(g->frames), 0.0));
    while (!rc) {
        expclip_faces *faces = NULL;

        if (expclip_detector_find_frame(&faces, g->detector, g->frames, &image,
                                        stop_token(), &err)) {
            rc = failure_report(&err);
        } else if (!faces) {
            break;
        } else if (!g->pipe && !expclip_faces_status(faces)) {
            g->width = expclip_faces_width(faces);
            g->height = expclip_faces_height(faces);
            rc = start_ffmpeg(g, rate);
        }
        if (!rc && g->pipe)
            rc = write_frame(g, faces, expclip_frames_time(g->frames, 0));
        expclip_faces_free(faces);
        progress_show(&bar, (double)++n);
    }
    progress_hide(&bar);
    return rc;
}

/** @return `rc`, or whether ffmpeg failed */
static int end_ffmpeg(drawing *g, int rc)
{
    int status = 0;

    if (!g->pipe)
        return rc;
    if (fclose(g->pipe) && !rc)
        rc = EXIT_RESOURCES;
    if (waitpid(g->ffmpeg, &status, 0) < 0 || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0) {
        console_error("%s: ffmpeg could not write it", g->d->path);
        return rc ? rc : EXIT_RESOURCES;
    }
    return rc;
}

int film_drawing_write(film_drawing *d, const char *clip,
                       const expclip_frames_options *frames)
{
    expclip_detector_options smallest = EXPCLIP_DETECTOR_OPTIONS_INIT;
    expclip_frames_options options = *frames;
    drawing g = { .d = d, .clip = clip };
    expclip_error err;
    int rc = 0;

    /* The faces are known: this one only gives the pixels. */
    smallest.long_side = 32;
    smallest.threads = 1;
    smallest.threshold = 1.0f;
    options.sampling = EXPCLIP_SAMPLING_ALL;
    if (d->n_faces)
        qsort(d->faces, d->n_faces, sizeof(*d->faces), by_time);
    if (expclip_detector_create(&g.detector, &smallest, &err) ||
        expclip_frames_open(&g.frames, clip, &options, &err))
        rc = failure_report(&err);
    if (!rc)
        rc = draw_frames(&g, rate_of(clip, &options, g.detector));
    rc = end_ffmpeg(&g, rc);
    expclip_frames_free(g.frames);
    expclip_detector_free(g.detector);
    if (!rc)
        console_note("drawn: %s", d->path);
    return rc;
}
