// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * An image or a text as a vector.
 *
 * @param vector     the embedding; empty when the image failed
 * @param truncated  whether the text was longer than the context and was cut
 * @param error      why the image failed, else null
 */
public record Embedding(float[] vector, boolean truncated,
                        ExpclipException error) {
    /**
     * The vector.
     *
     * @return {@link #vector}
     * @throws ExpclipException the error, if there is one
     */
    public float[] orElseThrow() {
        if (error != null) {
            throw error;
        }
        return vector;
    }
}
