// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that gives way. A JVM ignores the priorities of its threads on Linux,
 * so util-linux's renice sets this one's; the threads that libtorch starts for
 * its calls inherit it.
 */
final class Background {
    private static final Logger LOG = LoggerFactory.getLogger(Background.class);

    private Background() {
    }

    /** The thread that calls this yields to all others from now on. */
    static void enter() {
        try {
            String thread = Files.readSymbolicLink(
                Path.of("/proc/thread-self")).getFileName().toString();
            int code = new ProcessBuilder("renice", "-n", "19", "-p", thread)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                .waitFor();
            if (code != 0) {
                LOG.warn("renice ended with {}: class sets of strangers slow "
                         + "other requests down", code);
            }
        } catch (IOException e) {
            LOG.warn("class sets of strangers slow other requests down: {}",
                     e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
