// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_embed_options;

/**
 * How images and texts are embedded. Start from {@link #DEFAULT}.
 *
 * @param projected  true = after the head, for scoring; false = CLIP's own
 * @param normalize  whether vectors get unit length
 * @param batchSize  images or texts computed at once, at least 1
 * @param cancel     ends the call; null = only an interrupt does
 */
public record EmbedOptions(boolean projected, boolean normalize, int batchSize,
                           CancelToken cancel) {
    /** Projected, normalized, batches of 32, no token. */
    public static final EmbedOptions DEFAULT =
        new EmbedOptions(true, true, 32, null);

    /**
     * Checks the numbers.
     *
     * @param projected  true = after the head
     * @param normalize  whether vectors get unit length
     * @param batchSize  at least 1
     * @param cancel     may be null
     */
    public EmbedOptions {
        checkBatchSize(batchSize);
    }

    /**
     * These options before or after the head.
     *
     * @param projected  true = after the head
     * @return new options
     */
    public EmbedOptions withProjected(boolean projected) {
        return new EmbedOptions(projected, normalize, batchSize, cancel);
    }

    /**
     * These options with or without unit length.
     *
     * @param normalize  whether vectors get unit length
     * @return new options
     */
    public EmbedOptions withNormalize(boolean normalize) {
        return new EmbedOptions(projected, normalize, batchSize, cancel);
    }

    /**
     * These options with another batch size.
     *
     * @param batchSize  at least 1
     * @return new options
     */
    public EmbedOptions withBatchSize(int batchSize) {
        return new EmbedOptions(projected, normalize, batchSize, cancel);
    }

    /**
     * These options with a token.
     *
     * @param cancel  ends the call
     * @return new options
     */
    public EmbedOptions withCancel(CancelToken cancel) {
        return new EmbedOptions(projected, normalize, batchSize, cancel);
    }

    static void checkBatchSize(int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize: " + batchSize
                                               + ", expected at least 1");
        }
    }

    /** For the C library; the caller deletes it. */
    expclip_embed_options toRaw() {
        expclip_embed_options raw = new expclip_embed_options();
        raw.setProjected(projected ? 1 : 0);
        raw.setNormalize(normalize ? 1 : 0);
        return raw;
    }
}
