// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.function.Consumer;

/** Files that may take the place of others. */
final class Output {
    private Output() {
    }

    /**
     * Writes beside a file and puts that in its place at the end, all at once;
     * what was there stays when it fails.
     */
    static void replace(Path path, Consumer<Path> writer) {
        try {
            Path target = Files.exists(path) ? path.toRealPath() : path;
            Path beside = target.resolveSibling(
                ".expclip-" + UUID.randomUUID() + ".tmp");
            try {
                writer.accept(beside);
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE,
                           StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(beside);
            }
        } catch (IOException e) {
            throw new ReadException(path + ": " + e.getMessage());
        }
    }
}
