// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.libexpclip.expclip.internal.expclip_frames_options;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipTest {
    private static final List<String> JOY = List.of(
        "happiness_2", "happiness_3", "happiness_4", "happiness_3");
    private static final EmbedOptions RAW =
        EmbedOptions.DEFAULT.withNormalize(false);

    @TempDir
    Path folder;

    @AfterEach
    void noThreadStaysInterrupted() {
        assertFalse(Thread.interrupted());
    }

    private static Image face(String name) {
        return Image.of(Drawn.FOLDER.resolve(name + ".png"));
    }

    @Test
    void aClipIsTheWeightedMeanOfItsFramesEmbeddings() {
        List<Image> images = List.of(face("happiness_2"), face("anger_1"));
        List<float[]> rows = Drawn.MODEL.embedImages(images, RAW).stream()
            .map(Embedding::vector).toList();
        float[] mean = new float[Drawn.MODEL.projectedDim()];
        for (int j = 0; j < mean.length; j++) {
            mean[j] = (3 * rows.get(0)[j] + rows.get(1)[j]) / 4;
        }

        try (Clip clip = Drawn.MODEL.clip()) {
            clip.addImages(images.subList(0, 1), new int[] {3}, null);
            clip.addImages(images.subList(1, 2));
            assertEquals(2, clip.frameCount());
            assertArrayEquals(mean, clip.embed(RAW), 1e-5f);
            assertEquals(Drawn.MODEL.embeddingDim(), clip.embed(
                EmbedOptions.DEFAULT.withProjected(false)).length);
            assertArrayEquals(
                Drawn.SEVEN.scoreEmbeddings(new float[][] {
                    clip.embed(EmbedOptions.DEFAULT)}, null)[0],
                clip.score(Drawn.SEVEN).logits(), 1e-4f);
            clip.clear();
            assertEquals(0, clip.frameCount());
            clip.addImages(images.subList(1, 2));
            assertEquals("anger", clip.score(Drawn.SEVEN).label());
        }
    }

    @Test
    void aFolderIsScoredAsItsFramesAre() throws IOException {
        Path path = Drawn.clip(folder, JOY);
        Prediction whole = Drawn.MODEL.scoreClip(path, Drawn.SEVEN);

        assertEquals("happiness", whole.label());
        assertEquals(path.toString(), whole.source());
        try (Clip clip = Drawn.MODEL.clip()) { // the last stands for 13 of 16
            clip.addImages(JOY.stream().map(ClipTest::face).toList(),
                           new int[] {1, 1, 1, 13}, null);
            assertArrayEquals(clip.score(Drawn.SEVEN).logits(),
                              whole.logits(), 1e-4f);
        }
        Prediction less = Drawn.MODEL.scoreClip(path, Drawn.SEVEN,
            FramesOptions.DEFAULT,
            ScoreOptions.DEFAULT.withTemperature(9));
        assertArrayEquals(whole.logits(), less.logits(), 1e-5f);
        assertTrue(less.probability() < whole.probability());
    }

    @Test
    void framesKnowTheirPlaceTimeAndWeight() throws IOException {
        Path path = Drawn.clip(folder, Collections.nCopies(11, JOY.get(0)));
        Files.writeString(folder.resolve("notes.txt"), "no image");
        FramesOptions three = FramesOptions.DEFAULT.withSamples(3)
            .withFrameRate(10);

        try (Frames frames = Frames.open(path, three)) {
            List<Frame> found = Drawn.MODEL.stream(frames, Drawn.SEVEN,
                ScoreOptions.DEFAULT.withBatchSize(2)).toList();
            assertEquals(OptionalLong.of(11), frames.count());
            assertEquals(1.1, frames.duration().orElseThrow(), 1e-9);
            assertEquals(List.of(1L, 5L, 9L),
                         found.stream().map(Frame::index).toList());
            assertArrayEquals(Frames.sample(3, 11, Sampling.SPREAD),
                found.stream().mapToInt(f -> (int) f.index()).toArray());
            assertEquals(0.5, found.get(1).time(), 1e-9);
            assertEquals(1, found.get(2).weight());
            assertEquals("happiness", found.get(2).prediction().label());
            assertEquals(path.toString(), frames.source());
            assertEquals("Frames[" + path + "]", frames.toString());
            assertEquals(0, Drawn.MODEL.stream(frames, Drawn.SEVEN,
                                               ScoreOptions.DEFAULT).count());
        }
        try (Frames one = Frames.open(path, FramesOptions.DEFAULT
                .withSampling(Sampling.EXACT))) {
            Frame only = Drawn.MODEL.stream(one, Drawn.SEVEN,
                ScoreOptions.DEFAULT).reduce((a, b) -> null).orElseThrow();
            assertEquals(16, only.weight());
        }
    }

    @Test
    void optionsReachTheLibrary() throws IOException {
        Path path = Drawn.clip(folder, Stream.concat(JOY.stream(),
            Stream.concat(JOY.stream(), Stream.of("anger_1", "anger_1")))
            .toList());

        assertArrayEquals(new long[] {1, 9}, indices(path, FramesOptions.ALL
            .withOrder(FrameOrder.STRING), "anger"));
        assertArrayEquals(new long[] {8, 9}, indices(path, FramesOptions.ALL,
                                                     "anger"));
        assertArrayEquals(new long[] {0, 1}, indices(path, FramesOptions.ALL
            .withTimes(2, 4).withFrameRate(1), "happiness"));
        assertArrayEquals(new long[] {1, 3}, indices(path, FramesOptions.DEFAULT
            .withSamples(2).withFrameCount(4), "happiness"));
        try (Frames frames = Frames.open(path, FramesOptions.ALL
                .withRotate(false).withImage(ImageOptions.DEFAULT
                    .withMaxPixels(10)))) {
            assertTrue(Drawn.MODEL.stream(frames, Drawn.SEVEN,
                                          ScoreOptions.DEFAULT)
                .allMatch(f -> f.prediction().error()
                    instanceof LimitException));
        }
    }

    private static long[] indices(Path path, FramesOptions options,
                                  String label) {
        try (Frames frames = Frames.open(path, options)) {
            return Drawn.MODEL.stream(frames, Drawn.SEVEN,
                                      ScoreOptions.DEFAULT)
                .filter(f -> label.equals(f.prediction().label()))
                .mapToLong(Frame::index).toArray();
        }
    }

    @Test
    void theDefaultsAreThoseOfTheLibrary() {
        Expclip.version(); // loads it
        expclip_frames_options theirs = new expclip_frames_options();
        expclip_frames_options ours = FramesOptions.DEFAULT.toRaw();

        assertEquals(theirs.getSampling(), ours.getSampling());
        assertEquals(theirs.getN_samples(), ours.getN_samples());
        assertEquals(theirs.getOrder(), ours.getOrder());
        assertEquals(theirs.getRotate(), ours.getRotate());
        assertEquals(theirs.getFrame_count(), ours.getFrame_count());
        assertEquals(theirs.getStart(), ours.getStart());
        assertEquals(theirs.getEnd(), ours.getEnd());
        assertEquals(theirs.getFrame_rate(), ours.getFrame_rate());
        theirs.delete();
        ours.delete();
    }

    @Test
    void aDamagedFrameIsCountedAndHarmsNoOther() throws IOException {
        Path path = Drawn.clip(folder, JOY);
        byte[] bytes = Files.readAllBytes(path.resolve("2.png"));
        Files.write(path.resolve("2.png"), Arrays.copyOf(bytes, 100));

        try (Frames frames = Frames.open(path); Clip clip = Drawn.MODEL.clip()) {
            assertEquals("", clip.message());
            clip.addFrames(frames, null);
            assertEquals(3, clip.frameCount());
            assertEquals(1, clip.failedCount());
            assertTrue(clip.message().contains("2.png"), clip.message());
            assertEquals("happiness", clip.score(Drawn.SEVEN).label());
            clip.addImages(List.of(Image.of(path.resolve("2.png")),
                                   Image.of(new byte[3]), Drawn.happy()));
            assertEquals(4, clip.frameCount());
            assertEquals(3, clip.failedCount());
        }
        try (Frames frames = Frames.open(path)) {
            List<Frame> found = Drawn.MODEL.stream(frames, Drawn.SEVEN,
                ScoreOptions.DEFAULT).toList();
            assertEquals(4, found.size());
            Prediction bad = found.get(1).prediction();
            assertThrows(TruncatedException.class, bad::orElseThrow);
            assertTrue(bad.error().getMessage().contains("2.png"));
        }
        Files.writeString(folder.resolve("1.png"), "no image");
        try (Clip clip = Drawn.MODEL.clip();
             Frames first = Frames.open(path, FramesOptions.ALL
                .withTimes(0, 0.08))) {
            clip.addFrames(first, null);
            StateException e = assertThrows(StateException.class,
                () -> clip.score(Drawn.SEVEN));
            assertTrue(e.getMessage().contains("1.png"), e.getMessage());
        }
    }

    @Test
    void wrongArgumentsAreRefused() throws IOException {
        List<Image> two = List.of(Drawn.happy(), face("anger_1"));
        try (Clip clip = Drawn.MODEL.clip();
             Model plain = Model.builder("demo").head("none").load()) {
            for (int[] weights : List.of(new int[0], new int[] {1},
                                         new int[] {1, 2, 3},
                                         new int[] {1, 0})) {
                assertTrue(assertThrows(IllegalArgumentException.class,
                    () -> clip.addImages(two, weights, null)).getMessage()
                    .startsWith("weights"));
            }
            assertThrows(ArgumentException.class, () -> clip.addImages(
                List.of(Drawn.happy(), Image.of(Path.of("a")).with(
                    ImageOptions.DEFAULT.withBox(0, 0, -1, 5, 0)))));
            assertThrows(StateException.class,
                         () -> clip.score(Drawn.SEVEN));
            assertThrows(StateException.class, () -> clip.embed(RAW));
            clip.addImages(List.of());
            assertEquals(0, clip.frameCount() + clip.failedCount());
            clip.addImages(two);
            assertThrows(StateException.class,
                         () -> clip.score(plain.classes(7)));
        }
        assertThrows(ArgumentException.class,
                     () -> Frames.sample(0, 5, Sampling.EXACT));
        assertThrows(ArgumentException.class,
                     () -> Frames.sample(5, 5, Sampling.ALL));
        Drawn.clip(folder, JOY);
        for (FramesOptions wrong : List.of(
                FramesOptions.DEFAULT.withSamples(0),
                FramesOptions.DEFAULT.withFrameRate(0),
                FramesOptions.DEFAULT.withFrameCount(-1),
                FramesOptions.DEFAULT.withTimes(2, 1))) {
            assertThrows(ArgumentException.class,
                         () -> Frames.open(folder, wrong));
        }
    }

    @Test
    void whatIsNoClipIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("a.mp4"), "no video");

        assertThrows(NotFoundException.class,
                     () -> Frames.open(folder.resolve("nowhere")));
        assertThrows(FormatException.class, () -> Frames.open(folder));
        assertThrows(ExpclipException.class, () -> Frames.open(text));
        assertThrows(NullPointerException.class,
                     () -> FramesOptions.DEFAULT.withImage(null));
    }

    @Test
    void closedObjectsSaySo() throws IOException {
        Path path = Drawn.clip(folder, JOY);
        Clip clip = Drawn.MODEL.clip();
        Frames frames = Frames.open(path);
        try (Clip open = Drawn.MODEL.clip()) {
            clip.close();
            clip.close();
            assertEquals("clip: closed", assertThrows(ClosedException.class,
                () -> clip.addFrames(frames, null)).getMessage());
            frames.close();
            frames.close();
            for (Runnable use : List.<Runnable>of(clip::frameCount,
                    clip::failedCount, clip::message, clip::clear,
                    () -> clip.embed(RAW), () -> clip.score(Drawn.SEVEN),
                    () -> clip.addImages(List.of(Drawn.happy())),
                    frames::count, frames::duration,
                    () -> open.addFrames(frames, null),
                    () -> Drawn.MODEL.stream(frames, Drawn.SEVEN,
                                             ScoreOptions.DEFAULT).count())) {
                assertThrows(ClosedException.class, use::run);
            }
        }
        Model model = Model.load("demo");
        try (Clip orphan = model.clip(); Frames again = Frames.open(path)) {
            model.close();
            assertThrows(ClosedException.class, model::clip);
            assertThrows(ClosedException.class,
                         () -> orphan.addFrames(again, null));
        }
    }

    @Test
    void tokensAndInterruptsEndClips() throws Exception {
        Path path = Drawn.clip(folder, JOY);
        CancelToken token = new CancelToken();
        token.cancel();
        ScoreOptions cancelled = ScoreOptions.DEFAULT.withCancel(token);
        try (Clip clip = Drawn.MODEL.clip(); Frames frames = Frames.open(path)) {
            for (Runnable call : List.<Runnable>of(
                    () -> clip.addFrames(frames, token),
                    () -> clip.addImages(List.of(Drawn.happy()),
                                         new int[] {1}, token),
                    () -> Drawn.MODEL.scoreClip(path, Drawn.SEVEN,
                        FramesOptions.DEFAULT, cancelled),
                    () -> Drawn.MODEL.stream(frames, Drawn.SEVEN, cancelled)
                        .count())) {
                assertThrows(CancelledException.class, call::run);
            }
            Thread.currentThread().interrupt();
            assertThrows(CancelledException.class,
                () -> clip.addFrames(frames, null));
            assertTrue(Thread.interrupted());
            assertEquals(0, clip.frameCount());
            clip.addFrames(frames, null);
            assertEquals(4, clip.frameCount());
        }
    }

    @Test
    void aLongClipEndsSoonAfterAnInterrupt() throws Exception {
        Path path = folder.resolve("long");
        Files.createDirectory(path);
        for (int i = 0; i < 3_000; i++) {
            Files.createSymbolicLink(path.resolve(i + ".png"), Drawn.HAPPY);
        }
        Thread caller = Thread.currentThread();
        long[] interrupted = new long[1];
        Thread other = new Thread(() -> {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            interrupted[0] = System.nanoTime();
            caller.interrupt();
        });
        other.start();

        assertThrows(CancelledException.class, () -> Drawn.MODEL.scoreClip(
            path, Drawn.SEVEN, FramesOptions.ALL, ScoreOptions.DEFAULT));
        long now = System.nanoTime();
        assertTrue(Thread.interrupted());
        other.join();
        assertTrue(now - interrupted[0] < 500_000_000,
                   (now - interrupted[0]) / 1e6 + " ms");
    }

    /** One second of a face, when there is the program; else null. */
    static Path video(Path folder, String face) throws Exception {
        boolean there = Stream.of(System.getenv("PATH").split(
            File.pathSeparator)).anyMatch(
                p -> Files.isExecutable(Path.of(p, "ffmpeg")));
        Path video = folder.resolve("clip.mkv");
        return there && new ProcessBuilder("ffmpeg", "-v", "error", "-y",
            "-loop", "1", "-i", Drawn.FOLDER.resolve(face + ".png").toString(),
            "-t", "1", "-r", "10", "-c:v", "ffv1", video.toString())
            .inheritIO().start().waitFor() == 0 ? video : null;
    }

    @Test
    void aVideoIsAClip() throws Exception {
        Path video = video(folder, "happiness_2");
        assumeTrue(video != null, "no ffmpeg");
        try (Frames opened = Frames.open(video, FramesOptions.ALL)) {
            List<Frame> frames = Drawn.MODEL.stream(opened, Drawn.SEVEN,
                ScoreOptions.DEFAULT.withBatchSize(4)).toList();
            assertEquals(10, frames.size());
            assertEquals(0.9, frames.get(9).time(), 1e-3);
            assertTrue(frames.stream().allMatch(
                f -> "happiness".equals(f.prediction().label())));
            OptionalDouble duration = opened.duration();
            assertTrue(duration.isEmpty()
                || Math.abs(duration.getAsDouble() - 1) < 0.2);
        } catch (UnsupportedException e) {
            abort(e.getMessage());
        }
        Prediction whole = Drawn.MODEL.scoreClip(video, Drawn.SEVEN);
        assertArrayEquals(Drawn.MODEL.score(face("happiness_2"), Drawn.SEVEN)
                              .logits(), whole.logits(), 0.5f);
        assertEquals("happiness", whole.label());
    }

    @Test
    void aClipOfManyThreadsTakesAllTheirFrames() throws Exception {
        try (Clip clip = Drawn.MODEL.clip()) {
            List<Thread> threads = Stream.generate(() -> new Thread(
                () -> clip.addImages(List.of(Drawn.happy(), Drawn.happy()))))
                .limit(8).toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(16, clip.frameCount());
        }
    }
}
