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

const expclip__kernels *expclip__kernels_best(void)
{
    static const expclip__kernels plain = { plain_point, plain_depth,
                                            plain_pool };

#ifdef __x86_64__
    static const expclip__kernels avx2 = { avx2_point, avx2_depth, avx2_pool };

    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &avx2;
#endif
    return &plain;
}
