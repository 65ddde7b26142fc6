/* SPDX-License-Identifier: MIT */
/*
 * dataset_fer.c - FER2013 and the votes of FERPlus on the same images, which
 * lie as decimal numbers in a table.
 *
 * The label of FERPlus is the one with most of the ten votes, the first of
 * equals; an image is left out when that is "unknown" or "NF" (no face). Other
 * rules (a fraction of more than one half, no equals) leave other numbers of
 * images.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "datasets/dataset_folders.h"
#include "datasets/dataset_layouts.h"

#define SIDE 48
#define MAX_PIXELS_SIZE (SIDE * SIDE * 4) /* "255 " */

enum { N_VOTES = 10, MAX_COLUMNS = 16 };

/* ---- FER2013: emotion,pixels,Usage ---- */

enum { EMOTION, PIXELS, USAGE, N_COLUMNS };

typedef struct fer_table {
    const char *path;
    size_t columns[N_COLUMNS];
    int is_part; /* without Usage: train.csv, all of it the train part */
} fer_table;

static const char *const column_names[N_COLUMNS] = { "emotion", "pixels",
                                                     "Usage" };

/* Does a row belong to the part that is wanted? The test part is PrivateTest;
 * PublicTest, a part for validation, is in neither. */
static expclip_status read_usage(int *wanted, const expclip__builder *b,
                                 const expclip__field *usage,
                                 expclip_error *err)
{
    const int train = expclip__field_is(usage, "Training");
    const int test = expclip__field_is(usage, "PrivateTest");

    if (!train && !test && !expclip__field_is(usage, "PublicTest"))
        return expclip__fail_field(err, "Usage", usage,
                                   "Training, PublicTest or PrivateTest");
    *wanted = b->dataset->is_train ? train : test;
    return EXPCLIP_OK;
}

/* The first row. Kaggle's train.csv has no Usage, its test.csv no emotion. */
static expclip_status read_names(fer_table *t, const expclip__builder *b,
                                 const expclip__field *fields, size_t n,
                                 expclip_error *err)
{
    expclip_status status =
        expclip__columns_find(t->columns, column_names, USAGE, fields, n, err);

    t->columns[USAGE] = SIZE_MAX;
    if (status && t->columns[EMOTION] == SIZE_MAX)
        return expclip__fail(err, status,
                             "no column \"emotion\": a table without labels, "
                             "as Kaggle's test.csv; expected fer2013.csv, "
                             "icml_face_data.csv or train.csv");
    if (status)
        return status;
    if (!expclip__columns_find(t->columns + USAGE, column_names + USAGE, 1,
                               fields, n, NULL))
        return EXPCLIP_OK;
    t->is_part = b->dataset->is_train;
    return t->is_part
               ? EXPCLIP_OK
               : expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "no column \"Usage\": the table is all of "
                               "the train part, expected it with the "
                               "split train, or fer2013.csv");
}

/* Cut a row into fields and find out whether it is wanted. */
static expclip_status cut_row(expclip__field *fields, int *wanted,
                              const expclip__builder *b,
                              const expclip__lines *line, fer_table *t,
                              expclip_error *err)
{
    const size_t n =
        expclip__cut_csv(fields, MAX_COLUMNS, line->text, line->size);
    expclip_status status;

    *wanted = 0;
    if (line->number == 1)
        return read_names(t, b, fields, n < MAX_COLUMNS ? n : MAX_COLUMNS, err);
    status = expclip__columns_check(t->columns, column_names,
                                    t->is_part ? USAGE : N_COLUMNS, n, err);
    *wanted = t->is_part;
    if (status || t->is_part)
        return status;
    return read_usage(wanted, b, &fields[t->columns[USAGE]], err);
}

