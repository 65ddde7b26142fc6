/* SPDX-License-Identifier: MIT */
/*
 * test_tensor.c - every operation of tensor.h against plain loops.
 *
 * The same source is linked with libtorch's seam and with the plain C one of
 * tests/stub, so it also holds the two together. Each case runs on a packed
 * and on a portable device, in fp32 and in bf16.
 */
#include "unit/devices.h"

/* ---- copies and shapes ---- */

static void test_tensor__copies_in_and_out(void **state)
{
    const int64_t shape[] = { 3, 4 };
    const int64_t ids[] = { 5, -7, INT64_C(1) << 20 };
    const uint8_t bytes[] = { 0, 1, 254, 255, 7, 9 };
    const float expected[] = { 5, -7, 1 << 20 };
    const float *x = numbers(12, 1);
    float found[12];
    uint8_t back[6];
    expclip_error err;

    (void)state;
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *t = tensor_from_f32(s, x, 2, shape);

        assert_int_equal(tensor_size(t, 0), 3);
        assert_int_equal(tensor_size(t, -1), 4);
        tensor_to_f32(s, tensor_from_i64(s, ids, 3), found, 3);
        assert_memory_equal(found, expected, sizeof(expected));
        tensor_to_u8(s, tensor_from_u8(s, bytes, 2, (int64_t[]){ 2, 3 }), back,
                     6);
        assert_memory_equal(back, bytes, sizeof(bytes));
        finish(s, &err, t, x, 12, i < 2 ? 0 : 0.004);
    }
}

static void test_tensor__permutes_and_reshapes_as_index_arithmetic(void **state)
{
    const int64_t shape[] = { 2, 3, 4, 5 }, merged[] = { 8, 15 };
    const int32_t order[] = { 0, 2, 1, 3 };
    float x[120], expected[120];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 120; i++)
        x[i] = (float)i;
    for (int a = 0, n = 0; a < 2; a++)
        for (int c = 0; c < 4; c++)
            for (int b = 0; b < 3; b++)
                for (int d = 0; d < 5; d++)
                    expected[n++] = x[((a * 3 + b) * 4 + c) * 5 + d];
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *t = tensor_from_f32(s, x, 4, shape);

        t = tensor_reshape(s, tensor_permute(s, t, 4, order), 2, merged);
        finish(s, &err, t, expected, 120, 0);
    }
}

static void test_tensor__reshapes_views_of_views(void **state)
{
    const int64_t shape[] = { 2, 3, 8 }, split[] = { 2, 3, 2, 2 };
    const int64_t single[] = { 2, 1, 3, 1, 4, 1 }, flat[] = { 24 };
    float x[48], expected[24];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 48; i++)
        x[i] = (float)i;
    for (int i = 0; i < 24; i++)
        expected[i] = x[i / 4 * 8 + 4 + i % 4];
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *t = tensor_from_f32(s, x, 3, shape);

        t = tensor_reshape(s, tensor_narrow(s, t, 2, 4, 4), 4, split);
        t = tensor_reshape(s, tensor_reshape(s, t, 6, single), 1, flat);
        finish(s, &err, t, expected, 24, 0);
    }
}

static void test_tensor__narrows_concatenates_and_expands(void **state)
{
    const int64_t shape[] = { 2, 3 }, one[] = { 1, 1 }, wide[] = { 2, 1 };
    const float x[] = { 1, 2, 3, 4, 5, 6 }, nine = 9;
    const float expected[] = { 9, 2, 3, 9, 5, 6 };
    expclip_error err;

    (void)state;
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *t = tensor_from_f32(s, x, 2, shape);
        const tensor *c = tensor_from_f32(s, &nine, 2, one);

        t = tensor_narrow(s, t, 1, 1, 2);
        t = tensor_concat(s, tensor_expand(s, c, 2, wide), t, 1);
        finish(s, &err, t, expected, 6, 0);
    }
}

