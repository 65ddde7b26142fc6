// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.Serial;

/** No face was found in an image; the message says how close it was. */
public final class NoFaceException extends ExpclipException {
    @Serial
    private static final long serialVersionUID = 1L;

    NoFaceException(String message) {
        super(Status.NO_FACE, message);
    }
}