static expclip_status take_pixels(expclip__item *item, const fer_table *t,
                                  const expclip__lines *line,
                                  const expclip__field *pixels,
                                  expclip_error *err)
{
    if (pixels->size == 0 || pixels->size > MAX_PIXELS_SIZE)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "pixels: %zu bytes, expected %d numbers",
                             pixels->size, SIDE * SIDE);
    item->path = expclip__strdup(t->path);
    if (!item->path)
        return expclip__fail_memory(err, "path");
    item->pixels_at = line->offset + (uint64_t)(pixels->text - line->text);
    item->pixels_size = pixels->size;
    return EXPCLIP_OK;
}

static expclip_status read_fer2013_row(expclip__item *item,
                                       const expclip__builder *b,
                                       const expclip__lines *line, void *data,
                                       expclip_error *err)
{
    fer_table *t = data;
    expclip__field fields[MAX_COLUMNS];
    int wanted;
    expclip_status status = cut_row(fields, &wanted, b, line, t, err);

    item->label = EXPCLIP__DROPPED;
    if (status || line->number == 1)
        return status;
    status =
        expclip__read_code(&item->label, b, &fields[t->columns[EMOTION]], err);
    if (status || !wanted) {
        item->label = EXPCLIP__DROPPED;
        return status;
    }
    return take_pixels(item, t, line, &fields[t->columns[PIXELS]], err);
}

/* The table, in the folder or itself named; for expclip__free(). */
static expclip_status find_table(char **out, const expclip__builder *b,
                                 expclip_error *err)
{
    static const char *const names[] = { "fer2013.csv", "fer2013/fer2013.csv",
                                         "icml_face_data.csv", NULL };
    static const char *const itself[] = { "", NULL };

    return expclip__path_kind(b->path) == EXPCLIP__FILE
               ? expclip__find_part(out, b, itself, EXPCLIP__FILE, err)
               : expclip__find_part(out, b, names, EXPCLIP__FILE, err);
}

expclip_status expclip__read_fer2013(expclip__builder *b, expclip_error *err)
{
    /* [test or train] */
    static const char *const folders[][2] = { { "test" }, { "train" } };
    static const char *const tables[][2] = { { "test.csv" }, { "train.csv" } };
    const int part = b->dataset->is_train;
    fer_table t = { 0 };
    char *path = NULL, *folder = NULL;
    expclip_status status = find_table(&path, b, err);

    if (!status && !path)
        status =
            expclip__find_part(&folder, b, folders[part], EXPCLIP__FOLDER, err);
    if (!status && !path && !folder)
        status = expclip__find_part(&path, b, tables[part], EXPCLIP__FILE, err);
    t.path = path;
    if (!status)
        status = path ? expclip__add_rows(b, path, 0, read_fer2013_row, &t, err)
                 : folder ? expclip__add_class_folders(b, folder,
                                                       EXPCLIP__IMAGES, err)
                          : expclip__fail_part(err, b,
                                               "\"fer2013.csv\", no "
                                               "\"icml_face_data.csv\" and no "
                                               "folder of the split");
    expclip__free(path);
    expclip__free(folder);
    return status;
}

/* ---- FERPlus ---- */

/* The class with most of ten votes. */
static expclip_status read_votes(int32_t *label, const expclip__builder *b,
                                 const expclip__field *votes,
                                 expclip_error *err)
{
    int64_t most = 0;
    size_t best = 0;

    for (size_t i = 0; i < N_VOTES; i++) {
        int64_t n;
        expclip_status status =
            expclip__field_number(&n, "vote", &votes[i], 0, 1000, err);

        if (status)
            return status;
        if (n > most) {
            most = n;
            best = i;
        }
    }
    if (most == 0)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "no vote, expected at least one");
    *label = b->known->codes[best];
    return EXPCLIP_OK;
}

/* Of FERPlus the table of images is read beside the table of votes. */
typedef struct ferplus_tables {
    fer_table pixels;
    expclip__lines lines; /* of the images */
} ferplus_tables;

