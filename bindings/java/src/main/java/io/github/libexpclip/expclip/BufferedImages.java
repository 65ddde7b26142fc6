// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;

/**
 * Images of {@code java.awt}. A class of its own, so that the others need no
 * module {@code java.desktop}.
 */
public final class BufferedImages {
    private BufferedImages() {
    }

    /**
     * Makes an image from the pixels that a BufferedImage has now.
     *
     * @param image  of any type; alpha is dropped
     * @return an image for scoring
     */
    public static Image of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        PixelLayout layout = layoutOf(image.getType());
        if (layout != null) {
            return Image.ofPixels((byte[]) image.getRaster().getDataElements(
                0, 0, width, height, null), width, height, layout);
        }
        if (isGrey(image.getColorModel())) {
            return Image.ofPixels(greys(image), width, height,
                                  PixelLayout.GREY);
        }
        return Image.ofPixels(
            convert(image.getRGB(0, 0, width, height, null, 0, width)), width,
            height, PixelLayout.RGB);
    }

    /**
     * Makes a BufferedImage of pixels.
     *
     * @param pixels  such as the crop of a face
     * @return one of {@link BufferedImage#TYPE_INT_RGB}
     */
    public static BufferedImage from(Pixels pixels) {
        int[] argb = new int[pixels.width() * pixels.height()];
        byte[] rgb = pixels.rgb();
        for (int i = 0; i < argb.length; i++) {
            argb[i] = (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8
                | rgb[3 * i + 2] & 255;
        }
        BufferedImage image = new BufferedImage(
            pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, pixels.width(), pixels.height(), argb, 0,
                     pixels.width());
        return image;
    }

    /** Of types whose raster holds bytes in the order of their bands. */
    private static PixelLayout layoutOf(int type) {
        return switch (type) {
            case BufferedImage.TYPE_BYTE_GRAY -> PixelLayout.GREY;
            case BufferedImage.TYPE_3BYTE_BGR -> PixelLayout.RGB;
            case BufferedImage.TYPE_4BYTE_ABGR -> PixelLayout.RGBA;
            default -> null;
        };
    }

    /** getRGB would take grey as linear light and brighten it. */
    private static boolean isGrey(ColorModel model) {
        return model instanceof ComponentColorModel
            && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
            && model.getTransferType() != DataBuffer.TYPE_FLOAT
            && model.getTransferType() != DataBuffer.TYPE_DOUBLE;
    }

    /** The first band; of 16 bits the high 8, as of files. */
    private static byte[] greys(BufferedImage image) {
        int[] samples = image.getRaster().getSamples(
            0, 0, image.getWidth(), image.getHeight(), 0, (int[]) null);
        int surplus = image.getColorModel().getComponentSize(0) - 8;
        byte[] greys = new byte[samples.length];
        for (int i = 0; i < samples.length; i++) {
            greys[i] = (byte) (samples[i] >> Math.max(surplus, 0));
        }
        return greys;
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
