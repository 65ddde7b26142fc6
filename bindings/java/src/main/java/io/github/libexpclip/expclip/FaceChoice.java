// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Raw;

/** Which faces of an image are taken. */
public final class FaceChoice {
    /** Each face; none when there is none. */
    public static final FaceChoice ALL = new FaceChoice(Raw.EXPCLIP_FACES_ALL);
    /** The face with the largest box. */
    public static final FaceChoice LARGEST =
        new FaceChoice(Raw.EXPCLIP_FACES_LARGEST);
    /** The whole image when it shows one close face, at least 0.45 times as
     * wide as the image; else the largest face. */
    public static final FaceChoice AUTO =
        new FaceChoice(Raw.EXPCLIP_FACES_AUTO);

    final int code;

    private FaceChoice(int code) {
        this.code = code;
    }

    /**
     * One face.
     *
     * @param index  of it among {@link Faces#list}
     * @return the choice
     */
    public static FaceChoice of(int index) {
        if (index < 0) {
            throw new IllegalArgumentException("index: " + index
                                               + ", expected at least 0");
        }
        return new FaceChoice(index);
    }

    @Override
    public String toString() {
        return code >= 0 ? Integer.toString(code)
            : this == ALL ? "all" : this == LARGEST ? "largest" : "auto";
    }
}
