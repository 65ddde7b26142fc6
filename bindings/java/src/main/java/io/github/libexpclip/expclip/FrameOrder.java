// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;

/** How the files of a folder are sorted. */
public enum FrameOrder {
    /** As people count: 2 before 10. */
    NATURAL(Raw.EXPCLIP_ORDER_NATURAL),
    /** By bytes, as the paper's reference: 10 before 2. */
    STRING(Raw.EXPCLIP_ORDER_STRING);

    final int code;

    FrameOrder(int code) {
        this.code = code;
    }
}
