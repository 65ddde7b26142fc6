// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.libexpclip.expclip.internal.Raw;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Loads the native library, when it is first needed. It is taken from
 *
 * <ol>
 * <li>the folder of the system property {@code expclip.native.path} or the
 *     environment variable {@code EXPCLIP_NATIVE_PATH}, if one is set;
 * <li>else the jar {@code expclip-...-natives-linux-x86_64.jar} of the class
 *     path, extracted into the folder of the property
 *     {@code expclip.cache.dir}, by default {@code ~/.cache/expclip};
 * <li>else the folders of {@code java.library.path}.
 * </ol>
 *
 * <p>libtorch, which a model needs, is the one that the process has already,
 * else taken from the folder of the property {@code expclip.torch.path}; else
 * from that of the environment variable {@code EXPCLIP_TORCH}; else from the
 * jars {@code org.bytedeco:pytorch} and {@code org.bytedeco:openblas} with the
 * classifier {@code linux-x86_64}, if the class path has them; else from the
 * system. Nothing is ever downloaded.
 */
public final class NativeLoader {
    private static final String LIBRARY = "expclip_jni";

    private static final List<String> tried = new ArrayList<>();
    private static volatile boolean loaded;
    private static String origin = "not loaded yet";

    private NativeLoader() {
    }

    /**
     * Loads the library now instead of at the first use. May be repeated.
     *
     * @throws BackendException when it cannot be loaded; the message names
     *     every path that was tried, and why it failed
     */
    public static void load() {
        if (!loaded) {
            loadOnce();
        }
    }

    /**
     * Where the libraries come from: a text for logs and bug reports. Loads
     * nothing.
     *
     * @return lines of text
     */
    public static synchronized String status() {
        return "expclip " + (loaded ? Raw.expclip_library_version() : "") + ": "
            + origin + "\nlibtorch: " + TorchLoader.status()
            + "\nplatform: " + platform() + ", Java "
            + System.getProperty("java.version") + "\ncache: "
            + Cache.folder() + '\n' + String.join("\n", tried);
    }

    private static synchronized void loadOnce() {
        if (loaded) {
            return;
        }
        tried.clear();
        String folder = setting("expclip.native.path", "EXPCLIP_NATIVE_PATH");
        boolean found = folder != null
            ? open(Path.of(folder).resolve(System.mapLibraryName(LIBRARY)))
            : openJar() || openSystem();
        if (!found) {
            throw new BackendException("the native library for " + platform()
                + " cannot be loaded:\n  " + String.join("\n  ", tried)
                + hint());
        }
        checkAbi();
        loaded = true;
    }

    /** Both give a folder; the property wins. */
    static String setting(String property, String variable) {
        String value = System.getProperty(property, System.getenv(variable));
        return value == null || value.isEmpty() ? null : value;
    }

    /** Such as "linux-x86_64". */
    static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return os + '-' + (arch.equals("amd64") ? "x86_64" : arch);
    }

    private static boolean open(Path file) {
        try {
            System.load(file.toAbsolutePath().toString());
            origin = file.toAbsolutePath().toString();
            return true;
        } catch (UnsatisfiedLinkError e) {
            tried.add(why(file, e));
            return false;
        }
    }

    /** The error names the file; some reasons need a word more. */
    static String why(Path file, UnsatisfiedLinkError error) {
        String text = error.getMessage();
        String more = text.contains("failed to map segment")
            ? " (its file system is mounted noexec: choose another folder by "
                + "-Dexpclip.cache.dir=FOLDER)" : "";
        return (text.contains(file.toString()) ? "" : file + ": ") + text
            + more;
    }

    private static boolean openJar() {
        String where = "META-INF/expclip/natives/" + platform() + '/';
        ClassLoader loader = NativeLoader.class.getClassLoader();
        URL manifest = loader.getResource(where + "manifest");
        if (manifest == null) {
            tried.add(where + "manifest: not on the class path; is "
                + "expclip-VERSION-natives-" + platform() + ".jar?");
            return false;
        }
        try {
            List<Cache.Entry> entries = read(manifest);
            Path folder = Cache.extract("natives", entries);
            boolean all = true;
            for (Cache.Entry entry : entries) {
                all = all && open(folder.resolve(entry.name()));
            }
            return all;
        } catch (IOException e) {
            tried.add(manifest + " to " + Cache.folder() + ": " + e
                + " (choose another folder by -Dexpclip.cache.dir=FOLDER)");
            return false;
        }
    }

    /** Lines "sha256  name", in the order of loading. */
    private static List<Cache.Entry> read(URL manifest) throws IOException {
        List<Cache.Entry> entries = new ArrayList<>();
        String text;
        try (InputStream in = manifest.openStream()) {
            text = new String(in.readAllBytes(), UTF_8);
        }
        for (String line : text.lines().toList()) {
            String[] parts = line.split("  ", 2);
            URL source = new URL(manifest, parts[1]);
            entries.add(new Cache.Entry(parts[1], source,
                source.openConnection().getContentLengthLong(), parts[0]));
        }
        return entries;
    }

    private static boolean openSystem() {
        try {
            System.loadLibrary(LIBRARY);
            origin = LIBRARY + " of java.library.path";
            return true;
        } catch (UnsatisfiedLinkError e) {
            tried.add(e.getMessage());
            return false;
        }
    }

    private static String hint() {
        boolean musl = Files.exists(Path.of("/lib/ld-musl-x86_64.so.1"))
            || Files.exists(Path.of("/lib/ld-musl-aarch64.so.1"));
        return musl ? "\nThis system runs on musl, for which there is no "
            + "libtorch: use an image with glibc." : "";
    }

    private static void checkAbi() {
        int found = Raw.expclip_library_abi_version();
        if (found != Raw.EXPCLIP_ABI_VERSION) {
            throw new BackendException(origin + ": ABI " + found
                + ", expected " + Raw.EXPCLIP_ABI_VERSION);
        }
    }
}
