/* SPDX-License-Identifier: MIT */
/*
 * download.h - one file over HTTPS, into a stream that may hold its start.
 *
 * http:// is accepted for this machine only (127.0.0.1, ::1, localhost), for
 * tests and local mirrors.
 */
#ifndef EXPCLIP_CLI_DOWNLOAD_H
#define EXPCLIP_CLI_DOWNLOAD_H

#include <stdio.h>

/**
 * Fetch what `f` lacks of the file at `url`; where the server cannot go on from
 * the middle, `f` is cut and the file is fetched from its start.
 *
 * @return 0 or an exit code, reported
 */
int download(FILE *f, const char *url);

#endif
