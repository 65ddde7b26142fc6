/* SPDX-License-Identifier: MIT */
/*
 * clip_failure.c - is a failure that of one clip, or that of the run?
 */
#include "runs/clip_failure.h"

#include "terminal/failure.h"
#include "terminal/memory.h"

int clip_failure_report(const expclip_error *err)
{
    return err->code == EXPCLIP_ERROR_CANCELLED /* who asked for it knows */
               ? EXIT_RESOURCES
               : failure_report(err);
}

static int is_of_clip(expclip_status status)
{
    static const expclip_status statuses[] = {
        EXPCLIP_ERROR_NOT_FOUND, EXPCLIP_ERROR_IO,    EXPCLIP_ERROR_FORMAT,
        EXPCLIP_ERROR_TRUNCATED, EXPCLIP_ERROR_LIMIT, EXPCLIP_ERROR_UNSUPPORTED,
    };

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i] == status)
            return 1;
    return 0;
}

int clip_failure(expclip_status *status, char **message,
                 const expclip_error *err)
{
    if (!is_of_clip(err->code))
        return clip_failure_report(err);
    *status = err->code;
    *message = memory_text("%s", err->message);
    return 0;
}
