// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.Graphics2D;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTest {
    private static float[] pixels(Image image) {
        return Drawn.MODEL.preprocessImage(image);
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Test
    void aFileItsBytesAndItsStreamAreOneImage() throws IOException {
        byte[] bytes = Files.readAllBytes(Drawn.HAPPY);
        float[] expected = pixels(Drawn.happy());
        ByteBuffer shifted = direct(Arrays.copyOf(bytes, bytes.length + 9));
        ByteBuffer moved = ByteBuffer.allocateDirect(bytes.length + 20);
        moved.position(20).mark();
        moved.put(bytes).reset();

        assertEquals(3 * Drawn.MODEL.imageSize() * Drawn.MODEL.imageSize(),
                     expected.length);
        assertArrayEquals(expected, pixels(Image.of(bytes)));
        assertArrayEquals(expected, pixels(Image.of(direct(bytes))));
        assertArrayEquals(expected, pixels(Image.of(shifted)));
        assertArrayEquals(expected, pixels(Image.of(moved)));
        try (InputStream in = Files.newInputStream(Drawn.HAPPY)) {
            assertArrayEquals(expected, pixels(Image.of(in)));
        }
    }

    @Test
    void aBufferMayBeMovedAfterwards() throws IOException {
        ByteBuffer bytes = direct(Files.readAllBytes(Drawn.HAPPY));
        Image image = Image.of(bytes);
        bytes.position(bytes.limit());

        assertArrayEquals(pixels(Drawn.happy()), pixels(image));
    }

    @Test
    void pixelsOfEveryLayoutAreTheSameImage() {
        byte[] rgb = { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120 };
        float[] expected = pixels(Image.ofPixels(rgb, 2, 2, PixelLayout.RGB));
        for (PixelLayout layout : PixelLayout.values()) {
            if (layout == PixelLayout.GREY) {
                continue;
            }
            boolean swap = layout == PixelLayout.BGR
                || layout == PixelLayout.BGRA;
            byte[] other = new byte[4 * layout.channels()];
            for (int i = 0; i < 4; i++) {
                for (int c = 0; c < 3; c++) {
                    other[i * layout.channels() + c] =
                        rgb[3 * i + (swap ? 2 - c : c)];
                }
            }
            assertArrayEquals(expected,
                pixels(Image.ofPixels(other, 2, 2, layout)), layout.name());
        }
    }

    @Test
    void aStrideSkipsWhatIsBetweenRows() {
        byte[] tight = { 1, 2, 3, 4, 5, 6 };
        byte[] wide = { 1, 2, 3, 99, 99, 4, 5, 6 };

        assertArrayEquals(
            pixels(Image.ofPixels(tight, 1, 2, PixelLayout.RGB)),
            pixels(Image.ofPixels(direct(wide), 1, 2, 5, PixelLayout.RGB)));
    }

    @Test
    void buffersOfTheHeapAndTooShortOnesAreRefused() {
        byte[] some = new byte[11];
        assertThrows(IllegalArgumentException.class,
                     () -> Image.of(ByteBuffer.allocate(10)));
        assertThrows(IllegalArgumentException.class, () -> Image.ofPixels(
            ByteBuffer.allocate(12), 2, 2, 0, PixelLayout.RGB));
        assertThrows(IllegalArgumentException.class, () -> Image.ofPixels(
            direct(some), 2, 2, 0, PixelLayout.RGB));
        assertThrows(IllegalArgumentException.class, () -> Image.ofPixels(
            some, 2, 2, PixelLayout.RGB));
        assertThrows(IllegalArgumentException.class, () -> Image.ofPixels(
            some, 0, 2, PixelLayout.RGB));
        assertThrows(IllegalArgumentException.class, () -> Image.ofPixels(
            direct(some), 1, 1, -3, PixelLayout.RGB));
        assertThrows(ExpclipException.class, () -> pixels(Image.ofPixels(
            direct(some), 1, 2, 1, PixelLayout.RGB)));
    }

    @Test
    void aBoxCutsTheImage() {
        byte[] grey = new byte[16];
        Arrays.fill(grey, 8, 16, (byte) 200);
        Image whole = Image.ofPixels(grey, 4, 4, PixelLayout.GREY);
        Image part = whole.with(ImageOptions.DEFAULT.withBox(0, 2, 4, 2, 0));

        assertFalse(Arrays.equals(pixels(whole), pixels(part)));
        assertArrayEquals(pixels(Image.ofPixels(
            Arrays.copyOfRange(grey, 8, 16), 4, 2, PixelLayout.GREY)),
            pixels(part));
    }

    @Test
    void exifAndCutFilesAreOptions() throws IOException {
        Path folder = Drawn.ROOT.resolve("tests/data/images");
        Image turned = Image.of(folder.resolve("turned.jpg"));
        byte[] bytes = Files.readAllBytes(folder.resolve("baseline.jpg"));
        Image cut = Image.of(Arrays.copyOf(bytes, bytes.length - 20));

        assertFalse(Arrays.equals(pixels(turned),
            pixels(turned.with(ImageOptions.DEFAULT.withExif(true)))));
        assertThrows(TruncatedException.class, () -> pixels(cut));
        pixels(cut.with(ImageOptions.DEFAULT.withAllowTruncated(true)));
    }

    @Test
    void bufferedImagesOfEveryTypeAreTheSameImage() throws IOException {
        BufferedImage read = ImageIO.read(Drawn.HAPPY.toFile());
        float[] expected = pixels(Drawn.happy());

        assertArrayEquals(expected, pixels(BufferedImages.of(read)));
        for (int type : new int[] { BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR }) {
            BufferedImage copy = new BufferedImage(read.getWidth(),
                                                   read.getHeight(), type);
            Graphics2D pen = copy.createGraphics();
            pen.drawImage(read, 0, 0, null);
            pen.dispose();
            assertArrayEquals(expected, pixels(BufferedImages.of(copy)),
                              "type " + type);
            assertArrayEquals(
                pixels(Drawn.happy().with(
                    ImageOptions.DEFAULT.withBox(5, 9, 40, 30, 0))),
                pixels(BufferedImages.of(copy.getSubimage(5, 9, 40, 30))),
                "part, type " + type);
        }
    }

    @Test
    void greyBufferedImagesKeepTheirGreys() throws IOException {
        Path file = Drawn.ROOT.resolve("tests/data/images/grey.png");

        assertArrayEquals(pixels(Image.of(file)),
            pixels(BufferedImages.of(ImageIO.read(file.toFile()))));
    }

    @Test
    void greysOf16BitsAndWithAlphaAreThoseOfTheirFiles(@TempDir Path folder)
            throws IOException {
        Raster grey = ImageIO.read(Drawn.ROOT.resolve(
            "tests/data/images/grey.png").toFile()).getRaster();
        ColorModel withAlpha = new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY), true, false,
            Transparency.TRANSLUCENT, DataBuffer.TYPE_BYTE);
        BufferedImage wide = new BufferedImage(
            grey.getWidth(), grey.getHeight(), BufferedImage.TYPE_USHORT_GRAY);
        BufferedImage alpha = new BufferedImage(
            withAlpha, withAlpha.createCompatibleWritableRaster(
                grey.getWidth(), grey.getHeight()), false, null);

        for (int y = 0; y < grey.getHeight(); y++) {
            for (int x = 0; x < grey.getWidth(); x++) {
                int level = grey.getSample(x, y, 0);
                wide.getRaster().setSample(x, y, 0, 256 * level + x % 256);
                alpha.getRaster().setPixel(x, y, new int[] { level, 255 });
            }
        }
        for (BufferedImage image : new BufferedImage[] { wide, alpha }) {
            Path file = folder.resolve("a.png");
            ImageIO.write(image, "png", file.toFile());
            assertArrayEquals(pixels(Image.of(file)),
                              pixels(BufferedImages.of(image)));
            assertArrayEquals(
                pixels(Image.of(file)),
                pixels(BufferedImages.of(ImageIO.read(file.toFile()))));
        }
    }

    @Test
    void namesOfFilesAreUnicode(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("näïve 😀.png");
        Files.copy(Drawn.HAPPY, file);

        assertEquals("happiness",
            Drawn.MODEL.score(Image.of(file), Drawn.SEVEN).label());
        NotFoundException e = assertThrows(NotFoundException.class,
            () -> pixels(Image.of(folder.resolve("fehlt 😀.png"))));
        assertEquals(-1, e.getMessage().indexOf('\ufffd'));
        assertEquals(true, e.getMessage().contains("fehlt 😀.png"));
    }

    @Test
    void filesInsideArchivesAreRefused(@TempDir Path folder)
            throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(
                folder.resolve("a.zip"), Map.of("create", "true"))) {
            assertThrows(IllegalArgumentException.class,
                         () -> Image.of(zip.getPath("/face.png")));
        }
    }
}
