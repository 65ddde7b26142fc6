/* SPDX-License-Identifier: MIT */
/*
 * mixed_data.h - a dataset of images and clips, one of them damaged, and
 * features of it: for the tests of rows and features.
 */
#ifndef EXPCLIP_TEST_MIXED_DATA_H
#define EXPCLIP_TEST_MIXED_DATA_H

#include "unit/scratch.h"

#include <math.h>

#include "rows/features.h"
#include "unit/small_model.h"

#define N_ITEMS 13
#define DAMAGED 4
#define TOLERANCE 1e-5f

/* anger: a.png b.bmp c.bmp clip/ cut.png; happiness: 1.bmp .. 6.bmp long/;
 * sadness: x.bmp. The BMPs are small, since all is done thousands of times. */
static const int is_clip[N_ITEMS] = { [3] = 1, [11] = 1 };

static char root[] = "/tmp/expclip-test-features-XXXXXX";
static expclip_model *model;
static expclip_dataset *mixed;

/* ---- making it ---- */

/* A path in the folder, one of four that take turns. */
static const char *in_root(const char *name)
{
    static char paths[4][256];
    static int turn;
    char *path = paths[turn = (turn + 1) % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", root, name);
    return path;
}

static inline void make_folder(const char *name)
{
    assert_int_equal(mkdir(in_root(name), 0755), 0);
}

static inline void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(in_root(name), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    fclose(f);
}

static inline void add_face(const char *name, const char *face)
{
    char from[256];
    size_t size;
    uint8_t *bytes;

    snprintf(from, sizeof(from), "%s/%s.png", EXPCLIP_FACES, face);
    bytes = scratch_read(from, &size);
    write_file(name, bytes, strstr(name, "cut") ? 100 : size);
    free(bytes);
}

/* 2 x 2 pixels of one grey, which tells it from the others. */
static inline void add_grey(const char *name, int grey)
{
    uint8_t bmp[54 + 2 * 8] = {
        'B',      'M',      sizeof(bmp), [10] = 54, [14] = 40,
        [18] = 2, [22] = 2, [26] = 1,    [28] = 24
    };

    memset(bmp + 54, grey, sizeof(bmp) - 54);
    write_file(name, bmp, sizeof(bmp));
}

static inline void add_greys(const char *folder, int n)
{
    char name[64];

    make_folder(folder);
    for (int i = 1; i <= n; i++) {
        snprintf(name, sizeof(name), "%s/%d.bmp", folder, i);
        add_grey(name, 11 * i);
    }
}

static inline void make_mixed(void)
{
    make_folder("faces");
    make_folder("faces/anger");
    make_folder("faces/sadness");
    add_face("faces/anger/a.png", "anger_1");
    add_grey("faces/anger/b.bmp", 100);
    add_grey("faces/anger/c.bmp", 200);
    add_greys("faces/anger/clip", 3);
    add_face("faces/anger/cut.png", "anger_4");
    add_greys("faces/happiness", 6);
    add_greys("faces/happiness/long", 20);
    add_grey("faces/sadness/x.bmp", 50);
}

static inline expclip_dataset *open_data(const char *name, const char *path)
{
    expclip_dataset *data = NULL;
    expclip_error err;

    if (expclip_dataset_open(&data, name, in_root(path), NULL, 0, NULL, &err))
        fail_msg("%s", err.message);
    return data;
}

static inline expclip_model *load_model(const char *path, const char *head,
                                        const char *preprocess)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *m = NULL;
    expclip_error err;

    options.head = head;
    options.preprocess = preprocess;
    options.check_finite = 0;
    options.threads = 1;
    if (expclip_model_load(&m, in_root(path), &options, &err))
        fail_msg("%s", err.message);
    return m;
}

static inline int load(void **state)
{
    expclip_error err;

    (void)state;
    if (!mkdtemp(root) ||
        small_model_write(in_root("model.safetensors"), NULL, 0, &err))
        return -1;
    make_mixed();
    model = load_model("model.safetensors", "auto", "expclip");
    mixed = open_data("folder", "faces");
    assert_int_equal(expclip_dataset_count(mixed), N_ITEMS);
    return 0;
}

