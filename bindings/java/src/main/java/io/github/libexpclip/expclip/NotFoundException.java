// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** No such file, model, prompt set or class. */
public final class NotFoundException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    NotFoundException(String message) {
        super(Status.NOT_FOUND, message);
    }
}
