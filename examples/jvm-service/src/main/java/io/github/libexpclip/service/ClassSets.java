// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.github.libexpclip.expclip.Classes;
import io.github.libexpclip.expclip.Model;
import io.github.libexpclip.expclip.Prompts;
import io.javalin.http.BadRequestResponse;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Class sets by what requests ask for: embedding one costs forward passes of
 * the text encoder, so the last ones are kept. Their number and the length of
 * what a stranger may ask for are bounded.
 */
final class ClassSets {
    private static final int KEPT = 64;
    private static final int MAX_NAMES = 50;
    private static final int MAX_TEXT = 200;

    private final Model model;
    private final Map<String, Classes> kept =
        new LinkedHashMap<>(KEPT, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Classes> e) {
                return size() > KEPT; // garbage is freed, no call loses it
            }
        };

    ClassSets(Model model) {
        this.model = model;
    }

    /**
     * @param classes  "7", "8", "11", or names with commas between them
     * @param prompts  "type1" to "type5", or for names a template with {}
     */
    synchronized Classes get(String classes, String prompts) {
        if (prompts.length() > MAX_TEXT
            || (classes + prompts).chars().anyMatch(Character::isISOControl)) {
            throw new BadRequestResponse(
                "classes, prompts: expected no control characters, and at most "
                + MAX_TEXT + " in prompts");
        }
        return kept.computeIfAbsent(
            classes + '\n' + prompts,
            key -> model.classes(prompts(classes, prompts)));
    }

    private static Prompts prompts(String classes, String prompts) {
        if (classes.matches("\\d{1,4}")) {
            return Prompts.ofPaper(Integer.parseInt(classes), prompts);
        }
        List<String> names = Arrays.stream(classes.split(",", -1))
            .map(String::strip).toList();
        if (names.size() > MAX_NAMES
            || names.stream().anyMatch(n -> n.length() > MAX_TEXT)) {
            throw new BadRequestResponse(
                "classes: expected at most " + MAX_NAMES + " names of at most "
                + MAX_TEXT + " characters");
        }
        return Prompts.ofNames(names, prompts);
    }
}
