// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** People in files that tests/bindings/photographs.py took out of wheels, and
 * what the program says of them. */
final class Photographs {
    private Photographs() {
    }

    /** One of them: multi_face.jpg, t1.jpg or single_face.mp4. */
    static Path file(String name) {
        String folder = System.getenv("EXPCLIP_PHOTOGRAPHS");
        assumeTrue(folder != null, "EXPCLIP_PHOTOGRAPHS is not set");
        return Path.of(folder, name);
    }

    static Path five() {
        return file("multi_face.jpg");
    }

    /** The JSON lines of the program. */
    static List<JsonObject> program(String... arguments) throws IOException {
        String program = System.getenv("EXPCLIP");
        assumeTrue(program != null, "EXPCLIP is not set");
        ProcessBuilder builder = new ProcessBuilder(
            Stream.concat(Stream.of(program), Stream.of(arguments)).toList());
        builder.redirectError(new File("/dev/null"));
        String text = new String(builder.start().getInputStream()
            .readAllBytes(), StandardCharsets.UTF_8);
        return text.lines().map(line -> JsonParser.parseString(line)
            .getAsJsonObject()).toList();
    }

    /** Whether a face has the numbers of the program's, to 1e-5. */
    static void assertSame(JsonObject expected, String score, Face face) {
        float[] box = {face.x(), face.y(), face.width(), face.height()};
        for (int i = 0; i < box.length; i++) {
            assertEquals(expected.getAsJsonArray("box").get(i).getAsFloat(),
                         box[i], 1e-5f);
        }
        assertEquals(expected.get(score).getAsFloat(), face.score(), 1e-5f);
        for (int i = 0; i < 5; i++) {
            Point point = face.points().get(i);
            var points = expected.getAsJsonArray("points");
            assertEquals(points.get(2 * i).getAsFloat(), point.x(), 1e-5f);
            assertEquals(points.get(2 * i + 1).getAsFloat(), point.y(), 1e-5f);
        }
    }
}
