/* SPDX-License-Identifier: MIT */
/*
 * test_checkpoint.c - the state of training in a folder: what is kept, and what
 * becomes of a damaged file.
 */
#include "unit/scratch.h"

#include "train/checkpoint.h"

enum { HEAD = 6, MOMENTS = 6 };

static float head[HEAD], moments[MOMENTS];

static expclip__checkpoint state_at(int64_t step, const char *identity)
{
    for (int i = 0; i < HEAD; i++) {
        head[i] = (float)(step * 10 + i);
        moments[i] = (float)-i;
    }
    return (expclip__checkpoint){ identity, step, 0.5,     0.25,
                                  head,     HEAD, moments, MOMENTS };
}

static void save(int64_t step)
{
    expclip__checkpoints *c = NULL;
    expclip__checkpoint p = state_at(step, "data: 1\nseed: 2\n");

    assert_int_equal(expclip__checkpoints_open(&c, scratch_folder, NULL), 0);
    assert_int_equal(expclip__checkpoints_save(c, &p, NULL), 0);
    expclip__checkpoints_close(c);
}

/* What is found with an identity; the step is 0 when nothing is. */
static expclip_status load(int64_t *step, char **note, const char *identity,
                           expclip_error *err)
{
    expclip__checkpoints *c = NULL;
    expclip__checkpoint p = state_at(0, identity);
    expclip_status status = expclip__checkpoints_open(&c, scratch_folder, err);

    if (!status)
        status = expclip__checkpoints_load(c, &p, note, err);
    expclip__checkpoints_close(c);
    *step = p.step;
    return status;
}

static const char *path_at(int step)
{
    char name[64];

    snprintf(name, sizeof(name), "step-%010d.checkpoint", step);
    return scratch_path(name);
}

static void test_checkpoint__the_newest_comes_back(void **state)
{
    char *note = NULL;
    int64_t step;

    (void)state;
    assert_int_equal(load(&step, &note, "data: 1\nseed: 2\n", NULL), 0);
    assert_int_equal(step, 0);
    save(3);
    save(7);
    assert_int_equal(load(&step, &note, "data: 1\nseed: 2\n", NULL), 0);
    assert_int_equal(step, 7);
    assert_null(note);
    assert_true(head[5] == 75.0f && moments[5] == -5.0f);
}

static void test_checkpoint__the_last_two_are_kept(void **state)
{
    (void)state;
    save(1);
    save(2);
    save(3);
    assert_int_not_equal(access(path_at(1), F_OK), 0);
    assert_int_equal(access(path_at(2), F_OK), 0);
    assert_int_equal(access(path_at(3), F_OK), 0);
}

static void
test_checkpoint__each_damaged_byte_leads_to_the_one_before(void **state)
{
    size_t size;
    uint8_t *bytes;

    (void)state;
    save(1);
    save(2);
    bytes = scratch_read(path_at(2), &size);
    for (size_t i = 0; i < size; i++) {
        char *note = NULL, name[64];
        int64_t step;

        snprintf(name, sizeof(name), "step-%010d.checkpoint", 2);
        bytes[i] ^= 0x10;
        scratch_write(name, bytes, size);
        bytes[i] ^= 0x10;
        assert_int_equal(load(&step, &note, "data: 1\nseed: 2\n", NULL), 0);
        assert_int_equal(step, 1);
        assert_non_null(note);
        assert_non_null(strstr(note, "continues from step 1"));
        expclip__free(note);
    }
    free(bytes);
}

static void test_checkpoint__cut_at_any_length_is_damaged(void **state)
{
    char name[64];
    size_t size;
    uint8_t *bytes;

    (void)state;
    save(2);
    snprintf(name, sizeof(name), "step-%010d.checkpoint", 2);
    bytes = scratch_read(path_at(2), &size);
    for (size_t n = 0; n < size; n++) {
        char *note = NULL;
        int64_t step;
        expclip_error err;

        scratch_write(name, bytes, n);
        assert_int_equal(load(&step, &note, "data: 1\nseed: 2\n", &err),
                         EXPCLIP_ERROR_FORMAT);
        assert_int_equal(step, 0);
        assert_non_null(strstr(err.message, "damaged"));
    }
    free(bytes);
}

