// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.function.LongFunction;

/**
 * A long call into C, with its own native cancel token: raised by the caller's
 * CancelToken, and by Thread.interrupt, which tells the channel that a thread
 * is blocked in. So this is one, and costs neither a thread nor a poll.
 */
final class Call extends AbstractInterruptibleChannel {
    private final long token = Raw.expclip_cancel_create();

    private Call() {
    }

    /** Runs {@code body} with the native token; {@code user} may be null. */
    static <T> T run(CancelToken user, LongFunction<T> body) {
        Call call = new Call();
        try {
            if (user != null) {
                user.add(call);
            }
            call.begin();
            try {
                return body.apply(call.token);
            } finally {
                call.end();
            }
        } finally {
            if (user != null) {
                user.remove(call);
            }
            Raw.expclip_cancel_free(call.token);
        }
    }

    /** Between calls into C: ends when one would end at once. */
    static void check(CancelToken user) {
        if (Thread.currentThread().isInterrupted()
                || user != null && user.isCancelled()) {
            throw new CancelledException("cancelled");
        }
    }

    void cancel() {
        Raw.expclip_cancel_request(token);
    }

    @Override
    protected void implCloseChannel() {
        cancel();
    }

    private void end() {
        try {
            end(true);
        } catch (AsynchronousCloseException e) {
            // Interrupted: the body's outcome tells whether it came in time,
            // and the thread keeps its flag.
        }
    }
}
