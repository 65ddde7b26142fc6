// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Class names and the prompts that describe each.
 *
 * @param byClass  prompts by class name, both in the order of the map: take a
 *                 {@link LinkedHashMap} where the order matters, for
 *                 {@code Map.of} has none
 */
public record Prompts(Map<String, List<String>> byClass) {
    /**
     * Copies the map.
     *
     * @param byClass  at least one prompt for each class
     */
    public Prompts {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        byClass.forEach((name, texts) -> {
            if (texts.isEmpty()) {
                throw new IllegalArgumentException("class \"" + name
                                                   + "\": no prompts");
            }
            copy.put(name, List.copyOf(texts));
        });
        byClass = Collections.unmodifiableMap(copy);
    }

    /**
     * The classes and prompts of the paper.
     *
     * @param count  7, 8 or 11: the first ones of happiness, sadness, neutral,
     *               anger, surprise, disgust, fear, contempt, anxiety,
     *               helplessness, disappointment
     * @param set    "type1" is the class name, "type2" "an expression of ...",
     *               "type3" "a photo of a face with an expression of ...";
     *               "type4" has 5 prompts per class, and "type5" has 10
     * @return the prompts
     * @throws NotFoundException when there is no such set
     */
    public static Prompts ofPaper(int count, String set) {
        NativeLoader.load();
        return take(Raw.expclip_prompts_builtin(set, count));
    }

    /**
     * Classes of your own, prompted in one way.
     *
     * @param names          of the classes, each once
     * @param setOrTemplate  a set of the paper, "type1" to "type5", or a
     *                       template such as "a {} face", every {} of which
     *                       becomes the name
     * @return the prompts
     * @throws NotFoundException when there is no such set
     */
    public static Prompts ofNames(Collection<String> names,
                                  String setOrTemplate) {
        NativeLoader.load();
        try (Handle handle = own(Raw.expclip_prompts_create());
             Handle.Lease p = handle.lend()) {
            for (String name : names) {
                Raw.expclip_prompts_add_class(p.pointer(), name,
                                              setOrTemplate);
            }
            return read(p.pointer());
        }
    }

    /**
     * Reads a file: a JSON object {"class": ["prompt", ...], ...}, or lines of
     * a class, a tab and a prompt.
     *
     * @param path  of the file, UTF-8
     * @return the prompts
     * @throws FormatException when it is neither; the message tells the line
     */
    public static Prompts load(Path path) {
        NativeLoader.load();
        return take(Raw.expclip_prompts_load(Expclip.fileName(path)));
    }

    /** Reads and frees a native list. */
    static Prompts take(long pointer) {
        try (Handle handle = own(pointer); Handle.Lease p = handle.lend()) {
            return read(p.pointer());
        }
    }

    /** A native list of these; the caller closes it. */
    Handle toNative() {
        Handle handle = own(Raw.expclip_prompts_create());
        try (Handle.Lease p = handle.lend()) {
            byClass.forEach((name, texts) -> texts.forEach(
                text -> Raw.expclip_prompts_add(p.pointer(), name, text)));
            return handle;
        } catch (RuntimeException e) {
            handle.close();
            throw e;
        }
    }

    private static Handle own(long pointer) {
        return new Handle("prompts", pointer, Raw::expclip_prompts_free);
    }

    private static Prompts read(long pointer) {
        Map<String, List<String>> map = new LinkedHashMap<>();
        for (long i = 0; i < Raw.expclip_prompts_class_count(pointer); i++) {
            List<String> texts = new ArrayList<>();
            for (long j = 0; j < Raw.expclip_prompts_count(pointer, i); j++) {
                texts.add(Raw.expclip_prompts_text(pointer, i, j));
            }
            map.put(Raw.expclip_prompts_class_name(pointer, i), texts);
        }
        return new Prompts(map);
    }
}
