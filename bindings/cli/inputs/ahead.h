/* SPDX-License-Identifier: MIT */
/*
 * ahead.h - two slots that go round: a second thread fills one while the caller
 * uses the other.
 */
#ifndef EXPCLIP_CLI_AHEAD_H
#define EXPCLIP_CLI_AHEAD_H

#include <stddef.h>

enum { AHEAD_SLOTS = 2 };

typedef struct ahead ahead;

/**
 * @param fill  fills a slot, 0 or 1 in turn; returns 0 when it was the last.
 *              It runs in the other thread, with the slot to itself
 * @return 0 or EXIT_RESOURCES, reported
 */
int ahead_start(ahead **out, int (*fill)(void *owner, size_t slot),
                void *owner);
/** The next full slot; ends the use of the one before. Not after the last. */
size_t ahead_next(ahead *a);
/** Wait for the thread and free `a`; takes NULL. */
void ahead_stop(ahead *a);

#endif
