/* SPDX-License-Identifier: MIT */
/*
 * dataset_clips.c - DFEW, FERV39k, MAFW and AFEW as they are published: folders
 * of frames, and lists of a name and a label a row.
 *
 * These lists do not say how many frames a clip has; the reference's do.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "datasets/dataset_folders.h"
#include "datasets/dataset_layouts.h"

static const char *part_name(const expclip__builder *b)
{
    return b->dataset->is_train ? "train" : "test";
}

/* Read the list at `path` below the dataset's folder. */
static expclip_status add_list(expclip__builder *b, const char *path,
                               int32_t fold, expclip__row_reader *read,
                               char *folder, expclip_error *err)
{
    const char *const names[] = { path, NULL };
    char *list = NULL, expected[160];
    expclip_status status;

    snprintf(expected, sizeof(expected), "\"%s\"", path);
    status = expclip__need_part(&list, b, names, EXPCLIP__FILE, expected, err);
    if (!status)
        status = expclip__add_rows(b, list, fold, read, folder, err);
    expclip__free(list);
    return status;
}

/* A clip is a folder of frames, or beside no such folder a video file. */
static expclip_status clip_path(expclip__item *item, const char *folder,
                                const expclip__field *name, expclip_error *err)
{
    static const char *const endings[] = { ".mp4", ".avi", NULL };
    expclip_status status = expclip__item_path(item, folder, name, "", err);

    for (size_t i = 0; !status && endings[i] &&
                       expclip__path_kind(item->path) != EXPCLIP__FOLDER;
         i++) {
        expclip__item video = { 0 };

        status = expclip__item_path(&video, folder, name, endings[i], err);
        if (!status && expclip__path_kind(video.path) == EXPCLIP__FILE) {
            expclip__free(item->path);
            item->path = video.path;
            return EXPCLIP_OK;
        }
        expclip__free(video.path);
    }
    if (status)
        expclip__free(item->path);
    return status;
}

/* ---- DFEW: EmoLabel_DataSplit/test(single-labeled)/set_1.csv ---- */

static expclip_status read_dfew_row(expclip__item *item,
                                    const expclip__builder *b,
                                    const expclip__lines *line, void *data,
                                    expclip_error *err)
{
    expclip__field fields[2];
    const size_t n = expclip__cut_csv(fields, 2, line->text, line->size);
    char padded[32];
    expclip__field name = { padded, 0 };
    expclip__item video = { 0 };
    int64_t number;
    expclip_status status;

    item->label = EXPCLIP__DROPPED;
    item->n_frames = -1;
    if (n != 2)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%zu columns, expected video_name,label", n);
    if (line->number == 1 && expclip__field_is(&fields[1], "label"))
        return EXPCLIP_OK;
    if ((status = expclip__field_number(&number, "video_name", &fields[0], 0,
                                        99999, err)) ||
        (status = expclip__read_code(&item->label, b, &fields[1], err)))
        return status;
    name.size =
        (size_t)snprintf(padded, sizeof(padded), "%05lld", (long long)number);
    status = clip_path(item, data, &name, err);
    if (status || expclip__path_kind(item->path) != EXPCLIP__NOTHING)
        return status;
    /* 1.mp4 of the videos, 00001 of the frames */
    status = clip_path(&video, data, &fields[0], err);
    if (!status && expclip__path_kind(video.path) == EXPCLIP__NOTHING) {
        expclip__free(video.path);
        return EXPCLIP_OK;
    }
    expclip__free(item->path);
    item->path = status ? NULL : video.path;
    return status;
}

expclip_status expclip__read_dfew(expclip__builder *b, expclip_error *err)
{
    static const char *const folders[] = {
        "Clip/clip_224x224",     "Clip/jpg_256",    "Clip/clip_224x224_16f",
        "Clip/jpg_224_16f",      "DFEW_Frame_Face", "Clip/clip",
        "Clip/clip_224x224_avi", "Clip/original",   NULL,
    };
    char *folder = NULL, list[96];
    expclip_status status = expclip__need_part(
        &folder, b, folders, EXPCLIP__FOLDER, "\"Clip/clip_224x224\"", err);

    for (int32_t k = 0; !status && k < b->known->n_folds; k++) {
        snprintf(list, sizeof(list),
                 "EmoLabel_DataSplit/%s(single-labeled)/set_%d.csv",
                 part_name(b), (int)k + 1);
        status = add_list(b, list, k, read_dfew_row, folder, err);
    }
    expclip__free(folder);
    return status;
}

/* ---- FERV39k: 4_setups/All_scenes/test_All.csv, "scene/Class/id Class" ----
 */

