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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Class sets by what requests ask for. Embedding one costs forward passes of
 * the text encoder, so the last ones are kept, and one worker makes the others
 * while no other request waits for it. The number of those that wait, and of
 * the prompts that a stranger may ask for, are bounded.
 */
final class ClassSets implements AutoCloseable {
    /** Prompts of a request at most: its names times the prompts of each. */
    static final int MAX_PROMPTS = 500;

    private static final int KEPT = 64;
    private static final int MAX_TEXT = 200;

    private final Model model;
    private final ThreadPoolExecutor worker;
    private final Map<Object, CompletableFuture<Classes>> kept =
        new LinkedHashMap<>(KEPT, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(
                Map.Entry<Object, CompletableFuture<Classes>> e) {
                return size() > KEPT; // garbage is freed, no call loses it
            }
        };

    /** @param queueSize  sets that may wait for the worker */
    ClassSets(Model model, int queueSize) {
        this.model = model;
        worker = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueSize),
            task -> new Thread(() -> {
                Background.enter();
                task.run();
            }, "class-sets"));
    }

    /**
     * What a request asks for, which costs no forward pass.
     *
     * @param classes  "7", "8", "11", or names with commas between them
     * @param prompts  "type1" to "type5", or for names a template with {}
     */
    static Prompts prompts(String classes, String prompts) {
        if (prompts.length() > MAX_TEXT
            || (classes + prompts).chars().anyMatch(Character::isISOControl)) {
            throw new BadRequestResponse(
                "classes, prompts: expected no control characters, and at most "
                + MAX_TEXT + " in prompts");
        }
        if (classes.matches("\\d{1,4}")) {
            return Prompts.ofPaper(Integer.parseInt(classes), prompts);
        }
        List<String> names = Arrays.stream(classes.split(",", -1))
            .map(String::strip).toList();
        if (names.stream().anyMatch(n -> n.length() > MAX_TEXT)) {
            throw new BadRequestResponse("classes: expected names of at most "
                                         + MAX_TEXT + " characters");
        }
        requireFew(names.size());
        Prompts all = Prompts.ofNames(names, prompts);
        requireFew(all.byClass().values().stream().mapToInt(List::size).sum());
        return all;
    }

    private static void requireFew(int prompts) {
        if (prompts > MAX_PROMPTS) {
            throw new BadRequestResponse(
                "classes, prompts: " + prompts + " prompts in all, expected at "
                + "most " + MAX_PROMPTS);
        }
    }

    /**
     * The set, when it is made.
     *
     * @throws RejectedExecutionException when too many wait for the worker
     */
    synchronized CompletableFuture<Classes> get(Prompts prompts) {
        Object key = List.copyOf(prompts.byClass().entrySet()); // in order
        CompletableFuture<Classes> known = kept.get(key);
        if (known == null) {
            known = CompletableFuture.supplyAsync(() -> model.classes(prompts),
                                                  worker);
            kept.put(key, known);
            known.whenComplete((made, failure) -> {
                if (failure != null) {
                    forget(key);
                }
            });
        }
        return known.copy(); // one request's patience is not another's
    }

    private synchronized void forget(Object key) {
        kept.remove(key);
    }

    /** Ends what is being made; the requests that wait for it get 503. */
    @Override
    public void close() {
        Workers.stop(worker); // the interrupt cancels the call
    }
}
