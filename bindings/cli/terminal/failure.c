/* SPDX-License-Identifier: MIT */
/*
 * failure.c - calls of the library that failed.
 */
#include "terminal/failure.h"

#include "terminal/console.h"

int exit_code_of(expclip_status status)
{
    switch (status) {
    case EXPCLIP_OK:
        return EXIT_DONE;
    case EXPCLIP_ERROR_ARGUMENT:
    case EXPCLIP_ERROR_STATE: /* a class set of another model */
        return EXIT_USAGE;
    case EXPCLIP_ERROR_NONFINITE: /* weights that overflow */
        return EXIT_MODEL;
    default:
        return EXIT_RESOURCES;
    }
}

int failure_report(const expclip_error *err)
{
    console_error("%s", err->message);
    return exit_code_of(err->code);
}

int failure_report_as(const expclip_error *err, int code)
{
    console_error("%s", err->message);
    return err->code == EXPCLIP_ERROR_ARGUMENT ? EXIT_USAGE
           : err->code == EXPCLIP_ERROR_MEMORY ? EXIT_RESOURCES
                                               : code;
}