static expclip_status read_ferv39k_row(expclip__item *item,
                                       const expclip__builder *b,
                                       const expclip__lines *line, void *data,
                                       expclip_error *err)
{
    expclip__field name = { line->text, line->size };
    expclip__field label, fields[2];
    expclip_status status;

    item->label = EXPCLIP__DROPPED;
    item->n_frames = -1;
    if (memchr(line->text, ',', line->size)) {
        if (expclip__cut_csv(fields, 2, line->text, line->size) != 2)
            return expclip__fail_field(err, "row", &name,
                                       "a path, a comma and a label");
        name = fields[0];
        label = fields[1];
    } else if (!expclip__take_last(&label, &name) || name.size == 0) {
        return expclip__fail_field(err, "row", &label, "a path and a label");
    }
    if ((status = expclip__read_class(&item->label, b, &label, err)) ||
        item->label == EXPCLIP__DROPPED)
        return status ? status
                      : expclip__fail_field(err, "label", &label,
                                            "Happy, Sad, Neutral, Angry, "
                                            "Surprise, Disgust or Fear");
    return expclip__item_path(item, data, &name, "", err);
}

expclip_status expclip__read_ferv39k(expclip__builder *b, expclip_error *err)
{
    static const char *const folders[] = { "2_ClipsforFaceCrop", NULL };
    char *folder = NULL, list[64];
    expclip_status status = expclip__need_part(
        &folder, b, folders, EXPCLIP__FOLDER, "\"2_ClipsforFaceCrop\"", err);

    snprintf(list, sizeof(list), "4_setups/All_scenes/%s_All.csv",
             part_name(b));
    if (!status)
        status = add_list(b, list, 0, read_ferv39k_row, folder, err);
    expclip__free(folder);
    return status;
}

/* ---- MAFW: "00025.mp4 anger", then perhaps captions in GBK ---- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The lists that were seen name the class; a number is a code of the table. */
static expclip_status read_mafw_row(expclip__item *item,
                                    const expclip__builder *b,
                                    const expclip__lines *line, void *data,
                                    expclip_error *err)
{
    expclip__field rest = { line->text, line->size };
    expclip__field name, label;
    const char *dot;
    expclip_status status;

    item->label = EXPCLIP__DROPPED;
    item->n_frames = -1;
    if (!expclip__take_first(&name, &rest) ||
        !expclip__take_first(&label, &rest))
        return expclip__fail_field(err, "row", &name, "a clip and a label");
    status = is_digit(label.text[0])
                 ? expclip__read_code(&item->label, b, &label, err)
                 : expclip__read_class(&item->label, b, &label, err);
    if (status)
        return status;
    dot = memchr(name.text, '.', name.size);
    if (dot && dot > name.text)
        name.size = (size_t)(dot - name.text);
    return clip_path(item, data, &name, err);
}

expclip_status expclip__read_mafw(expclip__builder *b, expclip_error *err)
{
    static const char *const folders[] = { "data/faces", "data/frames",
                                           "data/clips/unzip", "data/clips",
                                           NULL };
    static const char *const splits[] = {
        "Train_Test_Set/single/no_caption_new",
        "Train_Test_Set/single/with_caption_new",
        "Train_Test_Set/single/no_caption",
        "Train & Test Set/single/no_caption",
        "Train & Test Set/single/with_caption",
        NULL,
    };
    char *folder = NULL, *lists = NULL, *list = NULL;
    char name[32];
    expclip_status status = expclip__need_part(
        &folder, b, folders, EXPCLIP__FOLDER, "\"data/faces\"", err);

    if (!status)
        status =
            expclip__need_part(&lists, b, splits, EXPCLIP__FOLDER,
                               "\"Train_Test_Set/single/no_caption_new\"", err);
    for (int32_t k = 0; !status && k < b->known->n_folds; k++) {
        snprintf(name, sizeof(name), "set_%d/%s.txt", (int)k + 1, part_name(b));
        list = expclip__path_join(lists, name);
        status = list
                     ? expclip__add_rows(b, list, k, read_mafw_row, folder, err)
                     : expclip__fail_memory(err, "path");
        expclip__free(list);
    }
    expclip__free(folder);
    expclip__free(lists);
    return status;
}

/* ---- AFEW: its test part is not public, so validation stands for it ---- */

expclip_status expclip__read_afew(expclip__builder *b, expclip_error *err)
{
    static const char *const folders[][5] = {
        { "AFEW_Face/validation", "validation", "Val_AFEW", "Val" },
        { "AFEW_Face/train", "train", "Train_AFEW", "Train" },
    };
    const int part = b->dataset->is_train;
    char *folder = NULL;
    expclip_status status = expclip__need_part(
        &folder, b, folders[part], EXPCLIP__FOLDER,
        part ? "\"AFEW_Face/train\"" : "\"AFEW_Face/validation\"", err);

    if (!status)
        status = expclip__add_class_folders(b, folder, EXPCLIP__CLIPS, err);
    expclip__free(folder);
    return status;
}
