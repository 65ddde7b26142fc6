// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;

/** The order of the channels of raw pixels, of 8 bits each. */
public enum PixelLayout {
    /** Red, green, blue. */
    RGB(Raw.EXPCLIP_PIXELS_RGB, 3),
    /** Blue, green, red. */
    BGR(Raw.EXPCLIP_PIXELS_BGR, 3),
    /** Red, green, blue, alpha, which is dropped. */
    RGBA(Raw.EXPCLIP_PIXELS_RGBA, 4),
    /** Blue, green, red, alpha, which is dropped. */
    BGRA(Raw.EXPCLIP_PIXELS_BGRA, 4),
    /** One channel. */
    GREY(Raw.EXPCLIP_PIXELS_GREY, 1);

    final int code;
    private final int channels;

    PixelLayout(int code, int channels) {
        this.code = code;
        this.channels = channels;
    }

    /**
     * Bytes per pixel.
     *
     * @return 1, 3 or 4
     */
    public int channels() {
        return channels;
    }
}
