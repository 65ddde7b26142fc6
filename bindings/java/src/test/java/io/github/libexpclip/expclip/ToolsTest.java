// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.RawConstants;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolsTest {
    private static final Path DEMO =
        Drawn.ROOT.resolve("examples/demo-model/demo.safetensors");

    @Test
    void theVersionIsTheHeaders() {
        assertEquals(Raw.EXPCLIP_VERSION, Expclip.version());
        assertTrue(JsonParser.parseString(Expclip.buildInfo())
                       .isJsonObject());
    }

    @Test
    void everyStatusIsTheLibrarysAndKeepsItsCode() throws Exception {
        int found = 0;
        for (Field field : RawConstants.class.getFields()) {
            if (!field.getName().startsWith("EXPCLIP_ERROR_")) {
                continue;
            }
            int code = field.getInt(null);
            ExpclipException e = ExpclipException.of(code, "why");
            assertEquals("EXPCLIP_ERROR_" + e.status(), field.getName());
            assertEquals(e.status().name(), Raw.expclip_status_name(code));
            assertEquals(code, e.code());
            assertEquals("why", e.getMessage());
            found++;
        }
        assertTrue(found >= 16);
        assertEquals(Status.UNKNOWN, ExpclipException.of(-99, "x").status());
        assertEquals(-99, ExpclipException.of(-99, "x").code());
    }

    @Test
    void aTokenizerEncodesAndCuts() {
        try (Tokenizer tokenizer = new Tokenizer()) {
            assertArrayEquals(new int[] { 49406, 49407 },
                              tokenizer.encode(""));
            assertEquals(77, tokenizer.encode("joy ".repeat(99)).length);
            int[] cut = tokenizer.encode("joy joy joy", 3);
            assertEquals(3, cut.length);
            assertEquals(49407, cut[2]);
            assertEquals(tokenizer.encode("a b").length,
                         tokenizer.encode("a\0 b").length);
            assertThrows(ArgumentException.class,
                         () -> tokenizer.encode("a", 0));
        }
        assertThrows(ArgumentException.class, () -> new Tokenizer(3));
    }

    @Test
    void inspectDescribesAFile(@TempDir Path folder) throws Exception {
        JsonObject found = JsonParser.parseString(Expclip.inspect(DEMO))
            .getAsJsonObject();

        assertEquals("safetensors", found.get("format").getAsString());
        assertTrue(found.getAsJsonArray("tensors").size() > 10);
        assertThrows(NotFoundException.class,
                     () -> Expclip.inspect(folder.resolve("nowhere")));
        assertThrows(ExpclipException.class, () -> Expclip.inspect(
            Files.writeString(folder.resolve("text"), "no weights")));
    }

    @Test
    void anOverwrittenFileIsWholeAndAlone(@TempDir Path folder)
            throws Exception {
        Path mine = Files.writeString(folder.resolve("mine"), "dear diary");
        Expclip.convert(DEMO, mine, ConvertOptions.DEFAULT, true);
        try (Model model = Model.load(mine);
             Classes classes = model.classes(7)) {
            Files.writeString(mine, "dear diary");
            classes.save(mine, true);
            try (Classes again = Classes.load(mine)) {
                assertEquals(classes.names(), again.names());
            }
            classes.save(mine, false); // it is ours now
        }
        Files.writeString(mine, "dear diary");
        assertThrows(ExpclipException.class, () -> Expclip.convert(
            Path.of("/nowhere.pt"), mine, ConvertOptions.DEFAULT, true));
        assertEquals("dear diary", Files.readString(mine));
        assertThrows(ReadException.class, () -> Output.replace(
            folder.resolve("nowhere").resolve("a"), beside -> { }));
        try (java.util.stream.Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aConvertedModelScoresAsTheOriginal(@TempDir Path folder) {
        Path output = folder.resolve("a.safetensors");
        Expclip.convert(DEMO, output,
                        ConvertOptions.DEFAULT.withDtype("fp32"));
        try (Model model = Model.load(output)) {
            assertArrayEquals(
                Drawn.MODEL.score(Drawn.happy(), Drawn.SEVEN).logits(),
                model.score(Drawn.happy(), model.classes(7)).logits(), 1e-3f);
        }
        Expclip.convert(DEMO, output, ConvertOptions.DEFAULT
            .withHead("none").withCompactHead(true));
        assertThrows(ExpclipException.class, () -> Expclip.convert(DEMO,
            output, ConvertOptions.DEFAULT.withDtype("fp8")));
        assertThrows(IllegalArgumentException.class, () -> Expclip.convert(
            DEMO, output, ConvertOptions.DEFAULT.withHead("a\0")));
    }
}
