/* SPDX-License-Identifier: MIT */
/*
 * dataset_stills.c - RAF-DB, AffectNet and CAER-S as they are published.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "datasets/dataset_entries.h"
#include "datasets/dataset_folders.h"
#include "datasets/dataset_layouts.h"
#include "shared/formats.h"

/* Add class folders at the first place that is there; NOT_FOUND when none is.
 */
static expclip_status add_folders(expclip__builder *b, const char *const *names,
                                  const char *expected, expclip_error *err)
{
    char *folder = NULL;
    expclip_status status =
        expclip__need_part(&folder, b, names, EXPCLIP__FOLDER, expected, err);

    if (!status)
        status = expclip__add_class_folders(b, folder, EXPCLIP__IMAGES, err);
    expclip__free(folder);
    return status;
}

/* ---- RAF-DB ---- */

/* "test_0001.jpg 5": the image is Image/aligned/test_0001_aligned.jpg, and
 * the name says which part it belongs to. */
static expclip_status read_rafdb_row(expclip__item *item,
                                     const expclip__builder *b,
                                     const expclip__lines *line, void *data,
                                     expclip_error *err)
{
    expclip__field rest = { line->text, line->size };
    expclip__field name, label;
    const char *part = b->dataset->is_train ? "train_" : "test_";
    const char *other = b->dataset->is_train ? "test_" : "train_";
    expclip_status status;

    /* Some copies have a third column. */
    if (!expclip__take_first(&name, &rest) ||
        !expclip__take_first(&label, &rest) || name.size < 4 ||
        memcmp(name.text + name.size - 4, ".jpg", 4) != 0)
        return expclip__fail_field(err, "name", &name,
                                   "test_N.jpg or train_N.jpg, and a label");
    if ((status = expclip__read_code(&item->label, b, &label, err)))
        return status;
    if (name.size > strlen(other) &&
        memcmp(name.text, other, strlen(other)) == 0) {
        item->label = EXPCLIP__DROPPED;
        return EXPCLIP_OK;
    }
    if (name.size <= strlen(part) || memcmp(name.text, part, strlen(part)) != 0)
        return expclip__fail_field(err, "name", &name,
                                   "test_N.jpg or train_N.jpg");
    if ((status = expclip__item_path(item, data, &name, "", err)) ||
        expclip__path_kind(item->path) == EXPCLIP__FILE)
        return status; /* not renamed when it was aligned */
    expclip__free(item->path);
    name.size -= 4;
    return expclip__item_path(item, data, &name, "_aligned.jpg", err);
}

expclip_status expclip__read_rafdb(expclip__builder *b, expclip_error *err)
{
    /* sic */
    static const char *const lists[] = { "EmoLabel/list_patition_label.txt",
                                         "basic/EmoLabel/"
                                         "list_patition_label.txt",
                                         "EmoLabel/list_partition_label.txt",
                                         "list_patition_label.txt",
                                         "list_partition_label.txt",
                                         NULL };
    static const char *const images[] = { "Image/aligned",
                                          "basic/Image/aligned", NULL };
    static const char *const folders[][3] = { { "DATASET/test", "test" },
                                              { "DATASET/train", "train" } };
    char *list = NULL, *folder = NULL;
    expclip_status status =
        expclip__find_part(&list, b, lists, EXPCLIP__FILE, err);

    if (!status && !list)
        return add_folders(b, folders[b->dataset->is_train],
                           "\"EmoLabel/list_patition_label.txt\" and no "
                           "\"DATASET/test/1\" to 7",
                           err);
    if (!status)
        status = expclip__need_part(&folder, b, images, EXPCLIP__FOLDER,
                                    "\"Image/aligned\"", err);
    if (!status)
        status = expclip__add_rows(b, list, 0, read_rafdb_row, folder, err);
    expclip__free(folder);
    expclip__free(list);
    return status;
}

/* ---- AffectNet, the first release: a table with face boxes ---- */

enum { PATH, X, Y, WIDTH, HEIGHT, EXPRESSION, N_COLUMNS };

enum { MAX_COLUMNS = 32 };

typedef struct affectnet_table {
    const char *folder;
    size_t columns[N_COLUMNS];
} affectnet_table;

static const char *const column_names[N_COLUMNS] = {
    "subDirectory_filePath", "face_x",     "face_y", "face_width",
    "face_height",           "expression",
};

static int is_header(const expclip__field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (expclip__field_is(&fields[i], column_names[PATH]))
            return 1;
    return 0;
}

static expclip_status read_box(expclip__item *item, const affectnet_table *t,
                               const expclip__field *fields, expclip_error *err)
{
    int32_t *const places[] = { &item->box_x, &item->box_y, &item->box_width,
                                &item->box_height };

    for (size_t c = X; c <= HEIGHT; c++) {
        const expclip__field whole =
            expclip__field_whole(&fields[t->columns[c]]);
        int64_t n;
        expclip_status status =
            expclip__field_number(&n, column_names[c], &whole,
                                  c < WIDTH ? INT32_MIN : 1, INT32_MAX, err);

        if (status)
            return status;
        *places[c - X] = (int32_t)n;
    }
    return EXPCLIP_OK;
}

