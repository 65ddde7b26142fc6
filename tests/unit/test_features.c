/* SPDX-License-Identifier: MIT */
/*
 * test_features.c - embeddings of data sets, done once: the numbers of the
 * functions for single pictures and clips, however often the work ended.
 */
#define _GNU_SOURCE
#include "rows/features.h"

#include <math.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "unit/scratch.h"
#include "unit/small_model.h"

#define N_ITEMS 13
#define N_CLASSES 3
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

static void make_folder(const char *name)
{
    assert_int_equal(mkdir(in_root(name), 0755), 0);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(in_root(name), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    fclose(f);
}

static void add_face(const char *name, const char *face)
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
static void add_grey(const char *name, int grey)
{
    uint8_t bmp[54 + 2 * 8] = {
        'B',      'M',      sizeof(bmp), [10] = 54, [14] = 40,
        [18] = 2, [22] = 2, [26] = 1,    [28] = 24
    };

    memset(bmp + 54, grey, sizeof(bmp) - 54);
    write_file(name, bmp, sizeof(bmp));
}

static void add_greys(const char *folder, int n)
{
    char name[64];

    make_folder(folder);
    for (int i = 1; i <= n; i++) {
        snprintf(name, sizeof(name), "%s/%d.bmp", folder, i);
        add_grey(name, 11 * i);
    }
}

static void make_mixed(void)
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

static expclip_dataset *open_data(const char *name, const char *path)
{
    expclip_dataset *data = NULL;
    expclip_error err;

    if (expclip_dataset_open(&data, name, in_root(path), NULL, 0, NULL, &err))
        fail_msg("%s", err.message);
    return data;
}

static expclip_model *load_model(const char *path, const char *head,
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

static int load(void **state)
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

static int unload(void **state)
{
    char command[300];

    (void)state;
    expclip_dataset_free(mixed);
    expclip_model_free(model);
    snprintf(command, sizeof(command), "rm -r %s", root);
    return system(command);
}

/* ---- using it ---- */

static expclip_features_options options_of(const char *cache, int32_t batch)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;

    o.cache = *cache ? in_root(cache) : "";
    o.batch = batch;
    return o;
}

static expclip_rows *create(const expclip_dataset *data, const char *cache,
                            int32_t batch)
{
    const expclip_features_options o = options_of(cache, batch);
    expclip_rows *f = NULL;
    expclip_error err;

    if (expclip_rows_create_features(&f, model, data, &o, &err))
        fail_msg("%s", err.message);
    return f;
}

/* @return number of steps */
static int finish(expclip_rows *f)
{
    const size_t n = f->store.n;
    expclip_error err;
    int steps = 0;

    for (; expclip_rows_done_count(f) < n; steps++)
        if (expclip_rows_step(f, NULL, &err))
            fail_msg("%s", err.message);
    return steps;
}

static expclip_rows *done(const expclip_dataset *data, int32_t batch)
{
    expclip_rows *f = create(data, "", batch);

    finish(f);
    return f;
}

static void assert_close(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(a[i]) != isnan(b[i]) || fabsf(a[i] - b[i]) > TOLERANCE)
            fail_msg("number %zu: %.9g, expected %.9g", i, (double)a[i],
                     (double)b[i]);
}

static const expclip_embed_options plain = { sizeof(plain), 0, 0 };

/* The embedding of one clip by the functions for clips. */
static void embed_clip(float *row, const char *path)
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
static void embed_mixed(float *rows)
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

static void assert_are_mixed(const expclip_rows *f)
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

static expclip_classes *new_classes(const expclip_model *m)
{
    expclip_prompts *p = NULL;
    expclip_classes *c = NULL;
    expclip_error err;

    if (expclip_prompts_create(&p, &err) ||
        expclip_prompts_add(p, "anger", "a cross face", &err) ||
        expclip_prompts_add(p, "happiness", "a glad face", &err) ||
        expclip_prompts_add(p, "happiness", "joy", &err) ||
        expclip_prompts_add(p, "sadness", "tears", &err) ||
        expclip_classes_create(&c, m, p, NULL, NULL, &err))
        fail_msg("%s", err.message);
    expclip_prompts_free(p);
    return c;
}

