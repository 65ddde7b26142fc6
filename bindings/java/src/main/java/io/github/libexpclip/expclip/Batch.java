// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import java.util.Arrays;
import java.util.List;

/** Decoded images of one call, item by item of the inputs. */
final class Batch implements AutoCloseable {
    final List<Image> images;
    private final long pointer;
    private final ExpclipException[] errors;
    private final int[] rows; // in the native batch
    private int count;

    /** Decodes; a bad image harms no other. */
    Batch(Handle model, List<Image> images, CancelToken cancel) {
        this.images = images;
        errors = new ExpclipException[images.size()];
        rows = new int[images.size()];
        try (Handle.Lease m = model.lend()) {
            pointer = Raw.expclip_batch_create(m.pointer());
        }
        try {
            for (int i = 0; i < images.size(); i++) {
                Call.check(cancel);
                add(i);
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** What is no image's fault adds no item, and is thrown. */
    private void add(int i) {
        try {
            images.get(i).addTo(pointer);
        } catch (ExpclipException e) {
            boolean added = Raw.expclip_batch_count(pointer) > count;
            if (!added && e.status() != Status.ARGUMENT) {
                throw e;
            }
            errors[i] = e;
        } catch (IllegalArgumentException e) {
            errors[i] = new ArgumentException(e.getMessage());
        }
        rows[i] = count;
        count = (int) Raw.expclip_batch_count(pointer);
    }

    long pointer() {
        return pointer;
    }

    /** Items of the native batch. */
    int count() {
        return count;
    }

    /** Null when the image is good. */
    ExpclipException error(int i) {
        return errors[i];
    }

    /** Whether the image is one of them, good or not. */
    boolean hasItem(int i) {
        return rows[i] < (i + 1 < rows.length ? rows[i + 1] : count);
    }

    /** The numbers of a good image among those of the native batch. */
    float[] row(float[] all, int i, int width) {
        return Arrays.copyOfRange(all, rows[i] * width, (rows[i] + 1) * width);
    }

    @Override
    public void close() {
        Raw.expclip_batch_free(pointer);
    }
}
