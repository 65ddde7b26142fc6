// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.util.HashSet;
import java.util.Set;

/**
 * A flag that any thread may raise. The calls that were given it look at it
 * between forward passes, of a few images or texts each, and then end with
 * {@link CancelledException}. Safe to share between threads and calls.
 *
 * <p>{@link Thread#interrupt} does the same for the calls of one thread, with
 * or without a token; the thread's flag stays set.
 */
public final class CancelToken {
    private final Set<Call> calls = new HashSet<>();
    private boolean cancelled;

    /** A token that is not raised. */
    public CancelToken() {
    }

    /** Raises the flag: calls that run now and later ones end. */
    public synchronized void cancel() {
        cancelled = true;
        calls.forEach(Call::cancel);
    }

    /** Lowers the flag, to use the token again. */
    public synchronized void reset() {
        cancelled = false;
    }

    /**
     * Whether the flag is up.
     *
     * @return true after {@link #cancel}
     */
    public synchronized boolean isCancelled() {
        return cancelled;
    }

    synchronized void add(Call call) {
        calls.add(call);
        if (cancelled) {
            call.cancel();
        }
    }

    synchronized void remove(Call call) {
        calls.remove(call);
    }
}
