// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.util.List;

/**
 * A face in pixels of its image, after all turning. Parts of it may lie outside
 * the image.
 *
 * @param x       left side of its box
 * @param y       upper side
 * @param width   of the box
 * @param height  of the box, from forehead to chin
 * @param score   0..1, how sure the detector is
 * @param points  the right eye, the left eye, the tip of the nose, the right
 *                and the left corner of the mouth; right and left are the
 *                person's
 */
public record Face(float x, float y, float width, float height, float score,
                   List<Point> points) {
    /** Numbers of a face, as expclip_faces_copy() orders them. */
    static final int NUMBERS = 15;

    /**
     * A face with a copy of the points.
     *
     * @param x       left side of its box
     * @param y       upper side
     * @param width   of the box
     * @param height  of the box
     * @param score   0..1
     * @param points  five of them
     */
    public Face {
        points = List.copyOf(points);
    }

    /** Reads the numbers of one face, which begin at {@code at}. */
    static Face of(float[] numbers, int at) {
        Point[] points = new Point[5];
        for (int i = 0; i < points.length; i++) {
            points[i] = new Point(numbers[at + 4 + 2 * i],
                                  numbers[at + 5 + 2 * i]);
        }
        return new Face(numbers[at], numbers[at + 1], numbers[at + 2],
                        numbers[at + 3], numbers[at + 14], List.of(points));
    }
}
