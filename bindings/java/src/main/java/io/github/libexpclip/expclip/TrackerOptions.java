// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_tracker_options;

/**
 * How faces are followed. Start from {@link #DEFAULT}.
 *
 * @param upper  a face that opens a track has at least this score
 * @param lower  a face that continues one has at least this score, 0 to upper
 * @param reach  face widths per second that a face may move, 0.1 to 100
 * @param hits   frames with a face until its track opens, 1 to 16
 * @param lost   seconds without its face after which a track ends, 0 to 60
 */
public record TrackerOptions(float upper, float lower, float reach, int hits,
                             double lost) {
    /** Scores of 0.7 and 0.3, 12 widths a second, 2 frames, 0.5 s. */
    public static final TrackerOptions DEFAULT =
        new TrackerOptions(0.7f, 0.3f, 12, 2, 0.5);

    /**
     * These options with another upper score.
     *
     * @param upper  a face that opens a track has at least this score
     * @return new options
     */
    public TrackerOptions withUpper(float upper) {
        return new TrackerOptions(upper, lower, reach, hits, lost);
    }

    /**
     * These options with another lower score.
     *
     * @param lower  a face that continues one has at least this score, 0 to
     *               upper
     * @return new options
     */
    public TrackerOptions withLower(float lower) {
        return new TrackerOptions(upper, lower, reach, hits, lost);
    }

    /**
     * These options with another reach.
     *
     * @param reach  face widths per second that a face may move, 0.1 to 100
     * @return new options
     */
    public TrackerOptions withReach(float reach) {
        return new TrackerOptions(upper, lower, reach, hits, lost);
    }

    /**
     * These options with another number of hits.
     *
     * @param hits  frames with a face until its track opens, 1 to 16
     * @return new options
     */
    public TrackerOptions withHits(int hits) {
        return new TrackerOptions(upper, lower, reach, hits, lost);
    }

    /**
     * These options with another patience.
     *
     * @param lost  seconds without its face after which a track ends, 0 to 60
     * @return new options
     */
    public TrackerOptions withLost(double lost) {
        return new TrackerOptions(upper, lower, reach, hits, lost);
    }

    /** For the C library; the caller deletes it. */
    expclip_tracker_options toRaw() {
        expclip_tracker_options raw = new expclip_tracker_options();
        raw.setUpper(upper);
        raw.setLower(lower);
        raw.setReach(reach);
        raw.setHits(hits);
        raw.setLost(lost);
        return raw;
    }
}
