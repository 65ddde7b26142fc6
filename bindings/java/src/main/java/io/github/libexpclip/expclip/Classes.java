// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A class set: what images are compared with. Embedded by a model
 * ({@link Model#classes(int)}), which it may outlive, or read from a file.
 * Immutable: share it between threads. To close it is needed only where memory
 * matters.
 */
public final class Classes implements AutoCloseable {
    final Handle handle;
    private final List<String> names;

    Classes(long pointer) {
        handle = new Handle("classes", pointer, Raw::expclip_classes_free);
        names = LongStream.range(0, Raw.expclip_classes_count(pointer))
            .mapToObj(i -> Raw.expclip_classes_name(pointer, i)).toList();
    }

    /**
     * Reads a file that {@link #save} wrote: scoring then needs no text
     * encoder.
     *
     * @param path  of the file
     * @return the class set
     * @throws NotFoundException when there is no such file
     * @throws FormatException when it is damaged, or another thing
     */
    public static Classes load(Path path) {
        NativeLoader.load();
        return new Classes(Raw.expclip_classes_load(Expclip.fileName(path)));
    }

    /**
     * Writes names, prompts and vectors. The file is replaced only when all is
     * written, and only when it is one of this library.
     *
     * @param path  of the file
     * @throws ReadException when the system cannot write it
     * @throws ArgumentException when another file is there, or the name is an
     *                           image's: {@link #save(Path, boolean)}
     */
    public void save(Path path) {
        try (Handle.Lease c = handle.lend()) {
            Raw.expclip_classes_save(c.pointer(), Expclip.fileName(path));
        }
    }

    /**
     * Writes names, prompts and vectors. The file is replaced only when all is
     * written.
     *
     * @param path       of the file
     * @param overwrite  whether to replace whatever is there
     * @throws ReadException when the system cannot write it
     */
    public void save(Path path, boolean overwrite) {
        if (overwrite) {
            Output.replace(path, this::save);
        } else {
            save(path);
        }
    }

    /**
     * The names, in order.
     *
     * @return a list of {@link #size} names
     */
    public List<String> names() {
        return names;
    }

    /**
     * Number of classes.
     *
     * @return at least 1
     */
    public int size() {
        return names.size();
    }

    /**
     * What the classes were made of.
     *
     * @return a copy of names and prompts
     */
    public Prompts prompts() {
        try (Handle.Lease c = handle.lend()) {
            return Prompts.take(Raw.expclip_classes_prompts(c.pointer()));
        }
    }

    /**
     * Length of the embeddings that {@link #scoreEmbeddings(float[][], String)}
     * takes.
     *
     * @return the model's {@link Model#projectedDim}
     */
    public int dim() {
        try (Handle.Lease c = handle.lend()) {
            return Raw.expclip_classes_dim(c.pointer());
        }
    }

    /**
     * The model that embedded them.
     *
     * @return its {@link Model#fingerprint}
     */
    public String modelFingerprint() {
        try (Handle.Lease c = handle.lend()) {
            return Raw.expclip_classes_model_fingerprint(c.pointer());
        }
    }

    /**
     * Prompts that were longer than the model's context and were cut.
     *
     * @return their number
     */
    public long truncatedCount() {
        try (Handle.Lease c = handle.lend()) {
            return Raw.expclip_classes_truncated_count(c.pointer());
        }
    }

    /**
     * Logits of embeddings made before, with {@code projected}.
     *
     * @param embeddings        [n, {@link #dim}]; a row with NaN gives NaN
     * @param modelFingerprint  of the model that made them; null = you know
     *                          that they belong to these classes
     * @return logits [n, {@link #size}]
     * @throws StateException when they are another model's
     */
    public float[][] scoreEmbeddings(float[][] embeddings,
                                     String modelFingerprint) {
        float[][] logits = new float[embeddings.length][size()];
        try (Handle.Lease c = handle.lend()) {
            for (int i = 0; i < embeddings.length; i++) {
                Raw.expclip_classes_score_embeddings(logits[i], c.pointer(),
                                             embeddings[i], modelFingerprint);
            }
        }
        return logits;
    }

    /**
     * Logits of embeddings made before, with {@code projected}, in direct
     * buffers of native order and without a copy. Positions do not move.
     *
     * @param logits            to be filled from position to limit: n *
     *                          {@link #size} numbers
     * @param embeddings        n * {@link #dim} numbers
     * @param modelFingerprint  as above
     * @throws ArgumentException when the sizes do not fit
     */
    public void scoreEmbeddings(FloatBuffer logits, FloatBuffer embeddings,
                                String modelFingerprint) {
        try (Handle.Lease c = handle.lend()) {
            Raw.expclip_classes_score_embeddings(logits, c.pointer(), embeddings,
                                         modelFingerprint);
        }
    }

    /** Frees it when the calls that use it have ended. May be repeated. */
    @Override
    public void close() {
        handle.close();
    }

    @Override
    public String toString() {
        return "Classes" + names;
    }
}
