// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Texts as the C library reads them. */
final class Utf8 {
    private Utf8() {
    }

    /** For a text that C ends with NUL, which may not hold one then. */
    static byte[] encode(String text) {
        if (text != null && text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("text holds NUL: \""
                + text.replace("\0", "\\0") + '"');
        }
        return encodeAny(text);
    }

    /** For a text that C takes with its size. */
    static byte[] encodeAny(String text) {
        return text == null ? null : text.getBytes(UTF_8);
    }

    /** All texts in one block, each ended by NUL. */
    static byte[] encodeAll(String[] texts) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (String text : texts) {
            block.writeBytes(encode(text));
            block.write(0);
        }
        return block.toByteArray();
    }

    static String decode(byte[] text) {
        return text == null ? null : new String(text, UTF_8);
    }
}
