// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * A frame of a video, with its faces and their tracks.
 *
 * @param index   its place in the clip, from 0
 * @param time    in seconds
 * @param faces   of the frame; closed when the next frame is read, but its
 *                {@link Faces#list} stays
 * @param tracks  the number of each face's track, -1 when it has none (yet)
 */
public record TrackedFrame(long index, double time, Faces faces, int[] tracks) {
}