/* Scores are those of the projected rows. */
static void assert_scores(expclip_rows *f, const expclip_model *m)
{
    const expclip_embed_options projected = { sizeof(projected), 1, 0 };
    const size_t dim = (size_t)expclip_model_projected_dim(m);
    const size_t n = f->store.n;
    expclip_classes *c = new_classes(m);
    float logits[N_ITEMS * N_CLASSES], expected[N_ITEMS * N_CLASSES];
    float rows[N_ITEMS * SMALL_HEAD];

    assert_int_equal(expclip_rows_embed(rows, n * dim, f, m, &projected, NULL),
                     0);
    assert_int_equal(expclip_classes_score_embeddings(
                         expected, n * N_CLASSES, c, rows, n * dim, NULL, NULL),
                     0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(
            expclip_rows_score(logits, n * N_CLASSES, f, m, c, NULL), 0);
        assert_close(logits, expected, n * N_CLASSES);
    }
    expclip_classes_free(c);
}

static void assert_same_file(const char *a, const char *b)
{
    size_t a_size, b_size;
    uint8_t *a_bytes = scratch_read(in_root(a), &a_size);
    uint8_t *b_bytes = scratch_read(in_root(b), &b_size);

    assert_int_equal(a_size, b_size);
    assert_memory_equal(a_bytes, b_bytes, a_size);
    free(a_bytes);
    free(b_bytes);
}

/* ---- rows ---- */

static void test_features__rows_are_those_of_single_items(void **state)
{
    static const int32_t batches[] = { 1, 2, 4, 16, 4096 };

    (void)state;
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
        expclip_rows *f = done(mixed, batches[i]);

        assert_are_mixed(f);
        expclip_rows_free(f);
    }
}

static void test_features__a_step_is_a_batch_or_a_clip(void **state)
{
    static const size_t borders[] = { 3, 4, 8, 11, 12, 13 };
    expclip_rows *f = create(mixed, "", 4);

    (void)state;
    for (size_t i = 0; i < sizeof(borders) / sizeof(borders[0]); i++) {
        assert_int_equal(expclip_rows_status(f, borders[i] - 1),
                         EXPCLIP_ERROR_STATE);
        assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
        assert_int_equal(expclip_rows_done_count(f), borders[i]);
    }
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    assert_int_equal(expclip_rows_done_count(f), N_ITEMS);
    expclip_rows_free(f);
}

static void test_features__a_failed_item_says_why(void **state)
{
    expclip_rows *f = done(mixed, 4);
    const char *message = expclip_rows_message(f, DAMAGED);

    (void)state;
    assert_true(*message && message[0] != '/'); /* the path is not repeated */
    assert_string_equal(expclip_rows_message(f, 0), "");
    assert_string_equal(expclip_rows_message(f, N_ITEMS), "");
    assert_int_equal(expclip_rows_status(f, N_ITEMS), EXPCLIP_ERROR_ARGUMENT);
    expclip_rows_free(f);
}

static void test_features__a_damaged_frame_loses_only_itself(void **state)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_rows *f, *stopped = NULL;
    expclip_dataset *data;
    expclip_error err;

    (void)state;
    make_folder("broken");
    make_folder("broken/anger");
    add_greys("broken/anger/clip", 20);
    write_file("broken/anger/clip/17.bmp", "BM", 2);
    write_file("broken/anger/clip/18.bmp", "BM", 2);
    data = open_data("folder", "broken");
    f = done(data, 16);
    assert_int_equal(expclip_rows_failed_count(f), 0);
    assert_int_equal(expclip_rows_status(f, 0), 0);
    assert_non_null(strstr(expclip_rows_message(f, 0),
                           "of 16 frames left out, the first: 1"));
    expclip_rows_free(f);
    o.policy = EXPCLIP_POLICY_STOP;
    assert_int_equal(
        expclip_rows_create_features(&stopped, model, data, &o, NULL), 0);
    assert_int_not_equal(expclip_rows_step(stopped, NULL, &err), 0);
    assert_non_null(strstr(err.message, ".bmp: "));
    expclip_rows_free(stopped);
    expclip_dataset_free(data);
}

