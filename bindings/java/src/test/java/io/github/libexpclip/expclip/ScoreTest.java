// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreTest {
    private static final String PROGRAM =
        System.getenv().getOrDefault("EXPCLIP",
            Drawn.ROOT.resolve("build/release/bin/expclip").toString());

    @Test
    void aFaceHasALabelItsProbabilityAndThoseOfAllClasses() {
        Prediction p = Drawn.MODEL.score(Drawn.happy(), Drawn.SEVEN);

        assertEquals("happiness", p.label());
        assertEquals(Drawn.SEVEN.names(),
                     List.copyOf(p.probabilities().keySet()));
        assertEquals(p.probability(), p.probabilities().get("happiness"));
        assertEquals(1, p.probabilities().values().stream()
            .mapToDouble(x -> x).sum(), 1e-5);
        assertEquals(7, p.logits().length);
        assertEquals(Drawn.HAPPY.toString(), p.source());
        assertTrue(p.isOk());
        assertNull(p.error());
        assertEquals("happiness", p.top(2).get(0).getKey());
        assertEquals(2, p.top(2).size());
        assertTrue(p.toString().contains("happiness 0."), p.toString());
    }

    @Test
    void resultsEqualThoseOfTheProgram() throws Exception {
        List<String> command = new ArrayList<>(
            List.of(PROGRAM, "score", "--faces", "none", "--json", "--quiet"));
        Drawn.files().forEach(file -> command.add(file.toString()));
        Process program = new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(program.getInputStream().readAllBytes(),
                                   "UTF-8");
        assertEquals(0, program.waitFor());
        List<JsonObject> expected = output.lines()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
        List<Prediction> found = Drawn.MODEL.score(Drawn.images(),
            Drawn.SEVEN, ScoreOptions.DEFAULT.withBatchSize(8));

        assertEquals(28, found.size());
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < found.size(); i++) {
            JsonObject e = expected.get(i);
            Prediction p = found.get(i);
            assertEquals(e.get("label").getAsString(), p.label());
            assertEquals(e.get("path").getAsString(), p.source());
            p.probabilities().forEach((name, value) -> assertEquals(
                e.getAsJsonObject("scores").get(name).getAsFloat(), value,
                1e-6));
            for (int j = 0; j < 7; j++) {
                assertEquals(
                    e.getAsJsonArray("logits").get(j).getAsFloat(),
                    p.logits()[j], 1e-5);
            }
        }
    }

    @Test
    void temperatureMakesTheAnswerLessSure() throws IOException {
        List<Image> one = List.of(Drawn.happy());
        Prediction sure = Drawn.MODEL.score(one, Drawn.SEVEN).get(0);
        Prediction less = Drawn.MODEL.score(one, Drawn.SEVEN,
            ScoreOptions.DEFAULT.withTemperature(3)).get(0);

        assertTrue(less.probability() < sure.probability());
        assertArrayEquals(sure.logits(), less.logits());
        assertArrayEquals(Expclip.softmax(sure.logits(), 3),
                          toArray(less.probabilities()));
        assertThrows(IllegalArgumentException.class,
                     () -> ScoreOptions.DEFAULT.withTemperature(0));
        assertThrows(IllegalArgumentException.class,
                     () -> ScoreOptions.DEFAULT.withBatchSize(0));
        assertThrows(ArgumentException.class,
                     () -> Expclip.softmax(new float[2], Float.NaN));
    }

    private static float[] toArray(Map<String, Float> map) {
        float[] out = new float[map.size()];
        int i = 0;
        for (float value : map.values()) {
            out[i++] = value;
        }
        return out;
    }

    @Test
    void noImagesGiveNoPredictions() {
        assertEquals(List.of(), Drawn.MODEL.score(List.of(), Drawn.SEVEN));
        assertEquals(0, Drawn.MODEL.stream(Stream.of(), Drawn.SEVEN,
                                           ScoreOptions.DEFAULT).count());
        assertEquals(List.of(), Drawn.MODEL.embedImages(List.of(),
                                                     EmbedOptions.DEFAULT));
        assertEquals(List.of(), Drawn.MODEL.embedTexts(List.of(),
                                                    EmbedOptions.DEFAULT));
    }

    @Test
    void oneBadImageOfTenThousandHarmsNoOther() throws IOException {
        Image cut = Image.of(Arrays.copyOf(
            Files.readAllBytes(Drawn.HAPPY), 100));
        List<Image> images = new ArrayList<>(Collections.nCopies(10_000,
            Image.ofPixels(new byte[64], 8, 8, PixelLayout.GREY)));
        images.set(4321, cut);
        List<Prediction> found;
        try (Model small = Model.builder("demo").imageSize(16).load()) {
            found = small.score(images, small.classes(7));
        }
        String label = found.get(0).label();
        Prediction bad = found.get(4321);

        assertEquals(10_000, found.size());
        assertEquals(9_999, found.stream()
            .filter(p -> label.equals(p.label())).count());
        assertFalse(bad.isOk());
        assertEquals(Status.TRUNCATED, bad.error().status());
        assertNull(bad.label());
        assertTrue(Float.isNaN(bad.probability()));
        assertEquals(Map.of(), bad.probabilities());
        assertSame(bad.error(), assertThrows(TruncatedException.class,
                                             bad::orElseThrow));
    }

    @Test
    void eachBadImageHasItsReason(@TempDir Path folder) throws IOException {
        Path text = Files.writeString(folder.resolve("a.png"), "no image");
        List<Image> images = List.of(
            Image.of(folder.resolve("nowhere.png")), Image.of(text),
            Image.of(new byte[0]), Drawn.happy(),
            Drawn.happy().with(ImageOptions.DEFAULT.withBox(9999, 0, 5, 5, 0)),
            Drawn.happy().with(ImageOptions.DEFAULT.withBox(0, 0, -1, 5, 0)),
            Drawn.happy().with(ImageOptions.DEFAULT.withMaxPixels(10)));
        List<Prediction> found = Drawn.MODEL.score(images, Drawn.SEVEN);

        List<Class<?>> kinds = new ArrayList<>();
        found.forEach(p -> kinds.add(p.isOk() ? null : p.error().getClass()));
        assertEquals(Arrays.asList(NotFoundException.class,
            FormatException.class, FormatException.class, null,
            LimitException.class, ArgumentException.class,
            LimitException.class), kinds);
        assertTrue(found.get(0).toString().contains("nowhere.png"));
        assertEquals("happiness", found.get(3).label());
    }

    @Test
    void aStreamReadsNoMoreThanItsBatches() throws IOException {
        AtomicInteger taken = new AtomicInteger();
        byte[] happy = Files.readAllBytes(Drawn.HAPPY);
        Stream<Image> endless = Stream.generate(() -> {
            taken.incrementAndGet();
            return Image.of(happy);
        });
        try (Stream<Prediction> found = Drawn.MODEL.stream(endless,
                Drawn.SEVEN, ScoreOptions.DEFAULT.withBatchSize(4))) {
            assertEquals(List.of("happiness", "happiness", "happiness",
                                 "happiness", "happiness"),
                         found.limit(5).map(Prediction::label).toList());
        }
        assertEquals(8, taken.get());
    }

    @Test
    void aStreamGivesWhatAListGivesAndClosesItsSource() throws IOException {
        boolean[] closed = { false };
        Stream<Image> images = Drawn.images().stream()
            .onClose(() -> closed[0] = true);
        try (Stream<Prediction> found = Drawn.MODEL.stream(images,
                Drawn.SEVEN, ScoreOptions.DEFAULT.withBatchSize(5))) {
            assertEquals(Drawn.MODEL.score(Drawn.images(), Drawn.SEVEN)
                             .stream().map(Prediction::label).toList(),
                         found.map(Prediction::label).toList());
        }
        assertTrue(closed[0]);
    }

    @Test
    void embeddingsScoreAsTheirImages() throws IOException {
        List<Image> images = Drawn.images();
        List<Prediction> expected = Drawn.MODEL.score(images, Drawn.SEVEN);
        float[][] rows = Drawn.MODEL
            .embedImages(images, EmbedOptions.DEFAULT).stream()
            .map(Embedding::orElseThrow).toArray(float[][]::new);
        String fingerprint = Drawn.MODEL.fingerprint();
        float[][] logits = Drawn.SEVEN.scoreEmbeddings(rows, fingerprint);
        FloatBuffer in = direct(rows.length * Drawn.SEVEN.dim());
        FloatBuffer out = direct(rows.length * 7);
        for (float[] row : rows) {
            in.put(row);
        }
        Drawn.SEVEN.scoreEmbeddings(out, in.flip(), fingerprint);

        for (int i = 0; i < rows.length; i++) {
            assertArrayEquals(expected.get(i).logits(), logits[i], 1e-4f);
            for (int j = 0; j < 7; j++) {
                assertEquals(logits[i][j], out.get(7 * i + j), 1e-5f);
            }
        }
        assertThrows(StateException.class,
            () -> Drawn.SEVEN.scoreEmbeddings(rows, "0123456789abcdef"));
    }

    @Test
    void buffersOfFloatsAreDirectNativeAndLongEnough() {
        FloatBuffer in = direct(Drawn.SEVEN.dim());
        FloatBuffer out = direct(7);
        in.put(0, 1);

        Drawn.SEVEN.scoreEmbeddings(out, in, null);
        for (Runnable bad : List.<Runnable>of(
                () -> Drawn.SEVEN.scoreEmbeddings(FloatBuffer.allocate(7), in,
                                                  null),
                () -> Drawn.SEVEN.scoreEmbeddings(out.asReadOnlyBuffer(), in,
                                                  null),
                () -> Drawn.SEVEN.scoreEmbeddings(out,
                    ByteBuffer.allocateDirect(4 * Drawn.SEVEN.dim())
                        .order(ByteOrder.BIG_ENDIAN).asFloatBuffer(), null))) {
            assertThrows(IllegalArgumentException.class, bad::run);
        }
        assertThrows(ArgumentException.class,
            () -> Drawn.SEVEN.scoreEmbeddings(direct(6), in, null));
        assertThrows(ArgumentException.class,
            () -> Drawn.SEVEN.scoreEmbeddings(out, direct(5), null));
        assertThrows(ArgumentException.class,
            () -> Drawn.SEVEN.scoreEmbeddings(out, null, null));
    }

    private static FloatBuffer direct(int size) {
        return ByteBuffer.allocateDirect(4 * size)
            .order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    @Test
    void nullIsRefusedBeforeAnythingIsComputed() {
        List<Image> withNull = new ArrayList<>();
        withNull.add(null);
        for (Runnable bad : List.<Runnable>of(
                () -> Drawn.MODEL.score(withNull, Drawn.SEVEN),
                () -> Drawn.MODEL.score((List<Image>) null, Drawn.SEVEN),
                () -> Drawn.MODEL.score(List.of(), null),
                () -> Drawn.MODEL.score((Image) null, Drawn.SEVEN),
                () -> Drawn.MODEL.embed((String) null),
                () -> Drawn.MODEL.classes((Prompts) null),
                () -> Image.of((byte[]) null), () -> Image.of((Path) null),
                () -> Model.load((String) null),
                () -> new Tokenizer().encode(null))) {
            assertThrows(NullPointerException.class, bad::run);
        }
    }
}
