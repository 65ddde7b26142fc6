// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LifeTest {
    /** Some seconds of work for one call. */
    private static final List<Image> MANY =
        Collections.nCopies(3_000, Drawn.happy());

    @AfterEach
    void noThreadStaysInterrupted() {
        assertFalse(Thread.interrupted());
    }

    @Test
    void aClosedModelSaysSoAndClosesTwice() {
        Model model = Model.load("demo");
        Classes classes = model.classes(7);
        model.close();
        model.close();

        assertTrue(model.isClosed());
        assertEquals("Model[closed]", model.toString());
        for (Runnable use : List.<Runnable>of(model::name,
                () -> model.score(Drawn.happy(), classes),
                () -> model.embed("a"), () -> model.classes(7),
                () -> model.preprocessImage(Drawn.happy()))) {
            ClosedException e =
                assertThrows(ClosedException.class, use::run);
            assertEquals("model: closed", e.getMessage());
            assertEquals(Status.STATE, e.status());
        }
        assertEquals(7, classes.prompts().byClass().size());
        assertEquals("happiness",
                     Drawn.MODEL.score(Drawn.happy(), classes).label());
    }

    @Test
    void closedClassesAndTokenizersSayItToo() {
        Classes classes = Drawn.MODEL.classes(7);
        classes.close();
        classes.close();
        Tokenizer tokenizer = new Tokenizer();
        tokenizer.close();
        tokenizer.close();

        assertThrows(ClosedException.class,
                     () -> Drawn.MODEL.score(Drawn.happy(), classes));
        assertThrows(ClosedException.class, classes::prompts);
        assertThrows(ClosedException.class, () -> tokenizer.encode("a"));
        assertEquals(7, classes.names().size());
    }

    @Test
    void closingDuringCallsLetsThemEnd() throws Exception {
        Model model = Model.load("demo");
        Classes classes = model.classes(7);
        AtomicInteger good = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(8);
        List<Future<String>> outcomes = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 8; i++) {
            outcomes.add(threads.submit(() -> {
                try {
                    while (true) {
                        model.score(Drawn.happy(), classes);
                        good.incrementAndGet();
                        running.countDown();
                    }
                } catch (ClosedException e) {
                    return e.getMessage();
                }
            }));
        }
        running.await();
        model.close();
        for (Future<String> outcome : outcomes) {
            assertEquals("model: closed", outcome.get());
        }
        threads.shutdown();
        assertTrue(good.get() >= 8);
    }

    @Test
    void sixtyFourThreadsShareAModel() throws Exception {
        List<Image> images = Drawn.images();
        List<String> expected = labels(images);
        ExecutorService threads = Executors.newFixedThreadPool(64);
        List<Callable<List<String>>> calls =
            Collections.nCopies(128, () -> labels(images.subList(0, 2)));

        for (Future<List<String>> found : threads.invokeAll(calls)) {
            assertEquals(expected.subList(0, 2), found.get());
        }
        threads.shutdown();
    }

    private static List<String> labels(List<Image> images) {
        return Drawn.MODEL.score(images, Drawn.SEVEN).stream()
            .map(Prediction::label).toList();
    }

    @Test
    void anInterruptEndsTheCallAndTheFlagStays() throws Exception {
        AtomicLong interrupted = new AtomicLong();
        Thread caller = Thread.currentThread();
        Thread other = new Thread(() -> {
            pause(200);
            interrupted.set(System.nanoTime());
            caller.interrupt();
        });
        other.start();

        assertThrows(CancelledException.class,
            () -> Drawn.MODEL.score(MANY, Drawn.SEVEN,
                ScoreOptions.DEFAULT.withBatchSize(MANY.size())));
        long late = System.nanoTime() - interrupted.get();
        assertTrue(Thread.interrupted());
        assertTrue(late < 200_000_000, late / 1e6 + " ms");
        other.join();
        assertEquals("happiness",
                     Drawn.MODEL.score(Drawn.happy(), Drawn.SEVEN).label());
    }

    @Test
    void anInterruptedThreadDoesNotEvenStart() {
        for (Runnable call : List.<Runnable>of(
                () -> Drawn.MODEL.score(Drawn.happy(), Drawn.SEVEN),
                () -> Drawn.MODEL.embed("a"), () -> Drawn.MODEL.classes(7),
                () -> Drawn.MODEL.embed(Drawn.happy()))) {
            Thread.currentThread().interrupt();
            assertThrows(CancelledException.class, call::run);
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void aTokenEndsTheCallsThatHaveItAndNoOther() throws Exception {
        CancelToken token = new CancelToken();
        ScoreOptions options = ScoreOptions.DEFAULT.withCancel(token);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        Future<?> first = threads.submit(
            () -> Drawn.MODEL.score(MANY, Drawn.SEVEN, options));
        Future<?> second = threads.submit(
            () -> Drawn.MODEL.embedImages(MANY,
                EmbedOptions.DEFAULT.withCancel(token)));
        Future<List<String>> other =
            threads.submit(() -> labels(MANY.subList(0, 100)));
        pause(100);
        token.cancel();

        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> {
            for (Future<?> call : List.of(first, second)) {
                Throwable e = assertThrows(Exception.class, call::get);
                assertEquals(CancelledException.class,
                             e.getCause().getClass());
            }
        });
        assertEquals(100, other.get().size());
        threads.shutdown();
        assertTrue(token.isCancelled());
        assertThrows(CancelledException.class, () -> Drawn.MODEL.score(
            List.of(Drawn.happy()), Drawn.SEVEN, options));
        assertThrows(CancelledException.class, () -> Drawn.MODEL.classes(
            Prompts.ofPaper(7, "type3"), Pooling.LOGITS, token));
        token.reset();
        assertFalse(token.isCancelled());
        assertEquals(1, Drawn.MODEL.score(List.of(Drawn.happy()), Drawn.SEVEN,
                                          options).size());
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatNobodyClosesIsFreedWithTheGarbage() throws IOException {
        for (int i = 0; i < 3; i++) {
            loadAndForget();
        }
        long before = residentBytes();
        for (int i = 0; i < 60; i++) {
            loadAndForget();
            System.gc();
        }
        pause(200);
        long grown = residentBytes() - before;
        assertTrue(grown < 100 << 20, (grown >> 20) + " MB for 60 models");
    }

    private static void loadAndForget() {
        Model.load("demo").classes(7);
    }

    private static long residentBytes() throws IOException {
        String statm = java.nio.file.Files.readString(
            java.nio.file.Path.of("/proc/self/statm"));
        return 4096 * Long.parseLong(statm.split(" ")[1]);
    }
}
