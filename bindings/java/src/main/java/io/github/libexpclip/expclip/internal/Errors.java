// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip.internal;

import io.github.libexpclip.expclip.ExpclipException;

/** Called by the native layer when a function of the C library fails. */
final class Errors {
    private Errors() {
    }

    static void raise(int code, byte[] message) {
        throw ExpclipException.of(code, Utf8.decode(message));
    }
}
