// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How much one image resembles each class; never what a person feels.
 *
 * @param label          name of the best class; null when the image failed
 * @param probability    of the best class, 0..1; NaN when the image failed
 * @param probabilities  of each class, in their order; they add up to 1. Empty
 *                       when the image failed
 * @param logits         logit scale * cosine of each class, in their order,
 *                       before the temperature. Empty when the image failed
 * @param source         path of the image's file or of the clip, else null
 * @param error          why the image failed, else null
 */
public record Prediction(String label, float probability,
                         Map<String, Float> probabilities, float[] logits,
                         String source, ExpclipException error) {

    static Prediction failed(String source, ExpclipException error) {
        return new Prediction(null, Float.NaN, Map.of(), new float[0], source,
                              error);
    }

    static Prediction of(List<String> names, float[] logits, float temperature,
                         String source) {
        float[] probabilities = Expclip.softmax(logits, temperature);
        int best = (int) Raw.expclip_logits_argmax(logits);
        return new Prediction(names.get(best), probabilities[best],
                              map(names, probabilities), logits, source, null);
    }

    /** Of an item of a native batch. */
    static Prediction of(long batch, int i, float[] rows, Classes classes,
                         float temperature, String source) {
        int code = Raw.expclip_batch_status(batch, i);
        int width = classes.size();
        return code != 0
            ? failed(source, ExpclipException.of(
                code, Raw.expclip_batch_message(batch, i)))
            : of(classes.names(), Arrays.copyOfRange(
                rows, i * width, (i + 1) * width), temperature, source);
    }

    static Map<String, Float> map(List<String> names, float[] probabilities) {
        Map<String, Float> map = new LinkedHashMap<>();
        for (int i = 0; i < probabilities.length; i++) {
            map.put(names.get(i), probabilities[i]);
        }
        return Collections.unmodifiableMap(map);
    }

    /**
     * Whether the image was scored.
     *
     * @return false when there is an error
     */
    public boolean isOk() {
        return error == null;
    }

    /**
     * This prediction.
     *
     * @return this
     * @throws ExpclipException the error, if there is one
     */
    public Prediction orElseThrow() {
        if (error != null) {
            throw error;
        }
        return this;
    }

    /**
     * The most probable classes.
     *
     * @param k  how many at most
     * @return names and probabilities, best first; equals in their order
     */
    public List<Map.Entry<String, Float>> top(int k) {
        return probabilities.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(k).toList();
    }

    @Override
    public String toString() {
        String from = source == null ? "" : source + ": ";
        return error != null ? from + error.status() + ": " + error.getMessage()
            : String.format(Locale.ROOT, "%s%s %.3f", from, label, probability);
    }
}