static void test_tensor__picks_rows_in_any_order(void **state)
{
    const int64_t shape[] = { 3, 2 }, rows[] = { 2, 0, 2, 1 };
    const float x[] = { 1, 2, 3, 4, 5, 6 };
    const float expected[] = { 5, 6, 1, 2, 5, 6, 3, 4 };
    expclip_error err;

    (void)state;
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *t = tensor_from_f32(s, x, 2, shape);

        finish(s, &err, tensor_rows(s, t, tensor_from_i64(s, rows, 4)),
               expected, 8, 0);
    }
}

/* ---- arithmetic ---- */

static void test_tensor__adds_with_broadcast(void **state)
{
    const int64_t a_shape[] = { 2, 1, 3 }, b_shape[] = { 2, 3 };
    const float a[] = { 1, 2, 3, 4, 5, 6 };
    const float b[] = { 10, 20, 30, 40, 50, 60 };
    const float expected[] = { 11, 22, 33, 41, 52, 63, 14, 25, 36, 44, 55, 66 };
    expclip_error err;

    (void)state;
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);

        finish(s, &err,
               tensor_add(s, tensor_from_f32(s, a, 3, a_shape),
                          tensor_from_f32(s, b, 2, b_shape)),
               expected, 12, 0);
    }
}

static void test_tensor__multiplies_matrices_and_views_of_them(void **state)
{
    const int64_t left[] = { 3, 4 }, right[] = { 5, 4 };
    const int32_t turned[] = { 1, 0 };
    const float *x = numbers(12, 3), *y = numbers(20, 4);
    float expected[15];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 5; j++) {
            expected[i * 5 + j] = 0.0f;
            for (int k = 0; k < 4; k++)
                expected[i * 5 + j] += x[i * 4 + k] * y[j * 4 + k];
        }
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *a = tensor_from_f32(s, x, 2, left);
        const tensor *b = tensor_from_f32(s, y, 2, right);

        b = tensor_permute(s, b, 2, turned);
        finish(s, &err, tensor_matmul(s, a, b), expected, 15,
               i < 2 ? 1e-6 : 0.02);
    }
}

static void
test_tensor__multiplies_and_normalises_by_the_mean_square(void **state)
{
    const int64_t shape[] = { 2, 3, 4 }, width = 4;
    const float *x = numbers(24, 1), *y = numbers(24, 2), *w = numbers(4, 3);
    float product[24], normal[24];
    expclip_error err;

    (void)state;
    for (int r = 0; r < 6; r++) {
        double mean = 0;

        for (int i = 4 * r; i < 4 * r + 4; i++)
            mean += (double)x[i] * x[i] / 4;
        for (int i = 4 * r; i < 4 * r + 4; i++) {
            product[i] = x[i] * y[i];
            normal[i] = (float)(x[i] / sqrt(mean + 1e-6) * w[i % 4]);
        }
    }
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);

        finish(s, &err,
               tensor_multiply(s, tensor_from_f32(s, x, 3, shape),
                               tensor_from_f32(s, y, 3, shape)),
               product, 24, tolerance[i]);
        s = begin(i, &err);
        finish(s, &err,
               tensor_rms_norm(s, tensor_from_f32(s, x, 3, shape),
                               tensor_from_f32(s, w, 1, &width), 1e-6),
               normal, 24, tolerance[i]);
    }
}

static void test_tensor__normalises_layers(void **state)
{
    enum { ROWS = 10, WIDTH = 64 };
    const int64_t shape[] = { 2, 5, WIDTH }, width = WIDTH;
    const float *x = numbers(ROWS * WIDTH, 2), *w = numbers(WIDTH, 3);
    const float *b = numbers(WIDTH, 4);
    float expected[ROWS * WIDTH];
    expclip_error err;

    (void)state;
    for (int r = 0; r < ROWS; r++) {
        double mean = 0, variance = 0;

        for (int i = 0; i < WIDTH; i++)
            mean += (double)x[r * WIDTH + i] / WIDTH;
        for (int i = 0; i < WIDTH; i++)
            variance += pow(x[r * WIDTH + i] - mean, 2) / WIDTH;
        for (int i = 0; i < WIDTH; i++)
            expected[r * WIDTH + i] = (float)((x[r * WIDTH + i] - mean) /
                                                  sqrt(variance + 1e-5) * w[i] +
                                              b[i]);
    }
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);

        finish(s, &err,
               tensor_layer_norm(s, tensor_from_f32(s, x, 3, shape),
                                 tensor_from_f32(s, w, 1, &width),
                                 tensor_from_f32(s, b, 1, &width), 1e-5),
               expected, ROWS * WIDTH, tolerance[i]);
    }
}

