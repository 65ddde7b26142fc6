// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** A queue is full: try again later. */
public final class BusyException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    BusyException(String message) {
        super(Status.BUSY, message);
    }
}
