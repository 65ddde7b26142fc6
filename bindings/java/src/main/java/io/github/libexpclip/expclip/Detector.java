// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_detector_options;
import io.github.libexpclip.expclip.internal.expclip_image_options;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Finds faces in images, without a model, by YuNet, whose weights are in the
 * library. It misses faces lower than about 20 pixels or turned by more than 45
 * degrees, and also finds those of statues, masks and drawings. Immutable:
 * share one between all threads. One that nobody closes is freed when it is
 * garbage.
 *
 * <pre>{@code
 * Faces found = new Detector().find(Image.of(Path.of("party.jpg")));
 * found.list().forEach(System.out::println);
 * }</pre>
 */
public final class Detector implements AutoCloseable {
    private static final class Shared {
        static final Detector DEFAULT = new Detector();
        static final Detector QUICK =
            new Detector(DetectorOptions.DEFAULT.withQuick(true));
    }

    private final Handle handle;

    /**
     * A detector with the default options.
     *
     * @throws BackendException when there is no libtorch, or no native library
     */
    public Detector() {
        this(DetectorOptions.DEFAULT);
    }

    /**
     * A detector.
     *
     * @param options  which faces, and how they are looked for
     * @throws ArgumentException when a number is out of range
     * @throws NotFoundException when there is no such file of weights
     * @throws FormatException when it is damaged, or another thing
     * @throws BackendException when there is no libtorch, or no native library
     */
    public Detector(DetectorOptions options) {
        NativeLoader.load();
        expclip_detector_options raw = options.toRaw();
        try {
            handle = new Handle("detector", TorchLoader.make(
                () -> Raw.expclip_detector_create(raw)),
                Raw::expclip_detector_free);
        } finally {
            raw.delete();
        }
    }

    /** Made once; a quick look suffices where one close face is the image. */
    static Detector shared(FaceChoice which) {
        return which == FaceChoice.AUTO ? Shared.QUICK : Shared.DEFAULT;
    }

    /**
     * Finds the faces in an image. One without a face is no failure.
     *
     * @param image  without a box; always turned as its EXIF tag says
     * @return the image and its faces
     * @throws FormatException when the image is damaged, and others of its
     *     kind
     * @throws ArgumentException when the image has a box
     */
    public Faces find(Image image) {
        try (Handle.Lease d = handle.lend()) {
            return image.findFaces(d.pointer());
        }
    }

    /**
     * Finds and follows the faces of a clip as it is read: memory does not grow
     * with its length. Make the detector with {@link DetectorOptions#VIDEO}.
     *
     * @param frames   read from where they are; stay the caller's
     * @param tracker  stays the caller's; its {@link Tracker#ended} says the
     *                 tracks that ended with each frame and, after the stream,
     *                 at the end of the clip
     * @param cancel   ends it; null = only an interrupt does
     * @return a lazy, sequential stream of all frames in their order; those of
     *     a damaged frame have no faces, and their error. Its terminal
     *     operation throws {@link CancelledException} when cancelled or
     *     interrupted
     */
    public Stream<TrackedFrame> follow(Frames frames, Tracker tracker,
                                       CancelToken cancel) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(
            new Follower(frames, tracker, cancel),
            Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    /** Null at the end. */
    private Faces read(Frames frames, CancelToken cancel) {
        expclip_image_options raw = frames.imageToRaw();
        try (Handle.Lease d = handle.lend();
             Handle.Lease f = frames.handle.lend()) {
            long found = Call.run(cancel, token ->
                Raw.expclip_detector_find_frame(d.pointer(), f.pointer(), raw,
                                                token));
            return found == 0 ? null
                : new Faces(found, frames.source(), null);
        } finally {
            if (raw != null) {
                raw.delete();
            }
        }
    }

    /** Frame after frame, one in memory. */
    private final class Follower implements Iterator<TrackedFrame> {
        private final Frames frames;
        private final Tracker tracker;
        private final CancelToken cancel;
        private TrackedFrame last;
        private TrackedFrame ahead;
        private double step = 0.04; // of frames without times of their own
        private boolean ended;

        Follower(Frames frames, Tracker tracker, CancelToken cancel) {
            this.frames = frames;
            this.tracker = tracker;
            this.cancel = cancel;
        }

        @Override
        public boolean hasNext() {
            if (ahead == null && !ended) {
                if (last != null) {
                    last.faces().close();
                }
                ahead = read();
                ended = ahead == null;
                if (ended) {
                    tracker.finish();
                }
            }
            return !ended;
        }

        private TrackedFrame read() {
            synchronized (frames) {
                Faces faces = Detector.this.read(frames, cancel);
                if (faces == null) {
                    return null;
                }
                try (Handle.Lease f = frames.handle.lend()) {
                    double time =
                        after(Raw.expclip_frames_time(f.pointer(), 0));
                    return new TrackedFrame(
                        Raw.expclip_frames_index(f.pointer(), 0), time, faces,
                        tracker.add(time, faces));
                } catch (Throwable e) {
                    faces.close();
                    throw e;
                }
            }
        }

        /** A tracker needs times that rise. */
        private double after(double time) {
            if (last == null) {
                return time;
            }
            if (time <= last.time()) {
                return last.time() + step;
            }
            step = time - last.time();
            return time;
        }

        @Override
        public TrackedFrame next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            last = ahead;
            ahead = null;
            return last;
        }
    }

    /**
     * Whether {@link #close} was called.
     *
     * @return true after it
     */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Frees the weights when running calls have ended. May be repeated. */
    @Override
    public void close() {
        handle.close();
    }
}
