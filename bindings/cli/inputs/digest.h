/* SPDX-License-Identifier: MIT */
/*
 * digest.h - is a file the one that was published? SHA-256, or the object id
 * that git gives it (SHA-1 over "blob SIZE" NUL and the bytes), for files that
 * are published in a git repository and nowhere else.
 *
 * Own code, so that a build without libcurl's TLS library can check too.
 */
#ifndef EXPCLIP_CLI_DIGEST_H
#define EXPCLIP_CLI_DIGEST_H

#include <stdint.h>
#include <stdio.h>

typedef enum digest_kind { DIGEST_SHA256, DIGEST_GIT_BLOB } digest_kind;

enum { DIGEST_HEX_SIZE = 65 }; /* the longest, with NUL */

/**
 * The digest of a stream from its start, in lower-case hexadecimal.
 *
 * @return 0, -1 when reading failed (errno tells) or stop_wanted()
 */
int digest_file(char hex[DIGEST_HEX_SIZE], digest_kind kind, FILE *f);

/** Hexadecimal digits of a kind: 64 or 40. */
size_t digest_length(digest_kind kind);

#endif
