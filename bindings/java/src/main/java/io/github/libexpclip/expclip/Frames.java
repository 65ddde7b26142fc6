// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_frames_options;
import io.github.libexpclip.expclip.internal.expclip_image_options;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The frames of a folder of images (.jpg .jpeg .png .bmp) or of a video file,
 * read once from start to end: by {@link Clip#addFrames} or
 * {@link Model#stream(Frames, Classes, ScoreOptions)}. Videos need FFmpeg's
 * libraries on the system: MP4/MOV, Matroska/WebM, AVI and MPEG-TS. Threads
 * that share one take turns.
 */
public final class Frames implements AutoCloseable {
    final Handle handle;
    private final String source;
    private final ImageOptions image;

    private Frames(String source, FramesOptions options) {
        this.source = source;
        image = options.image();
        expclip_frames_options raw = options.toRaw();
        try {
            handle = new Handle("frames",
                                Raw.expclip_frames_open(source, raw),
                                Raw::expclip_frames_free);
        } finally {
            raw.delete();
        }
    }

    /**
     * Opens a folder or a video file with the default options.
     *
     * @param path  of it
     * @return its frames
     * @throws ExpclipException as {@link #open(Path, FramesOptions)}
     */
    public static Frames open(Path path) {
        return open(path, FramesOptions.DEFAULT);
    }

    /**
     * Opens a folder or a video file.
     *
     * @param path     of it
     * @param options  which frames, and how they are read
     * @return its frames
     * @throws NotFoundException when there is no such file
     * @throws FormatException when there is no frame in it, or it is damaged
     * @throws UnsupportedException when it is another kind of file, or there is
     *     no FFmpeg
     * @throws ArgumentException when an option is out of range
     */
    public static Frames open(Path path, FramesOptions options) {
        NativeLoader.load();
        return new Frames(Expclip.fileName(path), options);
    }

    /**
     * Which frames of a clip a rule takes.
     *
     * @param samples   how many, at least 1
     * @param frames    that the clip has, at least 1
     * @param sampling  {@link Sampling#EXACT} or {@link Sampling#SPREAD}
     * @return their places from 0, repeated ones too
     * @throws ArgumentException when a number is out of range
     */
    public static int[] sample(int samples, long frames, Sampling sampling) {
        NativeLoader.load();
        int[] indices = new int[Math.max(0, samples)];
        Raw.expclip_frames_sample(indices, frames, sampling.code);
        return indices;
    }

    /**
     * Where they come from.
     *
     * @return the path of the folder or the file
     */
    public String source() {
        return source;
    }

    /**
     * Frames that are chosen from.
     *
     * @return their number; empty when it is not known
     */
    public synchronized OptionalLong count() {
        try (Handle.Lease f = handle.lend()) {
            long n = Raw.expclip_frames_count(f.pointer());
            return n < 0 ? OptionalLong.empty() : OptionalLong.of(n);
        }
    }

    /**
     * From start to end.
     *
     * @return seconds; empty when they are not known
     */
    public synchronized OptionalDouble duration() {
        try (Handle.Lease f = handle.lend()) {
            double d = Raw.expclip_frames_duration(f.pointer());
            return d > 0 ? OptionalDouble.of(d) : OptionalDouble.empty();
        }
    }

    /** For the C library, which takes null for the defaults. */
    expclip_image_options imageToRaw() {
        return image.equals(ImageOptions.DEFAULT) ? null : image.toRaw();
    }

    /** Closes the file when the call that reads it has ended. */
    @Override
    public void close() {
        handle.close();
    }

    @Override
    public String toString() {
        return "Frames[" + source + "]";
    }
}
