// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.libexpclip.expclip.internal.expclip_crop_options;
import io.github.libexpclip.expclip.internal.expclip_detector_options;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectorTest {
    private static final DetectorOptions PLAIN = DetectorOptions.DEFAULT;
    private static final Detector DETECTOR = new Detector();

    @TempDir
    Path folder;

    /** An image without a face: a gradient. */
    private static Image nobody() {
        byte[] pixels = new byte[3 * 120 * 160];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i / 480);
        }
        return Image.ofPixels(pixels, 160, 120, PixelLayout.RGB);
    }

    // ---- finding ----

    private static void likeTheProgram(Path path) throws IOException {
        JsonObject said =
            Photographs.program("detect", "--json", path.toString()).get(0);
        JsonArray expected = said.getAsJsonArray("faces");
        try (Faces found = DETECTOR.find(Image.of(path))) {
            assertEquals(expected.size(), found.count(), path.toString());
            for (int i = 0; i < found.count(); i++) {
                Photographs.assertSame(expected.get(i).getAsJsonObject(),
                                       "score", found.list().get(i));
            }
            assertEquals(said.getAsJsonArray("size").get(0).getAsInt(),
                         found.width());
            assertEquals(said.getAsJsonArray("size").get(1).getAsInt(),
                         found.height());
            assertEquals(said.get("best_score").getAsFloat(),
                         found.bestScore(), 1e-5f);
            assertEquals(path.toString(), found.source());
            assertEquals(0, found.turn());
            assertNull(found.error());
        }
    }

    @Test
    void facesOfPhotographsAreThoseOfTheProgram() throws IOException {
        likeTheProgram(Photographs.five());
        likeTheProgram(Photographs.file("t1.jpg"));
        try (Faces five = DETECTOR.find(Image.of(Photographs.five()));
             Faces six = DETECTOR.find(
                 Image.of(Photographs.file("t1.jpg")))) {
            assertEquals(5, five.count());
            assertEquals(6, six.count());
            assertTrue(six.toString().startsWith("Faces[6 in "),
                       six.toString());
        }
    }

    @Test
    void facesOfDrawingsAreThoseOfTheProgram() throws IOException {
        for (Path path : Drawn.files().subList(0, 6)) {
            likeTheProgram(path);
        }
    }

    @Test
    void eachKindOfImageHasTheSameFaces() throws IOException {
        byte[] bytes = Files.readAllBytes(Drawn.HAPPY);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
        direct.put(bytes).flip();
        BufferedImage decoded = ImageIO.read(Drawn.HAPPY.toFile());
        List<Face> expected = DETECTOR.find(Drawn.happy()).list();

        assertEquals(1, expected.size());
        for (Image image : List.of(Image.of(bytes), Image.of(direct),
                                   BufferedImages.of(decoded))) {
            Faces found = DETECTOR.find(image);
            assertEquals(expected, found.list());
            assertNull(found.source());
        }
    }

    @Test
    void theBytesOfAnImageMayChangeAfterwards() throws IOException {
        byte[] bytes = Files.readAllBytes(Drawn.HAPPY);
        Faces found = DETECTOR.find(Image.of(bytes));
        byte[] before = found.image().rgb();
        Arrays.fill(bytes, (byte) 0);
        assertArrayEquals(before, found.image().rgb());
    }

    @Test
    void anImageWithoutAFaceIsNoFailureUntilOneIsWanted() {
        Faces found = DETECTOR.find(nobody());
        assertEquals(0, found.count());
        assertEquals(List.of(), found.list());
        assertTrue(found.largest().isEmpty());
        assertTrue(found.bestScore() < 0.7f);
        assertEquals(List.of(), Drawn.MODEL.faces(nobody(), Drawn.SEVEN));
        assertEquals(List.of(), found.images(FaceChoice.ALL,
                                             CropOptions.DEFAULT));
        for (FaceChoice which : List.of(FaceChoice.LARGEST, FaceChoice.AUTO)) {
            NoFaceException e = assertThrows(NoFaceException.class,
                () -> Drawn.MODEL.faces(nobody(), which, Drawn.SEVEN));
            assertEquals(Status.NO_FACE, e.status());
            assertTrue(e.getMessage().contains("no face in 160 x 120 pixels"),
                       e.getMessage());
        }
    }

    @Test
    void anItemWithoutAFaceHarmsNoOther() {
        Image none = DETECTOR.find(nobody()).images(
            FaceChoice.LARGEST, CropOptions.DEFAULT).get(0);
        List<Prediction> found =
            Drawn.MODEL.score(List.of(none, Drawn.happy()), Drawn.SEVEN);
        assertEquals(Status.NO_FACE, found.get(0).error().status());
        assertEquals("happiness", found.get(1).label());
    }

    @Test
    void whatCannotBeSearchedIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(Drawn.HAPPY);
        assertThrows(NotFoundException.class,
                     () -> DETECTOR.find(Image.of(folder.resolve("no.jpg"))));
        assertThrows(ExpclipException.class,
                     () -> DETECTOR.find(Image.of(new byte[9])));
        assertThrows(TruncatedException.class, () -> DETECTOR.find(
            Image.of(Arrays.copyOf(bytes, bytes.length / 2))));
        assertThrows(ArgumentException.class, () -> DETECTOR.find(
            Drawn.happy().with(ImageOptions.DEFAULT.withBox(1, 1, 9, 9, 0))));
        assertThrows(LimitException.class, () -> DETECTOR.find(
            Drawn.happy().with(ImageOptions.DEFAULT.withMaxPixels(100))));
        assertThrows(NullPointerException.class, () -> DETECTOR.find(null));
        Image crop = DETECTOR.find(Drawn.happy()).images(
            FaceChoice.ALL, CropOptions.DEFAULT).get(0);
        assertThrows(IllegalArgumentException.class,
                     () -> DETECTOR.find(crop));
        assertThrows(ArgumentException.class, () -> Drawn.MODEL.score(
            crop.with(ImageOptions.DEFAULT.withExif(true)), Drawn.SEVEN));
    }

    @Test
    void wrongOptionsAreRefused() throws IOException {
        for (DetectorOptions wrong : List.of(PLAIN.withThreshold(1.5f),
                PLAIN.withThreshold(Float.NaN), PLAIN.withLongSide(31),
                PLAIN.withLongSide(9000), PLAIN.withSmallest(0),
                PLAIN.withThreads(-1))) {
            assertThrows(ArgumentException.class, () -> new Detector(wrong));
        }
        Path weights = folder.resolve("w.safetensors");
        assertThrows(NotFoundException.class,
                     () -> new Detector(PLAIN.withWeights(weights)));
        Files.writeString(weights, "no weights");
        assertThrows(ExpclipException.class,
                     () -> new Detector(PLAIN.withWeights(weights)));
    }

    @Test
    void theDefaultsAreThoseOfTheLibrary() {
        Expclip.version(); // loads it
        expclip_detector_options theirs = new expclip_detector_options();
        expclip_detector_options ours = PLAIN.toRaw();
        assertEquals(theirs.getWeights(), ours.getWeights());
        assertEquals(theirs.getThreshold(), ours.getThreshold());
        assertEquals(theirs.getLong_side(), ours.getLong_side());
        assertEquals(theirs.getSmallest(), ours.getSmallest());
        assertEquals(theirs.getQuick(), ours.getQuick());
        assertEquals(theirs.getTurn(), ours.getTurn());
        assertEquals(theirs.getThreads(), ours.getThreads());
        theirs.delete();
        ours.delete();
        expclip_crop_options theirCrop = new expclip_crop_options();
        expclip_crop_options ourCrop = CropOptions.DEFAULT.toRaw();
        assertEquals(theirCrop.getSide(), ourCrop.getSide());
        assertEquals(theirCrop.getUp(), ourCrop.getUp());
        assertEquals(theirCrop.getUpright(), ourCrop.getUpright());
        theirCrop.delete();
        ourCrop.delete();
    }

    @Test
    void theOptionsReachTheLibrary() {
        Image image = Image.of(Photographs.five());
        try (Detector strict = new Detector(PLAIN.withThreshold(0.999f));
             Detector large = new Detector(PLAIN.withSmallest(120));
             Detector quick = new Detector(PLAIN.withQuick(true)
                 .withThreads(1).withLongSide(1000).withTurn(true))) {
            assertEquals(0, strict.find(image).count());
            assertEquals(DETECTOR.find(image).list().stream()
                .filter(face -> face.height() >= 120).count(),
                large.find(image).count());
            assertEquals(5, quick.find(image).count());
        }
    }

    @Test
    void threadsShareADetector() throws Exception {
        List<Face> expected = DETECTOR.find(Drawn.happy()).list();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (Future<List<Face>> found : threads.invokeAll(
                Collections.<Callable<List<Face>>>nCopies(64,
                    () -> DETECTOR.find(Drawn.happy()).list()))) {
            assertEquals(expected, found.get());
        }
        threads.shutdown();
    }

    @Test
    void whatIsClosedSaysSo() {
        Detector detector = new Detector();
        Faces found = detector.find(Drawn.happy());
        Image crop = found.images(FaceChoice.ALL, CropOptions.DEFAULT).get(0);
        detector.close();
        detector.close();
        assertTrue(detector.isClosed());
        assertEquals("detector: closed", assertThrows(ClosedException.class,
            () -> detector.find(Drawn.happy())).getMessage());
        assertEquals(1, found.crop(0).rgb().length > 0 ? 1 : 0);
        found.close();
        found.close();
        assertEquals(1, found.count());
        assertEquals(224, found.width());
        for (Runnable use : List.<Runnable>of(found::image,
                () -> found.crop(0),
                () -> Drawn.MODEL.score(crop, Drawn.SEVEN))) {
            assertEquals("faces: closed", assertThrows(
                ClosedException.class, use::run).getMessage());
        }
    }

    // ---- crops ----

    @Test
    void aCropIsThatPartOfTheImage() throws IOException {
        Faces found = DETECTOR.find(Image.of(Photographs.five()));
        Pixels whole = found.image();
        Face first = found.list().get(0);
        Pixels crop = found.crop(0, CropOptions.DEFAULT.withSquare(1.2f, 0));

        assertEquals(1000, whole.width());
        assertEquals(667, whole.height());
        assertEquals(3 * 1000 * 667, whole.rgb().length);
        assertEquals(1.2 * first.height(), crop.width(), 1);
        assertEquals(crop.width(), crop.height());
        for (int y = 0; y < crop.height(); y++) {
            int from = 3 * ((crop.y() + y) * whole.width() + crop.x());
            assertArrayEquals(
                Arrays.copyOfRange(whole.rgb(), from, from + 3 * crop.width()),
                Arrays.copyOfRange(crop.rgb(), 3 * y * crop.width(),
                                   3 * (y + 1) * crop.width()));
        }
        BufferedImage image = BufferedImages.from(crop);
        assertEquals(crop.width(), image.getWidth());
        assertEquals(crop.rgb()[0] & 255, image.getRGB(0, 0) >> 16 & 255);
        assertEquals(crop.rgb()[1] & 255, image.getRGB(0, 0) >> 8 & 255);
        assertEquals(crop.rgb()[2] & 255, image.getRGB(0, 0) & 255);
    }

    @Test
    void wrongCropsAreRefused() {
        Faces found = DETECTOR.find(Drawn.happy());
        CropOptions plain = CropOptions.DEFAULT;
        assertThrows(ArgumentException.class, () -> found.crop(1));
        assertThrows(ArgumentException.class, () -> found.crop(-1));
        for (CropOptions wrong : List.of(plain.withSquare(9, 0),
                plain.withSquare(1, 2), plain.withSquare(Float.NaN, 0))) {
            assertThrows(ArgumentException.class,
                         () -> found.crop(0, wrong));
            assertThrows(ArgumentException.class, () -> Drawn.MODEL.faces(
                found, FaceChoice.ALL, Drawn.SEVEN, wrong,
                ScoreOptions.DEFAULT));
        }
        assertThrows(ArgumentException.class, () -> Drawn.MODEL.faces(
            Drawn.happy(), FaceChoice.of(1), Drawn.SEVEN));
        assertThrows(IllegalArgumentException.class, () -> FaceChoice.of(-1));
    }

    // ---- scores ----

    @Test
    void scoresOfFacesAreThoseOfTheProgram() throws IOException {
        List<JsonObject> expected = Photographs.program("score",
            Photographs.five().toString(), "--faces", "all", "--json",
            "--model", "demo", "--classes", "7");
        List<ScoredFace> found = Drawn.MODEL.faces(
            Image.of(Photographs.five()), Drawn.SEVEN);
        assertEquals(5, found.size());
        for (int i = 0; i < 5; i++) {
            JsonObject one = expected.get(i);
            ScoredFace face = found.get(i);
            assertEquals(i, face.index());
            Photographs.assertSame(one, "face_score", face.face());
            assertEquals(one.get("label").getAsString(),
                         face.prediction().label());
            for (int j = 0; j < 7; j++) {
                assertEquals(one.getAsJsonArray("logits").get(j).getAsFloat(),
                             face.prediction().logits()[j], 1e-3f);
            }
            assertEquals(Photographs.five().toString(),
                         face.prediction().source());
        }
    }

    @Test
    void facesAreScoredOnceFoundByModelsBatchersAndAsImages() {
        Faces found = DETECTOR.find(Image.of(Photographs.five()));
        List<ScoredFace> expected = Drawn.MODEL.faces(
            found, FaceChoice.ALL, Drawn.SEVEN, CropOptions.DEFAULT,
            ScoreOptions.DEFAULT);
        List<Image> images =
            found.images(FaceChoice.ALL, CropOptions.DEFAULT);
        List<Prediction> one = Drawn.MODEL.score(images, Drawn.SEVEN);
        List<ScoredFace> small = Drawn.MODEL.faces(
            found, FaceChoice.ALL, Drawn.SEVEN, CropOptions.DEFAULT,
            ScoreOptions.DEFAULT.withBatchSize(2));
        List<Embedding> embeddings =
            Drawn.MODEL.embedImages(images, EmbedOptions.DEFAULT);
        try (Batcher batcher =
                 new Batcher(Drawn.MODEL, BatcherOptions.DEFAULT)) {
            List<ScoredFace> queued = batcher.faces(
                found, FaceChoice.ALL, Drawn.SEVEN, CropOptions.DEFAULT,
                ScoreOptions.DEFAULT);
            for (int i = 0; i < 5; i++) {
                float[] logits = expected.get(i).prediction().logits();
                assertArrayEquals(logits, one.get(i).logits(), 1e-3f);
                assertArrayEquals(logits, small.get(i).prediction().logits(),
                                  1e-3f);
                assertArrayEquals(logits, queued.get(i).prediction().logits(),
                                  1e-3f);
                assertEquals(i, small.get(i).index());
                assertEquals(i, queued.get(i).index());
                assertNull(embeddings.get(i).error());
            }
            assertEquals(5, batcher.imageCount());
            assertThrows(NoFaceException.class, () -> batcher.faces(
                DETECTOR.find(nobody()), FaceChoice.LARGEST, Drawn.SEVEN,
                CropOptions.DEFAULT, ScoreOptions.DEFAULT));
        }
    }

    @Test
    void oneFaceIsTheLargestOrThatOfAnIndex() {
        Image image = Image.of(Photographs.five());
        Faces found = DETECTOR.find(image);
        for (FaceChoice which : List.of(FaceChoice.LARGEST, FaceChoice.AUTO)) {
            List<ScoredFace> one =
                Drawn.MODEL.faces(image, which, Drawn.SEVEN);
            assertEquals(1, one.size());
            assertEquals(found.largest().orElseThrow(), one.get(0).face());
            assertEquals(one.get(0).face(),
                         found.list().get(one.get(0).index()));
        }
        assertEquals(3, Drawn.MODEL.faces(image, FaceChoice.of(3), Drawn.SEVEN)
            .get(0).index());
    }

    @Test
    void anImageOfOneCloseFaceIsTakenWhole() {
        ScoredFace found = Drawn.MODEL.faces(Drawn.happy(), FaceChoice.AUTO,
                                             Drawn.SEVEN).get(0);
        assertEquals(-1, found.index());
        assertEquals(120, found.face().width(), 5);
        assertArrayEquals(
            Drawn.MODEL.score(Drawn.happy(), Drawn.SEVEN).logits(),
            found.prediction().logits(), 1e-4f);
        assertEquals("happiness", Drawn.MODEL.faces(Drawn.happy(), Drawn.SEVEN)
            .get(0).prediction().label());
    }

    @Test
    void theModelSaysWhichCropSuitsIt() {
        assertTrue(Drawn.MODEL.cropSide() >= 0.5f, "" + Drawn.MODEL.cropSide());
        assertTrue(Math.abs(Drawn.MODEL.cropUp()) <= 1);
    }

    @Test
    void permitsBoundTheFindingAndTheCroppingToo() throws Exception {
        Semaphore permits = new Semaphore(1);
        Image image = Drawn.happy().decodedUnder(permits);
        Faces found = DETECTOR.find(image);
        permits.acquire();
        Thread finding = new Thread(() -> DETECTOR.find(image));
        Thread scoring = new Thread(() -> Drawn.MODEL.faces(
            found, FaceChoice.ALL, Drawn.SEVEN, CropOptions.DEFAULT,
            ScoreOptions.DEFAULT));
        finding.start();
        scoring.start();
        finding.join(300);
        scoring.join(300);
        assertTrue(finding.isAlive() && scoring.isAlive());
        permits.release();
        finding.join();
        scoring.join();
        assertEquals(1, permits.availablePermits());
        assertFalse(finding.isAlive());
    }
}
