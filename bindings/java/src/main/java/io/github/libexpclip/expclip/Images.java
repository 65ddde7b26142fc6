// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Images to numbers: cut into batches, decoded, computed, told apart. */
final class Images {
    /** Fills {@code rows}, one of each item of a native batch. */
    interface Compute {
        void run(float[] rows, long batch, long cancel);
    }

    private Images() {
    }

    static List<Prediction> score(Handle model, List<Image> images,
                                  Classes classes, ScoreOptions options,
                                  Compute compute) {
        List<Image> all = List.copyOf(images); // no null, and no change
        Objects.requireNonNull(classes, "classes");
        List<Prediction> found = new ArrayList<>(all.size());
        for (List<Image> part : cut(all, options.batchSize())) {
            try (Batch batch = new Batch(model, part, options.cancel())) {
                addPredictions(found, batch, classes, options,
                    rows(batch, classes.size(), options.cancel(), compute));
            }
        }
        return found;
    }

    /** Each item of the native batches is a face, or one whole image. */
    static List<ScoredFace> faces(Handle model, List<Image> images, Faces found,
                                  FaceChoice which, Classes classes,
                                  ScoreOptions options, Compute compute) {
        List<ScoredFace> scored = new ArrayList<>();
        for (List<Image> part : cut(images, options.batchSize())) {
            try (Batch batch = new Batch(model, part, options.cancel())) {
                if (!batch.hasItem(0)) { // wrong arguments, of all alike
                    throw batch.error(0);
                }
                float[] rows = rows(batch, classes.size(), options.cancel(),
                                    compute);
                for (int i = 0; i < batch.count(); i++) {
                    scored.add(face(batch, i, found, which, Prediction.of(
                        batch.pointer(), i, rows, classes, options.temperature(),
                        found.source())));
                }
            }
        }
        return scored;
    }

    private static ScoredFace face(Batch batch, int i, Faces found,
                                   FaceChoice which, Prediction prediction) {
        int index = Raw.expclip_batch_face(batch.pointer(), i);
        if (which != FaceChoice.ALL || index < 0) {
            prediction.orElseThrow();
        }
        return new ScoredFace(index, found.list().get(Math.max(0, index)),
                              prediction);
    }

    static List<Embedding> embed(Handle model, List<Image> images, int width,
                                 EmbedOptions options, Compute compute) {
        List<Image> all = List.copyOf(images);
        List<Embedding> found = new ArrayList<>(all.size());
        for (List<Image> part : cut(all, options.batchSize())) {
            try (Batch batch = new Batch(model, part, options.cancel())) {
                float[] rows = rows(batch, width, options.cancel(), compute);
                for (int i = 0; i < part.size(); i++) {
                    ExpclipException error = batch.error(i);
                    found.add(new Embedding(error != null ? new float[0]
                        : batch.row(rows, i, width), false, error));
                }
            }
        }
        return found;
    }

    /** The list in parts of {@code size}, the last one shorter. */
    static <T> List<List<T>> cut(List<T> all, int size) {
        List<List<T>> parts = new ArrayList<>();
        for (int i = 0; i < all.size(); i += size) {
            parts.add(all.subList(i, Math.min(all.size(), i + size)));
        }
        return parts;
    }

    private static float[] rows(Batch batch, int width, CancelToken cancel,
                                Compute compute) {
        float[] rows = new float[batch.count() * width];
        return Call.run(cancel, token -> {
            compute.run(rows, batch.pointer(), token);
            return rows;
        });
    }

    private static void addPredictions(List<Prediction> found, Batch batch,
                                       Classes classes, ScoreOptions options,
                                       float[] rows) {
        int width = classes.size();
        for (int i = 0; i < batch.images.size(); i++) {
            String source = batch.images.get(i).source();
            if (batch.error(i) != null) {
                found.add(Prediction.failed(source, batch.error(i)));
                continue;
            }
            found.add(Prediction.of(classes.names(), batch.row(rows, i, width),
                                    options.temperature(), source));
        }
    }
}
