// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTest {
    @Test
    void aModelSaysWhatItIs() {
        Model model = Drawn.MODEL;

        assertEquals("demo", model.name());
        assertEquals(16, model.fingerprint().length());
        assertEquals("expclip", model.preprocess());
        assertTrue(model.embeddingDim() > 0 && model.imageSize() > 0);
        assertEquals(model.projectedDim(),
                     model.embed(Drawn.happy()).length);
        assertTrue(model.contextLength() > 2);
        assertTrue(model.vocabularySize() > 512);
        assertTrue(model.hasHead());
        assertTrue(model.logitScale() > 1);
        assertTrue(model.toString().contains("demo"));
        assertTrue(Expclip.runtimeInfo().contains("libtorch"));
    }

    @Test
    void optionsReachTheLibrary() {
        try (Model plain = Model.builder("demo").head("none")
                .preprocess("clip").activation("quick_gelu").device("cpu")
                .dtype("fp32").threads(1).deterministic(true).portable(true)
                .imageSize(0).checkFinite(true).load()) {
            assertFalse(plain.hasHead());
            assertEquals("clip", plain.preprocess());
            assertEquals(plain.embeddingDim(), plain.projectedDim());
            assertThrows(StateException.class,
                () -> plain.score(Drawn.happy(), Drawn.SEVEN));
        }
        assertThrows(ExpclipException.class,
                     () -> Model.builder("demo").dtype("fp8").load());
        assertThrows(IllegalArgumentException.class,
                     () -> Model.builder("demo").device("c\0pu").load());
        assertThrows(NotFoundException.class, () -> Model.builder("demo")
            .head(Path.of("nowhere.pth")).load());
    }

    @Test
    void whatIsNoModelIsRefused(@TempDir Path folder) throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.pt"),
                                     "PK\3\4 and no more");

        NotFoundException e = assertThrows(NotFoundException.class,
            () -> Model.load(folder.resolve("nowhere.pt")));
        assertEquals(-21, e.code());
        assertTrue(e.getMessage().contains("nowhere.pt"));
        assertTrue(assertThrows(ExpclipException.class,
            () -> Model.load(bad)).getMessage().contains("bad.pt"));
        assertThrows(NotFoundException.class,
                     () -> Model.load(Path.of("demo")));
        assertThrows(IllegalArgumentException.class,
                     () -> Model.load("de\0mo"));
    }

    @Test
    void textsAreEmbeddedWithTheirAccents() {
        List<Embedding> found = Drawn.MODEL.embedTexts(
            List.of("joy", "naïve 😀", "", "joy ".repeat(200)),
            EmbedOptions.DEFAULT.withBatchSize(3));

        assertEquals(List.of(false, false, false, true),
                     found.stream().map(Embedding::truncated).toList());
        assertArrayEquals(Drawn.MODEL.embed("naïve 😀"),
                          found.get(1).orElseThrow(), 1e-6f);
        assertEquals(1, norm(found.get(0).vector()), 1e-5);
        assertThrows(IllegalArgumentException.class,
                     () -> Drawn.MODEL.embed("a\0b"));
    }

    @Test
    void embeddingsComeBeforeOrAfterTheHeadAndInAnyLength() {
        List<Image> one = List.of(Drawn.happy());
        float[] before = Drawn.MODEL.embedImages(one, EmbedOptions.DEFAULT
            .withProjected(false)).get(0).vector();
        float[] raw = Drawn.MODEL.embedImages(one, EmbedOptions.DEFAULT
            .withNormalize(false)).get(0).vector();

        assertEquals(Drawn.MODEL.embeddingDim(), before.length);
        assertEquals(1, norm(before), 1e-5);
        assertTrue(Math.abs(norm(raw) - 1) > 1e-3);
        assertEquals(Drawn.MODEL.embeddingDim(),
            Drawn.MODEL.embedTexts(List.of("a"), EmbedOptions.DEFAULT
                .withProjected(false)).get(0).vector().length);
    }

    private static double norm(float[] vector) {
        double sum = 0;
        for (float x : vector) {
            sum += x * x;
        }
        return Math.sqrt(sum);
    }

    @Test
    void aBadImageAmongEmbeddingsCarriesItsError() {
        List<Embedding> found = Drawn.MODEL.embedImages(
            List.of(Image.of(new byte[3]), Drawn.happy()),
            EmbedOptions.DEFAULT);

        assertThrows(ExpclipException.class, found.get(0)::orElseThrow);
        assertEquals(0, found.get(0).vector().length);
        assertArrayEquals(Drawn.MODEL.embed(Drawn.happy()),
                          found.get(1).vector(), 1e-6f);
        assertThrows(ExpclipException.class,
                     () -> Drawn.MODEL.embed(Image.of(new byte[3])));
    }

    @Test
    void classesComeFromThePaperNamesMapsAndFiles(@TempDir Path folder)
            throws IOException {
        Map<String, List<String>> map = new LinkedHashMap<>();
        map.put("froh", List.of("a happy face", "joy"));
        map.put("müde", List.of("a tired face"));
        Path json = Files.writeString(folder.resolve("a.json"),
            "{\"froh\": [\"a happy face\", \"joy\"], "
            + "\"müde\": [\"a tired face\"]}");

        assertEquals(11, Drawn.MODEL.classes(11).size());
        assertEquals(List.of("calm", "bored"), Drawn.MODEL
            .classes(List.of("calm", "bored"), "a {} face").names());
        assertEquals(Map.of("calm", List.of("a calm face")),
            Prompts.ofNames(List.of("calm"), "a {} face").byClass());
        Classes own = Drawn.MODEL.classes(map);
        assertEquals(List.of("froh", "müde"), own.names());
        assertEquals(map, own.prompts().byClass());
        assertEquals(map, Prompts.load(json).byClass());
        assertEquals("Classes[froh, müde]", own.toString());
        assertEquals(Drawn.MODEL.fingerprint(), own.modelFingerprint());
        assertEquals(Drawn.MODEL.projectedDim(), own.dim());
        assertEquals(0, own.truncatedCount());
        assertEquals(1, Drawn.MODEL.classes(
            Map.of("long", List.of("joy ".repeat(99)))).truncatedCount());
    }

    @Test
    void poolingChangesClassesWithSeveralPrompts() {
        Prompts prompts = Prompts.ofPaper(7, "type5");
        float[] logits = Drawn.MODEL.score(Drawn.happy(),
            Drawn.MODEL.classes(prompts)).logits();
        float[] embeddings = Drawn.MODEL.score(Drawn.happy(),
            Drawn.MODEL.classes(prompts, Pooling.EMBEDDINGS, null)).logits();

        assertFalse(Arrays.equals(logits, embeddings));
    }

    @Test
    void savedClassesScoreAsBefore(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("sieben 😀.classes");
        Drawn.SEVEN.save(file);
        try (Classes loaded = Classes.load(file)) {
            assertArrayEquals(
                Drawn.MODEL.score(Drawn.happy(), Drawn.SEVEN).logits(),
                Drawn.MODEL.score(Drawn.happy(), loaded).logits());
        }
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 99));
        assertThrows(FormatException.class, () -> Classes.load(file));
        assertThrows(ExpclipException.class,
            () -> Drawn.SEVEN.save(folder.resolve("no/such/folder")));
    }

    @Test
    void badClassesAreRefused(@TempDir Path folder) throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.json"), "{\"a\": ");

        assertThrows(NotFoundException.class,
                     () -> Prompts.ofPaper(7, "type9"));
        assertThrows(ArgumentException.class,
                     () -> Prompts.ofPaper(9, "type1"));
        assertThrows(ArgumentException.class, () -> Drawn.MODEL.classes(
            List.of("a", "a"), "type1"));
        assertThrows(ArgumentException.class,
            () -> Drawn.MODEL.classes(List.of(), "type1"));
        assertThrows(IllegalArgumentException.class,
            () -> Drawn.MODEL.classes(List.of("a\0"), "type1"));
        assertThrows(IllegalArgumentException.class,
            () -> Drawn.MODEL.classes(Map.of("a", List.of())));
        assertThrows(ArgumentException.class,
            () -> Drawn.MODEL.classes(Map.of("", List.of("a"))));
        assertThrows(FormatException.class, () -> Prompts.load(bad));
        assertThrows(NotFoundException.class,
                     () -> Prompts.load(folder.resolve("nowhere")));
    }
}
