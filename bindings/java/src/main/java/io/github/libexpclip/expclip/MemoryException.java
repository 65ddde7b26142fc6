// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** There is not enough memory. */
public final class MemoryException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    MemoryException(String message) {
        super(Status.MEMORY, message);
    }
}
