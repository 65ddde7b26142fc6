/* SPDX-License-Identifier: MIT */
/*
 * temporary.c - files in work: FOLDER/.NAME.expclip-xxxxxxxxxxxx.tmp
 */
#define _GNU_SOURCE /* O_CLOEXEC, flock() */
#include "shared/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    N_RANDOM = 12,
    LONGEST_NAME = 200, /* of the target; all of it is at most NAME_MAX, 255 */
    MOST_TRIES = 100
};

static const char mark[] = ".expclip-";
static const char ending[] = ".tmp";
static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

static const char *name_of(const char *target)
{
    const char *slash = strrchr(target, '/');

    return slash ? slash + 1 : target;
}

static int name_size(const char *target)
{
    return (int)strnlen(name_of(target), LONGEST_NAME);
}

size_t expclip__temporary_size(const char *target)
{
    return strlen(target) + sizeof(mark) + N_RANDOM + sizeof(ending) + 2;
}

/* ---- left-overs ---- */

static int is_ours(const char *entry, const char *name, size_t size)
{
    if (entry[0] != '.' || strncmp(entry + 1, name, size) != 0)
        return 0;
    entry += 1 + size;
    if (strncmp(entry, mark, sizeof(mark) - 1) != 0)
        return 0;
    entry += sizeof(mark) - 1;
    return strspn(entry, letters) == N_RANDOM &&
           strcmp(entry + N_RANDOM, ending) == 0;
}

/* Only a file that can be locked here has no owner. */
static void remove_dead(int folder, const char *name)
{
    const int fd =
        openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat held, named;

    if (fd < 0)
        return;
    if (fstat(fd, &held) == 0 && S_ISREG(held.st_mode) &&
        flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
        held.st_dev == named.st_dev && held.st_ino == named.st_ino)
        unlinkat(folder, name, 0);
    close(fd);
}

static void sweep(const char *folder, const char *target)
{
    DIR *d = opendir(folder);
    const struct dirent *entry;

    while (d && (entry = readdir(d)))
        if (is_ours(entry->d_name, name_of(target), (size_t)name_size(target)))
            remove_dead(dirfd(d), entry->d_name);
    if (d)
        closedir(d);
}

/* ---- a new one ---- */

static void add_random(char *out)
{
    uint64_t bits = 0;

    /* Without the system's randomness O_EXCL still finds a free name. */
    if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits)) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        bits = ((uint64_t)t.tv_nsec << 20 ^ (uint64_t)getpid()) *
               UINT64_C(0x9e3779b97f4a7c15);
    }
    for (int i = 0; i < N_RANDOM; i++, bits >>= 5)
        out[i] = letters[bits & 31];
    out[N_RANDOM] = '\0';
}

/*
 * Lock it. @return 0 when somebody who sweeps was faster. Where there are no
 * locks nobody sweeps either.
 */
static int hold(int fd)
{
    struct stat st;

    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return 0;
    return fstat(fd, &st) != 0 || st.st_nlink > 0;
}

int expclip__temporary_open(char *name, const char *target)
{
    const int folder = (int)(name_of(target) - target);
    const int size = name_size(target);
    char random[N_RANDOM + 1];

    snprintf(name, expclip__temporary_size(target), "%.*s.", folder, target);
    sweep(name, target);
    for (int i = 0; i < MOST_TRIES; i++) {
        int fd;

        add_random(random);
        snprintf(name, expclip__temporary_size(target), "%.*s.%.*s%s%s%s",
                 folder, target, size, target + folder, mark, random, ending);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            return -1;
        if (fd >= 0 && hold(fd))
            return fd;
        if (fd >= 0) {
            unlink(name);
            close(fd);
        }
    }
    errno = EEXIST;
    return -1;
}

int expclip__temporary_hold(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}