static void test_features__all_items_may_fail(void **state)
{
    float rows[2 * SMALL_HEAD], logits[2 * N_CLASSES];
    expclip_classes *c = new_classes(model);
    expclip_dataset *data;
    expclip_rows *f;

    (void)state;
    make_folder("bad");
    make_folder("bad/anger");
    add_face("bad/anger/cut1.png", "anger_1");
    add_face("bad/anger/cut2.png", "anger_2");
    data = open_data("folder", "bad");
    f = done(data, 16);
    assert_int_equal(expclip_rows_failed_count(f), 2);
    assert_int_equal(
        expclip_rows_embed(rows, 2 * SMALL_HEAD, f, model, NULL, NULL), 0);
    assert_int_equal(
        expclip_rows_score(logits, 2 * N_CLASSES, f, model, c, NULL), 0);
    assert_true(isnan(rows[0]) && isnan(rows[2 * SMALL_HEAD - 1]));
    assert_true(isnan(logits[0]) && isnan(logits[2 * N_CLASSES - 1]));
    expclip_rows_free(f);
    expclip_dataset_free(data);
    expclip_classes_free(c);
}

/* Three grey levels as 48 x 48 numbers each. */
static void write_table(void)
{
    FILE *f = fopen(in_root("fer2013.csv"), "w");

    assert_non_null(f);
    fputs("emotion,pixels,Usage\n", f);
    for (int i = 0; i < 3; i++) {
        fprintf(f, "%d,", i);
        for (int j = 0; j < 48 * 48; j++)
            fprintf(f, j ? " %d" : "%d", (60 * i + j) % 256);
        fputs(",PrivateTest\n", f);
    }
    fclose(f);
}

static void test_features__a_table_s_pictures_are_embedded_too(void **state)
{
    float rows[3 * SMALL_DIM], expected[3 * SMALL_DIM];
    uint8_t grey[48 * 48];
    expclip_batch *batch = NULL;
    expclip_dataset *data;
    expclip_rows *f;

    (void)state;
    write_table();
    data = open_data("FER2013", "fer2013.csv");
    f = done(data, 2);
    assert_int_equal(expclip_batch_create(&batch, model, NULL), 0);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 48 * 48; j++)
            grey[j] = (uint8_t)(60 * i + j);
        assert_int_equal(expclip_batch_add_pixels(batch, grey, sizeof(grey), 48,
                                                  48, 0, EXPCLIP_PIXELS_GREY,
                                                  NULL, NULL),
                         0);
    }
    assert_int_equal(expclip_model_embed_images(expected, 3 * SMALL_DIM, model,
                                                batch, &plain, NULL, NULL),
                     0);
    assert_int_equal(
        expclip_rows_embed(rows, 3 * SMALL_DIM, f, model, &plain, NULL), 0);
    assert_close(rows, expected, 3 * SMALL_DIM);
    expclip_batch_free(batch);
    expclip_rows_free(f);
    expclip_dataset_free(data);
}

static void test_features__weights_that_overflow_end_the_step(void **state)
{
    expclip_features_options o = options_of("", 4);
    expclip_rows *f = NULL;
    expclip_model *broken;
    expclip_error err;

    (void)state;
    assert_int_equal(
        small_model_write(in_root("nan.safetensors"), "visual.proj", 'n', NULL),
        0);
    broken = load_model("nan.safetensors", "auto", "expclip");
    assert_int_equal(expclip_rows_create_features(&f, broken, mixed, &o, NULL),
                     0);
    assert_int_equal(expclip_rows_step(f, NULL, &err), EXPCLIP_ERROR_NONFINITE);
    assert_non_null(strstr(err.message, "faces/anger/a.png"));
    assert_int_equal(expclip_rows_done_count(f), 0);
    expclip_rows_free(f);
    expclip_model_free(broken);
}

/* ---- scores ---- */

static void test_features__scores_are_those_of_projected_rows(void **state)
{
    expclip_rows *f = done(mixed, 4);

    (void)state;
    assert_scores(f, model);
    expclip_rows_free(f);
}

