// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_image_options;

/**
 * How an image is read. Start from {@link #DEFAULT}.
 *
 * @param x               left side of the face box, in pixels after an EXIF
 *                        turn; what is outside the image is cut off
 * @param y               its upper side
 * @param width           its width; 0 = the whole image
 * @param height          its height; 0 = the whole image
 * @param margin          added on each side of the box, 0..1 of its width and
 *                        height
 * @param exif            whether to turn as the EXIF tag says
 * @param allowTruncated  whether to use what there is of a cut file
 * @param maxPixels       width times height at most
 */
public record ImageOptions(int x, int y, int width, int height, float margin,
                           boolean exif, boolean allowTruncated,
                           long maxPixels) {
    /** The whole image, not turned, not cut, at most 64 megapixels. */
    public static final ImageOptions DEFAULT =
        new ImageOptions(0, 0, 0, 0, 0, false, false, 1 << 26);

    /**
     * These options with a face box.
     *
     * @param x       left side, in pixels
     * @param y       upper side
     * @param width   above 0
     * @param height  above 0
     * @param margin  added on each side, 0..1 of width and height
     * @return new options
     */
    public ImageOptions withBox(int x, int y, int width, int height,
                                float margin) {
        return new ImageOptions(x, y, width, height, margin, exif,
                                allowTruncated, maxPixels);
    }

    /**
     * These options with or without a turn.
     *
     * @param exif  whether to turn as the EXIF tag says
     * @return new options
     */
    public ImageOptions withExif(boolean exif) {
        return new ImageOptions(x, y, width, height, margin, exif,
                                allowTruncated, maxPixels);
    }

    /**
     * These options with or without cut files.
     *
     * @param allowTruncated  whether to use what there is of a cut file
     * @return new options
     */
    public ImageOptions withAllowTruncated(boolean allowTruncated) {
        return new ImageOptions(x, y, width, height, margin, exif,
                                allowTruncated, maxPixels);
    }

    /**
     * These options with another limit.
     *
     * @param maxPixels  width times height at most
     * @return new options
     */
    public ImageOptions withMaxPixels(long maxPixels) {
        return new ImageOptions(x, y, width, height, margin, exif,
                                allowTruncated, maxPixels);
    }

    /** For the C library; the caller deletes it. */
    expclip_image_options toRaw() {
        expclip_image_options raw = new expclip_image_options();
        raw.setBox_x(x);
        raw.setBox_y(y);
        raw.setBox_width(width);
        raw.setBox_height(height);
        raw.setBox_margin(margin);
        raw.setExif(exif ? 1 : 0);
        raw.setAllow_truncated(allowTruncated ? 1 : 0);
        raw.setMax_pixels(maxPixels);
        return raw;
    }
}
