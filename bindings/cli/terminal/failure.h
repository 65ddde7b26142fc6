/* SPDX-License-Identifier: MIT */
/*
 * failure.h - the program's exit codes, and calls of the library that failed:
 * said to the user and turned into one of these codes.
 */
#ifndef EXPCLIP_CLI_FAILURE_H
#define EXPCLIP_CLI_FAILURE_H

#include <expclip.h>

/** Exit codes: the contract of the program. */
enum {
    EXIT_DONE = 0,
    EXIT_SOME_FAILED = 1, /* each one reported, the rest done */
    EXIT_USAGE = 2,
    EXIT_MODEL = 3,    /* a model or head could not be loaded */
    EXIT_RESOURCES = 4 /* interrupted, disk full, out of memory */
};

/** The exit code of a call that failed while the work went on. */
int exit_code_of(expclip_status status);
/** Report why such a call failed. @return its exit code */
int failure_report(const expclip_error *err);
/** Report why the user's files or words could not be used.
 * @return `code`, unless an argument was wrong or memory ran out */
int failure_report_as(const expclip_error *err, int code);

#endif
