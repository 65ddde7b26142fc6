// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads in which images are decoded and wait for their forward pass:
 * as many as may wait. One more request is refused at once.
 */
final class Workers extends ThreadPoolExecutor implements AutoCloseable {
    Workers(int threads) {
        super(0, threads, 60, TimeUnit.SECONDS, new SynchronousQueue<>());
    }

    @Override
    public void close() {
        stop(this);
    }

    /** Interrupts what runs, which cancels its native call. */
    static void stop(ExecutorService threads) {
        threads.shutdownNow();
        try {
            threads.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
