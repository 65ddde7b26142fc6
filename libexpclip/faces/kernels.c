/* SPDX-License-Identifier: MIT */
/*
 * kernels.c - the loops of kernel_loops.h for each kind of processor.
 *
 * The build always optimises this file, and lets products and sums be fused,
 * which twice the speed needs and the rest of the library forbids.
 */
#include "faces/kernels.h"

#define NAME(x) plain_##x
#define TARGET
#define LANES 4
#define VECTORS 2
#define PIXELS 6
#include "faces/kernel_loops.h"

#ifdef __x86_64__
#define NAME(x) avx2_##x
#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define VECTORS 2
#define PIXELS 6
#include "faces/kernel_loops.h"
#endif

static int can_run_avx2(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 0;
#endif
}

/* The slowest first. */
static const expclip__kernels kinds[] = {
    { plain_point, plain_depth, plain_pool },
#ifdef __x86_64__
    { avx2_point, avx2_depth, avx2_pool },
#endif
};

const expclip__kernels *expclip__kernels_at(int index)
{
    return index <= can_run_avx2() ? &kinds[index] : NULL;
}

const expclip__kernels *expclip__kernels_best(void)
{
    return expclip__kernels_at(can_run_avx2());
}
