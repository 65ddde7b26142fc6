/* SPDX-License-Identifier: MIT */
/*
 * suite.c - all unit tests, linked once: bin/test_NAME is a link to this
 * program, which then runs the main() of test_NAME.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* CMake compiles test_NAME.c with another name for its main(). */
#define PROGRAM(name) int name##_main(void);
#include "suite_programs.h"
#undef PROGRAM

static const struct {
    const char *name;
    int (*run)(void);
} tests[] = {
#define PROGRAM(name) { #name, name##_main },
#include "suite_programs.h"
};

int main(void)
{
    const char *name = program_invocation_short_name;

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        if (strcmp(tests[i].name, name) == 0)
            return tests[i].run();
    fprintf(stderr, "%s: no test of that name\n", name);
    return 2;
}
