// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * A face and what it resembles.
 *
 * @param index       of the face among {@link Faces#list}; -1 when the whole
 *                    image was scored, since it shows one close face
 *                    ({@link FaceChoice#AUTO})
 * @param face        the face, also of a whole image
 * @param prediction  what it resembles; that of a crop which failed carries its
 *                    error
 */
public record ScoredFace(int index, Face face, Prediction prediction) {
}
