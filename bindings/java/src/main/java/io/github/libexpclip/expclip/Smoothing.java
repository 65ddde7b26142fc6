// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;

/** How a {@link Timeline} smooths probabilities. */
public enum Smoothing {
    /** Not at all. */
    NONE(Raw.EXPCLIP_SMOOTHING_NONE),
    /** Exponentially by time: right for a variable frame rate. */
    EMA(Raw.EXPCLIP_SMOOTHING_EMA),
    /**
     * By the median of the frames around, class by class, then made to add up
     * to 1 again.
     */
    MEDIAN(Raw.EXPCLIP_SMOOTHING_MEDIAN);

    final int code;

    Smoothing(int code) {
        this.code = code;
    }
}
