// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * Pixels of an image or of a part of it.
 *
 * @param x       left side of the part, 0 of the whole
 * @param y       upper side of the part, 0 of the whole
 * @param width   of it
 * @param height  of it
 * @param rgb     height * width * 3 bytes: red, green, blue, in rows from the
 *                top
 * @see BufferedImages#from
 */
public record Pixels(int x, int y, int width, int height, byte[] rgb) {
}
