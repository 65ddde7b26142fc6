// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BatcherTest {
    @Test
    void callsOfManyThreadsShareForwardPasses() throws Exception {
        Prediction expected = Drawn.MODEL.score(Drawn.happy(), Drawn.SEVEN);
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try (Batcher batcher = new Batcher(Drawn.MODEL, BatcherOptions.DEFAULT
                .withMaxDelay(Duration.ofMillis(20)))) {
            List<Callable<Prediction>> calls = Collections.nCopies(64,
                () -> batcher.score(Drawn.happy(), Drawn.SEVEN));
            for (Future<Prediction> found : threads.invokeAll(calls)) {
                assertArrayEquals(expected.logits(), found.get().logits(),
                                  1e-4f);
            }
            assertEquals(64, batcher.imageCount());
            assertTrue(batcher.passCount() < 48, batcher.passCount() + "");
            assertEquals(0, batcher.waitingCount());
        }
        threads.shutdown();
    }

    @Test
    void aBadImageOfARequestHarmsNoOther() {
        try (Batcher batcher =
                new Batcher(Drawn.MODEL, BatcherOptions.DEFAULT)) {
            List<Image> images = List.of(Image.of(new byte[9]), Drawn.happy());
            List<Prediction> scores =
                batcher.score(images, Drawn.SEVEN, ScoreOptions.DEFAULT);
            List<Embedding> embeddings =
                batcher.embedImages(images, EmbedOptions.DEFAULT);

            assertEquals("happiness", scores.get(1).label());
            assertArrayEquals(Drawn.MODEL.embed(Drawn.happy()),
                              embeddings.get(1).vector(), 1e-5f);
            assertThrows(ExpclipException.class,
                         embeddings.get(0)::orElseThrow);
            assertThrows(ExpclipException.class,
                         scores.get(0)::orElseThrow);
            assertEquals(List.of(), batcher.score(List.of(), Drawn.SEVEN,
                                                  ScoreOptions.DEFAULT));
        }
    }

    @Test
    void aFullQueueIsBusyAtOnce() throws Exception {
        List<Image> two = List.of(Drawn.happy(), Drawn.happy());
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Batcher batcher = new Batcher(Drawn.MODEL, BatcherOptions.DEFAULT
                .withMaxDelay(Duration.ofSeconds(1)).withQueueSize(3))) {
            Future<List<Prediction>> waits = thread.submit(
                () -> batcher.score(two, Drawn.SEVEN, ScoreOptions.DEFAULT));
            while (batcher.waitingCount() < 2) {
                Thread.onSpinWait();
            }
            BusyException e = assertThrows(BusyException.class,
                () -> batcher.score(two, Drawn.SEVEN, ScoreOptions.DEFAULT));
            assertEquals(Status.BUSY, e.status());
            assertEquals("happiness", waits.get().get(1).label());
        }
        thread.shutdown();
    }

    @Test
    void anInterruptEndsTheWaiting() {
        try (Batcher batcher = new Batcher(Drawn.MODEL, BatcherOptions.DEFAULT
                .withMaxDelay(Duration.ofSeconds(1)))) {
            Thread.currentThread().interrupt();
            assertThrows(CancelledException.class,
                         () -> batcher.score(Drawn.happy(), Drawn.SEVEN));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void badOptionsAndClosedBatchersAreRefused() {
        Batcher batcher = new Batcher(Drawn.MODEL, BatcherOptions.DEFAULT);
        batcher.close();
        batcher.close();

        assertThrows(ClosedException.class, batcher::passCount);
        assertThrows(ClosedException.class,
                     () -> batcher.score(Drawn.happy(), Drawn.SEVEN));
        assertThrows(ArgumentException.class, () -> new Batcher(Drawn.MODEL,
            BatcherOptions.DEFAULT.withMaxBatch(-1)));
    }
}
