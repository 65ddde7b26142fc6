// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Loads libtorch before the first model, when Java knows a better place than
 * the C library, which takes the one that the process has.
 */
final class TorchLoader {
    /** In the order of loading; a folder need not have all. */
    private static final List<String> LIBRARIES = List.of(
        "libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0",
        "libgomp.so.1", "libc10.so", "libtorch_cpu.so");

    private static final String LEFT = "left to the system: neither "
        + "-Dexpclip.torch.path nor EXPCLIP_TORCH is set, and the class path "
        + "has no natives of org.bytedeco:pytorch and openblas for "
        + NativeLoader.platform();

    private static String status = "not loaded yet";
    private static boolean done;

    private TorchLoader() {
    }

    static synchronized String status() {
        return status;
    }

    static synchronized void load() {
        if (!done) {
            status = find();
            done = !status.equals(LEFT);
        }
    }

    /** Makes what computes; a failure tells what was tried. */
    static long make(LongSupplier maker) {
        load();
        try {
            return maker.getAsLong();
        } catch (BackendException e) {
            throw new BackendException(e.getMessage() + "; in Java: "
                                       + status());
        }
    }

    private static String find() {
        String chosen = System.getProperty("expclip.torch.path");
        if (isLoaded()) {
            return "the one of this process";
        }
        if (chosen != null && !chosen.isEmpty()) {
            return open(folderOf(Path.of(chosen)));
        }
        if (System.getenv("EXPCLIP_TORCH") != null) {
            return "EXPCLIP_TORCH=" + System.getenv("EXPCLIP_TORCH");
        }
        List<Cache.Entry> jars = findJars();
        if (jars.isEmpty()) {
            return LEFT;
        }
        try {
            return open(Cache.extract("libtorch", jars));
        } catch (IOException e) {
            throw new BackendException("libtorch of the class path to "
                + Cache.folder() + ": " + e);
        }
    }

    /** Somebody else of this process may have brought one. */
    private static boolean isLoaded() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.anyMatch(line -> line.endsWith("/libtorch_cpu.so"));
        } catch (IOException e) {
            return false;
        }
    }

    private static Path folderOf(Path chosen) {
        List<Path> folders = List.of(chosen, chosen.resolve("lib"),
                                     chosen.resolve("torch/lib"));
        for (Path folder : folders) {
            if (Files.exists(folder.resolve("libtorch_cpu.so"))) {
                return folder.toAbsolutePath();
            }
        }
        throw new BackendException("expclip.torch.path: no libtorch_cpu.so in "
            + folders);
    }

    private static String open(Path folder) {
        for (String name : LIBRARIES) {
            Path file = folder.resolve(name);
            try {
                if (Files.exists(file)) {
                    System.load(file.toString());
                }
            } catch (UnsatisfiedLinkError e) {
                throw new BackendException("libtorch: "
                    + NativeLoader.why(file, e));
            }
        }
        return folder.toString();
    }

    /** Empty when the class path has no libtorch. */
    private static List<Cache.Entry> findJars() {
        ClassLoader loader = TorchLoader.class.getClassLoader();
        List<Cache.Entry> found = new ArrayList<>();
        try {
            for (String name : LIBRARIES) {
                for (String project : List.of("openblas", "pytorch")) {
                    URL source = loader.getResource("org/bytedeco/" + project
                        + '/' + NativeLoader.platform() + '/' + name);
                    if (source != null) {
                        found.add(new Cache.Entry(name, source, source
                            .openConnection().getContentLengthLong(), null));
                    }
                }
            }
        } catch (IOException e) {
            throw new BackendException("libtorch of the class path: " + e);
        }
        boolean whole = found.stream()
            .anyMatch(entry -> entry.name().equals("libtorch_cpu.so"));
        return whole ? found : List.of();
    }
}
