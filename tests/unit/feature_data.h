/* SPDX-License-Identifier: MIT */
/*
 * feature_data.h - datasets of small images, and models for them: for the
 * tests of features and their scores.
 */
#ifndef EXPCLIP_TEST_FEATURE_DATA_H
#define EXPCLIP_TEST_FEATURE_DATA_H

#include "unit/clip_folder.h"

#include <expclip_rows.h>
#include <math.h>

#include "unit/small_model.h"

static char feature_model_path[] = "/tmp/expclip-test-features-XXXXXX";

/** Write the model of all tests. @return 0 */
static inline int feature_model_write(void)
{
    const int fd = mkstemp(feature_model_path);

    if (fd < 0 || close(fd))
        return -1;
    return small_model_write(feature_model_path, NULL, 0, NULL);
}

/** The model with its head ("auto") or another or none. */
static inline expclip_model *feature_model(const char *path, const char *head)
{
    expclip_load_options o = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = NULL;
    expclip_error err = { 0, "" };

    o.head = head;
    o.preprocess = "expclip";
    o.threads = 1;
    if (expclip_model_load(&model, path, &o, &err))
        print_error("%s\n", err.message);
    assert_non_null(model);
    return model;
}

/** The dataset of a list's rows, `path frames label`. */
static inline expclip_dataset *feature_list(const char *rows)
{
    const char *path = scratch_write("list.txt", rows, strlen(rows));
    expclip_dataset *data = NULL;
    expclip_error err = { 0, "" };

    if (expclip_dataset_open(&data, "list", path, NULL, 0, NULL, &err))
        print_error("%s\n", err.message);
    assert_non_null(data);
    return data;
}

/** Images 0001.bmp ..., of which those in `bad` are none. */
static inline expclip_dataset *feature_images(int n, const char *bad)
{
    char rows[8192] = "";

    folder_fill(n);
    if (bad)
        scratch_write(bad, "BM", 2);
    for (int i = 1; i <= n; i++)
        sprintf(rows + strlen(rows), "%04d.bmp 0 %d\n", i, i % 7);
    return feature_list(rows);
}

/** Features that go on to the end. */
static inline void feature_finish(expclip_rows *f, size_t n)
{
    expclip_error err = { 0, "" };

    while (expclip_rows_done_count(f) < n) {
        const size_t before = expclip_rows_done_count(f);

        if (expclip_rows_step(f, NULL, &err))
            print_error("%s\n", err.message);
        assert_true(expclip_rows_done_count(f) > before);
    }
}

static inline expclip_rows *feature_create(const expclip_model *model,
                                           const expclip_dataset *data,
                                           const char *cache, int32_t batch)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_rows *f = NULL;
    expclip_error err = { 0, "" };

    o.cache = cache;
    o.batch = batch;
    if (expclip_rows_create_features(&f, model, data, &o, &err))
        print_error("%s\n", err.message);
    assert_non_null(f);
    return f;
}

#endif
