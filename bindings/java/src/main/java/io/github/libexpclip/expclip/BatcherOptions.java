// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_batcher_options;
import java.time.Duration;

/**
 * How a {@link Batcher} joins calls. Start from {@link #DEFAULT}.
 *
 * @param maxBatch   images in one forward pass
 * @param maxDelay   how long an image may wait for company; in microseconds
 * @param queueSize  images that may wait; more is a {@link BusyException}
 */
public record BatcherOptions(int maxBatch, Duration maxDelay, int queueSize) {
    /** 8 images, 2 ms, 64 images. */
    public static final BatcherOptions DEFAULT =
        new BatcherOptions(8, Duration.ofMillis(2), 64);

    /**
     * These options with another size of forward passes.
     *
     * @param maxBatch  images in one forward pass
     * @return new options
     */
    public BatcherOptions withMaxBatch(int maxBatch) {
        return new BatcherOptions(maxBatch, maxDelay, queueSize);
    }

    /**
     * These options with another delay.
     *
     * @param maxDelay  how long an image may wait for company
     * @return new options
     */
    public BatcherOptions withMaxDelay(Duration maxDelay) {
        return new BatcherOptions(maxBatch, maxDelay, queueSize);
    }

    /**
     * These options with another queue.
     *
     * @param queueSize  images that may wait
     * @return new options
     */
    public BatcherOptions withQueueSize(int queueSize) {
        return new BatcherOptions(maxBatch, maxDelay, queueSize);
    }

    /** For the C library; the caller deletes it. */
    expclip_batcher_options toRaw() {
        int delay = Math.toIntExact(maxDelay.toNanos() / 1000);
        expclip_batcher_options raw = new expclip_batcher_options();
        raw.setMax_batch(maxBatch);
        raw.setMax_delay_us(delay);
        raw.setQueue_size(queueSize);
        return raw;
    }
}