static expclip_status read_affectnet_row(expclip__item *item,
                                         const expclip__builder *b,
                                         const expclip__lines *line, void *data,
                                         expclip_error *err)
{
    affectnet_table *t = data;
    expclip__field fields[MAX_COLUMNS];
    const size_t n =
        expclip__cut_csv(fields, MAX_COLUMNS, line->text, line->size);
    expclip_status status;

    item->label = EXPCLIP__DROPPED;
    if (n > MAX_COLUMNS)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%zu columns, expected at most %d", n,
                             MAX_COLUMNS);
    if (line->number == 1 && is_header(fields, n))
        return expclip__columns_find(t->columns, column_names, N_COLUMNS,
                                     fields, n, err);
    status =
        expclip__columns_check(t->columns, column_names, N_COLUMNS, n, err);
    if (!status)
        status = expclip__read_code(&item->label, b,
                                    &fields[t->columns[EXPRESSION]], err);
    /* Rows without a face have no box, and are dropped by their label. */
    if (status || item->label == EXPCLIP__DROPPED ||
        (status = read_box(item, t, fields, err)))
        return status;
    return expclip__item_path(item, t->folder, &fields[t->columns[PATH]], "",
                              err);
}

static expclip_status read_table(expclip__builder *b, const char *list,
                                 expclip_error *err)
{
    static const char *const folders[] = {
        "Manually_Annotated_Images",
        "Manually_Annotated/Manually_Annotated_Images", NULL
    };
    /* The order of the published columns, for a table without their names:
     * path, x, y, width, height, landmarks, expression. */
    affectnet_table t = { .columns = { 0, 1, 2, 3, 4, 6 } };
    char *folder = NULL;
    expclip_status status =
        expclip__need_part(&folder, b, folders, EXPCLIP__FOLDER,
                           "\"Manually_Annotated_Images\"", err);

    t.folder = folder;
    if (!status)
        status = expclip__add_rows(b, list, 0, read_affectnet_row, &t, err);
    expclip__free(folder);
    return status;
}

/* ---- AffectNet, the later release: a NumPy file a label ---- */

static expclip_status read_annotation(int32_t *label, expclip__builder *b,
                                      const char *folder, const char *name,
                                      expclip_error *err)
{
    const char *dot = strrchr(name, '.');
    const expclip__field stem = { (char *)(uintptr_t)name,
                                  (size_t)(dot - name) };
    const expclip__known *k = b->known;
    expclip__item item = { 0 };
    expclip_error why;
    int64_t code = 0;
    expclip_status status =
        expclip__item_path(&item, folder, &stem, "_exp.npy", err);

    if (status)
        return status;
    *label = EXPCLIP__DROPPED;
    status = expclip__read_npy_number(&code, item.path, &why);
    if (!status && (code < k->first_code || code >= k->first_code + k->n_codes))
        status = expclip__fail(&why, EXPCLIP_ERROR_FORMAT,
                               "%s: label \"%lld\", expected a whole number "
                               "from %d to %d",
                               item.path, (long long)code, (int)k->first_code,
                               (int)(k->first_code + k->n_codes - 1));
    /* An image without its label is a line that is missing. */
    if (status == EXPCLIP_ERROR_NOT_FOUND)
        why.code = EXPCLIP_ERROR_FORMAT;
    expclip__free(item.path);
    if (status)
        return expclip__add_problem(b, -1, 0, &why, err);
    *label = k->codes[code - k->first_code];
    return EXPCLIP_OK;
}

static expclip_status add_annotated(expclip__builder *b, const char *images,
                                    const char *annotations, expclip_error *err)
{
    expclip__entries e = { 0 };
    expclip_status status =
        expclip__entries_list(&e, images, expclip__is_image_name, err);

    for (size_t i = 0; !status && i < e.n; i++) {
        expclip__item item = { .list = -1 };

        status = read_annotation(&item.label, b, annotations, e.names[i], err);
        if (status || item.label == EXPCLIP__DROPPED)
            continue;
        item.path = expclip__path_join(images, e.names[i]);
        status = item.path ? expclip__add_item(b, &item, err)
                           : expclip__fail_memory(err, "path");
    }
    expclip__entries_free(&e);
    return status;
}

static expclip_status read_set(expclip__builder *b, const char *folder,
                               expclip_error *err)
{
    char *images = expclip__path_join(folder, "images");
    char *annotations = expclip__path_join(folder, "annotations");
    expclip_status status = images && annotations
                                ? add_annotated(b, images, annotations, err)
                                : expclip__fail_memory(err, "path");

    expclip__free(images);
    expclip__free(annotations);
    return status;
}

expclip_status expclip__read_affectnet(expclip__builder *b, expclip_error *err)
{
    /* [test or train][place] */
    static const char *const lists[][3] = {
        { "validation.csv", "Manually_Annotated_file_lists/validation.csv" },
        { "training.csv", "Manually_Annotated_file_lists/training.csv" },
    };
    static const char *const sets[][2] = { { "val_set" }, { "train_set" } };
    static const char *const folders[][7] = {
        { "val", "valid", "validation", "test", "Test", "Val" },
        { "train", "training", "Train" },
    };
    const int part = b->dataset->is_train;
    char *list = NULL, *set = NULL;
    expclip_status status =
        expclip__find_part(&list, b, lists[part], EXPCLIP__FILE, err);

    if (!status && !list)
        status = expclip__find_part(&set, b, sets[part], EXPCLIP__FOLDER, err);
    if (!status)
        status = list  ? read_table(b, list, err)
                 : set ? read_set(b, set, err)
                       : add_folders(b, folders[part],
                                     part ? "\"training.csv\", no "
                                            "\"train_set\" and no \"train\""
                                          : "\"validation.csv\", no "
                                            "\"val_set\" and no \"val\"",
                                     err);
    expclip__free(list);
    expclip__free(set);
    return status;
}

/* ---- CAER-S ---- */

expclip_status expclip__read_caers(expclip__builder *b, expclip_error *err)
{
    static const char *const folders[][3] = { { "test", "CAER-S/test" },
                                              { "train", "CAER-S/train" } };
    const int part = b->dataset->is_train;

    return add_folders(b, folders[part], part ? "\"train\"" : "\"test\"", err);
}
