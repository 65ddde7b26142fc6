/* SPDX-License-Identifier: MIT */
/*
 * dataset_ckplus.c - CK+ as it is published: a folder of frames a sequence,
 * from a neutral face to the peak of an expression, and beside it a file of the
 * expression's code for 327 of the 593.
 *
 * Of a sequence with a code the last frame, the peak, is the image. CK+48,
 * faces in folders of classes, is a dataset "folder".
 */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "datasets/dataset_entries.h"
#include "datasets/dataset_layouts.h"
#include "shared/formats.h"

typedef struct sequences {
    const char *images;   /* cohn-kanade-images */
    const char *emotions; /* Emotion */
    size_t n;             /* with a code or without */
    size_t n_without;
} sequences;

static int is_emotion_name(const char *name)
{
    static const char ending[] = "_emotion.txt";
    const size_t size = strlen(name), n = sizeof(ending) - 1;

    return size > n && strcmp(name + size - n, ending) == 0;
}

/* The one number in a file: "   3.0000000e+00". */
static expclip_status read_emotion(int32_t *label, const expclip__builder *b,
                                   const char *path, expclip_error *err)
{
    expclip__lines lines;
    expclip__field rest = { NULL, 0 }, code = { NULL, 0 };
    expclip_error why;
    expclip_status status = expclip__lines_open(&lines, path, err);

    if (status)
        return status;
    status = expclip__lines_next(&lines, &why);
    if (!status && lines.text)
        rest = (expclip__field){ lines.text, lines.size };
    if (!status && !expclip__take_first(&code, &rest))
        status = expclip__fail(&why, EXPCLIP_ERROR_FORMAT,
                               "empty, expected a code from 0 to 7");
    if (!status)
        status = expclip__read_code(label, b, &code, &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", path, why.message);
    expclip__lines_close(&lines);
    return status;
}

/* Add the last frame of the sequence at `folder`, of which `emotion` is the
 * code. */
static expclip_status add_peak(expclip__builder *b, const char *folder,
                               const char *emotion, expclip_error *err)
{
    expclip__item item = { .label = EXPCLIP__DROPPED, .list = -1 };
    expclip__entries frames = { 0 };
    expclip_error why;
    expclip_status status =
        expclip__entries_list(&frames, folder, expclip__is_image_name, err);

    if (status)
        return status;
    status = read_emotion(&item.label, b, emotion, &why);
    if (!status && frames.n == 0)
        status = expclip__fail(&why, EXPCLIP_ERROR_FORMAT,
                               "%s: no frame, expected .png", folder);
    if (status) {
        status = expclip__add_problem(b, -1, 0, &why, err);
    } else {
        item.path = expclip__path_join(folder, frames.names[frames.n - 1]);
        status = item.path ? expclip__add_item(b, &item, err)
                           : expclip__fail_memory(err, "path");
    }
    expclip__entries_free(&frames);
    return status;
}

/* A sequence's code, or NULL in *out. */
static expclip_status find_emotion(char **out, const char *folder,
                                   expclip_error *err)
{
    expclip__entries files = { 0 };
    expclip_status status = EXPCLIP_OK;

    *out = NULL;
    if (expclip__path_kind(folder) == EXPCLIP__FOLDER)
        status = expclip__entries_list(&files, folder, is_emotion_name, err);
    if (!status && files.n) {
        *out = expclip__path_join(folder, files.names[0]);
        if (!*out)
            status = expclip__fail_memory(err, "path");
    }
    expclip__entries_free(&files);
    return status;
}

static expclip_status add_sequence(expclip__builder *b, sequences *s,
                                   const char *images, const char *emotions,
                                   expclip_error *err)
{
    char *emotion = NULL;
    expclip_status status;

    if (expclip__path_kind(images) != EXPCLIP__FOLDER)
        return EXPCLIP_OK;
    status = find_emotion(&emotion, emotions, err);
    s->n++;
    s->n_without += !emotion;
    if (!status && emotion)
        status = add_peak(b, images, emotion, err);
    expclip__free(emotion);
    return status;
}

typedef expclip_status visit(expclip__builder *b, sequences *s,
                             const char *images, const char *emotions,
                             expclip_error *err);

/* Visit what lies in a folder of the images and beside it in one of the codes.
 */
static expclip_status visit_both(expclip__builder *b, sequences *s,
                                 const char *images, const char *emotions,
                                 visit *each, expclip_error *err)
{
    expclip__entries e = { 0 };
    expclip_status status = EXPCLIP_OK;

    if (expclip__path_kind(images) == EXPCLIP__FOLDER)
        status = expclip__entries_list(&e, images, NULL, err);
    for (size_t i = 0; !status && i < e.n; i++) {
        char *image = expclip__path_join(images, e.names[i]);
        char *emotion = expclip__path_join(emotions, e.names[i]);

        status = image && emotion ? each(b, s, image, emotion, err)
                                  : expclip__fail_memory(err, "path");
        expclip__free(image);
        expclip__free(emotion);
    }
    expclip__entries_free(&e);
    return status;
}

static expclip_status add_subject(expclip__builder *b, sequences *s,
                                  const char *images, const char *emotions,
                                  expclip_error *err)
{
    return visit_both(b, s, images, emotions, add_sequence, err);
}

static expclip_status add_subjects(expclip__builder *b, sequences *s,
                                   expclip_error *err)
{
    expclip_status status =
        visit_both(b, s, s->images, s->emotions, add_subject, err);

    if (!status)
        status = expclip__add_note(b, EXPCLIP__NOTE_READ_AS, err,
                                   "%s: the image of a sequence is its last "
                                   "frame, the peak",
                                   s->images);
    if (!status && s->n_without)
        status = expclip__add_note(b, EXPCLIP__NOTE_LEFT_OUT, err,
                                   "%s: left out: %zu of %zu sequences, which "
                                   "have no file in %s",
                                   s->images, s->n_without, s->n, s->emotions);
    return status;
}

expclip_status expclip__read_ckplus(expclip__builder *b, expclip_error *err)
{
    static const char *const images[] = {
        "cohn-kanade-images", "extended-cohn-kanade-images/cohn-kanade-images",
        NULL
    };
    static const char *const emotions[] = { "Emotion", "Emotion_labels/Emotion",
                                            "Emotion_labels", NULL };
    char *image = NULL, *emotion = NULL;
    expclip_status status;

    if (b->dataset->is_train)
        return expclip__fail_part(err, b,
                                  "train part: CK+ has no parts, expected the "
                                  "split \"test\", which is all of it");
    status = expclip__need_part(&image, b, images, EXPCLIP__FOLDER,
                                "\"cohn-kanade-images\"; folders of classes "
                                "(CK+48) are the dataset \"folder\"",
                                err);
    if (!status)
        status = expclip__need_part(&emotion, b, emotions, EXPCLIP__FOLDER,
                                    "\"Emotion\"", err);
    if (!status) {
        sequences s = { .images = image, .emotions = emotion };

        status = add_subjects(b, &s, err);
    }
    expclip__free(image);
    expclip__free(emotion);
    return status;
}
