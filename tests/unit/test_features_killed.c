/* SPDX-License-Identifier: MIT */
/*
 * test_features_killed.c - features whose process is killed at any moment: what
 * goes on from the file gives the bytes of work in one go.
 */
#define _GNU_SOURCE
#include "unit/feature_data.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define BATCH 4
#define N_ITEMS 400
#define N_KILLS 30

/* What the process that is killed does; see main(). */
static int work(const char *list, const char *cache, int ready)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_load_options l = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_dataset *data = NULL;
    expclip_rows *f = NULL;
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
        expclip_rows_create_features(&f, m, data, &o, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    do
        status = expclip_rows_step(f, NULL, &err);
    while (!status && expclip_rows_done_count(f) < expclip_dataset_count(data));
    expclip_rows_free(f);
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
    char *arguments[] = { "test_features_killed", NULL };
    int ready[2], result = 0;
    double start;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    snprintf(number, sizeof(number), "%d", ready[1]);
    child = fork();
    if (child == 0) {
        setenv("EXPCLIP_TEST_LIST", list, 1);
        setenv("EXPCLIP_TEST_CACHE", cache, 1);
        setenv("EXPCLIP_TEST_PIPE", number, 1);
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
    expclip_dataset *data = feature_images(N_ITEMS, "0006.bmp");
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

static int write_model(void **state)
{
    (void)state;
    if (feature_model_write())
        return -1;
    return setenv("EXPCLIP_TEST_MODEL", feature_model_path, 1);
}

static int remove_model(void **state)
{
    (void)state;
    return unlink(feature_model_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_features__killed_at_any_moment_no_byte_is_another),
    };

    if (getenv("EXPCLIP_TEST_LIST"))
        return work(getenv("EXPCLIP_TEST_LIST"), getenv("EXPCLIP_TEST_CACHE"),
                    atoi(getenv("EXPCLIP_TEST_PIPE")));
    return cmocka_run_group_tests(tests, write_model, remove_model);
}
