/* SPDX-License-Identifier: MIT */
/*
 * error.h - writing an error for the caller.
 *
 * A function that fails returns through expclip__fail(), which writes code and
 * message to the caller's struct. The message names the thing, the value found
 * and the one expected; text that comes from outside (paths, tensor names) is
 * escaped here, so that callers pass it as it is.
 */
#ifndef EXPCLIP_BASE_ERROR_H
#define EXPCLIP_BASE_ERROR_H

#include <expclip.h>

/**
 * Write `code` and a printf-style message to *err, which may be NULL.
 * Control characters become \xNN, invalid UTF-8 becomes U+FFFD, and a message
 * that is too long ends in "...".
 *
 * @return code
 */
expclip_status expclip__fail(expclip_error *err, expclip_status code,
                             const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Does a failure of one item concern all, as it is none of the item's own? */
int expclip__concerns_all(expclip_status status);

/** The NOMEM error: names what was being made. @return EXPCLIP_ERROR_MEMORY */
expclip_status expclip__fail_memory(expclip_error *err, const char *what);

/**
 * What an exported function returns: `status`, with which *err agrees. After
 * success it is clean, also where an attempt on the way failed, as the look
 * for a file that need not be there.
 *
 * @return status
 */
expclip_status expclip__returned(expclip_status status, expclip_error *err);

#endif
