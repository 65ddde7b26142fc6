// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_detector_options;
import java.nio.file.Path;

/**
 * How faces are found. Start from {@link #DEFAULT}, for a {@link Tracker} from
 * {@link #VIDEO}.
 *
 * @param weights    a safetensors file with other weights of the same shapes;
 *                   null = those in the library
 * @param threshold  a face has at least this score, 0..1
 * @param longSide   a larger image is shrunk to this many pixels, 32 to
 *                   8192, and looked at twice as large where no face is found
 * @param smallest   pixels that a face is high at least
 * @param quick      whether to look first with a long side of 320, and no more
 *                   when that shows one close face
 * @param turn       whether to look, where no face is found, also at the image
 *                   turned by 90, 180 and 270 degrees
 * @param threads    in one call; 0 = one per core
 */
public record DetectorOptions(Path weights, float threshold, int longSide,
                              int smallest, boolean quick, boolean turn,
                              int threads) {
    /** Scores from 0.7, a long side of 640, faces of 20 pixels. */
    public static final DetectorOptions DEFAULT =
        new DetectorOptions(null, 0.7f, 640, 20, false, false, 0);
    /** The same with scores from 0.3: unsure faces continue tracks. */
    public static final DetectorOptions VIDEO = DEFAULT.withThreshold(
        TrackerOptions.DEFAULT.lower());

    /**
     * These options with another file of weights.
     *
     * @param weights  a safetensors file with other weights of the same shapes;
     *                 null = those in the library
     * @return new options
     */
    public DetectorOptions withWeights(Path weights) {
        return new DetectorOptions(weights, threshold, longSide, smallest,
                                   quick, turn, threads);
    }

    /**
     * These options with another threshold.
     *
     * @param threshold  a face has at least this score, 0..1
     * @return new options
     */
    public DetectorOptions withThreshold(float threshold) {
        return new DetectorOptions(weights, threshold, longSide, smallest,
                                   quick, turn, threads);
    }

    /**
     * These options with another size.
     *
     * @param longSide  a larger image is shrunk to this many pixels, 32 to
     *                  8192, and looked at twice as large where no face is
     *                  found
     * @return new options
     */
    public DetectorOptions withLongSide(int longSide) {
        return new DetectorOptions(weights, threshold, longSide, smallest,
                                   quick, turn, threads);
    }

    /**
     * These options with another smallest face.
     *
     * @param smallest  pixels that a face is high at least
     * @return new options
     */
    public DetectorOptions withSmallest(int smallest) {
        return new DetectorOptions(weights, threshold, longSide, smallest,
                                   quick, turn, threads);
    }

    /**
     * These options with another first look.
     *
     * @param quick  whether to look first with a long side of 320, and no more
     *               when that shows one close face
     * @return new options
     */
    public DetectorOptions withQuick(boolean quick) {
        return new DetectorOptions(weights, threshold, longSide, smallest,
                                   quick, turn, threads);
    }

    /**
     * These options with another choice of turns.
     *
     * @param turn  whether to look, where no face is found, also at the image
     *              turned by 90, 180 and 270 degrees
     * @return new options
     */
    public DetectorOptions withTurn(boolean turn) {
        return new DetectorOptions(weights, threshold, longSide, smallest,
                                   quick, turn, threads);
    }

    /**
     * These options with another number of threads.
     *
     * @param threads  in one call; 0 = one per core
     * @return new options
     */
    public DetectorOptions withThreads(int threads) {
        return new DetectorOptions(weights, threshold, longSide, smallest,
                                   quick, turn, threads);
    }

    /** For the C library; the caller deletes it. */
    expclip_detector_options toRaw() {
        expclip_detector_options raw = new expclip_detector_options();
        raw.setWeights(weights == null ? null : Expclip.fileName(weights));
        raw.setThreshold(threshold);
        raw.setLong_side(longSide);
        raw.setSmallest(smallest);
        raw.setQuick(quick ? 1 : 0);
        raw.setTurn(turn ? 1 : 0);
        raw.setThreads(threads);
        return raw;
    }
}
