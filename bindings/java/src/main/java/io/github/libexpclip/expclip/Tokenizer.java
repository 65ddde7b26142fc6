// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import java.util.Arrays;
import java.util.Objects;

/**
 * CLIP's byte-pair encoder. Immutable: share it between threads. Needs no
 * libtorch.
 */
public final class Tokenizer implements AutoCloseable {
    private static final int CONTEXT_LENGTH = 77;
    private static final int VOCABULARY_SIZE = 49408;

    private final Handle handle;

    /** CLIP's 49408 tokens. */
    public Tokenizer() {
        this(VOCABULARY_SIZE);
    }

    /**
     * The first merges only.
     *
     * @param vocabularySize  as {@link Model#vocabularySize} says
     */
    public Tokenizer(int vocabularySize) {
        NativeLoader.load();
        handle = new Handle("tokenizer",
                            Raw.expclip_tokenizer_create(vocabularySize),
                            Raw::expclip_tokenizer_free);
    }

    /**
     * Token ids of a text, cut at 77.
     *
     * @param text  any text, also with NUL
     * @return the ids, start and end included, without padding
     */
    public int[] encode(String text) {
        return encode(text, CONTEXT_LENGTH);
    }

    /**
     * Token ids of a text.
     *
     * @param text           any text, also with NUL
     * @param contextLength  ids at most; the last of a cut text is the end
     * @return the ids, start and end included, without padding
     */
    public int[] encode(String text, int contextLength) {
        Objects.requireNonNull(text, "text");
        int[] ids = new int[contextLength];
        try (Handle.Lease t = handle.lend()) {
            long count = Raw.expclip_tokenizer_encode(ids, null, t.pointer(),
                                                      text);
            return Arrays.copyOf(ids, (int) count);
        }
    }

    /** Frees it when the calls that use it have ended. May be repeated. */
    @Override
    public void close() {
        handle.close();
    }
}
