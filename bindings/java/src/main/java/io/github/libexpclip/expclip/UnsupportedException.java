// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** Well formed, but not handled. */
public final class UnsupportedException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnsupportedException(String message) {
        super(Status.UNSUPPORTED, message);
    }
}
