// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** The file ends too early. */
public final class TruncatedException extends FormatException {
    @Serial
    private static final long serialVersionUID = 1L;

    TruncatedException(String message) {
        super(Status.TRUNCATED, message);
    }
}
