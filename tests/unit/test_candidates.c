/* SPDX-License-Identifier: MIT */
/*
 * test_candidates.c - boxes from hand-made maps.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "faces/candidates.h"
#include "unit/scratch.h"

enum { ROWS = 4, COLUMNS = 6, CELLS = ROWS * COLUMNS };

/* One map of stride 8; the other two have no cells. */
static float cells[CELLS][EXPCLIP__YUNET_CHANNELS];
static expclip__yunet_maps maps;

static int no_face(void **state)
{
    (void)state;
    memset(cells, 0, sizeof(cells));
    for (int i = 0; i < CELLS; i++)
        cells[i][EXPCLIP__YUNET_FACE] = cells[i][EXPCLIP__YUNET_OBJECT] =
            -20.0f;
    memset(&maps, 0, sizeof(maps));
    maps.map[0] = (expclip__yunet_map){ 8, ROWS, COLUMNS, cells[0] };
    return 0;
}

/* A face of `side` pixels around the upper left corner of a cell. */
static void put(int cell, float logit, float side)
{
    cells[cell][EXPCLIP__YUNET_FACE] = logit;
    cells[cell][EXPCLIP__YUNET_OBJECT] = logit;
    cells[cell][EXPCLIP__YUNET_BOX + 2] = logf(side / 8.0f);
    cells[cell][EXPCLIP__YUNET_BOX + 3] = logf(side / 8.0f);
}

static void assert_near(float found, float expected)
{
    if (!(fabsf(found - expected) < 1e-4f))
        fail_msg("%g, expected %g", (double)found, (double)expected);
}

static expclip__candidates find(float threshold)
{
    expclip__candidates c;
    expclip_error err;

    if (expclip__candidates_find(&c, &maps, threshold, &err))
        fail_msg("%s", err.message);
    return c;
}

static void test_candidates__a_cell_says_where_its_face_is(void **state)
{
    const int cell = 2 * COLUMNS + 3;
    expclip__candidates c;

    (void)state;
    put(cell, 2.0f, 16.0f);
    cells[cell][EXPCLIP__YUNET_BOX] = 0.5f;
    cells[cell][EXPCLIP__YUNET_BOX + 1] = -0.25f;
    cells[cell][EXPCLIP__YUNET_POINTS + 2] = 1.0f; /* x of the second */
    c = find(0.5f);
    assert_int_equal(c.n, 1);
    assert_near(c.faces[0].x, 3.5f * 8 - 8);
    assert_near(c.faces[0].y, 1.75f * 8 - 8);
    assert_near(c.faces[0].width, 16);
    assert_near(c.faces[0].points[2], 32);
    assert_near(c.faces[0].points[3], 16);
    assert_near(c.faces[0].score, 1.0f / (1.0f + expf(-2.0f)));
    expclip__candidates_free(&c);
}

static void
test_candidates__of_those_over_each_other_the_best_stays(void **state)
{
    expclip__candidates c;

    (void)state;
    put(0, 1.0f, 32.0f);
    put(1, 3.0f, 32.0f);           /* 8 pixels to the right: 0.6 is shared */
    put(COLUMNS - 1, 2.0f, 32.0f); /* 40 to the right: none is */
    c = find(0.5f);
    assert_int_equal(c.n, 2);
    assert_near(c.faces[0].x, 8 - 16);
    assert_near(c.faces[1].x, 40 - 16);
    expclip__candidates_free(&c);
}

static void test_candidates__equal_scores_keep_their_order(void **state)
{
    expclip__candidates c;

    (void)state;
    for (int i = 0; i < CELLS; i++)
        put(i, 2.0f, 4.0f);
    c = find(0.5f);
    assert_int_equal(c.n, CELLS);
    for (int i = 0; i < CELLS; i++) {
        assert_near(c.faces[i].x, (float)(i % COLUMNS * 8) - 2);
        assert_near(c.faces[i].y, (float)(i / COLUMNS * 8) - 2);
    }
    expclip__candidates_free(&c);
}

static void test_candidates__without_a_face_the_best_score_is_told(void **state)
{
    expclip__candidates c;

    (void)state;
    put(5, 0.0f, 16.0f);
    c = find(0.6f);
    assert_int_equal(c.n, 0);
    assert_near(c.best, 0.5f);
    expclip__candidates_free(&c);
}

static void test_candidates__hostile_numbers_are_no_faces(void **state)
{
    expclip__candidates c;

    (void)state;
    put(0, NAN, 16.0f);
    put(1, 9.0f, 16.0f);
    cells[1][EXPCLIP__YUNET_BOX + 2] = 1e30f; /* exp() overflows */
    put(2, 9.0f, 16.0f);
    cells[2][EXPCLIP__YUNET_BOX] = INFINITY;
    put(3, 9.0f, 16.0f);
    cells[3][EXPCLIP__YUNET_POINTS + 9] = NAN;
    put(4, INFINITY, 16.0f);
    c = find(0.5f);
    assert_int_equal(c.n, 1); /* sure of itself, and as good as any */
    assert_near(c.faces[0].score, 1.0f);
    assert_true(c.best <= 1.0f);
    expclip__candidates_free(&c);
}

static int32_t find_all(void *data)
{
    expclip__candidates c;
    const expclip_status status =
        expclip__candidates_find(&c, &maps, 0.5f, NULL);

    (void)data;
    if (!status)
        expclip__candidates_free(&c);
    return status;
}

static void test_candidates__survive_failing_allocations(void **state)
{
    (void)state;
    for (int i = 0; i < CELLS; i++)
        put(i, 2.0f, 4.0f);
    sweep_needed_allocations(find_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_candidates__a_cell_says_where_its_face_is,
                               no_face),
        cmocka_unit_test_setup(
            test_candidates__of_those_over_each_other_the_best_stays, no_face),
        cmocka_unit_test_setup(test_candidates__equal_scores_keep_their_order,
                               no_face),
        cmocka_unit_test_setup(
            test_candidates__without_a_face_the_best_score_is_told, no_face),
        cmocka_unit_test_setup(test_candidates__hostile_numbers_are_no_faces,
                               no_face),
        cmocka_unit_test_setup(test_candidates__survive_failing_allocations,
                               no_face),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
