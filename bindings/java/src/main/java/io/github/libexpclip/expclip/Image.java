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
import java.util.function.ToLongFunction;

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

    /** Finds the faces in it: a new native object. */
    private interface Finder {
        long find(long detector, expclip_image_options options);
    }

    private final Adder adder;
    private final Finder finder;
    private final String source;
    private final ImageOptions options;
    private final Semaphore permits;

    private Image(Adder adder, Finder finder, String source,
                  ImageOptions options, Semaphore permits) {
        this.adder = adder;
        this.finder = finder;
        this.source = source;
        this.options = options;
        this.permits = permits;
    }

    private static Image of(Adder adder, Finder finder, String source) {
        return new Image(adder, finder, source, ImageOptions.DEFAULT, null);
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
                  (detector, raw) ->
                      Raw.expclip_detector_find_file(detector, file, raw),
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
        return new Image(adder, finder, source,
                         Objects.requireNonNull(options, "options"), permits);
    }

    /**
     * This image, decoded only while it holds a permit: a service bounds the
     * memory of decoding by images that share a semaphore, and its calls
     * still meet in one forward pass. The faces that a {@link Detector} finds
     * in it are cut out under a permit too.
     *
     * @param permits  one is taken before decoding and given back after it
     * @return an image of the same bytes
     */
    public Image decodedUnder(Semaphore permits) {
        return new Image(adder, finder, source, options,
                         Objects.requireNonNull(permits, "permits"));
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
        decode(raw -> {
            adder.add(batch, raw);
            return 0;
        });
    }

    /** The same; a new native object. */
    Faces findFaces(long detector) {
        return new Faces(decode(raw -> finder.find(detector, raw)), source,
                         permits);
    }

    private long decode(ToLongFunction<expclip_image_options> use) {
        expclip_image_options raw =
            options.equals(ImageOptions.DEFAULT) ? null : options.toRaw();
        if (permits != null) {
            permits.acquireUninterruptibly();
        }
        try {
            return use.applyAsLong(raw);
        } finally {
            if (permits != null) {
                permits.release();
            }
            if (raw != null) {
                raw.delete();
            }
        }
    }

    /** The crops of found faces: one item, or one of each face. */
    static Image of(Faces faces, FaceChoice which, CropOptions crop,
                    Semaphore permits) {
        Adder adder = (batch, raw) -> {
            if (raw != null) {
                throw new IllegalArgumentException(
                    "options of an image for a face that was found in one, "
                    + "expected CropOptions");
            }
            faces.addTo(batch, which, crop);
        };
        Finder finder = (detector, raw) -> {
            throw new IllegalArgumentException(
                "the crop of a face, expected a whole image");
        };
        return new Image(adder, finder, faces.source(), ImageOptions.DEFAULT,
                         permits);
    }

    private static Image ofBytes(Object bytes) {
        return of((batch, raw) ->
                      Raw.expclip_batch_add_bytes(batch, bytes, raw),
                  (detector, raw) ->
                      Raw.expclip_detector_find_bytes(detector, bytes, raw),
                  null);
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
                          height, stride, layout.code, raw),
                  (detector, raw) ->
                      Raw.expclip_detector_find_pixels(detector, pixels, width,
                          height, stride, layout.code, raw), null);
    }

    /** The caller may move the position of the buffer it gave. */
    private static ByteBuffer view(ByteBuffer buffer) {
        return (ByteBuffer) Arrays.bytes(buffer.slice());
    }
}
