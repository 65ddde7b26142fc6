// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * The path of a face in one video, which has ended. It tells no person: who
 * goes and comes back is a new track.
 *
 * @param number  from 0, of its tracker
 * @param frames  in which its face was found
 * @param first   seconds: the time of the first of them
 * @param last    seconds: the time of the last of them
 */
public record Track(long number, long frames, double first, double last) {
}
