// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Shared libraries of jars, as files: each set in a folder named by its
 * content, made once for all programs of a user.
 */
final class Cache {
    /** A library in a jar; {@code sha256} may be null, when size must do. */
    record Entry(String name, URL source, long size, String sha256) {
        /** What changes with the content and costs no reading. */
        String key() throws IOException {
            if (sha256 == null && source.openConnection()
                    instanceof JarURLConnection jar) {
                return name + size + ':' + jar.getJarEntry().getCrc();
            }
            return name + size + ':' + sha256;
        }
    }

    private Cache() {
    }

    /** -Dexpclip.cache.dir, else ~/.cache/expclip. */
    static Path folder() {
        String chosen = System.getProperty("expclip.cache.dir");
        return chosen != null ? Path.of(chosen)
            : Path.of(System.getProperty("user.home"), ".cache", "expclip");
    }

    /** The folder that holds the entries, which are extracted if need be. */
    static Path extract(String prefix, List<Entry> entries)
            throws IOException {
        StringBuilder keys = new StringBuilder();
        for (Entry entry : entries) {
            keys.append(entry.key()).append('\n');
        }
        String hash = hex(sha256().digest(keys.toString().getBytes("UTF-8")));
        Path folder = folder().toAbsolutePath()
            .resolve(prefix + '-' + hash.substring(0, 16));
        Files.createDirectories(folder);
        try (FileChannel channel = FileChannel.open(folder.resolve(".lock"),
                StandardOpenOption.CREATE, StandardOpenOption.WRITE);
             FileLock lock = lock(channel)) {
            for (Entry entry : entries) {
                extract(entry, folder);
            }
        }
        return folder;
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                return channel.lock();
            } catch (OverlappingFileLockException e) {
                Thread.yield(); // another class loader of this JVM extracts
            }
        }
    }

    private static void extract(Entry entry, Path folder) throws IOException {
        Path target = folder.resolve(entry.name);
        if (holds(target, entry)) {
            return;
        }
        Path part = Files.createTempFile(folder, entry.name, ".part");
        try {
            try (InputStream in = entry.source.openStream()) {
                Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            }
            if (!holds(part, entry)) {
                throw new IOException(entry.source + ": damaged");
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static boolean holds(Path file, Entry entry) throws IOException {
        if (!Files.exists(file) || Files.size(file) != entry.size) {
            return false;
        }
        return entry.sha256 == null || entry.sha256.equals(hashOf(file));
    }

    private static String hashOf(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in =
                new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return hex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every Java has it
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
