// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;

/** How a class with several prompts gets one score. */
public enum Pooling {
    /** The mean of the prompts' logits, as in the paper. */
    LOGITS(Raw.EXPCLIP_POOLING_LOGITS),
    /** The unit mean of the prompts' embeddings, as in open_clip. */
    EMBEDDINGS(Raw.EXPCLIP_POOLING_EMBEDDINGS);

    final int code;

    Pooling(int code) {
        this.code = code;
    }
}
