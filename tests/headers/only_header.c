/* SPDX-License-Identifier: MIT */
/*
 * only_header.c - a public header alone, compiled as C99, C11 and C++17 with
 * -pedantic -Werror. HEADER is defined by the build.
 */
#include HEADER

int only_header(void);

int only_header(void)
{
    return 0;
}
