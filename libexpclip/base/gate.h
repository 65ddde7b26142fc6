/* SPDX-License-Identifier: MIT */
/*
 * gate.h - the end of the process is the host's.
 *
 * exit() destroys libtorch's static objects while other threads may still be
 * computing with them: the process would end by SIGSEGV instead of the code
 * that the host asked for. So every use of the runtime goes through this gate.
 * The first step of exit() closes it, after which no call gets in, and waits
 * until the calls inside have come out.
 */
#ifndef EXPCLIP_BASE_GATE_H
#define EXPCLIP_BASE_GATE_H

#include <expclip.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Enter. A thread that is inside may enter again; each success needs its own
 * expclip__gate_leave().
 *
 * @return OK, or CANCELLED when the process is ending
 */
expclip_status expclip__gate_enter(expclip_error *err);
void expclip__gate_leave(void);

/**
 * Close the gate when exit() begins. exit() goes backwards through what was
 * registered, so this is called when the runtime has been loaded: the gate
 * closes before anything that was there already is destroyed.
 */
void expclip__gate_watch(void);

/** What exit() does; tests call it, and open the gate again. */
void expclip__gate_close(void);
void expclip__gate_open(void);

#ifdef __cplusplus
}
#endif

#endif
