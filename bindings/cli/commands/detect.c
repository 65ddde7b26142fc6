/* SPDX-License-Identifier: MIT */
/*
 * detect.c - expclip detect: the faces in images, without a model.
 *
 * image -> faces -> a line, and images of them: cut out, with boxes, blurred.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "inputs/inputs.h"
#include "options/face_settings.h"
#include "options/model_settings.h"
#include "plots/plot.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"
#include "views/face_files.h"
#include "views/json_line.h"

typedef struct detect_settings {
    face_settings faces;
    image_settings images;
    face_folders folders;
    int32_t json;
} detect_settings;

static const detect_settings defaults = {
    .faces = FACE_SETTINGS_DEFAULT("all"),
    .images = IMAGE_SETTINGS_DEFAULT,
};

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(
        detect_settings, json, "json",
        "Print one JSON object per image: path, size, faces (each with "
        "box, score and points), best_score, status and, where files are "
        "written, the NAME of them."),
    OPT_TEXT(detect_settings, folders.crop, "crop", 0, "DIR",
             "Write each face, cut out, to DIR/NAME-N.png. NAME is that of the "
             "image without its ending; it gets _2, _3 and so on where "
             "another image has it."),
    OPT_TEXT(detect_settings, folders.draw, "draw", 0, "DIR",
             "Write each image with numbered boxes around its faces to "
             "DIR/NAME.png."),
    OPT_TEXT(detect_settings, folders.blur, "blur", 0, "DIR",
             "Write each image with its faces made unrecognisable to "
             "DIR/NAME.png."),
    OPT_HEADING("Faces"),
    DETECTOR_OPTIONS(detect_settings, faces),
    CROP_OPTIONS(detect_settings, faces, "SIDE[:UP]",
                 "A model may want its own: \"expclip inspect\" tells it. "
                 "Without it 1.4:0."),
    OPT_INT(detect_settings, faces.detector.threads, "threads", 0, 4096,
            "How many threads compute; 0 means one per core."),
    OPT_HEADING("Images"),
    OPT_FLAG(detect_settings, images.image.allow_truncated, "allow-truncated",
             0,
             "Use what can be read of truncated image files, instead of "
             "failing."),
    MAX_PIXELS_OPTION(detect_settings, images),
    OPT_FLAG(detect_settings, images.recursive, "recursive", 'r',
             "Look into subfolders too. Links to folders are not followed."),
    OPT_END,
};

/** All that a run holds. */
typedef struct detect_run {
    const detect_settings *settings;
    inputs in;
    face_search search;
    size_t n_done;
    size_t n_failed;
    size_t n_empty;
    size_t n_faces;
    json_t *names; /* of files, NULL = none are written */
    double start;
} detect_run;

/* ------------------------------------------------------------------------
 * Lines
 */

static json_t *numbers(const float *values, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_line_number(values[i]));
    return list;
}

static json_t *describe_faces(const expclip_faces *faces)
{
    json_t *list = json_array();

    for (size_t i = 0; i < expclip_faces_count(faces); i++) {
        expclip_face f;

        expclip_faces_get(&f, faces, i, NULL);
        json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:o}", "box",
                      numbers((float[]){ f.x, f.y, f.width, f.height }, 4),
                      "score", json_line_number(f.score), "points",
                      numbers(f.points, 10)));
    }
    return list;
}

/** `name` is that of the files, or NULL. */
static void print_json(const input *in, const expclip_faces *faces,
                       const char *name, const expclip_error *err)
{
    json_t *line = json_pack("{s:o, s:s}", "path", json_line_string(in->path),
                             "status", expclip_status_name(err->code));

    if (err->code) {
        json_object_set_new(line, "message", json_line_string(err->message));
    } else {
        json_object_set_new(line, "size",
                            json_pack("[i, i]", (int)expclip_faces_width(faces),
                                      (int)expclip_faces_height(faces)));
        json_object_set_new(line, "turn",
                            json_integer(expclip_faces_turn(faces)));
        json_object_set_new(line, "faces", describe_faces(faces));
        json_object_set_new(line, "best_score",
                            json_line_number(expclip_faces_best_score(faces)));
    }
    if (name)
        json_object_set_new(line, "name", json_line_string(name));
    json_line_print(line);
}

static void print_table(const input *in, const expclip_faces *faces)
{
    const size_t n = expclip_faces_count(faces);

    console_print(stdout, in->path);
    if (n == 0)
        printf("  no face (best candidate %.2f)\n",
               (double)expclip_faces_best_score(faces));
    else
        printf("  %zu face%s\n", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        expclip_face f;

        expclip_faces_get(&f, faces, i, NULL);
        printf("  #%-3zu %6.0f, %-6.0f %5.0f x %-5.0f  score %.2f\n", i,
               (double)f.x, (double)f.y, (double)f.width, (double)f.height,
               (double)f.score);
    }
}

