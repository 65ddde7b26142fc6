// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.awt.image.BufferedImage;

/**
 * Pictures of {@code java.awt}. A class of its own, so that the others need no
 * module {@code java.desktop}.
 */
public final class BufferedImages {
    private BufferedImages() {
    }

    /**
     * A picture of the pixels that the image has now.
     *
     * @param image  of any type; alpha is dropped
     * @return a picture for scoring
     */
    public static Image of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        PixelLayout layout = layoutOf(image.getType());
        byte[] pixels = layout != null
            ? (byte[]) image.getRaster().getDataElements(0, 0, width, height,
                                                         null)
            : convert(image.getRGB(0, 0, width, height, null, 0, width));
        return Image.ofPixels(pixels, width, height,
                              layout != null ? layout : PixelLayout.RGB);
    }

    /** Of types whose raster holds bytes in the order of their bands. */
    private static PixelLayout layoutOf(int type) {
        return switch (type) {
            // getRGB would take grey as linear light and brighten it.
            case BufferedImage.TYPE_BYTE_GRAY -> PixelLayout.GREY;
            case BufferedImage.TYPE_3BYTE_BGR -> PixelLayout.RGB;
            case BufferedImage.TYPE_4BYTE_ABGR -> PixelLayout.RGBA;
            default -> null;
        };
    }

    private static byte[] convert(int[] argb) {
        byte[] rgb = new byte[3 * argb.length];
        for (int i = 0; i < argb.length; i++) {
            rgb[3 * i] = (byte) (argb[i] >> 16);
            rgb[3 * i + 1] = (byte) (argb[i] >> 8);
            rgb[3 * i + 2] = (byte) argb[i];
        }
        return rgb;
    }
}
