/* SPDX-License-Identifier: MIT */
/*
 * test_features.c - embeddings of a data set's items, done once: what they are,
 * that no failure touches the others, and that work which was interrupted in
 * any way gives the bytes of work in one go.
 */
#define _GNU_SOURCE
#include "unit/feature_data.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

#define N 23
#define BATCH 4
#define DIM SMALL_DIM
#define N_KILLS 30

static const expclip_embed_options plain = { sizeof(plain), 0, 0 };
static expclip_model *model;

static void copy_rows(float *rows, const expclip_features *f, size_t n)
{
    assert_int_equal(
        expclip_features_embed(rows, n * DIM, f, model, &plain, NULL),
        EXPCLIP_OK);
}

/* The embedding of a picture of one colour, alone. */
static void embed_grey(float *row, int grey)
{
    expclip_batch *batch = NULL;
    uint8_t pixels[2 * 2 * 3];

    memset(pixels, grey, sizeof(pixels));
    assert_int_equal(expclip_batch_create(&batch, model, NULL), EXPCLIP_OK);
    expclip_batch_add_pixels(batch, pixels, sizeof(pixels), 2, 2, 0,
                             EXPCLIP_PIXELS_RGB, NULL, NULL);
    assert_int_equal(
        expclip_embed_images(row, DIM, model, batch, &plain, NULL, NULL),
        EXPCLIP_OK);
    expclip_batch_free(batch);
}

static void expect_grey(const float *row, int grey)
{
    float expected[DIM];

    embed_grey(expected, grey);
    for (size_t j = 0; j < DIM; j++)
        assert_float_equal(row[j], expected[j], 1e-5f);
}

static void test_features__each_row_is_the_embedding_of_its_picture(void **s)
{
    expclip_dataset *data = feature_pictures(N, NULL);
    expclip_features *f = feature_create(model, data, "", BATCH);
    float rows[N * DIM];

    (void)s;
    assert_int_equal(expclip_features_status(f, 0), EXPCLIP_ERROR_STATE);
    feature_finish(f, N);
    copy_rows(rows, f, N);
    for (int i = 0; i < N; i++) {
        expect_grey(rows + i * DIM, i + 1);
        assert_int_equal(expclip_features_status(f, (size_t)i), EXPCLIP_OK);
        assert_string_equal(expclip_features_message(f, (size_t)i), "");
    }
    assert_int_equal(expclip_features_failed_count(f), 0);
    assert_int_equal(expclip_features_step(f, NULL, NULL), EXPCLIP_OK);
    expclip_features_free(f);
    expclip_dataset_free(data);
}