/* Step in the table of images to the row of the same number. */
static expclip_status next_image(ferplus_tables *t, size_t number,
                                 expclip_error *err)
{
    expclip_error why;

    do {
        if (expclip__lines_next(&t->lines, &why))
            return expclip__fail(err, why.code, "%s, line %zu: %s",
                                 t->pixels.path, t->lines.number, why.message);
        if (!t->lines.text)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "%s ends before this row", t->pixels.path);
    } while (t->lines.number < number);
    return EXPCLIP_OK;
}

/* Usage,Image name,neutral,...,contempt,unknown,NF; row by row the images of
 * fer2013.csv. */
static expclip_status read_ferplus_row(expclip__item *item,
                                       const expclip__builder *b,
                                       const expclip__lines *line, void *data,
                                       expclip_error *err)
{
    ferplus_tables *t = data;
    expclip__field fields[MAX_COLUMNS], votes[2 + N_VOTES];
    int wanted, votes_wanted = 0;
    size_t n;
    expclip_status status;

    item->label = EXPCLIP__DROPPED;
    if ((status = next_image(t, line->number, err)) ||
        (status = cut_row(fields, &wanted, b, &t->lines, &t->pixels, err)))
        return status;
    n = expclip__cut_csv(votes, 2 + N_VOTES, line->text, line->size);
    if (n != 2 + N_VOTES)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%zu columns, expected %d", n, 2 + N_VOTES);
    if (line->number == 1)
        return EXPCLIP_OK;
    if ((status = read_usage(&votes_wanted, b, &votes[0], err)))
        return status;
    if (wanted != votes_wanted)
        return expclip__fail_field(err, "Usage", &votes[0],
                                   "as in fer2013.csv");
    if (!wanted || (status = read_votes(&item->label, b, votes + 2, err)) ||
        item->label == EXPCLIP__DROPPED)
        return status;
    return take_pixels(item, &t->pixels, &t->lines,
                       &fields[t->pixels.columns[PIXELS]], err);
}

static expclip_status read_tables(expclip__builder *b, const char *votes,
                                  expclip_error *err)
{
    ferplus_tables t = { 0 };
    char *path = NULL;
    expclip_status status = find_table(&path, b, err);

    if (!status && !path)
        status = expclip__fail_part(
            err, b, "\"fer2013.csv\" beside \"fer2013new.csv\"");
    if (!status)
        status = expclip__lines_open(&t.lines, path, err);
    if (!status) {
        t.pixels.path = path;
        status = expclip__add_rows(b, votes, 0, read_ferplus_row, &t, err);
        expclip__lines_close(&t.lines);
    }
    expclip__free(path);
    return status;
}

/* "(x, y, right, bottom)", as label.csv has it; 48x48 is all of an image. */
static expclip_status read_box(expclip__item *item, const expclip__field *field,
                               expclip_error *err)
{
    expclip__field parts[4];
    int64_t n[4] = { 0 };
    const size_t size = field->size;
    int good =
        size > 2 && field->text[0] == '(' && field->text[size - 1] == ')';

    good = good && expclip__cut_csv(parts, 4, field->text + 1, size - 2) == 4;
    for (size_t i = 0; good && i < 4; i++)
        good = !expclip__field_number(&n[i], "box", &parts[i], 0, SIDE, NULL);
    if (!good || n[2] <= n[0] || n[3] <= n[1])
        return expclip__fail_field(err, "box", field, "(0, 0, 48, 48)");
    item->box_x = (int32_t)n[0];
    item->box_y = (int32_t)n[1];
    item->box_width = (int32_t)(n[2] - n[0]);
    item->box_height = (int32_t)(n[3] - n[1]);
    return EXPCLIP_OK;
}

