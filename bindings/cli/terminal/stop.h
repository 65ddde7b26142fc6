/* SPDX-License-Identifier: MIT */
/*
 * stop.h - the wish to stop: SIGINT and SIGTERM raise the library's cancel
 * token, and a second one ends the program at once.
 */
#ifndef EXPCLIP_CLI_STOP_H
#define EXPCLIP_CLI_STOP_H

#include <expclip.h>

/** Install the handlers, ignore SIGPIPE. @return 0, or an exit code */
int stop_install(void);
/** The token for the library's calls. */
const expclip_cancel *stop_token(void);
/** 1 when the program was asked to stop. */
int stop_wanted(void);

#endif
