// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_embed_options;
import io.github.libexpclip.expclip.internal.expclip_image_options;
import java.util.Arrays;
import java.util.List;

/**
 * One answer for many frames: the weighted mean of their embeddings after the
 * head, before they get unit length, as in the paper's reference. Its memory
 * does not grow with the frames. Made by {@link Model#clip}; the model must
 * stay open. Threads that share one take turns.
 */
public final class Clip implements AutoCloseable {
    private static final int AT_ONCE = 32;

    private final Model model;
    private final Handle handle;

    Clip(Model model) {
        this.model = model;
        try (Handle.Lease m = model.handle.lend()) {
            handle = new Handle("clip", Raw.expclip_clip_create(m.pointer()),
                                Raw::expclip_clip_free);
        }
    }

    // ---- adding ----

    /**
     * Adds frames that count equally.
     *
     * @param images  any number of images; those that cannot be read are
     *                counted and left out
     * @throws CancelledException when interrupted; what was added before stays
     */
    public void addImages(List<Image> images) {
        int[] weights = new int[images.size()];
        Arrays.fill(weights, 1);
        addImages(images, weights, null);
    }

    /**
     * Adds frames.
     *
     * @param images   any number of images; those that cannot be read are
     *                 counted and left out
     * @param weights  how many times each counts, at least 1
     * @param cancel   ends the call; null = only an interrupt does
     * @throws IllegalArgumentException when the weights do not fit
     * @throws ArgumentException when an image's options are wrong
     * @throws CancelledException when cancelled or interrupted; what was added
     *     before stays
     */
    public synchronized void addImages(List<Image> images, int[] weights,
                                       CancelToken cancel) {
        List<Image> all = List.copyOf(images);
        check(weights, all.size());
        int done = 0;
        for (List<Image> part : Images.cut(all, AT_ONCE)) {
            try (Batch batch = new Batch(model.handle, part, cancel)) {
                add(batch, Arrays.copyOfRange(weights, done,
                                              done + part.size()), cancel);
            }
            done += part.size();
        }
    }

    private static void check(int[] weights, int expected) {
        if (weights.length != expected) {
            throw new IllegalArgumentException("weights: " + weights.length
                + ", expected one for each of " + expected + " images");
        }
        for (int i = 0; i < expected; i++) {
            if (weights[i] < 1) {
                throw new IllegalArgumentException("weights[" + i + "]: "
                    + weights[i] + ", expected at least 1");
            }
        }
    }

    /** Wrong arguments make no item, which would have no weight. */
    private void add(Batch batch, int[] weights, CancelToken cancel) {
        for (int i = 0; i < weights.length; i++) {
            if (!batch.hasItem(i)) {
                throw batch.error(i);
            }
        }
        try (Handle.Lease c = handle.lend()) {
            Call.run(cancel, token -> Raw.expclip_clip_add_images(
                c.pointer(), batch.pointer(), weights, token));
        }
    }

    /**
     * Reads frames to their end and adds them, a few at a time.
     *
     * @param frames  those that cannot be read are counted and left out
     * @param cancel  ends the call; null = only an interrupt does
     * @throws CancelledException when cancelled or interrupted; what was added
     *     before stays
     */
    public synchronized void addFrames(Frames frames, CancelToken cancel) {
        expclip_image_options raw = frames.imageToRaw();
        try (Handle.Lease m = model.handle.lend();
             Handle.Lease c = handle.lend();
             Handle.Lease f = frames.handle.lend()) {
            synchronized (frames) {
                Call.run(cancel, token -> Raw.expclip_clip_add_frames(
                    c.pointer(), f.pointer(), raw, token));
            }
        } finally {
            if (raw != null) {
                raw.delete();
            }
        }
    }

    // ---- what is in it ----

    /**
     * Frames in the mean, each counted once.
     *
     * @return their number
     */
    public synchronized long frameCount() {
        try (Handle.Lease c = handle.lend()) {
            return Raw.expclip_clip_frame_count(c.pointer());
        }
    }

    /**
     * Frames that could not be read.
     *
     * @return their number
     */
    public synchronized long failedCount() {
        try (Handle.Lease c = handle.lend()) {
            return Raw.expclip_clip_failed_count(c.pointer());
        }
    }

    /**
     * Why the first of them could not.
     *
     * @return a message; "" when there is none
     */
    public synchronized String message() {
        try (Handle.Lease c = handle.lend()) {
            return Raw.expclip_clip_message(c.pointer());
        }
    }

    /**
     * The embedding of the frames added until now.
     *
     * @param options  before or after the head, and length
     * @return the vector
     * @throws StateException when no frame is in it
     */
    public synchronized float[] embed(EmbedOptions options) {
        float[] vector = new float[model.width(options)];
        expclip_embed_options raw = options.toRaw();
        try (Handle.Lease c = handle.lend()) {
            Raw.expclip_clip_embed(vector, c.pointer(), raw);
        } finally {
            raw.delete();
        }
        return vector;
    }

    /**
     * Scores the frames added until now.
     *
     * @param classes  of the model, or of one of the same fingerprint
     * @return what they resemble
     * @throws StateException when no frame is in it, or the classes are another
     *     model's
     */
    public Prediction score(Classes classes) {
        return score(classes, 1, null);
    }

    synchronized Prediction score(Classes classes, float temperature,
                                  String source) {
        float[] logits = new float[classes.size()];
        try (Handle.Lease k = handle.lend();
             Handle.Lease c = classes.handle.lend()) {
            Raw.expclip_clip_score(logits, k.pointer(), c.pointer());
        }
        return Prediction.of(classes.names(), logits, temperature, source);
    }

    /** Forgets all frames. */
    public synchronized void clear() {
        try (Handle.Lease c = handle.lend()) {
            Raw.expclip_clip_clear(c.pointer());
        }
    }

    /** Frees it when the call that uses it has ended. May be repeated. */
    @Override
    public void close() {
        handle.close();
    }
}
