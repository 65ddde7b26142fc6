// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** The system could not read or write. */
public final class ReadException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    ReadException(String message) {
        super(Status.IO, message);
    }
}