/* Batch k has the items from k * batch on, but a clip is alone. */
static void test_features__batches_begin_at_their_borders(void **state)
{
    static const size_t expected[] = { 2, 3, 4, 6, 8, 10 };
    expclip_dataset *data;
    expclip_features *f;
    char rows[1024];

    (void)state;
    folder_fill(3);
    snprintf(rows, sizeof(rows),
             "0001.bmp 0 0\n0002.bmp 0 0\n%s 3 1\n0003.bmp 0 0\n"
             "0001.bmp 0 0\n0001.bmp 0 0\n0001.bmp 0 0\n0001.bmp 0 0\n"
             "0001.bmp 0 0\n0001.bmp 0 0\n",
             scratch_folder);
    data = feature_list(rows);
    f = feature_create(model, data, "", 2);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(expclip_features_step(f, NULL, NULL), EXPCLIP_OK);
        assert_int_equal(expclip_features_done_count(f), expected[i]);
    }
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static void test_features__a_clip_is_the_mean_of_its_frames(void **state)
{
    expclip_dataset *data;
    expclip_features *f;
    float rows[2 * DIM], expected[DIM] = { 0 }, one[DIM];
    char text[512];

    (void)state;
    folder_fill(20);
    /* The reference's rule: of 20 frames the middles of 16 parts; of 5, as the
     * second row says, frame 0 alone. */
    snprintf(text, sizeof(text), "%s 20 0\n%s 5 1\n", scratch_folder,
             scratch_folder);
    data = feature_list(text);
    f = feature_create(model, data, "", BATCH);
    feature_finish(f, 2);
    copy_rows(rows, f, 2);
    for (int i = 0; i < 16; i++) {
        embed_grey(one, 1 + (int)(20 / 16.0 / 2 + 20 / 16.0 * i));
        for (size_t j = 0; j < DIM; j++)
            expected[j] += one[j] / 16.0f;
    }
    for (size_t j = 0; j < DIM; j++)
        assert_float_equal(rows[j], expected[j], 1e-5f);
    expect_grey(rows + DIM, 1);
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static void test_features__a_failed_item_leaves_the_others_alone(void **state)
{
    expclip_dataset *data = feature_pictures(N, "0006.bmp");
    expclip_features *f = feature_create(model, data, "", BATCH);
    float rows[N * DIM];

    (void)state;
    unlink(scratch_path("0023.bmp"));
    feature_finish(f, N);
    copy_rows(rows, f, N);
    assert_int_equal(expclip_features_failed_count(f), 2);
    for (int i = 0; i < N; i++)
        if (i == 5 || i == 22)
            for (size_t j = 0; j < DIM; j++)
                assert_true(isnan(rows[i * DIM + (int)j]));
        else
            expect_grey(rows + i * DIM, i + 1);
    assert_int_not_equal(expclip_features_status(f, 5), EXPCLIP_OK);
    assert_non_null(strstr(expclip_features_message(f, 5), "/0006.bmp: "));
    assert_int_equal(expclip_features_status(f, 22), EXPCLIP_ERROR_NOT_FOUND);
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static void test_features__of_a_long_message_the_end_is_kept(void **state)
{
    char rows[600] = "";
    expclip_dataset *data;
    expclip_features *f;
    const char *message;

    (void)state;
    for (int i = 0; i < 100; i++)
        strcat(rows, "\xc3\xa9/");
    strcat(rows, "x.bmp 0 0\n");
    data = feature_list(rows);
    f = feature_create(model, data, "", BATCH);
    feature_finish(f, 1);
    message = expclip_features_message(f, 0);
    assert_int_equal(strncmp(message, "...", 3), 0);
    assert_true(strlen(message) < 248 && strlen(message) > 200);
    assert_non_null(strstr(message, "x.bmp: "));
    assert_true(message[3] == '/' || message[3] == '\xc3');
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static void test_features__a_clip_without_some_frames_says_so(void **state)
{
    expclip_dataset *data;
    expclip_features *f;
    float row[DIM], expected[DIM] = { 0 }, one[DIM];
    char rows[128];

    (void)state;
    folder_fill(17);
    scratch_write("0003.bmp", "BM", 2);
    snprintf(rows, sizeof(rows), "%s 17 0\n", scratch_folder);
    data = feature_list(rows);
    f = feature_create(model, data, scratch_path("cache"), BATCH);
    feature_finish(f, 1);
    assert_int_equal(expclip_features_status(f, 0), EXPCLIP_OK);
    assert_int_equal(expclip_features_failed_count(f), 0);
    assert_int_equal(strncmp(expclip_features_message(f, 0),
                             "1 of 16 frames left out: ", 25),
                     0);
    copy_rows(row, f, 1);
    for (int i = 0; i < 16; i++) {
        const int frame = (int)(17 / 16.0 / 2 + 17 / 16.0 * i);

        embed_grey(one, frame + 1);
        for (size_t j = 0; frame != 2 && j < DIM; j++)
            expected[j] += one[j] / 15.0f;
    }
    for (size_t j = 0; j < DIM; j++)
        assert_float_equal(row[j], expected[j], 1e-5f);
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static void test_features__a_clip_without_any_frame_is_a_failed_item(void **s)
{
    expclip_dataset *data;
    expclip_features *f;
    char rows[256];

    (void)s;
    scratch_write("0001.bmp", "BM", 2);
    snprintf(rows, sizeof(rows), "%s 1 0\n%s/none 16 0\n", scratch_folder,
             scratch_folder);
    data = feature_list(rows);
    f = feature_create(model, data, "", BATCH);
    feature_finish(f, 2);
    assert_int_equal(expclip_features_failed_count(f), 2);
    assert_non_null(strstr(expclip_features_message(f, 0), "0001.bmp"));
    assert_int_equal(expclip_features_status(f, 1), EXPCLIP_ERROR_NOT_FOUND);
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static void test_features__under_stop_a_failed_item_ends_the_work(void **state)
{
    expclip_dataset *data = feature_pictures(N, "0006.bmp");
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_features *f = NULL;
    expclip_error err;
    char cache[512];

    (void)state;
    strcpy(cache, scratch_path("cache"));
    o.cache = cache;
    o.batch = BATCH;
    o.policy = EXPCLIP_POLICY_STOP;
    assert_int_equal(expclip_features_create(&f, model, data, &o, NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip_features_step(f, NULL, NULL), EXPCLIP_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_not_equal(expclip_features_step(f, NULL, &err), EXPCLIP_OK);
        assert_int_equal(strncmp(err.message, "item 5: ", 8), 0);
        assert_int_equal(expclip_features_done_count(f), BATCH);
    }
    folder_add("0006.bmp", 6);
    feature_finish(f, N);
    expclip_features_free(f);

    /* What failed under SKIP is not good under STOP. */
    unlink(cache);
    scratch_write("0006.bmp", "BM", 2);
    f = feature_create(model, data, cache, BATCH);
    feature_finish(f, N);
    expclip_features_free(f);
    f = NULL;
    assert_int_not_equal(expclip_features_create(&f, model, data, &o, &err),
                         EXPCLIP_OK);
    assert_null(f);
    assert_int_equal(strncmp(err.message, "item 5: ", 8), 0);
    expclip_dataset_free(data);
}

static void test_features__a_cancelled_step_can_be_done_again(void **state)
{
    expclip_dataset *data = feature_pictures(N, NULL);
    expclip_features *f = feature_create(model, data, "", BATCH);
    expclip_features *other = feature_create(model, data, "", BATCH);
    float rows[N * DIM], expected[N * DIM];
    expclip_cancel *cancel = NULL;

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    while (expclip_features_done_count(f) < N) {
        assert_int_equal(expclip_features_step(f, cancel, NULL),
                         EXPCLIP_ERROR_CANCELLED);
        assert_int_equal(expclip_features_step(f, NULL, NULL), EXPCLIP_OK);
    }
    feature_finish(other, N);
    copy_rows(rows, f, N);
    copy_rows(expected, other, N);
    assert_memory_equal(rows, expected, sizeof(rows));
    expclip_cancel_free(cancel);
    expclip_features_free(f);
    expclip_features_free(other);
    expclip_dataset_free(data);
}

/* Also while the pictures of the next step are being decoded, and after its
 * model and its data set. */
static void test_features__they_can_be_freed_at_any_step(void **state)
{
    (void)state;
    for (int steps = 0; steps < 7; steps++) {
        expclip_dataset *data = feature_pictures(N, NULL);
        expclip_model *own = feature_model(feature_model_path, "auto");
        expclip_features *f = feature_create(own, data, "", BATCH);

        expclip_model_free(own);
        expclip_dataset_free(data);
        for (int i = 0; i < steps; i++)
            assert_int_equal(expclip_features_step(f, NULL, NULL), EXPCLIP_OK);
        expclip_features_free(f);
    }
}

/* ---- the file ---- */

static void test_features__interrupted_work_gives_the_same_bytes(void **state)
{
    expclip_dataset *data = feature_pictures(N, "0006.bmp");
    expclip_features *f = feature_create(model, data, scratch_path("a"), BATCH);
    size_t size, n;
    uint8_t *whole, *found;

    (void)state;
    feature_finish(f, N);
    expclip_features_free(f);
    whole = scratch_read(scratch_path("a"), &size);
    for (size_t cut = 0; cut < size; cut += 97) {
        scratch_write("b", whole, cut);
        f = feature_create(model, data, scratch_path("b"), BATCH);
        /* Whole batches only, so that the passes are the same. */
        assert_int_equal(expclip_features_done_count(f) % BATCH, 0);
        feature_finish(f, N);
        expclip_features_free(f);
        found = scratch_read(scratch_path("b"), &n);
        assert_int_equal(n, size);
        assert_memory_equal(found, whole, size);
        free(found);
    }
    free(whole);
    expclip_dataset_free(data);
}

static expclip_status try_create(const expclip_model *m,
                                 const expclip_dataset *data,
                                 const expclip_features_options *o,
                                 expclip_error *err)
{
    expclip_features *f = NULL;
    expclip_status status = expclip_features_create(&f, m, data, o, err);

    expclip_features_free(f);
    return status;
}

static void expect_other(const expclip_model *m, const expclip_dataset *data,
                         const expclip_features_options *o, const char *message)
{
    expclip_error err = { 0, "" };

    assert_int_equal(try_create(m, data, o, &err), EXPCLIP_ERROR_STATE);
    if (!strstr(err.message, message))
        print_error("%s\n", err.message);
    assert_non_null(strstr(err.message, message));
    assert_non_null(strstr(err.message, "remove it"));
}

static void test_features__a_file_of_other_work_is_refused(void **state)
{
    expclip_dataset *data = feature_pictures(N, NULL), *fewer;
    expclip_load_options l = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_model *other = NULL, *plain_model;
    expclip_features *f;
    char cache[512];

    (void)state;
    strcpy(cache, scratch_path("cache"));
    f = feature_create(model, data, cache, BATCH);
    feature_finish(f, N);
    o.cache = cache;
    o.batch = BATCH;
    assert_int_equal(try_create(model, data, &o, NULL), EXPCLIP_ERROR_STATE);
    expclip_features_free(f);
    assert_int_equal(try_create(model, data, &o, NULL), EXPCLIP_OK);

    /* The head does not matter; pixels do. */
    plain_model = feature_model(feature_model_path, "none");
    assert_int_equal(try_create(plain_model, data, &o, NULL), EXPCLIP_OK);
    l.preprocess = "clip";
    assert_int_equal(expclip_model_load(&other, feature_model_path, &l, NULL),
                     EXPCLIP_OK);
    expect_other(other, data, &o, expclip_model_encoder_fingerprint(other));
    expect_other(other, data, &o, expclip_model_encoder_fingerprint(model));

    fewer = feature_pictures(N - 1, NULL);
    expect_other(model, fewer, &o, "data set: list ");
    o.batch = BATCH + 1;
    expect_other(model, data, &o, "batch: 4, expected batch: 5");
    o.batch = BATCH;
    o.sampling = EXPCLIP_SAMPLING_SPREAD;
    expect_other(model, data, &o, "expected sampling: spread 16");
    o.sampling = EXPCLIP_SAMPLING_EXACT;
    o.n_samples = 8;
    expect_other(model, data, &o, "expected sampling: exact 8");
    o.n_samples = 16;
    o.order = EXPCLIP_ORDER_NATURAL;
    expect_other(model, data, &o, "order: string, expected order: natural");
    o.order = EXPCLIP_ORDER_STRING;
    o.exif = 1;
    expect_other(model, data, &o, "exif: 0, expected exif: 1");
    o.exif = 0;
    assert_int_equal(try_create(model, data, &o, NULL), EXPCLIP_OK);
    expclip_model_free(other);
    expclip_model_free(plain_model);
    expclip_dataset_free(fewer);
    expclip_dataset_free(data);
}

/* ---- kill -9 at any moment ---- */

/* What the process that is killed does; see main(). */
static int work(const char *list, const char *cache, int ready)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_load_options l = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_dataset *data = NULL;
    expclip_features *f = NULL;
    expclip_model *m = NULL;
    expclip_error err;
    expclip_status status;

    o.cache = cache;
    o.batch = BATCH;
    l.preprocess = "expclip";
    l.threads = 1;
    if (expclip_model_load(&m, getenv("EXPCLIP_TEST_MODEL"), &l, &err) ||
        expclip_dataset_open(&data, "list", list, NULL, 0, NULL, &err) ||
        write(ready, "", 1) != 1 ||
        expclip_features_create(&f, m, data, &o, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    do
        status = expclip_features_step(f, NULL, &err);
    while (!status &&
           expclip_features_done_count(f) < expclip_dataset_count(data));
    expclip_features_free(f);
    expclip_dataset_free(data);
    expclip_model_free(m);
    return status != EXPCLIP_OK;
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/*
 * Run the work, kill it after `limit` seconds of it (< 0: never).
 * @return 1 when it ended by itself; *took is how long it was
 */
static int run_work(char *list, char *cache, double limit, double *took)
{
    char number[16], byte;
    char *arguments[] = {
        "test_features", "--work", list, cache, number, NULL
    };
    int ready[2], result = 0;
    double start;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    snprintf(number, sizeof(number), "%d", ready[1]);
    child = fork();
    if (child == 0) {
        execv("/proc/self/exe", arguments);
        _exit(9);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    start = seconds();
    if (limit >= 0) {
        const struct timespec t = { 0, (long)(limit * 1e9) };

        nanosleep(&t, NULL);
        kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    *took = seconds() - start;
    if (WIFSIGNALED(result)) {
        assert_int_equal(WTERMSIG(result), SIGKILL);
        return 0;
    }
    assert_int_equal(WEXITSTATUS(result), 0);
    return 1;
}

/* @return 1 when the file is whole, and then the bytes are those */
static int is_whole(const char *path, const uint8_t *whole, size_t size)
{
    struct stat st;
    uint8_t *found;
    size_t n;

    if (stat(path, &st) || (size_t)st.st_size < size)
        return 0;
    found = scratch_read(path, &n);
    assert_int_equal(n, size);
    assert_memory_equal(found, whole, size);
    free(found);
    return 1;
}

static void test_features__killed_at_any_moment_no_byte_is_another(void **state)
{
    expclip_dataset *data = feature_pictures(400, "0006.bmp");
    char list[512], whole_path[512], path[512];
    uint32_t random = 7;
    uint8_t *whole;
    size_t size, n_within = 0;
    double took, once;

    (void)state;
    strcpy(list, scratch_path("list.txt"));
    strcpy(whole_path, scratch_path("whole"));
    strcpy(path, scratch_path("killed"));
    assert_int_equal(run_work(list, whole_path, -1, &once), 1);
    whole = scratch_read(whole_path, &size);
    for (int i = 0; i < N_KILLS; i++) {
        const double share = 0.5 + 0.5 * (double)small_random(&random);
        const double limit = share * once < 0.9 ? share * once : 0.9;

        n_within += !run_work(list, path, limit, &took);
        if (is_whole(path, whole, size))
            unlink(path);
    }
    assert_int_equal(run_work(list, path, -1, &took), 1);
    assert_true(is_whole(path, whole, size));
    assert_true(n_within > 5);
    free(whole);
    expclip_dataset_free(data);
}

/* ---- memory, arguments ---- */

typedef struct memory_case {
    expclip_dataset *data;
    const char *cache;
    const float *expected;
} memory_case;

/* A step that had no memory can be done again, and the rows are the same. */
static expclip_status create_and_step(const memory_case *c)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_features *f = NULL;
    float rows[N * DIM];
    expclip_status status, first = EXPCLIP_OK;

    o.cache = c->cache;
    o.batch = BATCH;
    status = expclip_features_create(&f, model, c->data, &o, NULL);
    if (status)
        return status;
    while (expclip_features_done_count(f) < N) {
        status = expclip_features_step(f, NULL, NULL);
        if (!status)
            continue;
        if (!first)
            first = status;
        expclip__alloc_fail_after(-1, 0);
    }
    expclip__alloc_fail_after(-1, 0);
    assert_int_equal(expclip_features_failed_count(f), 0);
    copy_rows(rows, f, N);
    assert_memory_equal(rows, c->expected, sizeof(rows));
    expclip_features_free(f);
    return first;
}

static void test_features__out_of_memory_is_an_error_and_no_more(void **state)
{
    expclip_dataset *data = feature_pictures(N, NULL);
    expclip_features *f = feature_create(model, data, "", BATCH);
    float expected[N * DIM];
    memory_case c = { data, "", expected };
    char cache[512];
    int failed = 0;

    (void)state;
    feature_finish(f, N);
    copy_rows(expected, f, N);
    strcpy(cache, scratch_path("cache"));
    for (int64_t n = 0; n < 600; n++) {
        expclip_status status;

        c.cache = n % 2 ? "" : cache;
        unlink(cache);
        expclip__alloc_fail_after(n / 4, n % 4 > 1);
        status = create_and_step(&c);
        expclip__alloc_fail_after(-1, 0);
        assert_true(status == EXPCLIP_OK || status == EXPCLIP_ERROR_MEMORY);
        failed += status != EXPCLIP_OK;
    }
    assert_true(failed > 50);
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static void test_features__wrong_arguments_are_refused(void **state)
{
    static const struct {
        size_t place;
        int32_t value;
    } wrong[] = {
        { offsetof(expclip_features_options, batch), 0 },
        { offsetof(expclip_features_options, batch), 4097 },
        { offsetof(expclip_features_options, sampling), 3 },
        { offsetof(expclip_features_options, sampling), -1 },
        { offsetof(expclip_features_options, n_samples), 0 },
        { offsetof(expclip_features_options, order), 2 },
        { offsetof(expclip_features_options, policy), 2 },
        { offsetof(expclip_features_options, exif), 2 },
    };
    expclip_dataset *data = feature_pictures(2, NULL);
    expclip_features *f = NULL;
    float row[3 * DIM];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;

        memcpy((char *)&o + wrong[i].place, &wrong[i].value, sizeof(int32_t));
        assert_int_equal(expclip_features_create(&f, model, data, &o, NULL),
                         EXPCLIP_ERROR_ARGUMENT);
    }
    assert_int_equal(expclip_features_create(NULL, model, data, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_features_create(&f, NULL, data, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_features_create(&f, model, NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(f);
    f = feature_create(model, data, "", BATCH);
    assert_int_equal(
        expclip_features_embed(row, 2 * DIM, f, model, &plain, NULL),
        EXPCLIP_ERROR_STATE);
    feature_finish(f, 2);
    assert_int_equal(
        expclip_features_embed(row, 3 * DIM, f, model, &plain, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_features_status(f, 2), EXPCLIP_ERROR_ARGUMENT);
    assert_string_equal(expclip_features_message(f, 2), "");
    assert_int_equal(expclip_features_step(NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_features_done_count(NULL), 0);
    assert_int_equal(expclip_features_failed_count(NULL), 0);
    assert_string_equal(expclip_model_encoder_fingerprint(NULL), "");
    expclip_features_free(NULL);
    expclip_features_free(f);
    expclip_dataset_free(data);
}

static int load(void **state)
{
    (void)state;
    if (feature_model_write())
        return -1;
    setenv("EXPCLIP_TEST_MODEL", feature_model_path, 1);
    model = feature_model(feature_model_path, "auto");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    expclip_model_free(model);
    return unlink(feature_model_path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_features__each_row_is_the_embedding_of_its_picture),
        SCRATCH_TEST(test_features__batches_begin_at_their_borders),
        SCRATCH_TEST(test_features__a_clip_is_the_mean_of_its_frames),
        SCRATCH_TEST(test_features__a_failed_item_leaves_the_others_alone),
        SCRATCH_TEST(test_features__of_a_long_message_the_end_is_kept),
        SCRATCH_TEST(test_features__a_clip_without_some_frames_says_so),
        SCRATCH_TEST(test_features__a_clip_without_any_frame_is_a_failed_item),
        SCRATCH_TEST(test_features__under_stop_a_failed_item_ends_the_work),
        SCRATCH_TEST(test_features__a_cancelled_step_can_be_done_again),
        SCRATCH_TEST(test_features__they_can_be_freed_at_any_step),
        SCRATCH_TEST(test_features__interrupted_work_gives_the_same_bytes),
        SCRATCH_TEST(test_features__a_file_of_other_work_is_refused),
        SCRATCH_TEST(test_features__killed_at_any_moment_no_byte_is_another),
        SCRATCH_TEST(test_features__out_of_memory_is_an_error_and_no_more),
        SCRATCH_TEST(test_features__wrong_arguments_are_refused),
    };

    if (argc == 5 && strcmp(argv[1], "--work") == 0)
        return work(argv[2], argv[3], atoi(argv[4]));
    return cmocka_run_group_tests(tests, load, unload);
}
