// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_crop_options;

/**
 * The square around a face that an encoder sees. Start from {@link #DEFAULT}.
 *
 * @param side     of the square in heights of the face's box, 0.5 to 4; 0 = as
 *                 the model says ({@link Model#cropSide}), 1.4 without one
 * @param up       how many heights of the box the square's centre lies above
 *                 the box's, -1 to 1
 * @param upright  whether to turn the crop so that the eyes are level, when
 *                 they are tilted by more than 15 degrees
 */
public record CropOptions(float side, float up, boolean upright) {
    /** As the model says, not turned. */
    public static final CropOptions DEFAULT = new CropOptions(0, 0, false);

    /**
     * These options with another square.
     *
     * @param side  in heights of the box, 0.5 to 4
     * @param up    in heights of the box, -1 to 1
     * @return new options
     */
    public CropOptions withSquare(float side, float up) {
        return new CropOptions(side, up, upright);
    }

    /**
     * These options with or without a turn.
     *
     * @param upright  whether to turn the crop so that the eyes are level
     * @return new options
     */
    public CropOptions withUpright(boolean upright) {
        return new CropOptions(side, up, upright);
    }

    /** For the C library; the caller deletes it. */
    expclip_crop_options toRaw() {
        expclip_crop_options raw = new expclip_crop_options();
        raw.setSide(side);
        raw.setUp(up);
        raw.setUpright(upright ? 1 : 0);
        return raw;
    }
}
