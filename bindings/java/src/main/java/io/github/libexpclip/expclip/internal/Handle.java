// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip.internal;

import io.github.libexpclip.expclip.ClosedException;
import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * An object of the C library that several threads use and that is freed once.
 *
 * <p>C must not free an object while a call uses it. So users are counted, and
 * {@link #close} leaves the freeing to the last of them. An object that nobody
 * closes is freed when it is garbage.
 */
public final class Handle implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Lease lease;

    /** Takes over the object; {@code name} is for messages. */
    public Handle(String name, long pointer, LongConsumer free) {
        lease = new Lease(name, pointer, free);
        CLEANER.register(this, lease::free);
    }

    /** The object for one call: {@code try (var m = handle.lend())}. */
    public Lease lend() {
        return lease.take();
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return lease.isClosed();
    }

    /** Refuses new calls, and frees now or when the last call ends. */
    @Override
    public void close() {
        lease.free();
    }

    /** A loan; ended by {@link #close}. Shared, so that it costs nothing. */
    public static final class Lease implements AutoCloseable {
        private final String name;
        private final long pointer;
        private final LongConsumer free;
        private int users;
        private boolean closed;

        private Lease(String name, long pointer, LongConsumer free) {
            this.name = name;
            this.pointer = pointer;
            this.free = free;
        }

        /** What the raw layer takes. */
        public long pointer() {
            return pointer;
        }

        private synchronized Lease take() {
            if (closed) {
                throw new ClosedException(name + ": closed");
            }
            users++;
            return this;
        }

        @Override
        public void close() {
            boolean last;
            synchronized (this) {
                users--;
                last = closed && users == 0;
            }
            if (last) {
                free.accept(pointer);
            }
        }

        private void free() {
            boolean now;
            synchronized (this) {
                now = !closed && users == 0;
                closed = true;
            }
            if (now) {
                free.accept(pointer);
            }
        }

        private synchronized boolean isClosed() {
            return closed;
        }
    }
}
