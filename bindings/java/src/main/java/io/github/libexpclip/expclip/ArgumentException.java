// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** A parameter is wrong. */
public final class ArgumentException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    ArgumentException(String message) {
        super(Status.ARGUMENT, message);
    }
}
