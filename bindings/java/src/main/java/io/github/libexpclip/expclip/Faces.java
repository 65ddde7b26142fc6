// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_box;
import io.github.libexpclip.expclip.internal.expclip_crop_options;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/**
 * An image and the faces that a {@link Detector} found in it. It keeps the
 * image, encoded where it came so; bytes that it was made of may change.
 * Immutable: share it between threads. To close it is needed only where memory
 * matters; the list of faces and the numbers stay.
 */
public final class Faces implements AutoCloseable {
    final Handle handle;
    private final String source;
    private final Semaphore permits;
    private final List<Face> list;
    private final int largest;
    private final int width;
    private final int height;
    private final int turn;
    private final float bestScore;
    private final ExpclipException error;

    Faces(long pointer, String source, Semaphore permits) {
        handle = new Handle("faces", pointer, Raw::expclip_faces_free);
        this.source = source;
        this.permits = permits;
        list = read(pointer);
        largest = (int) Raw.expclip_faces_largest(pointer);
        width = Raw.expclip_faces_width(pointer);
        height = Raw.expclip_faces_height(pointer);
        turn = Raw.expclip_faces_turn(pointer);
        bestScore = Raw.expclip_faces_best_score(pointer);
        int code = Raw.expclip_faces_status(pointer);
        error = code == 0 ? null : ExpclipException.of(
            code, Raw.expclip_faces_message(pointer));
    }

    private static List<Face> read(long pointer) {
        int n = (int) Raw.expclip_faces_count(pointer);
        float[] numbers = new float[n * Face.NUMBERS];
        Raw.expclip_faces_copy(numbers, pointer);
        return IntStream.range(0, n)
            .mapToObj(i -> Face.of(numbers, i * Face.NUMBERS)).toList();
    }

    // ---- what was found ----

    /**
     * The faces.
     *
     * @return those with the highest scores first; empty when there is none
     */
    public List<Face> list() {
        return list;
    }

    /**
     * Number of faces.
     *
     * @return the size of {@link #list}
     */
    public int count() {
        return list.size();
    }

    /**
     * The face with the largest box; of equals the one with the highest score.
     *
     * @return a face of {@link #list}; empty when there is none
     */
    public Optional<Face> largest() {
        return largest < list.size() ? Optional.of(list.get(largest))
                                     : Optional.empty();
    }

    /**
     * The score of the most likely face, also when it is below the threshold:
     * how close an image without a face was.
     *
     * @return 0..1
     */
    public float bestScore() {
        return bestScore;
    }

    /**
     * Width of the image after all turning.
     *
     * @return pixels; 0 of a damaged frame
     */
    public int width() {
        return width;
    }

    /**
     * Height of the image after all turning.
     *
     * @return pixels; 0 of a damaged frame
     */
    public int height() {
        return height;
    }

    /**
     * By how much {@link DetectorOptions#turn} turned the image, beyond its
     * EXIF orientation.
     *
     * @return degrees, clockwise: 0, 90, 180 or 270
     */
    public int turn() {
        return turn;
    }

    /**
     * Where the image comes from.
     *
     * @return the path of a file or of a clip, else null
     */
    public String source() {
        return source;
    }

    /**
     * Why a frame of a clip could not be decoded.
     *
     * @return null when it could, and for all that is no frame
     */
    public ExpclipException error() {
        return error;
    }

    // ---- what is done with them ----

    /**
     * Crops as images: for scores and embeddings by any model or
     * {@link Batcher}, and for a {@link Clip}, without finding them again. Each
     * decodes the image anew where it is used; {@link Model#faces(Faces,
     * FaceChoice, Classes, CropOptions, ScoreOptions)} does so once.
     *
     * @param which  of the faces
     * @param crop   what is seen of a face
     * @return an image of each face that is wanted, in their order. When there
     *     is none and {@code which} is not {@link FaceChoice#ALL}, the one
     *     image fails with {@link NoFaceException} where it is used
     */
    public List<Image> images(FaceChoice which, CropOptions crop) {
        return images(which, crop, 0);
    }

    /** With up to {@code together} faces, all of them are one image. */
    List<Image> images(FaceChoice which, CropOptions crop, int together) {
        if (which == FaceChoice.ALL && list.isEmpty() && error == null) {
            return List.of();
        }
        List<FaceChoice> each = new ArrayList<>();
        if (which != FaceChoice.ALL || list.size() <= together) {
            each.add(which);
        } else {
            IntStream.range(0, list.size())
                .forEach(i -> each.add(FaceChoice.of(i)));
        }
        return each.stream().map(one -> Image.of(this, one, crop, permits))
            .toList();
    }

    void addTo(long batch, FaceChoice which, CropOptions crop) {
        expclip_crop_options raw = crop.toRaw();
        try (Handle.Lease f = handle.lend()) {
            Raw.expclip_batch_add_faces(batch, f.pointer(), which.code, raw);
        } finally {
            raw.delete();
        }
    }

    /**
     * The pixels that the default crop of a face has.
     *
     * @param index  of the face among {@link #list}
     * @return the pixels and their place in the image
     * @throws ArgumentException when there is no such face
     * @throws ExpclipException as {@link #crop(int, CropOptions)}
     */
    public Pixels crop(int index) {
        return crop(index, CropOptions.DEFAULT);
    }

    /**
     * The pixels of a crop: a square, moved so that it lies inside the image,
     * as wide or as high as the image is where that is smaller.
     *
     * @param index    of the face among {@link #list}
     * @param options  its size and place; no model says them here. An upright
     *                 crop may be turned, and then what lies outside the image
     *                 repeats its edge
     * @return the pixels and their place in the image
     * @throws ArgumentException when there is no such face, or a number is out
     *     of range
     * @throws ExpclipException when the image cannot be decoded
     */
    public Pixels crop(int index, CropOptions options) {
        expclip_crop_options raw = options.toRaw();
        expclip_box box = new expclip_box();
        try (Handle.Lease f = handle.lend()) {
            Raw.expclip_faces_crop(box, f.pointer(), index, raw);
            byte[] rgb = new byte[3 * box.getHeight() * box.getWidth()];
            Raw.expclip_faces_copy_crop(rgb, f.pointer(), index, raw);
            return new Pixels(box.getX(), box.getY(), box.getWidth(),
                              box.getHeight(), rgb);
        } finally {
            box.delete();
            raw.delete();
        }
    }

    /**
     * The pixels of the image, turned as the faces say.
     *
     * @return all of them
     * @throws ExpclipException when the image cannot be decoded; the
     *     {@link #error} of a damaged frame
     */
    public Pixels image() {
        byte[] rgb = new byte[3 * height * width];
        try (Handle.Lease f = handle.lend()) {
            Raw.expclip_faces_copy_image(rgb, f.pointer());
        }
        return new Pixels(0, 0, width, height, rgb);
    }

    /** Frees the image when the calls that use it have ended. May be
     * repeated. */
    @Override
    public void close() {
        handle.close();
    }

    @Override
    public String toString() {
        return "Faces[" + list.size() + " in " + width + " x " + height
            + " pixels" + (source == null ? "" : " of " + source) + "]";
    }
}
