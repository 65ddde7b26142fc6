// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * A face of an earlier frame, whose track has just opened.
 *
 * @param number  of its track
 * @param frame   counted from 0 over the calls of {@link Tracker#add}
 * @param face    index in that frame's {@link Faces#list}
 */
public record TrackFace(long number, long frame, int face) {
}