static inline int unload(void **state)
{
    char command[300];

    (void)state;
    expclip_dataset_free(mixed);
    expclip_model_free(model);
    snprintf(command, sizeof(command), "rm -r %s", root);
    return system(command);
}

/* ---- using it ---- */

static inline expclip_features_options options_of(const char *cache,
                                                  int32_t batch)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;

    o.cache = *cache ? in_root(cache) : "";
    o.batch = batch;
    return o;
}

static inline expclip_rows *create(const expclip_dataset *data,
                                   const char *cache, int32_t batch)
{
    const expclip_features_options o = options_of(cache, batch);
    expclip_rows *f = NULL;
    expclip_error err;

    if (expclip_rows_create_features(&f, model, data, &o, &err))
        fail_msg("%s", err.message);
    return f;
}

/* @return number of steps */
static inline int finish(expclip_rows *f)
{
    const size_t n = f->store.n;
    expclip_error err;
    int steps = 0;

    for (; expclip_rows_done_count(f) < n; steps++)
        if (expclip_rows_step(f, NULL, &err))
            fail_msg("%s", err.message);
    return steps;
}

static inline expclip_rows *done(const expclip_dataset *data, int32_t batch)
{
    expclip_rows *f = create(data, "", batch);

    finish(f);
    return f;
}

static inline void assert_close(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(a[i]) != isnan(b[i]) || fabsf(a[i] - b[i]) > TOLERANCE)
            fail_msg("number %zu: %.9g, expected %.9g", i, (double)a[i],
                     (double)b[i]);
}

static const expclip_embed_options plain = { sizeof(plain), 0, 0 };

/* The embedding of one clip by the functions for clips. */
static inline void embed_clip(float *row, const char *path)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    expclip_clip *clip = NULL;

    o.sampling = EXPCLIP_SAMPLING_EXACT;
    o.order = EXPCLIP_ORDER_STRING;
    assert_int_equal(expclip_frames_open(&frames, path, &o, NULL), 0);
    assert_int_equal(expclip_clip_create(&clip, model, NULL), 0);
    assert_int_equal(expclip_clip_add_frames(clip, frames, NULL, NULL, NULL),
                     0);
    assert_int_equal(expclip_clip_embed(row, SMALL_DIM, clip, &plain, NULL), 0);
    expclip_clip_free(clip);
    expclip_frames_free(frames);
}

/* What the rows of `mixed` should be: [N_ITEMS, SMALL_DIM]. */
static inline void embed_mixed(float *rows)
{
    for (size_t i = 0; i < N_ITEMS; i++, rows += SMALL_DIM) {
        const char *path = expclip_dataset_path(mixed, i);
        expclip_batch *batch = NULL;

        if (is_clip[i]) {
            embed_clip(rows, path);
            continue;
        }
        assert_int_equal(expclip_batch_create(&batch, model, NULL), 0);
        expclip_batch_add_file(batch, path, NULL, NULL);
        assert_int_equal(expclip_model_embed_images(rows, SMALL_DIM, model,
                                                    batch, &plain, NULL, NULL),
                         0);
        expclip_batch_free(batch);
    }
}

static inline void assert_are_mixed(const expclip_rows *f)
{
    float rows[N_ITEMS * SMALL_DIM], expected[N_ITEMS * SMALL_DIM];

    assert_int_equal(
        expclip_rows_embed(rows, N_ITEMS * SMALL_DIM, f, model, &plain, NULL),
        0);
    embed_mixed(expected);
    assert_close(rows, expected, N_ITEMS * SMALL_DIM);
    assert_true(isnan(rows[DAMAGED * SMALL_DIM]));
    assert_int_equal(expclip_rows_failed_count(f), 1);
    for (size_t i = 0; i < N_ITEMS; i++)
        assert_int_equal(expclip_rows_status(f, i) != EXPCLIP_OK, i == DAMAGED);
}

static inline void assert_same_file(const char *a, const char *b)
{
    size_t a_size, b_size;
    uint8_t *a_bytes = scratch_read(in_root(a), &a_size);
    uint8_t *b_bytes = scratch_read(in_root(b), &b_size);

    assert_int_equal(a_size, b_size);
    assert_memory_equal(a_bytes, b_bytes, a_size);
    free(a_bytes);
    free(b_bytes);
}

#endif
