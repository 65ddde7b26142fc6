/* SPDX-License-Identifier: MIT */
/*
 * gate.h - the end of the process is the host's.
 *
 * exit() destroys libtorch's static objects while other threads may still be
 * computing with them: the process would end by SIGSEGV instead of the code
 * that the host asked for. So every use of the runtime goes through this gate.
 * Closing it lets no further call in, and waits until the calls inside have
 * come out. That is done by expclip_library_close() and, for a host that does
 * not call it, at the beginning of exit().
 */
#ifndef EXPCLIP_BASE_GATE_H
#define EXPCLIP_BASE_GATE_H

#include <expclip.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Enter. A thread that is inside may enter again; each success needs its own
 * expclip__gate_leave(). While the process ends, other threads wait here for
 * the end, ten seconds at most.
 *
 * @return OK, or CANCELLED
 */
expclip_status expclip__gate_enter(expclip_error *err);
/** The same without a wait or an error, for what may be left undone. @return 1
 * when it is inside, else 0 */
int expclip__gate_try(void);
void expclip__gate_leave(void);

/** Let exit() close the gate; called when the runtime has been loaded. */
void expclip__gate_watch(void);

void expclip__gate_close(void);
/** Tests only: open it again. */
void expclip__gate_open(void);

#ifdef __cplusplus
}
#endif

#endif
