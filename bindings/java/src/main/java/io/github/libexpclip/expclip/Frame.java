// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

/**
 * One frame of a clip, scored.
 *
 * @param index       its place in the clip, from 0
 * @param time        in seconds, the presentation time of a video; -1 = not
 *                    known
 * @param weight      how many samples it stands for, at least 1
 * @param prediction  what it resembles; that of a damaged frame carries its
 *                    error
 */
public record Frame(long index, double time, int weight,
                    Prediction prediction) {
}
