// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** libtorch, or the library itself, is missing or failed. */
public final class BackendException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    BackendException(String message) {
        super(Status.BACKEND, message);
    }
}
