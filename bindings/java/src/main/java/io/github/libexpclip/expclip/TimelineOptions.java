// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_timeline_options;
import java.util.Objects;

/**
 * How a {@link Timeline} smooths and cuts. Start from {@link #DEFAULT}.
 *
 * @param smoothing     of the probabilities
 * @param medianFrames  of {@link Smoothing#MEDIAN}: odd, 1 to 999
 * @param emaSeconds    of {@link Smoothing#EMA}: after this time an old frame
 *                      weighs 1/e; above 0
 * @param temperature   above 0; divides the logits before the softmax
 * @param enter         a segment begins when its class is the largest with at
 *                      least this probability
 * @param leave         and ends when it falls below, at most {@code enter}
 * @param minSeconds    shorter segments are dropped
 */
public record TimelineOptions(Smoothing smoothing, int medianFrames,
                              double emaSeconds, double temperature,
                              double enter, double leave, double minSeconds) {
    /** EMA of 0.5 s (or the median of 5), temperature 1; 0.6, 0.4, 0.2 s. */
    public static final TimelineOptions DEFAULT =
        new TimelineOptions(Smoothing.EMA, 5, 0.5, 1, 0.6, 0.4, 0.2);

    /**
     * Checks that nothing is null.
     *
     * @param smoothing     of the probabilities
     * @param medianFrames  odd, 1 to 999
     * @param emaSeconds    above 0
     * @param temperature   above 0
     * @param enter         a probability
     * @param leave         at most {@code enter}
     * @param minSeconds    at least 0
     */
    public TimelineOptions {
        Objects.requireNonNull(smoothing, "smoothing");
    }

    /**
     * These options without smoothing.
     *
     * @return new options
     */
    public TimelineOptions withoutSmoothing() {
        return new TimelineOptions(Smoothing.NONE, medianFrames, emaSeconds,
                                   temperature, enter, leave, minSeconds);
    }

    /**
     * These options with {@link Smoothing#EMA}.
     *
     * @param seconds  after this time an old frame weighs 1/e
     * @return new options
     */
    public TimelineOptions withEma(double seconds) {
        return new TimelineOptions(Smoothing.EMA, medianFrames, seconds,
                                   temperature, enter, leave, minSeconds);
    }

    /**
     * These options with {@link Smoothing#MEDIAN}.
     *
     * @param frames  odd, 1 to 999
     * @return new options
     */
    public TimelineOptions withMedian(int frames) {
        return new TimelineOptions(Smoothing.MEDIAN, frames, emaSeconds,
                                   temperature, enter, leave, minSeconds);
    }

    /**
     * These options with another temperature.
     *
     * @param temperature  above 0
     * @return new options
     */
    public TimelineOptions withTemperature(double temperature) {
        return new TimelineOptions(smoothing, medianFrames, emaSeconds,
                                   temperature, enter, leave, minSeconds);
    }

    /**
     * These options with other bounds of segments.
     *
     * @param enter       a segment begins with at least this probability
     * @param leave       and ends when it falls below
     * @param minSeconds  shorter segments are dropped
     * @return new options
     */
    public TimelineOptions withSegments(double enter, double leave,
                                        double minSeconds) {
        return new TimelineOptions(smoothing, medianFrames, emaSeconds,
                                   temperature, enter, leave, minSeconds);
    }

    /** For the C library; the caller deletes it. */
    expclip_timeline_options toRaw() {
        expclip_timeline_options raw = new expclip_timeline_options();
        raw.setSmoothing(smoothing.code);
        raw.setMedian_frames(medianFrames);
        raw.setEma_seconds(emaSeconds);
        raw.setTemperature(temperature);
        raw.setEnter(enter);
        raw.setLeave(leave);
        raw.setMin_seconds(minSeconds);
        return raw;
    }
}
