// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * A point in pixels of an image, from its upper left corner.
 *
 * @param x  to the right
 * @param y  downwards
 */
public record Point(float x, float y) {
}
