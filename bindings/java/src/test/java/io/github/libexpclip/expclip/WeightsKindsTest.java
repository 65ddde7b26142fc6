// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each kind of weights file gives the program's numbers. */
class WeightsKindsTest {
    private static final float TOLERANCE = 1e-4f;

    /** As tests/bindings/weights_kinds.py writes it. */
    private static final class Kind {
        String name;
        String model;
        String head;
        float[] logits;
    }

    @TestFactory
    Stream<DynamicTest> kinds() throws IOException {
        String folder = System.getenv("EXPCLIP_WEIGHTS_KINDS");
        assertNotNull(folder, "EXPCLIP_WEIGHTS_KINDS: expected the folder that "
            + "tests/bindings/weights_kinds.py wrote");
        Kind[] kinds = new Gson().fromJson(
            Files.readString(Path.of(folder, "kinds.json")), Kind[].class);
        assertTrue(kinds.length >= 10, kinds.length + " kinds");
        return Arrays.stream(kinds).map(kind -> dynamicTest(kind.name, () -> {
            try (Model model = Model.builder(Path.of(kind.model))
                     .head(kind.head).threads(1).load()) {
                float[] found = model.score(Drawn.happy(), model.classes(7))
                    .logits();
                assertArrayEquals(kind.logits, found, TOLERANCE,
                                  Arrays.toString(found));
            }
        }));
    }
}
