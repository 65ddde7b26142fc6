// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** Objects that do not belong together, such as classes of another model. */
public class StateException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    StateException(String message) {
        this(Status.STATE, message);
    }

    StateException(Status status, String message) {
        super(status, message);
    }
}