/* fer0032220.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0 */
static expclip_status read_label_row(expclip__item *item,
                                     const expclip__builder *b,
                                     const expclip__lines *line, void *data,
                                     expclip_error *err)
{
    expclip__field fields[2 + N_VOTES];
    const size_t n =
        expclip__cut_csv(fields, 2 + N_VOTES, line->text, line->size);
    expclip_status status;

    item->label = EXPCLIP__DROPPED;
    if (n != 2 + N_VOTES)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%zu columns, expected %d", n, 2 + N_VOTES);
    if ((status = read_votes(&item->label, b, fields + 2, err)) ||
        item->label == EXPCLIP__DROPPED ||
        (status = read_box(item, &fields[1], err)))
        return status;
    return expclip__item_path(item, data, &fields[0], "", err);
}

static expclip_status read_label_folder(expclip__builder *b, const char *folder,
                                        expclip_error *err)
{
    char *list = expclip__path_join(folder, "label.csv");
    expclip_status status =
        list ? expclip__add_rows(b, list, 0, read_label_row,
                                 (void *)(uintptr_t)folder, err)
             : expclip__fail_memory(err, "path");

    expclip__free(list);
    return status;
}

expclip_status expclip__read_ferplus(expclip__builder *b, expclip_error *err)
{
    static const char *const votes[] = { "fer2013new.csv", NULL };
    static const char *const folders[][3] = {
        { "FER2013Test", "data/FER2013Test" },
        { "FER2013Train", "data/FER2013Train" },
    };
    char *list = NULL, *folder = NULL;
    expclip_status status =
        expclip__find_part(&list, b, votes, EXPCLIP__FILE, err);

    if (!status && !list)
        status = expclip__find_part(&folder, b, folders[b->dataset->is_train],
                                    EXPCLIP__FOLDER, err);
    if (!status)
        status = list     ? read_tables(b, list, err)
                 : folder ? read_label_folder(b, folder, err)
                          : expclip__fail_part(err, b,
                                               "\"fer2013new.csv\" and no "
                                               "\"FER2013Test/label.csv\"");
    expclip__free(list);
    expclip__free(folder);
    return status;
}

/* ---- pixels ---- */

/* All of SIDE * SIDE numbers 0..255 with blanks between. */
static int parse_pixels(uint8_t *grey, const char *text, size_t size)
{
    size_t n = 0;

    while (size) {
        size_t digits = 0;
        uint64_t level;

        while (digits < size && text[digits] != ' ')
            digits++;
        if (n == SIDE * SIDE || digits > 3 ||
            !expclip__parse_u64(text, digits, &level) || level > 255)
            return 0;
        grey[n++] = (uint8_t)level;
        while (digits < size && text[digits] == ' ')
            digits++;
        text += digits;
        size -= digits;
    }
    return n == SIDE * SIDE;
}

static expclip_status read_pixels(uint8_t *grey, const expclip__item *item,
                                  expclip_error *err)
{
    expclip__file file;
    char text[MAX_PIXELS_SIZE];
    expclip_status status;

    if (item->pixels_size > sizeof(text))
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%s, line %zu: pixels: %zu bytes, expected at "
                             "most %zu",
                             item->path, item->line, item->pixels_size,
                             sizeof(text));
    if ((status = expclip__file_open(&file, item->path, err)))
        return status;
    status = expclip__file_read(&file, item->pixels_at, text, item->pixels_size,
                                err);
    if (!status && !parse_pixels(grey, text, item->pixels_size))
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "%s, line %zu: pixels, expected %d numbers from "
                               "0 to 255",
                               item->path, item->line, SIDE * SIDE);
    expclip__file_close(&file);
    return status;
}

expclip_status expclip__item_pixels(expclip__image *out,
                                    const expclip__item *item,
                                    expclip_error *err)
{
    const expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    uint8_t grey[SIDE * SIDE];
    expclip_status status = read_pixels(grey, item, err);

    if (status)
        return status;
    return expclip__image_from_pixels(out, grey, sizeof(grey), SIDE, SIDE, SIDE,
                                      EXPCLIP_PIXELS_GREY, &options, err);
}