static void test_features__one_encoder_serves_every_head(void **state)
{
    expclip_model *none = load_model("model.safetensors", "none", "expclip");
    expclip_model *other;
    expclip_rows *f = done(mixed, 4);

    (void)state;
    /* Without one tensor, all that follow have other random numbers. */
    assert_int_equal(small_model_write(in_root("other.safetensors"),
                                       "text_projection", 'm', NULL),
                     0);
    other = load_model("model.safetensors", in_root("other.safetensors"),
                       "expclip");
    assert_string_equal(expclip_model_encoder_fingerprint(none),
                        expclip_model_encoder_fingerprint(model));
    assert_string_equal(expclip_model_encoder_fingerprint(other),
                        expclip_model_encoder_fingerprint(model));
    assert_string_not_equal(expclip_model_fingerprint(other),
                            expclip_model_fingerprint(model));
    assert_scores(f, none);
    assert_scores(f, other);
    assert_scores(f, model);
    assert_scores(f, none);
    expclip_rows_free(f);
    expclip_model_free(none);
    expclip_model_free(other);
}

static void test_features__another_encoder_is_refused(void **state)
{
    expclip_model *other = load_model("model.safetensors", "auto", "clip");
    expclip_rows *f = done(mixed, 4);
    expclip_classes *c = new_classes(other);
    float rows[N_ITEMS * SMALL_HEAD];
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip_rows_embed(rows, N_ITEMS * SMALL_HEAD, f, other, NULL, &err),
        EXPCLIP_ERROR_STATE);
    assert_non_null(
        strstr(err.message, expclip_model_encoder_fingerprint(other)));
    assert_int_equal(
        expclip_rows_score(rows, N_ITEMS * N_CLASSES, f, other, c, &err),
        EXPCLIP_ERROR_STATE);
    assert_int_equal(
        expclip_rows_score(rows, N_ITEMS * N_CLASSES, f, model, c, &err),
        EXPCLIP_ERROR_STATE);
    assert_memory_equal(err.message, "classes: ", 9);
    expclip_rows_free(f);
    expclip_classes_free(c);
    expclip_model_free(other);
}

static void test_features__what_is_not_done_has_no_scores(void **state)
{
    expclip_rows *f = create(mixed, "", 4);
    expclip_classes *c = new_classes(model);
    float rows[N_ITEMS * SMALL_HEAD];
    expclip_error err;

    (void)state;
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    assert_int_equal(
        expclip_rows_embed(rows, N_ITEMS * SMALL_HEAD, f, model, NULL, &err),
        EXPCLIP_ERROR_STATE);
    assert_string_equal(err.message, "features: 3 of 13 items are done");
    assert_int_equal(
        expclip_rows_score(rows, N_ITEMS * N_CLASSES, f, model, c, NULL),
        EXPCLIP_ERROR_STATE);
    expclip_rows_free(f);
    expclip_classes_free(c);
}

/* ---- going on ---- */

static void test_features__interrupted_work_gives_the_same_bytes(void **state)
{
    expclip_rows *f = create(mixed, "whole", 4);
    const int n_steps = finish(f);

    (void)state;
    expclip_rows_free(f);
    for (int stop = 0; stop <= n_steps; stop++) {
        unlink(in_root("part"));
        for (int at = 0; at <= stop; at++) {
            f = create(mixed, "part", 4);
            assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
            expclip_rows_free(f);
        }
        f = create(mixed, "part", 4);
        finish(f);
        assert_are_mixed(f);
        expclip_rows_free(f);
        assert_same_file("part", "whole");
    }
}

/* Killed while records were written: within a batch, too. */
static void test_features__a_cut_file_gives_the_same_bytes(void **state)
{
    size_t size;
    uint8_t *bytes;
    expclip_rows *f = create(mixed, "whole", 4);

    (void)state;
    finish(f);
    expclip_rows_free(f);
    bytes = scratch_read(in_root("whole"), &size);
    for (size_t cut = 16; cut < size; cut += 151) {
        write_file("part", bytes, cut);
        f = create(mixed, "part", 4);
        finish(f);
        expclip_rows_free(f);
        assert_same_file("part", "whole");
    }
    free(bytes);
}

