// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_batcher_options;
import io.github.libexpclip.expclip.internal.expclip_embed_options;
import java.util.List;

/**
 * For services: a queue before a model, so that the images of many threads'
 * calls go through one forward pass. Share it between threads; each decodes
 * its own images and waits for its results. The model must stay open.
 */
public final class Batcher implements AutoCloseable {
    private final Model model;
    private final Handle handle;

    /**
     * Starts a worker thread for a model.
     *
     * @param model    stays the caller's
     * @param options  size, delay and queue
     * @throws ArgumentException when a number is out of range
     */
    public Batcher(Model model, BatcherOptions options) {
        expclip_batcher_options raw = options.toRaw();
        try (Handle.Lease m = model.handle.lend()) {
            this.model = model;
            handle = new Handle("batcher",
                                Raw.expclip_batcher_create(m.pointer(), raw),
                                Raw::expclip_batcher_free);
        } finally {
            raw.delete();
        }
    }

    /**
     * Scores one image.
     *
     * @param image    the image
     * @param classes  of the model
     * @return what it resembles
     * @throws BusyException at once when the queue is full
     * @throws ExpclipException as {@link Model#score(Image, Classes)}
     */
    public Prediction score(Image image, Classes classes) {
        return score(List.of(image), classes, ScoreOptions.DEFAULT).get(0)
            .orElseThrow();
    }

    /**
     * Scores the images of one request.
     *
     * @param images   not more than the queue holds
     * @param classes  of the model
     * @param options  temperature and cancelling; the batch size is the
     *                 batcher's
     * @return predictions in the order of the images; those that failed
     *     carry their error and harm no other
     * @throws BusyException at once when the queue is full
     * @throws CancelledException when cancelled or interrupted
     */
    public List<Prediction> score(List<Image> images, Classes classes,
                                  ScoreOptions options) {
        return Images.score(model.handle, images, classes,
            options.withBatchSize(Math.max(1, images.size())), scorer(classes));
    }

    private Images.Compute scorer(Classes classes) {
        return (logits, batch, cancel) -> {
            try (Handle.Lease b = handle.lend();
                 Handle.Lease c = classes.handle.lend()) {
                Raw.expclip_batcher_score_images(logits, b.pointer(),
                                                 c.pointer(), batch, cancel);
            }
        };
    }

    /**
     * Scores the faces of one request.
     *
     * @param found    by a detector; not more faces than the queue holds
     * @param which    of the faces
     * @param classes  of the model
     * @param crop     what is seen of a face
     * @param options  temperature and cancelling; the batch size is the
     *                 batcher's
     * @return as {@link Model#faces(Faces, FaceChoice, Classes, CropOptions,
     *     ScoreOptions)}
     * @throws BusyException at once when the queue is full
     * @throws NoFaceException when there is none and {@code which} is not
     *     {@link FaceChoice#ALL}
     * @throws CancelledException when cancelled or interrupted
     */
    public List<ScoredFace> faces(Faces found, FaceChoice which,
                                  Classes classes, CropOptions crop,
                                  ScoreOptions options) {
        int size = Math.max(1, found.count());
        return Images.faces(model.handle, found.images(which, crop, size),
                            found, which, classes, options.withBatchSize(size),
                            scorer(classes));
    }

    /**
     * Embeds the images of one request.
     *
     * @param images   not more than the queue holds
     * @param options  before or after the head, length, cancelling; the batch
     *                 size is the batcher's
     * @return embeddings in the order of the images; those that failed carry
     *     their error and harm no other
     * @throws BusyException at once when the queue is full
     * @throws CancelledException when cancelled or interrupted
     */
    public List<Embedding> embedImages(List<Image> images,
                                       EmbedOptions options) {
        expclip_embed_options raw = options.toRaw();
        try {
            return Images.embed(model.handle, images, model.width(options),
                options.withBatchSize(Math.max(1, images.size())),
                (rows, batch, cancel) -> {
                    try (Handle.Lease b = handle.lend()) {
                        Raw.expclip_batcher_embed_images(rows, b.pointer(),
                            batch, raw, cancel);
                    }
                });
        } finally {
            raw.delete();
        }
    }

    /**
     * Forward passes until now.
     *
     * @return their number
     */
    public long passCount() {
        try (Handle.Lease b = handle.lend()) {
            return Raw.expclip_batcher_pass_count(b.pointer());
        }
    }

    /**
     * Images that went through them.
     *
     * @return their number
     */
    public long imageCount() {
        try (Handle.Lease b = handle.lend()) {
            return Raw.expclip_batcher_image_count(b.pointer());
        }
    }

    /**
     * Images that wait now.
     *
     * @return their number
     */
    public long waitingCount() {
        try (Handle.Lease b = handle.lend()) {
            return Raw.expclip_batcher_waiting_count(b.pointer());
        }
    }

    /** Refuses new calls, and stops when those that wait have ended. */
    @Override
    public void close() {
        handle.close();
    }
}
