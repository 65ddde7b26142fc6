// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * A time in which one class stays the most probable.
 *
 * @param label        name of the class
 * @param start        time of the first frame, in seconds
 * @param end          time of the frame that ended it, in seconds
 * @param probability  mean of the class over the frames, 0..1
 */
public record Segment(String label, double start, double end,
                      double probability) {
}