enum { N = 2, H = 3, T = 7, D = 8, W = H * D };

/* qkv [N, T, 3 W] -> [N, T, W], heads side by side; bias [H, T, T] or NULL,
 * and then without the scale. */
static void attend(float *out, const float *qkv, const float *bias, int causal)
{
    for (int n = 0; n < N; n++)
        for (int h = 0; h < H; h++)
            for (int i = 0; i < T; i++) {
                const float *q = qkv + (n * T + i) * 3 * W + h * D;
                double p[T], sum = 0;

                for (int j = 0; j < T; j++) {
                    const float *k = qkv + (n * T + j) * 3 * W + W + h * D;
                    double dot = 0;

                    for (int d = 0; d < D; d++)
                        dot += (double)q[d] * k[d];
                    dot =
                        bias ? dot + bias[(h * T + i) * T + j] : dot / sqrt(D);
                    p[j] = causal && j > i ? 0 : exp(dot);
                    sum += p[j];
                }
                for (int d = 0; d < D; d++) {
                    double y = 0;

                    for (int j = 0; j < T; j++)
                        y += p[j] / sum *
                             qkv[(n * T + j) * 3 * W + 2 * W + h * D + d];
                    out[(n * T + i) * W + h * D + d] = (float)y;
                }
            }
}

/* As the encoders do it, CLIP's and T5's: strided views of a packed qkv. */
static void test_tensor__attends_from_strided_views(void **state)
{
    const int64_t shape[] = { N, T, 3 * W }, split[] = { N, T, H, D };
    const int64_t joined[] = { N, T, W };
    const int32_t swap[] = { 0, 2, 1, 3 };
    const int64_t square[] = { 1, H, T, T };
    const float *x = numbers(N * T * 3 * W, 5), *b = numbers(H * T * T, 6);
    float expected[N * T * W];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 3 * N_DEVICES; i++) {
        const int causal = i % 3 == 1;
        const float *bias = i % 3 == 2 ? b : NULL;
        tensor_scope *s = begin(i / 3, &err);
        const tensor *qkv = tensor_from_f32(s, x, 3, shape), *part[3], *y;

        attend(expected, x, bias, causal);
        for (int j = 0; j < 3; j++) {
            y = tensor_narrow(s, qkv, 2, j * W, W);
            part[j] =
                tensor_permute(s, tensor_reshape(s, y, 4, split), 4, swap);
        }
        if (bias)
            y = tensor_attention_biased(s, part[0], part[1], part[2],
                                        tensor_from_f32(s, bias, 4, square));
        else
            y = tensor_attention(s, part[0], part[1], part[2], causal);
        y = tensor_reshape(s, tensor_permute(s, y, 4, swap), 3, joined);
        finish(s, &err, y, expected, N * T * W, tolerance[i / 3]);
    }
}

enum { ROWS = 6, IN = 48, OUT = 80 };

static void multiply(float *out, const float *x, const float *w, const float *b,
                     const float *residual, tensor_activation activation)
{
    for (int r = 0; r < ROWS; r++)
        for (int o = 0; o < OUT; o++) {
            double y = b ? b[o] : 0;

            for (int i = 0; i < IN; i++)
                y += (double)x[r * IN + i] * w[o * IN + i];
            if (activation == TENSOR_SILU)
                y /= 1 + exp(-y);
            if (activation == TENSOR_GELU)
                y *= 0.5 * (1 + erf(y / sqrt(2)));
            if (activation == TENSOR_GELU_TANH)
                y *= 0.5 * (1 + tanh(sqrt(2 / 3.14159265358979) *
                                     (y + 0.044715 * y * y * y)));
            out[r * OUT + o] =
                (float)(y + (residual ? residual[r * OUT + o] : 0));
        }
}

