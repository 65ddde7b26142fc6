// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_image_options;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Some frames, read, decoded and scored in one call. */
final class FrameBatch implements AutoCloseable {
    private final Model model;
    private final Classes classes;
    private final ScoreOptions options;
    private final Frames frames;
    private final long pointer;

    private FrameBatch(Model model, Frames frames, Classes classes,
                       ScoreOptions options) {
        this.model = model;
        this.frames = frames;
        this.classes = classes;
        this.options = options;
        try (Handle.Lease m = model.handle.lend()) {
            pointer = Raw.expclip_batch_create(m.pointer());
        }
    }

    /** Batch after batch until the end, one in memory. */
    static Iterator<List<Frame>> iterate(Model model, Frames frames,
                                         Classes classes,
                                         ScoreOptions options) {
        return new Iterator<>() {
            private List<Frame> ahead;

            @Override
            public boolean hasNext() {
                if (ahead == null) {
                    try (FrameBatch batch = new FrameBatch(
                             model, frames, classes, options)) {
                        ahead = batch.next();
                    }
                }
                return !ahead.isEmpty();
            }

            @Override
            public List<Frame> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                List<Frame> found = ahead;
                ahead = null;
                return found;
            }
        };
    }

    /** Reads and scores; empty at the end. */
    private List<Frame> next() {
        expclip_image_options raw = frames.imageToRaw();
        try {
            synchronized (frames) {
                return Call.run(options.cancel(), token -> next(raw, token));
            }
        } finally {
            if (raw != null) {
                raw.delete();
            }
        }
    }

    private List<Frame> next(expclip_image_options raw, long token) {
        List<Frame> found = new ArrayList<>();
        try (Handle.Lease m = model.handle.lend();
             Handle.Lease c = classes.handle.lend();
             Handle.Lease f = frames.handle.lend()) {
            int n = (int) Raw.expclip_frames_read(f.pointer(), pointer,
                options.batchSize(), raw, token);
            float[] rows = new float[n * classes.size()];
            if (n > 0) {
                Raw.expclip_model_score_images(rows, m.pointer(), c.pointer(),
                                         pointer, token);
            }
            for (int i = 0; i < n; i++) {
                found.add(new Frame(Raw.expclip_frames_index(f.pointer(), i),
                                    Raw.expclip_frames_time(f.pointer(), i),
                                    Raw.expclip_frames_weight(f.pointer(), i),
                                    Prediction.of(pointer, i, rows, classes,
                                        options.temperature(),
                                        frames.source())));
            }
        }
        return found;
    }

    @Override
    public void close() {
        Raw.expclip_batch_free(pointer);
    }
}
