// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The vectors that every language must reproduce (tests/conformance). */
class ConformanceTest {
    private static final Gson GSON = new Gson();
    private static final JsonObject VECTORS = read();
    private static final float TOLERANCE =
        VECTORS.get("tolerance").getAsFloat();

    private static JsonObject read() {
        try {
            return JsonParser.parseString(Files.readString(Drawn.ROOT
                .resolve("tests/conformance/vectors.json"))).getAsJsonObject();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Stream<DynamicTest> cases(String kind,
                                             Consumer<JsonObject> check) {
        return StreamSupport.stream(
                VECTORS.getAsJsonArray(kind).spliterator(), false)
            .map(element -> element.getAsJsonObject())
            .map(one -> dynamicTest(kind + ' ' + name(one),
                                    () -> check.accept(one)));
    }

    private static String name(JsonObject one) {
        String text = one.toString();
        return text.substring(0, Math.min(60, text.length()));
    }

    private static float[] floats(JsonObject one, String key) {
        return GSON.fromJson(one.get(key), float[].class);
    }

    private static Classes classes(JsonObject one) {
        if (one.has("named_prompts")) {
            Map<String, List<String>> map = new LinkedHashMap<>();
            one.getAsJsonArray("named_prompts").forEach(pair -> map.put(
                pair.getAsJsonArray().get(0).getAsString(),
                List.of(GSON.fromJson(pair.getAsJsonArray().get(1),
                                      String[].class))));
            return Drawn.MODEL.classes(map);
        }
        String prompts = one.get("prompts").getAsString();
        if (one.has("names")) {
            return Drawn.MODEL.classes(
                List.of(GSON.fromJson(one.get("names"), String[].class)),
                prompts);
        }
        return Drawn.MODEL.classes(
            Prompts.ofPaper(one.get("classes").getAsInt(), prompts));
    }

    @Test
    void theModelHasTheFingerprint() {
        assertEquals(VECTORS.get("fingerprint").getAsString(),
                     Drawn.MODEL.fingerprint());
    }

    @TestFactory
    Stream<DynamicTest> tokens() {
        Tokenizer tokenizer = new Tokenizer(Drawn.MODEL.vocabularySize());
        return cases("tokens", one -> assertArrayEquals(
            GSON.fromJson(one.get("ids"), int[].class),
            tokenizer.encode(one.get("text").getAsString())));
    }

    @TestFactory
    Stream<DynamicTest> embeddingsOfTexts() {
        return cases("texts", one -> assertArrayEquals(
            floats(one, "embedding"),
            Drawn.MODEL.embed(one.get("text").getAsString()), TOLERANCE));
    }

    @TestFactory
    Stream<DynamicTest> embeddingsOfImages() {
        return cases("images", one -> assertArrayEquals(
            floats(one, "embedding"), Drawn.MODEL.embed(image(one)),
            TOLERANCE));
    }

    private static Image image(JsonObject one) {
        return one.has("bytes")
            ? Image.of(HexFormat.of().parseHex(one.get("bytes").getAsString()))
            : Image.of(Drawn.FOLDER.resolve(one.get("file").getAsString()));
    }

    @TestFactory
    Stream<DynamicTest> scores() {
        List<Image> images = new ArrayList<>();
        VECTORS.getAsJsonArray("images")
            .forEach(one -> images.add(image(one.getAsJsonObject())));
        return cases("scores", one -> {
            List<Prediction> found = Drawn.MODEL.score(images, classes(one));
            float[][] cosines =
                GSON.fromJson(one.get("cosines"), float[][].class);
            assertEquals(List.of(GSON.fromJson(one.get("labels"),
                                               String[].class)),
                         found.stream().map(Prediction::label).toList());
            for (int i = 0; i < cosines.length; i++) {
                float[] row = found.get(i).logits().clone();
                for (int j = 0; j < row.length; j++) {
                    row[j] /= Drawn.MODEL.logitScale();
                }
                assertArrayEquals(cosines[i], row, TOLERANCE,
                                  Arrays.toString(row));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> errors() {
        return cases("errors", one -> {
            ExpclipException e = assertThrows(ExpclipException.class, () -> {
                switch (one.get("call").getAsString()) {
                    case "load" -> Model.load(one.get("path").getAsString());
                    case "classes" -> classes(one);
                    default -> Drawn.MODEL.score(image(one), Drawn.SEVEN);
                }
            });
            assertEquals(one.get("status").getAsString(), e.status().name());
        });
    }
}
