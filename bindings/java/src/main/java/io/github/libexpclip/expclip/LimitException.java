// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** Larger than a limit allows. */
public final class LimitException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    LimitException(String message) {
        super(Status.LIMIT, message);
    }
}
