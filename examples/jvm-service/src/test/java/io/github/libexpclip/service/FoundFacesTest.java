// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.libexpclip.expclip.Batcher;
import io.github.libexpclip.expclip.BatcherOptions;
import io.github.libexpclip.expclip.Classes;
import io.github.libexpclip.expclip.FaceChoice;
import io.github.libexpclip.expclip.Image;
import io.github.libexpclip.expclip.Model;
import io.javalin.http.HttpResponseException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FoundFacesTest {
    /** A scene with five faces. */
    private static final Image SCENE =
        Image.of(Path.of("..", "scenes", "scene_1.png"));
    private static final int FACES = 5;

    private static Model model;
    private static Classes classes;
    private static Batcher batcher;

    @BeforeAll
    static void load() {
        model = Model.load("demo");
        classes = model.classes(7);
        batcher = new Batcher(model, BatcherOptions.DEFAULT);
    }

    @AfterAll
    static void free() {
        batcher.close();
        model.close();
    }

    private static List<?> score(Semaphore places, int limit) {
        try (FoundFaces faces = new FoundFaces(batcher, limit, places)) {
            return (List<?>) faces.score(SCENE, FaceChoice.ALL, classes)
                .get("faces");
        }
    }

    @Test
    void placesAreGivenBack() {
        Semaphore places = new Semaphore(FACES);
        assertEquals(FACES, score(places, FACES).size());
        assertEquals(FACES, places.availablePermits());
        assertThrows(HttpResponseException.class,
                     () -> score(places, FACES - 1));
        assertEquals(FACES, places.availablePermits());
    }

    @Test
    void withoutPlacesTheFacesWait() throws InterruptedException {
        Semaphore places = new Semaphore(FACES - 1);
        CompletableFuture<List<?>> scored = CompletableFuture.supplyAsync(
            () -> score(places, FACES));
        while (!places.hasQueuedThreads()) {
            Thread.sleep(10);
        }
        places.release();
        assertEquals(FACES, scored.join().size());
    }

    @Test
    void noPlacesInTimeAreARefusal() {
        Semaphore places = new Semaphore(FACES - 1);
        assertThrows(RejectedExecutionException.class,
                     () -> score(places, FACES));
        assertEquals(FACES - 1, places.availablePermits());
    }
}
