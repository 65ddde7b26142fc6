// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.expclip_convert_options;

/**
 * What {@link Expclip#convert} writes. Start from {@link #DEFAULT}.
 *
 * @param head         as in {@link Model.Builder#head(String)}
 * @param preprocess   as in {@link Model.Builder#preprocess}
 * @param activation   as in {@link Model.Builder#activation}
 * @param dtype        "fp32", "fp16" or "bf16"
 * @param compactHead  whether to keep R of the head's QR only: equal cosines,
 *                     1/8 of the size at 4096 x 512
 */
public record ConvertOptions(String head, String preprocess, String activation,
                             String dtype, boolean compactHead) {
    /** All as the files say, in fp16, with the whole head. */
    public static final ConvertOptions DEFAULT =
        new ConvertOptions("auto", "auto", "auto", "fp16", false);

    /**
     * These options with another head.
     *
     * @param head  "auto", "none", or the path of a head
     * @return new options
     */
    public ConvertOptions withHead(String head) {
        return new ConvertOptions(head, preprocess, activation, dtype,
                                  compactHead);
    }

    /**
     * These options with another type of numbers.
     *
     * @param dtype  "fp32", "fp16" or "bf16"
     * @return new options
     */
    public ConvertOptions withDtype(String dtype) {
        return new ConvertOptions(head, preprocess, activation, dtype,
                                  compactHead);
    }

    /**
     * These options with a smaller or the whole head.
     *
     * @param compactHead  whether to keep R of the head's QR only
     * @return new options
     */
    public ConvertOptions withCompactHead(boolean compactHead) {
        return new ConvertOptions(head, preprocess, activation, dtype,
                                  compactHead);
    }

    /** For the C library; the caller deletes it. */
    expclip_convert_options toRaw() {
        expclip_convert_options raw = new expclip_convert_options();
        try {
            raw.setHead(head);
            raw.setPreprocess(preprocess);
            raw.setActivation(activation);
            raw.setDtype(dtype);
            raw.setCompact_head(compactHead ? 1 : 0);
            return raw;
        } catch (RuntimeException e) {
            raw.delete();
            throw e;
        }
    }
}
