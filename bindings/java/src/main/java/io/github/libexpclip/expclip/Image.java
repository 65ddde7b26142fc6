// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Arrays;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_image_options;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Semaphore;

/**
 * An image of a face: a file, a file's bytes, or pixels. Files are JPEG, PNG,
 * BMP, GIF (first frame), and WebP in builds with libwebp. It is decoded where
 * it is used, so that a bad one fails there. Immutable, as long as its bytes
 * are: share it between threads.
 *
 * <p>Bytes in a direct buffer are read in place, from its position to its
 * limit; those of an array are copied once. Buffers of the heap are refused
 * with an {@link IllegalArgumentException}.
 *
 * @see BufferedImages
 */
public final class Image {
    /** Adds the image to a native batch. */
    private interface Adder {
        void add(long batch, expclip_image_options options);
    }

    private final Adder adder;
    private final String source;
    private final ImageOptions options;

    private Image(Adder adder, String source, ImageOptions options) {
        this.adder = adder;
        this.source = source;
        this.options = options;
    }

    private static Image of(Adder adder, String source) {
        return new Image(adder, source, ImageOptions.DEFAULT);
    }

    /**
     * The image in a file.
     *
     * @param path  of a JPEG, PNG, BMP, GIF or WebP file
     * @return the image, not read yet
     */
    public static Image of(Path path) {
        String file = Expclip.fileName(path);
        return of((batch, raw) -> Raw.expclip_batch_add_file(batch, file, raw),
                  file);
    }

    /**
     * The image in a file's bytes.
     *
     * @param bytes  not to be changed while the image is in use
     * @return the image, not decoded yet
     */
    public static Image of(byte[] bytes) {
        return ofBytes(Objects.requireNonNull(bytes, "bytes"));
    }

    /**
     * The image in a file's bytes.
     *
     * @param bytes  a direct buffer, not to be changed while in use
     * @return the image, not decoded yet
     */
    public static Image of(ByteBuffer bytes) {
        return ofBytes(view(bytes));
    }

    /**
     * The image in a stream, which is read to its end and not closed.
     *
     * @param in  of a JPEG, PNG, BMP, GIF or WebP file
     * @return the image, not decoded yet
     * @throws IOException when reading fails
     */
    public static Image of(InputStream in) throws IOException {
        return of(in.readAllBytes());
    }

    /**
     * Pixels of 8 bits a channel in rows from the top, without gaps.
     *
     * @param pixels  height * width * layout.channels() bytes
     * @param width   at least 1
     * @param height  at least 1
     * @param layout  order of the channels
     * @return the image
     */
    public static Image ofPixels(byte[] pixels, int width, int height,
                                 PixelLayout layout) {
        Objects.requireNonNull(pixels, "pixels");
        return ofPixels(pixels, pixels.length, width, height, 0, layout);
    }

    /**
     * Pixels of 8 bits a channel in rows from the top.
     *
     * @param pixels  a direct buffer of at least
     *                (height - 1) * stride + width * layout.channels() bytes
     * @param width   at least 1
     * @param height  at least 1
     * @param stride  bytes from row to row; 0 = no gaps
     * @param layout  order of the channels
     * @return the image
     */
    public static Image ofPixels(ByteBuffer pixels, int width, int height,
                                 long stride, PixelLayout layout) {
        return ofPixels(view(pixels), pixels.remaining(), width, height,
                        stride, layout);
    }

    /**
     * This image, read in another way.
     *
     * @param options  such as a face box
     * @return an image of the same bytes
     */
    public Image with(ImageOptions options) {
        return new Image(adder, source,
                         Objects.requireNonNull(options, "options"));
    }

    /**
     * This image, decoded only while it holds a permit: a service bounds the
     * memory of decoding by images that share a semaphore, and its calls
     * still meet in one forward pass.
     *
     * @param permits  one is taken before decoding and given back after it
     * @return an image of the same bytes
     */
    public Image decodedUnder(Semaphore permits) {
        Objects.requireNonNull(permits, "permits");
        return new Image((batch, raw) -> {
            permits.acquireUninterruptibly();
            try {
                adder.add(batch, raw);
            } finally {
                permits.release();
            }
        }, source, options);
    }

    /**
     * Where it comes from.
     *
     * @return the path of a file, else null
     */
    public String source() {
        return source;
    }

    /** Throws what the C library says of this image. */
    void addTo(long batch) {
        if (options.equals(ImageOptions.DEFAULT)) {
            adder.add(batch, null);
            return;
        }
        expclip_image_options raw = options.toRaw();
        try {
            adder.add(batch, raw);
        } finally {
            raw.delete();
        }
    }

    private static Image ofBytes(Object bytes) {
        return of((batch, raw) ->
                      Raw.expclip_batch_add_bytes(batch, bytes, raw), null);
    }

    private static Image ofPixels(Object pixels, int size, int width,
                                  int height, long stride,
                                  PixelLayout layout) {
        long row = (long) width * layout.channels();
        long used = (height - 1) * (stride == 0 ? row : stride) + row;
        if (width < 1 || height < 1 || stride < 0 || size < used) {
            throw new IllegalArgumentException(String.format(
                "%d bytes for %d x %d pixels of %s, stride %d: expected %d",
                size, width, height, layout, stride, used));
        }
        return of((batch, raw) ->
                      Raw.expclip_batch_add_pixels(batch, pixels, width,
                          height, stride, layout.code, raw), null);
    }

    /** The caller may move the position of the buffer it gave. */
    private static ByteBuffer view(ByteBuffer buffer) {
        return (ByteBuffer) Arrays.bytes(buffer.slice());
    }
}
