// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;

/** Which frames of a clip are read. */
public enum Sampling {
    /** All of them. */
    ALL(Raw.EXPCLIP_SAMPLING_ALL),
    /**
     * The rule of the paper's reference: the middles of equal parts; of a clip
     * that has no more frames than samples the first one alone.
     */
    EXACT(Raw.EXPCLIP_SAMPLING_EXACT),
    /**
     * The same middles; of a clip that has no more frames than samples all,
     * the last one standing for those that are missing.
     */
    SPREAD(Raw.EXPCLIP_SAMPLING_SPREAD);

    final int code;

    Sampling(int code) {
        this.code = code;
    }
}
