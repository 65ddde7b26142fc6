// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** The call's {@link CancelToken} was raised, or its thread interrupted. */
public final class CancelledException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    CancelledException(String message) {
        super(Status.CANCELLED, message);
    }
}
