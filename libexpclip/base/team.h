/* SPDX-License-Identifier: MIT */
/*
 * team.h - one piece of work in steps, shared out among threads.
 *
 * The threads live as long as the work: nothing stays that fork() would lose.
 * Nobody waits for a thread that the machine does not let run, only for the
 * parts that it has begun.
 */
#ifndef EXPCLIP_BASE_TEAM_H
#define EXPCLIP_BASE_TEAM_H

#include <expclip.h>

#define EXPCLIP__TEAM_THREADS 64 /* at most */
#define EXPCLIP__TEAM_STEPS 32   /* at most */

typedef struct expclip__team_work {
    int32_t n_steps;
    int32_t n_parts[EXPCLIP__TEAM_STEPS]; /* of each step */
    /** Called once for each part, when all parts of the steps before are done,
     * by the thread `me`, from 0 to n_threads - 1. */
    void (*part)(void *data, int32_t step, int32_t part, int32_t me);
    void *data;
} expclip__team_work;

/** Do it on the calling thread and n_threads - 1 others, or as many as can be
 * started: it never fails. */
void expclip__team_run(int32_t n_threads, const expclip__team_work *work);

#endif
