/* SPDX-License-Identifier: MIT */
/*
 * clip_failure.h - is a failure that of one clip, so that others can still be
 * done, or that of the run?
 */
#ifndef EXPCLIP_CLI_CLIP_FAILURE_H
#define EXPCLIP_CLI_CLIP_FAILURE_H

#include <expclip.h>

/** Report a failure of the run. @return its exit code */
int clip_failure_report(const expclip_error *err);
/** The clip's own failure becomes its status and its message, for free().
 * @return 0, or the exit code of the run's, reported */
int clip_failure(expclip_status *status, char **message,
                 const expclip_error *err);

#endif