/* ------------------------------------------------------------------------
 * Images
 */

static expclip_status find(expclip_faces **faces, const detect_run *run,
                           const input *in, expclip_error *err)
{
    if (in->status) {
        err->code = in->status;
        snprintf(err->message, sizeof(err->message), "%s", in->problem);
        return in->status;
    }
    return expclip_detector_find_file(faces, run->search.detector, in->path,
                                      &run->settings->images.image, err);
}

static void count(detect_run *run, const expclip_faces *faces)
{
    const size_t n = expclip_faces_count(faces);

    run->n_done++;
    run->n_failed += faces == NULL;
    run->n_faces += n;
    run->n_empty += faces && n == 0;
}

static int detect_one(detect_run *run, const input *in)
{
    const detect_settings *s = run->settings;
    expclip_faces *faces = NULL;
    expclip_error err = { .code = EXPCLIP_OK };
    char *name = NULL;
    int rc = 0;

    if (!find(&faces, run, in, &err) && run->names)
        name = face_files_name(run->names, in->path);
    if (s->json)
        print_json(in, faces, name, &err);
    else if (!err.code)
        print_table(in, faces);
    count(run, faces);
    if (err.code) {
        console_flush();
        input_report(in, err.code, err.message);
    } else {
        rc = face_files_write(&s->folders, name, faces, &run->search.crop);
    }
    expclip_faces_free(faces);
    free(name);
    return rc ? rc : console_flush() ? EXIT_RESOURCES : 0;
}

static int detect_all(detect_run *run)
{
    progress bar;
    int rc = 0;

    progress_start(&bar, "images", (double)run->in.n);
    for (size_t i = 0; i < run->in.n && !rc; i++) {
        progress_hide(&bar);
        rc =
            stop_wanted() ? EXIT_RESOURCES : detect_one(run, &run->in.items[i]);
        if (!rc)
            progress_show(&bar, (double)run->n_done);
    }
    progress_hide(&bar);
    if (rc && stop_wanted())
        console_error("stopped after %zu of %zu images", run->n_done,
                      run->in.n);
    return rc;
}

static void summarise(const detect_run *run)
{
    const double seconds = console_seconds() - run->start;

    console_note("%zu image%s, %zu face%s, %zu without a face, %zu failed, "
                 "%.1f s, %.1f images/s",
                 run->n_done, run->n_done == 1 ? "" : "s", run->n_faces,
                 run->n_faces == 1 ? "" : "s", run->n_empty, run->n_failed,
                 seconds, (double)run->n_done / (seconds + 1e-9));
    if (run->settings->folders.blur && run->n_empty)
        console_note("%zu image%s of --blur show%s what the original shows, "
                     "since no face was found there",
                     run->n_empty, run->n_empty == 1 ? "" : "s",
                     run->n_empty == 1 ? "s" : "");
}

/** The boxes of lists are for models. */
static void note_boxes(const inputs *in)
{
    size_t n = 0;

    for (size_t i = 0; i < in->n; i++)
        n += in->items[i].box.width > 0;
    if (n)
        console_note("the box%s of %zu image%s %s not used: faces are looked "
                     "for in the whole image",
                     n == 1 ? "" : "es", n, n == 1 ? "" : "s",
                     n == 1 ? "is" : "are");
}

static int prepare(detect_run *run, int n_operands, char **operands)
{
    int rc;

    if (n_operands == 0) {
        console_error("detect: no images named; see \"expclip detect --help\"");
        return EXIT_USAGE;
    }
    rc = face_files_prepare(&run->settings->folders);
    if (!rc)
        rc = face_search_open(&run->search, &run->settings->faces);
    if (!rc)
        rc = inputs_collect(&run->in, n_operands, operands,
                            run->settings->images.recursive);
    if (!rc)
        note_boxes(&run->in);
    if (face_files_wanted(&run->settings->folders))
        run->names = json_object();
    run->start = console_seconds();
    return rc;
}

static int detect(const void *settings, int n_operands, char **operands)
{
    detect_run run = { .settings = settings };
    int rc = prepare(&run, n_operands, operands);

    if (!rc)
        rc = detect_all(&run);
    if (!rc)
        summarise(&run);
    face_search_close(&run.search);
    json_decref(run.names);
    inputs_free(&run.in);
    return !rc && run.n_failed ? EXIT_SOME_FAILED : rc;
}

const command detect_command = {
    "detect",
    "IMAGE|DIR|LIST...",
    "Find the faces in images, and cut them out, frame or blur them.",
    "The detector is YuNet; no model is loaded. It misses faces that are lower "
    "than about 20 pixels or turned by more than 45 degrees, and it finds "
    "those of statues and drawings, too. Images are turned as their EXIF tag "
    "says. Operands are those of \"expclip score\". An image without a face is "
    "no failure.",
    options,
    &defaults,
    sizeof(defaults),
    detect,
};
