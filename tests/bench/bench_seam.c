/* SPDX-License-Identifier: MIT */
/*
 * bench_seam.c - what the seam costs: a vision tower of random weights, built
 * straight on tensor.h, so that a change there is measured without the rest.
 *
 *     taskset -c 0,1 bench_seam [layers width heads tokens batch]
 *
 * Default is ViT-B/32 at batch 8. Runs of all variants are interleaved, so
 * other work on the machine meets all of them; read medians and ratios.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "tensor/tensor.h"

#define N_VARIANTS 4
#define N_ROUNDS 15

typedef struct block {
    tensor *weight, *bias; /* of both layer norms */
    tensor_linear *qkv, *out, *fc, *proj;
} block;

typedef struct tower {
    tensor_device *device;
    int64_t layers, width, heads, tokens, batch;
    block *blocks;
    float *in, *result;
} tower;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void check(expclip_status status, const expclip_error *err)
{
    if (!status)
        return;
    fprintf(stderr, "bench_seam: %s\n", err->message);
    exit(1);
}

static float *noise(int64_t n, float scale)
{
    float *x = malloc((size_t)n * sizeof(*x));

    for (int64_t i = 0; x && i < n; i++)
        x[i] = scale * ((float)rand() / (float)RAND_MAX - 0.5f);
    return x;
}

static tensor_linear *make_linear(const tower *t, int64_t n_out, int64_t n_in)
{
    float *w = noise(n_out * n_in, 0.05f), *b = noise(n_out, 0.05f);
    tensor_linear *linear = NULL;
    expclip_error err;

    check(tensor_linear_create(&linear, t->device, w, b, n_out, n_in, &err),
          &err);
    free(w);
    free(b);
    return linear;
}

static void make_tower(tower *t, expclip__dtype dtype, int32_t packed)
{
    const tensor_device_options o = { "cpu", dtype, 2, packed };
    float *w = noise(t->width, 2.0f);
    expclip_error err = { 0 };

    check(tensor_device_open(&t->device, &o, &err), &err);
    t->blocks = calloc((size_t)t->layers, sizeof(*t->blocks));
    for (int64_t i = 0; i < t->layers; i++) {
        block *b = &t->blocks[i];
        tensor_scope *s = tensor_scope_begin(t->device, &err);

        b->weight = tensor_keep(s, tensor_from_f32(s, w, 1, &t->width));
        b->bias = tensor_keep(s, tensor_from_f32(s, w, 1, &t->width));
        check(tensor_scope_end(s), &err);
        b->qkv = make_linear(t, 3 * t->width, t->width);
        b->out = make_linear(t, t->width, t->width);
        b->fc = make_linear(t, 4 * t->width, t->width);
        b->proj = make_linear(t, t->width, 4 * t->width);
    }
    free(w);
    t->in = noise(t->batch * t->tokens * t->width, 2.0f);
    t->result = noise(t->batch * t->tokens * t->width, 2.0f);
}

static void free_tower(tower *t)
{
    for (int64_t i = 0; i < t->layers; i++) {
        block *b = &t->blocks[i];

        tensor_free(b->weight);
        tensor_free(b->bias);
        tensor_linear_free(b->qkv);
        tensor_linear_free(b->out);
        tensor_linear_free(b->fc);
        tensor_linear_free(b->proj);
    }
    free(t->blocks);
    free(t->in);
    free(t->result);
    tensor_device_close(t->device);
}

static const tensor *run_block(tensor_scope *s, const tower *t, const block *b,
                               const tensor *x)
{
    static const int32_t swap[] = { 0, 2, 1, 3 };
    const int64_t split[] = { t->batch, t->tokens, t->heads,
                              t->width / t->heads };
    const int64_t joined[] = { t->batch, t->tokens, t->width };
    const tensor *y, *qkv, *part[3];

    y = tensor_layer_norm(s, x, b->weight, b->bias, 1e-5);
    qkv = tensor_linear_apply(s, b->qkv, y, TENSOR_IDENTITY);
    for (int i = 0; i < 3; i++) {
        y = tensor_narrow(s, qkv, 2, i * t->width, t->width);
        part[i] = tensor_permute(s, tensor_reshape(s, y, 4, split), 4, swap);
    }
    y = tensor_attention(s, part[0], part[1], part[2], 0);
    y = tensor_reshape(s, tensor_permute(s, y, 4, swap), 3, joined);
    x = tensor_linear_add(s, b->out, y, x);
    y = tensor_layer_norm(s, x, b->weight, b->bias, 1e-5);
    y = tensor_linear_apply(s, b->fc, y, TENSOR_SILU);
    return tensor_linear_add(s, b->proj, y, x);
}

/* Milliseconds of one forward pass. */
static double run(const tower *t)
{
    const int64_t shape[] = { t->batch, t->tokens, t->width };
    const double start = now();
    expclip_error err;
    tensor_scope *s = tensor_scope_begin(t->device, &err);
    const tensor *x = tensor_from_f32(s, t->in, 3, shape);
    const size_t mark = tensor_scope_mark(s);

    for (int64_t i = 0; i < t->layers; i++) {
        x = run_block(s, t, &t->blocks[i], x);
        tensor_scope_release(s, mark, x);
    }
    tensor_to_f32(s, x, t->result, t->batch * t->tokens * t->width);
    check(tensor_scope_end(s), &err);
    return now() - start;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    static const char *const names[] = { "fp32 portable", "fp32 packed",
                                         "bf16 portable", "bf16 packed" };
    int64_t size[] = { 12, 768, 12, 50, 8 };
    tower towers[N_VARIANTS];
    double times[N_VARIANTS][N_ROUNDS];
    struct rusage usage;

    for (int i = 1; i < argc && i <= 5; i++)
        size[i - 1] = atoll(argv[i]);
    for (int v = 0; v < N_VARIANTS; v++) {
        towers[v] = (tower){ .layers = size[0],
                             .width = size[1],
                             .heads = size[2],
                             .tokens = size[3],
                             .batch = size[4] };
        make_tower(&towers[v], v < 2 ? EXPCLIP__F32 : EXPCLIP__BF16, v % 2);
        run(&towers[v]);
    }
    for (int r = 0; r < N_ROUNDS; r++)
        for (int v = 0; v < N_VARIANTS; v++)
            times[v][r] = run(&towers[v]);
    for (int v = 0; v < N_VARIANTS; v++) {
        const double n = (double)(size[4] * size[3]), w = (double)size[1];
        const double flops =
            (double)size[0] * n * (24 * w * w + 4 * w * (double)size[3]);

        qsort(times[v], N_ROUNDS, sizeof(double), compare);
        printf("%s: %.2f ms/item median, %.2f best, %.0f GFLOP/s\n", names[v],
               times[v][N_ROUNDS / 2] / (double)size[4],
               times[v][0] / (double)size[4], flops / times[v][0] / 1e6);
        free_tower(&towers[v]);
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("peak memory of all four: %ld MB\n", usage.ru_maxrss / 1024);
    return 0;
}
