// SPDX-License-Identifier: MIT
import io.github.libexpclip.expclip.*;
import java.nio.ByteBuffer;

/** What a call costs in Java; see calls.c. */
class Calls {
    static final int N_CALLS = 300;

    static double millisecondsACall(int n, Runnable work)
            throws InterruptedException {
        Thread[] threads = new Thread[n];
        long start = System.nanoTime();
        for (int i = 0; i < n; i++) {
            threads[i] = new Thread(work);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return (System.nanoTime() - start) / 1e6 / (n * N_CALLS);
    }

    public static void main(String[] arguments) throws InterruptedException {
        Model model = Model.builder("demo").threads(1).load();
        Classes classes = model.classes(7);
        Image image = Image.ofPixels(ByteBuffer.allocateDirect(64 * 64 * 3),
                                     64, 64, 0, PixelLayout.RGB);
        Runnable work = () -> {
            for (int i = 0; i < N_CALLS; i++) {
                model.score(image, classes).orElseThrow();
            }
        };
        work.run();
        for (int turn = 0; turn < 5; turn++) {
            for (int n : new int[] {1, 4}) {
                System.out.printf("Java %d %.3f%n", n,
                                  millisecondsACall(n, work));
            }
        }
    }
}
