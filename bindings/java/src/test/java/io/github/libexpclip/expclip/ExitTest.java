// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of the process is the host's, whatever its threads are doing. */
class ExitTest {
    private static final int EXITS = 50;
    private static final int CODE = 7;

    /** What ends: daemon threads load and score, each without an end. */
    static final class Busy {
        private static final CountDownLatch SCORED = new CountDownLatch(1);

        private Busy() {
        }

        public static void main(String[] arguments) throws Exception {
            byte[] face = Files.readAllBytes(Path.of(arguments[0]));
            for (int i = 0; i < 3; i++) {
                boolean loads = i == 0;
                Thread thread = new Thread(() -> work(face, loads));
                thread.setDaemon(true);
                thread.start();
            }
            if (!Boolean.parseBoolean(arguments[2])) {
                SCORED.await();
            }
            Thread.sleep(Long.parseLong(arguments[1]));
            System.exit(CODE);
        }

        private static void work(byte[] face, boolean loads) {
            Image image = Image.of(face);
            while (true) {
                try (Model model = Model.builder("demo").threads(1).load()) {
                    Classes classes = model.classes(7);
                    do {
                        model.score(image, classes);
                        SCORED.countDown();
                    } while (!loads);
                }
            }
        }
    }

    @Test
    void fiftyProcessesThatEndInsideCallsGiveTheirCode(@TempDir Path folder)
            throws Exception {
        Random random = new Random(1);
        ExecutorService two = Executors.newFixedThreadPool(2);
        List<Future<Integer>> codes = new ArrayList<>();
        for (int i = 0; i < EXITS; i++) {
            int wait = random.nextInt(300);
            boolean early = i % 2 == 0; // the libraries are being loaded
            Path log = folder.resolve(i + ".log");
            codes.add(two.submit(() -> exit(folder, log, wait, early)));
        }
        two.shutdown();
        List<Integer> found = new ArrayList<>();
        StringBuilder logs = new StringBuilder();
        for (int i = 0; i < EXITS; i++) {
            found.add(codes.get(i).get());
            if (found.get(i) != CODE) {
                logs.append(Files.readString(folder.resolve(i + ".log")));
            }
        }
        assertEquals(Collections.nCopies(EXITS, CODE), found, logs.toString());
    }

    private static int exit(Path folder, Path log, int wait, boolean early)
            throws IOException, InterruptedException {
        return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-XX:TieredStopAtLevel=1", "-cp",
            System.getProperty("java.class.path"),
            "-Dexpclip.cache.dir=" + System.getProperty("expclip.cache.dir"),
            "-XX:ErrorFile=" + folder + "/hs_err_%p.log",
            Busy.class.getName(), Drawn.HAPPY.toString(),
            Integer.toString(wait), Boolean.toString(early))
            .redirectErrorStream(true).redirectOutput(log.toFile()).start()
            .waitFor();
    }
}
