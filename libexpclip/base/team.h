/* SPDX-License-Identifier: MIT */
/*
 * team.h - one piece of work, done by several threads step by step.
 *
 * The threads live as long as the work: nothing stays that fork() would lose.
 */
#ifndef EXPCLIP_BASE_TEAM_H
#define EXPCLIP_BASE_TEAM_H

#include <expclip.h>

#define EXPCLIP__TEAM_MOST 64 /* threads */

typedef struct expclip__team expclip__team;

/** Called once by each thread, with its number from 0 on. */
typedef void expclip__team_work(void *data, expclip__team *team, int32_t me);

/**
 * Work on up to `n_threads` threads, and on as many as can be started, so that
 * it never fails; EXPCLIP__TEAM_MOST at most. Returns when all are done.
 */
void expclip__team_run(int32_t n_threads, expclip__team_work *work, void *data);
/** Threads that work, the caller's among them. */
int32_t expclip__team_size(const expclip__team *team);
/** Wait until all threads are here. */
void expclip__team_wait(expclip__team *team);

#endif