static void refuse_cache(const expclip_model *m, const expclip_dataset *data,
                         const expclip_features_options *options,
                         const char *why)
{
    expclip_features_options o = *options;
    expclip_rows *f = NULL;
    expclip_error err;

    o.cache = in_root("cache");
    assert_int_equal(expclip_rows_create_features(&f, m, data, &o, &err),
                     EXPCLIP_ERROR_STATE);
    assert_null(f);
    if (!strstr(err.message, why))
        fail_msg("%s: not \"%s\"", err.message, why);
}

static void test_features__a_cache_is_of_its_options(void **state)
{
    expclip_model *other = load_model("model.safetensors", "auto", "clip");
    expclip_features_options o = options_of("", 4), changed = o;
    expclip_rows *f = create(mixed, "cache", 4);

    (void)state;
    refuse_cache(model, mixed, &o, "in use");
    expclip_rows_free(f);
    refuse_cache(other, mixed, &o, "made with encoder: ");
    changed.batch = 5;
    refuse_cache(model, mixed, &changed,
                 "made with batch: 4, expected batch: 5");
    changed = o;
    changed.sampling = EXPCLIP_SAMPLING_SPREAD;
    refuse_cache(model, mixed, &changed, "expected sampling: spread 16");
    changed = o;
    changed.n_samples = 8;
    refuse_cache(model, mixed, &changed, "expected sampling: exact 8");
    changed = o;
    changed.order = EXPCLIP_ORDER_NATURAL;
    refuse_cache(model, mixed, &changed, "expected order: natural");
    changed = o;
    changed.exif = 1;
    refuse_cache(model, mixed, &changed, "expected exif: 1");
    changed = o;
    changed.cache = in_root("cache");
    changed.policy = EXPCLIP_POLICY_STOP; /* the rows are the same */
    assert_int_equal(
        expclip_rows_create_features(&f, model, mixed, &changed, NULL), 0);
    expclip_rows_free(f);
    expclip_model_free(other);
}

static void test_features__a_cache_is_of_its_files(void **state)
{
    expclip_features_options o = options_of("", 4);
    expclip_dataset *data;

    (void)state;
    unlink(in_root("cache"));
    make_folder("changing");
    make_folder("changing/anger");
    add_face("changing/anger/1.png", "anger_1");
    data = open_data("folder", "changing");
    expclip_rows_free(create(data, "cache", 4));
    add_face("changing/anger/1.png", "anger_2"); /* another size */
    refuse_cache(model, data, &o, "made with sizes and times of its files: ");
    expclip_dataset_free(data);
    add_face("changing/anger/2.png", "anger_3");
    data = open_data("folder", "changing");
    refuse_cache(model, data, &o,
                 "made with number of items: 1, expected number of items: 2");
    expclip_dataset_free(data);
}

static void test_features__cancelled_work_goes_on(void **state)
{
    expclip_rows *f = create(mixed, "cancelled", 2), *whole;
    expclip_cancel *cancel = NULL;

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), 0);
    expclip_cancel_request(cancel);
    while (expclip_rows_done_count(f) < N_ITEMS) {
        const size_t before = expclip_rows_done_count(f);

        assert_int_equal(expclip_rows_step(f, cancel, NULL),
                         EXPCLIP_ERROR_CANCELLED);
        /* Deeper than the door: pictures were decoded by now. */
        assert_int_equal(expclip__rows_step(f, cancel, NULL),
                         EXPCLIP_ERROR_CANCELLED);
        assert_int_equal(expclip_rows_done_count(f), before);
        assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    }
    assert_are_mixed(f);
    expclip_rows_free(f);
    expclip_cancel_free(cancel);
    whole = create(mixed, "uncancelled", 2);
    finish(whole);
    expclip_rows_free(whole);
    assert_same_file("cancelled", "uncancelled");
}

