/* SPDX-License-Identifier: MIT */
/*
 * stop.c - the wish to stop: SIGINT and SIGTERM raise the library's cancel
 * token, and a second one ends the program at once.
 */
#define _GNU_SOURCE
#include "terminal/stop.h"

#include <signal.h>
#include <string.h>

#include "terminal/failure.h"
#include "terminal/console.h"

/* Set before the handlers are installed and never freed: a signal may come at
 * any time until the process has ended. */
static expclip_cancel *token;

static void on_signal(int number)
{
    (void)number;
    expclip_cancel_request(token);
}

int stop_install(void)
{
    struct sigaction stop;
    struct sigaction ignore;
    expclip_error err;

    if (expclip_cancel_create(&token, &err))
        return failure_report(&err);
    memset(&stop, 0, sizeof(stop));
    stop.sa_handler = on_signal;
    /* A line that waits for a slow reader is written to its end. */
    stop.sa_flags = (int)SA_RESETHAND | SA_RESTART;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);

    /* A reader that goes away is seen as EPIPE where results are written, so
     * that temporary files are removed on the way out. */
    memset(&ignore, 0, sizeof(ignore));
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, NULL);
    return 0;
}

const expclip_cancel *stop_token(void)
{
    return token;
}

int stop_wanted(void)
{
    return expclip_cancel_requested(token);
}
