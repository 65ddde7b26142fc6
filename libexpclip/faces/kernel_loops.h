/* SPDX-License-Identifier: MIT */
/*
 * kernel_loops.h - the loops of kernels.c, which includes this file once for
 * each kind of processor. Given are
 *
 *     NAME(x)   a name for this kind
 *     TARGET    the attribute of its functions
 *     LANES     floats in a vector
 *     VECTORS   of LANES outputs each, that are summed up at once for
 *     PIXELS    pixels, so that all sums stay in registers
 */
#define vector NAME(vector)
#define mask NAME(mask)
#define positive NAME(positive)
#define point_block NAME(point_block)
#define point NAME(point)
#define depth_block NAME(depth_block)
#define depth NAME(depth)
#define largest NAME(largest)
#define pool NAME(pool)

typedef float vector
    __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int mask __attribute__((vector_size(4 * LANES)));

/* Through a pointer, as vectors are no arguments that all compilers agree on.
 */
TARGET static inline void positive(vector *x)
{
    *x = (vector)((mask)*x & (*x > 0));
}

TARGET static inline __attribute__((always_inline)) void
point_block(float *out, const float *x, size_t n_in, size_t n_out,
            const float *weights, const float *bias, int relu)
{
    vector sums[PIXELS][VECTORS];

#pragma GCC unroll 16
    for (int p = 0; p < PIXELS; p++)
#pragma GCC unroll 16
        for (int v = 0; v < VECTORS; v++)
            sums[p][v] = *(const vector *)(bias + v * LANES);
    for (size_t i = 0; i < n_in; i++, weights += n_out) {
        vector w[VECTORS];

#pragma GCC unroll 16
        for (int v = 0; v < VECTORS; v++)
            w[v] = *(const vector *)(weights + v * LANES);
#pragma GCC unroll 16
        for (size_t p = 0; p < PIXELS; p++)
#pragma GCC unroll 16
            for (int v = 0; v < VECTORS; v++)
                sums[p][v] += x[p * n_in + i] * w[v];
    }
#pragma GCC unroll 16
    for (size_t p = 0; p < PIXELS; p++)
#pragma GCC unroll 16
        for (size_t v = 0; v < VECTORS; v++) {
            if (relu)
                positive(&sums[p][v]);
            *(vector *)(out + p * n_out + v * LANES) = sums[p][v];
        }
}

TARGET static void point(float *out, const float *x, size_t n, size_t n_in,
                         size_t n_out, const float *weights, const float *bias,
                         int relu)
{
    for (size_t p = 0; p < n; p += PIXELS)
        for (size_t o = 0; o < n_out; o += VECTORS * LANES)
            point_block(out + p * n_out + o, x + p * n_in, n_in, n_out,
                        weights + o, bias + o, relu);
}

/* LANES channels of `n` pixels beside each other, n being 1 or 4. */
TARGET static inline __attribute__((always_inline)) void
depth_block(float *out, const float *const rows[3], int n, size_t channels,
            const float *weights, const float *bias, int relu)
{
    vector sums[4];

#pragma GCC unroll 4
    for (int p = 0; p < n; p++)
        sums[p] = *(const vector *)bias;
#pragma GCC unroll 3
    for (size_t r = 0; r < 3; r++) {
        vector x[6];

#pragma GCC unroll 6
        for (int p = 0; p < n + 2; p++)
            x[p] = *(const vector *)(rows[r] + (size_t)p * channels);
#pragma GCC unroll 3
        for (size_t k = 0; k < 3; k++) {
            const vector w =
                *(const vector *)(weights + (3 * r + k) * channels);

#pragma GCC unroll 4
            for (size_t p = 0; p < (size_t)n; p++)
                sums[p] += x[p + k] * w;
        }
    }
#pragma GCC unroll 4
    for (size_t p = 0; p < (size_t)n; p++) {
        if (relu)
            positive(&sums[p]);
        *(vector *)(out + p * channels) = sums[p];
    }
}

TARGET static void depth(float *out, const float *const rows[3], size_t n,
                         size_t channels, const float *weights,
                         const float *bias, int relu)
{
    size_t p = 0;

    while (p < n) {
        const int four = p + 4 <= n;

        for (size_t c = 0; c < channels; c += LANES) {
            const size_t at = p * channels + c;
            const float *const x[3] = { rows[0] + at, rows[1] + at,
                                        rows[2] + at };

            if (four)
                depth_block(out + at, x, 4, channels, weights + c, bias + c,
                            relu);
            else
                depth_block(out + at, x, 1, channels, weights + c, bias + c,
                            relu);
        }
        p += four ? 4 : 1;
    }
}

TARGET static inline void largest(vector *x, const float *y)
{
    const vector other = *(const vector *)y;
    const mask more = *x > other;

    *x = (vector)(((mask)*x & more) | ((mask)other & ~more));
}

TARGET static void pool(float *out, const float *above, const float *below,
                        size_t n, size_t channels)
{
    for (size_t p = 0; p < n; p++)
        for (size_t c = 0; c < channels; c += LANES) {
            const size_t at = 2 * p * channels + c;
            vector most = *(const vector *)(above + at);

            largest(&most, above + at + channels);
            largest(&most, below + at);
            largest(&most, below + at + channels);
            *(vector *)(out + p * channels + c) = most;
        }
}

#undef vector
#undef mask
#undef positive
#undef point_block
#undef point
#undef depth_block
#undef depth
#undef largest
#undef pool
#undef NAME
#undef TARGET
#undef LANES
#undef VECTORS
#undef PIXELS