/* 4 GB of nothing behind a header that says so, or does not. */
static void test_checkpoint__of_other_sizes_is_not_read_whole(void **state)
{
    static const uint64_t numbers = UINT64_C(1) << 30;
    const char *identity = "data: 1\nseed: 2\n";
    char *note = NULL;
    uint64_t before;
    expclip_error err;
    int64_t step;
    size_t size;
    uint8_t *bytes;

    (void)state;
    save(3);
    bytes = scratch_read(path_at(3), &size);
    assert_int_equal(truncate(path_at(3), (off_t)(4 * numbers)), 0);
    assert_int_equal(load(&step, &note, identity, &err), EXPCLIP_ERROR_FORMAT);
    memcpy(&before, bytes + 40, sizeof(before)); /* the head's */
    memcpy(bytes + 40, &numbers, sizeof(numbers));
    scratch_write("step-0000000003.checkpoint", bytes, size);
    assert_int_equal(
        truncate(path_at(3), (off_t)(size + 4 * (numbers - before))), 0);
    assert_int_equal(load(&step, &note, "data: 2\nseed: 2\n", &err),
                     EXPCLIP_ERROR_STATE);
    free(bytes);
}

static void test_checkpoint__of_other_data_names_the_line(void **state)
{
    expclip_error err;
    char *note = NULL;
    int64_t step;

    (void)state;
    save(2);
    assert_int_equal(load(&step, &note, "data: 1\nseed: 3\n", &err),
                     EXPCLIP_ERROR_STATE);
    assert_non_null(
        strstr(err.message, "trained with seed: 2, expected seed: 3"));
}

static void test_checkpoint__a_folder_has_one_trainer(void **state)
{
    expclip__checkpoints *a = NULL, *b = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__checkpoints_open(&a, scratch_folder, NULL), 0);
    assert_int_equal(expclip__checkpoints_open(&b, scratch_folder, &err),
                     EXPCLIP_ERROR_STATE);
    assert_null(b);
    assert_non_null(strstr(err.message, "another trainer"));
    expclip__checkpoints_close(a);
    assert_int_equal(expclip__checkpoints_open(&b, scratch_folder, NULL), 0);
    expclip__checkpoints_close(b);
}

static void expect_files(int n)
{
    DIR *d = opendir(scratch_folder);
    struct dirent *entry;

    while ((entry = readdir(d)))
        n -= entry->d_name[0] != '.' && strcmp(entry->d_name, "lock") != 0;
    closedir(d);
    assert_int_equal(n, 0); /* the others are rests of files */
}

static void test_checkpoint__a_full_disk_keeps_the_one_before(void **state)
{
    expclip__checkpoint p = state_at(9, "data: 1\nseed: 2\n");
    expclip__checkpoints *c = NULL;
    char *note = NULL;
    struct stat s;
    int64_t step;

    (void)state;
    save(3);
    assert_int_equal(stat(path_at(3), &s), 0);
    assert_int_equal(expclip__checkpoints_open(&c, scratch_folder, NULL), 0);
    for (rlim_t room = 0; room < (rlim_t)s.st_size; room += 7) {
        expclip_error err = { 0 };

        limit_files(room);
        assert_int_equal(expclip__checkpoints_save(c, &p, &err),
                         EXPCLIP_ERROR_IO);
        limit_files(RLIM_INFINITY);
        assert_non_null(strstr(err.message, strerror(EFBIG)));
        expect_files(1);
    }
    assert_int_equal(expclip__checkpoints_save(c, &p, NULL), EXPCLIP_OK);
    expclip__checkpoints_close(c);
    assert_int_equal(load(&step, &note, "data: 1\nseed: 2\n", NULL), 0);
    assert_int_equal(step, 9);
    assert_null(note);
}

static int32_t save_and_load(void *data)
{
    expclip__checkpoints *c = NULL;
    expclip__checkpoint p = state_at(5, "data: 1\n");
    char *note = NULL;
    expclip_status status = expclip__checkpoints_open(&c, scratch_folder, NULL);

    (void)data;
    if (!status)
        status = expclip__checkpoints_save(c, &p, NULL);
    if (!status)
        status = expclip__checkpoints_load(c, &p, &note, NULL);
    expclip__free(note);
    expclip__checkpoints_close(c);
    return status;
}

static void test_checkpoint__out_of_memory_is_an_error(void **state)
{
    (void)state;
    sweep_allocations(save_and_load, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_checkpoint__the_newest_comes_back),
        SCRATCH_TEST(test_checkpoint__the_last_two_are_kept),
        SCRATCH_TEST(
            test_checkpoint__each_damaged_byte_leads_to_the_one_before),
        SCRATCH_TEST(test_checkpoint__cut_at_any_length_is_damaged),
        SCRATCH_TEST(test_checkpoint__of_other_sizes_is_not_read_whole),
        SCRATCH_TEST(test_checkpoint__of_other_data_names_the_line),
        SCRATCH_TEST(test_checkpoint__a_folder_has_one_trainer),
        SCRATCH_TEST(test_checkpoint__a_full_disk_keeps_the_one_before),
        SCRATCH_TEST(test_checkpoint__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
