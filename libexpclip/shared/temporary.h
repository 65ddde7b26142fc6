/* SPDX-License-Identifier: MIT */
/*
 * temporary.h - files in work, beside the file that they will become.
 *
 * Names are random, so that what others left never stands in the way. A file is
 * locked (flock) while it is open: one that nobody locks is of a process that
 * has died, in this container or another one, and is removed when the same
 * target is written again.
 */
#ifndef EXPCLIP_TEMPORARY_H
#define EXPCLIP_TEMPORARY_H

#include <stddef.h>

/** Bytes that a name beside `target` needs. */
size_t expclip__temporary_size(const char *target);
/**
 * Remove what the dead left beside `target`, and create a file there, readable
 * as the umask says.
 *
 * @param name  temporary_size(target) bytes
 * @return a descriptor, or -1 and errno
 */
int expclip__temporary_open(char *name, const char *target);
/** Another descriptor with the same lock, for what is between close() and
 * rename(); -1 when there is none left, which loses only the lock. */
int expclip__temporary_hold(int fd);

#endif
