// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.util.Map;

/**
 * The smoothed probabilities of one moment.
 *
 * @param time           in seconds
 * @param probabilities  of each class, in their order; they add up to 1
 */
public record TimelineRow(double time, Map<String, Float> probabilities) {
}