static void test_features__under_stop_a_failed_item_ends_the_work(void **state)
{
    expclip_features_options o = options_of("stopped", 4);
    expclip_rows *f = NULL;
    expclip_error err;

    (void)state;
    o.policy = EXPCLIP_POLICY_STOP;
    assert_int_equal(expclip_rows_create_features(&f, model, mixed, &o, NULL),
                     0);
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_not_equal(expclip_rows_step(f, NULL, &err), 0);
        assert_non_null(strstr(err.message, "faces/anger/cut.png: "));
        assert_int_equal(expclip_rows_done_count(f), DAMAGED);
        assert_int_equal(expclip_rows_failed_count(f), 0);
    }
    expclip_rows_free(f);
    f = create(mixed, "stopped", 4); /* SKIP goes on */
    assert_int_equal(expclip_rows_done_count(f), DAMAGED);
    finish(f);
    assert_are_mixed(f);
    expclip_rows_free(f);
}

/* ---- threads, processes, memory, arguments ---- */

static void test_features__may_end_while_pictures_are_decoded(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        expclip_rows *f = create(mixed, "", 1 + i % 3);

        assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
        expclip_rows_free(f);
    }
}

static void test_features__a_forked_child_is_told(void **state)
{
    expclip_rows *f = create(mixed, "", 2);
    int code;
    pid_t child;

    (void)state;
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    child = fork();
    if (child == 0) {
        const expclip_status status = expclip_rows_step(f, NULL, NULL);

        alarm(10);
#ifndef __SANITIZE_THREAD__ /* it takes the parent's thread for the child's */
        expclip_rows_free(f);
#endif
        syscall(SYS_exit_group, status != EXPCLIP_ERROR_FORK);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    finish(f);
    expclip_rows_free(f);
}

/* All of it in turn. A message that was lost counts as no memory. */
static int32_t all_of_it(const expclip_features_options *o,
                         const expclip_classes *c)
{
    float logits[N_ITEMS * N_CLASSES], rows[N_ITEMS * SMALL_HEAD];
    expclip_rows *f = NULL;
    expclip_status status;

    unlink(o->cache);
    status = expclip_rows_create_features(&f, model, mixed, o, NULL);
    while (!status && expclip_rows_done_count(f) < N_ITEMS)
        status = expclip_rows_step(f, NULL, NULL);
    if (!status)
        status = expclip_rows_embed(rows, N_ITEMS * SMALL_HEAD, f, model, NULL,
                                    NULL);
    if (!status)
        status =
            expclip_rows_score(logits, N_ITEMS * N_CLASSES, f, model, c, NULL);
    if (!status)
        assert_int_equal(expclip_rows_failed_count(f), 1);
    if (!status && !*expclip_rows_message(f, DAMAGED))
        status = EXPCLIP_ERROR_MEMORY;
    expclip_rows_free(f);
    return status;
}

/* In batches of 16 no pictures follow pictures, so there is one thread. */
static int32_t in_one_thread(void *classes)
{
    const expclip_features_options o = options_of("sweep", 16);

    return all_of_it(&o, classes);
}

static void test_features__survives_any_failed_allocation(void **state)
{
    expclip_classes *c = new_classes(model);

    (void)state;
    sweep_allocations(in_one_thread, c);
    expclip_classes_free(c);
}

/* Here the thread's allocations fail as well, in no order. */
static void test_features__survives_failed_allocations_ahead(void **state)
{
    const expclip_features_options o = options_of("sweep", 2);
    expclip_classes *c = new_classes(model);

    (void)state;
    for (int for_ever = 0; for_ever < 2; for_ever++)
        for (int64_t n = 0; n < 400; n += 7) {
            int32_t status;

            expclip__alloc_fail_after(n, for_ever);
            status = all_of_it(&o, c);
            expclip__alloc_fail_after(-1, 0);
            if (status)
                assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
        }
    assert_int_equal(all_of_it(&o, c), 0);
    expclip_classes_free(c);
}

/* After a step that found no memory the next one does the same items. */
static void test_features__goes_on_when_there_is_memory_again(void **state)
{
    (void)state;
    for (int64_t n = 0; n < 200; n += 13) {
        expclip_rows *f = create(mixed, "", 2);
        expclip_status status = EXPCLIP_OK;

        expclip__alloc_fail_after(n, 1);
        while (!status && expclip_rows_done_count(f) < N_ITEMS)
            status = expclip_rows_step(f, NULL, NULL);
        expclip__alloc_fail_after(-1, 0);
        finish(f);
        assert_are_mixed(f);
        expclip_rows_free(f);
    }
}

static void refuse_options(const expclip_features_options *o, const char *name)
{
    expclip_rows *f = NULL;
    expclip_error err;

    assert_int_equal(expclip_rows_create_features(&f, model, mixed, o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    if (!strstr(err.message, name))
        fail_msg("%s: not \"%s\"", err.message, name);
}

static void test_features__wrong_options_are_refused(void **state)
{
    expclip_features_options o = options_of("", 0);

    (void)state;
    refuse_options(&o, "batch: 0, expected 1 to 4096");
    o = options_of("", 4097);
    refuse_options(&o, "batch");
    o = options_of("", 1);
    o.cache = NULL;
    refuse_options(&o, "cache");
    o = options_of("", 1);
    o.sampling = 3;
    refuse_options(&o, "sampling");
    o = options_of("", 1);
    o.n_samples = 0;
    refuse_options(&o, "n_samples");
    o = options_of("", 1);
    o.order = 2;
    refuse_options(&o, "order");
    o = options_of("", 1);
    o.policy = -1;
    refuse_options(&o, "policy");
    o = options_of("", 1);
    o.exif = 2;
    refuse_options(&o, "exif");
}

static void test_features__wrong_arguments_are_refused(void **state)
{
    expclip_rows *f = done(mixed, 16);
    expclip_classes *c = new_classes(model);
    float rows[N_ITEMS * SMALL_HEAD];

    (void)state;
    assert_int_equal(
        expclip_rows_create_features(NULL, model, mixed, NULL, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_create_features(&f, NULL, mixed, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_create_features(&f, model, NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_step(NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_embed(rows, 1, f, model, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_score(rows, 1, f, model, c, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_rows_score(rows, N_ITEMS * N_CLASSES, f, NULL, c, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_rows_score(rows, N_ITEMS * N_CLASSES, f, model, NULL, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_done_count(NULL), 0);
    assert_int_equal(expclip_rows_failed_count(NULL), 0);
    assert_int_equal(expclip_rows_status(NULL, 0), EXPCLIP_ERROR_ARGUMENT);
    assert_string_equal(expclip_rows_message(NULL, 0), "");
    assert_string_equal(expclip_model_encoder_fingerprint(NULL), "");
    expclip_rows_free(NULL);
    expclip_rows_free(f);
    expclip_classes_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features__rows_are_those_of_single_items),
        cmocka_unit_test(test_features__a_step_is_a_batch_or_a_clip),
        cmocka_unit_test(test_features__a_failed_item_says_why),
        cmocka_unit_test(test_features__a_damaged_frame_loses_only_itself),
        cmocka_unit_test(test_features__all_items_may_fail),
        cmocka_unit_test(test_features__a_table_s_pictures_are_embedded_too),
        cmocka_unit_test(test_features__weights_that_overflow_end_the_step),
        cmocka_unit_test(test_features__scores_are_those_of_projected_rows),
        cmocka_unit_test(test_features__one_encoder_serves_every_head),
        cmocka_unit_test(test_features__another_encoder_is_refused),
        cmocka_unit_test(test_features__what_is_not_done_has_no_scores),
        cmocka_unit_test(test_features__interrupted_work_gives_the_same_bytes),
        cmocka_unit_test(test_features__a_cut_file_gives_the_same_bytes),
        cmocka_unit_test(test_features__a_cache_is_of_its_options),
        cmocka_unit_test(test_features__a_cache_is_of_its_files),
        cmocka_unit_test(test_features__cancelled_work_goes_on),
        cmocka_unit_test(test_features__under_stop_a_failed_item_ends_the_work),
        cmocka_unit_test(test_features__may_end_while_pictures_are_decoded),
        cmocka_unit_test(test_features__a_forked_child_is_told),
        cmocka_unit_test(test_features__survives_any_failed_allocation),
        cmocka_unit_test(test_features__survives_failed_allocations_ahead),
        cmocka_unit_test(test_features__goes_on_when_there_is_memory_again),
        cmocka_unit_test(test_features__wrong_options_are_refused),
        cmocka_unit_test(test_features__wrong_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
