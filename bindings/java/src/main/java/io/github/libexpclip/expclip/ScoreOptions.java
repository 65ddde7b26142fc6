// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * How images are scored. Start from {@link #DEFAULT}.
 *
 * @param temperature  above 0; divides the logits before the softmax: more
 *                     makes the answer less sure
 * @param batchSize    images decoded and computed at once, at least 1
 * @param cancel       ends the call; null = only an interrupt does
 */
public record ScoreOptions(float temperature, int batchSize,
                           CancelToken cancel) {
    /** Temperature 1, batches of 32, no token. */
    public static final ScoreOptions DEFAULT = new ScoreOptions(1, 32, null);

    /**
     * Checks the numbers.
     *
     * @param temperature  above 0
     * @param batchSize    at least 1
     * @param cancel       may be null
     */
    public ScoreOptions {
        if (!(temperature > 0) || Float.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature: " + temperature
                                               + ", expected more than 0");
        }
        EmbedOptions.checkBatchSize(batchSize);
    }

    /**
     * These options with another temperature.
     *
     * @param temperature  above 0
     * @return new options
     */
    public ScoreOptions withTemperature(float temperature) {
        return new ScoreOptions(temperature, batchSize, cancel);
    }

    /**
     * These options with another batch size.
     *
     * @param batchSize  at least 1
     * @return new options
     */
    public ScoreOptions withBatchSize(int batchSize) {
        return new ScoreOptions(temperature, batchSize, cancel);
    }

    /**
     * These options with a token.
     *
     * @param cancel  ends the call
     * @return new options
     */
    public ScoreOptions withCancel(CancelToken cancel) {
        return new ScoreOptions(temperature, batchSize, cancel);
    }
}