static void test_tensor__multiplies_with_each_activation(void **state)
{
    const int64_t shape[] = { 2, 3, IN };
    const float *x = numbers(ROWS * IN, 6), *w = numbers(OUT * IN, 7);
    const float *b = numbers(OUT, 8);
    float expected[ROWS * OUT];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 8 * N_DEVICES; i++) {
        const tensor_activation activation = (tensor_activation)(i % 4);
        const float *bias = i % 8 < 4 ? b : NULL;
        tensor_scope *s = begin(i / 8, &err);
        tensor_linear *l = linear(i / 8, w, bias, OUT, IN);

        multiply(expected, x, w, bias, NULL, activation);
        finish(s, &err,
               tensor_linear_apply(s, l, tensor_from_f32(s, x, 3, shape),
                                   activation),
               expected, ROWS * OUT, tolerance[i / 8]);
        tensor_linear_free(l);
    }
}

static void test_tensor__multiplies_and_adds_a_residual(void **state)
{
    const int64_t shape[] = { 2, 3, IN }, out_shape[] = { 2, 3, OUT };
    const float *x = numbers(ROWS * IN, 9), *w = numbers(OUT * IN, 10);
    const float *b = numbers(OUT, 11), *r = numbers(ROWS * OUT, 12);
    float expected[ROWS * OUT], same[ROWS * OUT];
    expclip_error err;

    (void)state;
    multiply(expected, x, w, b, r, TENSOR_IDENTITY);
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        tensor_linear *l = linear(i, w, b, OUT, IN);
        const tensor *residual = tensor_from_f32(s, r, 3, out_shape);
        const tensor *y =
            tensor_linear_add(s, l, tensor_from_f32(s, x, 3, shape), residual);

        /* The residual is an input and stays as it was. */
        tensor_to_f32(s, residual, same, ROWS * OUT);
        finish(s, &err, y, expected, ROWS * OUT, tolerance[i]);
        assert_near(same, r, ROWS * OUT, i < 2 ? 0 : 0.004);
        tensor_linear_free(l);
    }
}

/* A row of a larger tensor, as the last block picks the class token. */
static void test_tensor__multiplies_strided_inputs(void **state)
{
    const int64_t shape[] = { ROWS, 2, IN }, rows[] = { ROWS, IN };
    const float *x = numbers(ROWS * 2 * IN, 13), *w = numbers(OUT * IN, 14);
    float picked[ROWS * IN], expected[ROWS * OUT];
    expclip_error err;

    (void)state;
    for (int i = 0; i < ROWS * IN; i++)
        picked[i] = x[i / IN * 2 * IN + IN + i % IN];
    multiply(expected, picked, w, NULL, NULL, TENSOR_IDENTITY);
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        tensor_linear *l = linear(i, w, NULL, OUT, IN);
        const tensor *t = tensor_from_f32(s, x, 3, shape);

        t = tensor_reshape(s, tensor_narrow(s, t, 1, 1, 1), 2, rows);
        finish(s, &err, tensor_linear_apply(s, l, t, TENSOR_IDENTITY), expected,
               ROWS * OUT, tolerance[i]);
        tensor_linear_free(l);
    }
}

/* ---- resize ---- */

/* Pillow 13.0, Image.resize((4, 1)) of a row 0, 10, ..., 70. */
static void test_tensor__resizes_bytes_as_pillow(void **state)
{
    const uint8_t x[] = { 0, 10, 20, 30, 40, 50, 60, 70 };
    const uint8_t linear_4[] = { 7, 25, 45, 63 };
    const uint8_t cubic_4[] = { 5, 25, 45, 65 };
    const int64_t shape[] = { 1, 1, 8 };
    uint8_t found[4];
    expclip_error err;

    (void)state;
    for (int filter = 0; filter < 2; filter++) {
        const uint8_t *expected = filter ? cubic_4 : linear_4;
        tensor_scope *s = begin(0, &err);
        const tensor *t = tensor_from_u8(s, x, 3, shape);

        t = tensor_resize(s, t, 1, 4, (tensor_filter)filter);
        tensor_to_u8(s, t, found, 4);
        end(s, &err);
        for (int i = 0; i < 4; i++)
            assert_in_range(found[i] + 1, expected[i], expected[i] + 2);
    }
}

