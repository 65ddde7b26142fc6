// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** Damaged, or not what it claims to be. */
public class FormatException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    FormatException(String message) {
        this(Status.FORMAT, message);
    }

    FormatException(Status status, String message) {
        super(status, message);
    }
}
