// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** The object was closed. */
public final class ClosedException extends StateException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Made by whoever finds the object closed.
     *
     * @param message  names the object
     */
    public ClosedException(String message) {
        super(Status.STATE, message);
    }
}