static void test_tensor__resizes_extreme_shapes(void **state)
{
    static uint8_t x[16384], found[224 * 224];
    const int64_t shapes[][3] = { { 1, 16384, 1 },
                                  { 1, 1, 16384 },
                                  { 1, 1, 1 } };
    expclip_error err;

    (void)state;
    memset(x, 77, sizeof(x));
    for (int i = 0; i < 6; i++) {
        tensor_scope *s = begin(0, &err);
        const tensor *t = tensor_from_u8(s, x, 3, shapes[i % 3]);

        t = tensor_resize(s, t, 224, 224, (tensor_filter)(i / 3));
        memset(found, 0, sizeof(found));
        tensor_to_u8(s, t, found, COUNT(found));
        end(s, &err);
        for (int j = 0; j < COUNT(found); j++)
            assert_int_equal(found[j], 77);
    }
}

/* An image's bytes lie pixel by pixel; the view must give the same. */
static void test_tensor__resizes_views_and_floats_alike(void **state)
{
    enum { SIDE = 20, TO = 9 };
    const int64_t planes[] = { 3, SIDE, SIDE }, pixels[] = { SIDE, SIDE, 3 };
    const int32_t planes_first[] = { 2, 0, 1 };
    static uint8_t x[3 * SIDE * SIDE], y[3 * SIDE * SIDE];
    static uint8_t a[3 * TO * TO], b[3 * TO * TO];
    static float z[3 * SIDE * SIDE], c[3 * TO * TO];
    const float *noise = numbers(COUNT(x), 15);
    expclip_error err;

    (void)state;
    for (int i = 0; i < COUNT(x); i++) {
        x[i] = (uint8_t)(127.5f + 127.0f * noise[i]);
        y[i % (SIDE * SIDE) * 3 + i / (SIDE * SIDE)] = x[i];
        z[i] = x[i];
    }
    for (int filter = 0; filter < 2; filter++) {
        const tensor_filter f = (tensor_filter)filter;
        tensor_scope *s = begin(0, &err);
        const tensor *t = tensor_from_u8(s, y, 3, pixels);

        t = tensor_permute(s, t, 3, planes_first);
        tensor_to_u8(s, tensor_resize(s, t, TO, TO, f), a, COUNT(a));
        t = tensor_from_u8(s, x, 3, planes);
        tensor_to_u8(s, tensor_resize(s, t, TO, TO, f), b, COUNT(b));
        t = tensor_from_f32(s, z, 3, planes);
        tensor_to_f32(s, tensor_resize(s, t, TO, TO, f), c, COUNT(c));
        end(s, &err);
        for (int i = 0; i < COUNT(a); i++) {
            const float clamped = fminf(fmaxf(c[i], 0), 255);

            assert_in_range(a[i] + 1, b[i], b[i] + 2);
            assert_true(fabsf(clamped - b[i]) < 1.6f);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tensor__copies_in_and_out),
        cmocka_unit_test(
            test_tensor__permutes_and_reshapes_as_index_arithmetic),
        cmocka_unit_test(test_tensor__reshapes_views_of_views),
        cmocka_unit_test(test_tensor__narrows_concatenates_and_expands),
        cmocka_unit_test(test_tensor__picks_rows_in_any_order),
        cmocka_unit_test(test_tensor__adds_with_broadcast),
        cmocka_unit_test(test_tensor__multiplies_matrices_and_views_of_them),
        cmocka_unit_test(
            test_tensor__multiplies_and_normalises_by_the_mean_square),
        cmocka_unit_test(test_tensor__normalises_layers),
        cmocka_unit_test(test_tensor__attends_from_strided_views),
        cmocka_unit_test(test_tensor__multiplies_with_each_activation),
        cmocka_unit_test(test_tensor__multiplies_and_adds_a_residual),
        cmocka_unit_test(test_tensor__multiplies_strided_inputs),
        cmocka_unit_test(test_tensor__resizes_bytes_as_pillow),
        cmocka_unit_test(test_tensor__resizes_extreme_shapes),
        cmocka_unit_test(test_tensor__resizes_views_and_floats_alike),
    };

    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
