// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_frames_options;
import java.util.Objects;

/**
 * Which frames of a clip are read, and how. Start from {@link #DEFAULT} or
 * {@link #ALL}.
 *
 * @param sampling    which frames
 * @param samples     how many of them, at least 1
 * @param order       of the files of a folder
 * @param rotate      whether to turn a video as its metadata says
 * @param frameCount  sample as if there were this many frames, as a list says;
 *                    0 = as many as there are
 * @param start       seconds; frames from here on
 * @param end         seconds; frames before it; 0 = all
 * @param frameRate   of a folder, a second; gives the frames their times
 * @param image       how each frame is read, such as its face box
 */
public record FramesOptions(Sampling sampling, int samples, FrameOrder order,
                            boolean rotate, long frameCount, double start,
                            double end, double frameRate, ImageOptions image) {
    /** 16 frames, spread; natural order, turned, 25 frames a second. */
    public static final FramesOptions DEFAULT =
        new FramesOptions(Sampling.SPREAD, 16, FrameOrder.NATURAL, true, 0, 0,
                          0, 25, ImageOptions.DEFAULT);
    /** The same with all frames. */
    public static final FramesOptions ALL = DEFAULT.withSampling(Sampling.ALL);

    /**
     * Checks that nothing is null.
     *
     * @param sampling    which frames
     * @param samples     how many of them
     * @param order       of the files of a folder
     * @param rotate      whether to turn a video
     * @param frameCount  0 = as many as there are
     * @param start       seconds
     * @param end         seconds; 0 = all
     * @param frameRate   of a folder
     * @param image       how each frame is read
     */
    public FramesOptions {
        Objects.requireNonNull(sampling, "sampling");
        Objects.requireNonNull(order, "order");
        Objects.requireNonNull(image, "image");
    }

    /**
     * These options with another choice of frames.
     *
     * @param sampling  which frames
     * @return new options
     */
    public FramesOptions withSampling(Sampling sampling) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /**
     * These options with more or fewer samples.
     *
     * @param samples  how many frames, at least 1
     * @return new options
     */
    public FramesOptions withSamples(int samples) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /**
     * These options with another order.
     *
     * @param order  of the files of a folder
     * @return new options
     */
    public FramesOptions withOrder(FrameOrder order) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /**
     * These options with or without a turn.
     *
     * @param rotate  whether to turn a video as its metadata says
     * @return new options
     */
    public FramesOptions withRotate(boolean rotate) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /**
     * These options with another number of frames to sample from.
     *
     * @param frameCount  0 = as many as there are
     * @return new options
     */
    public FramesOptions withFrameCount(long frameCount) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /**
     * These options for a part of the clip.
     *
     * @param start  seconds; frames from here on
     * @param end    seconds; frames before it; 0 = all
     * @return new options
     */
    public FramesOptions withTimes(double start, double end) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /**
     * These options with another frame rate.
     *
     * @param frameRate  of a folder, a second
     * @return new options
     */
    public FramesOptions withFrameRate(double frameRate) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /**
     * These options with other ones for each frame.
     *
     * @param image  such as a face box
     * @return new options
     */
    public FramesOptions withImage(ImageOptions image) {
        return new FramesOptions(sampling, samples, order, rotate, frameCount,
                                 start, end, frameRate, image);
    }

    /** For the C library; the caller deletes it. */
    expclip_frames_options toRaw() {
        expclip_frames_options raw = new expclip_frames_options();
        raw.setSampling(sampling.code);
        raw.setN_samples(samples);
        raw.setOrder(order.code);
        raw.setRotate(rotate ? 1 : 0);
        raw.setFrame_count(frameCount);
        raw.setStart(start);
        raw.setEnd(end);
        raw.setFrame_rate(frameRate);
        return raw;
    }
}
