// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A native library is loaded once, so each case has a JVM of its own. */
class NativeLoaderTest {
    private static final String NATIVES = "META-INF/expclip/natives/";
    private static final List<String> CLASS_PATH = Arrays.asList(
        System.getProperty("java.class.path").split(File.pathSeparator));

    @TempDir
    Path cache;

    /** What the other JVM runs. */
    public static final class Program {
        private Program() {
        }

        public static void main(String[] arguments) {
            try (Model model = Model.load("demo")) {
                System.out.println("loaded " + model.name());
                NativeLoader.load();
            } catch (BackendException e) {
                System.out.println(e.getMessage());
            }
            System.out.println(NativeLoader.status());
        }
    }

    private static Path natives() {
        return CLASS_PATH.stream().map(Path::of)
            .map(p -> p.resolve(NATIVES + NativeLoader.platform()))
            .filter(Files::isDirectory).findFirst().orElseThrow();
    }

    private static List<String> withoutNatives() {
        return CLASS_PATH.stream()
            .filter(p -> !Files.isDirectory(Path.of(p, NATIVES))).toList();
    }

    private Process start(List<String> classPath, String... options)
            throws IOException {
        return start(classPath, Map.of(), options);
    }

    /** An empty variable is taken out of the environment. */
    private Process start(List<String> classPath, Map<String, String> variables,
                          String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
            System.getProperty("java.home") + "/bin/java", "-Xcheck:jni",
            "-cp", String.join(File.pathSeparator, classPath),
            "-Dexpclip.cache.dir=" + cache));
        command.addAll(List.of(options));
        command.add(Program.class.getName());
        ProcessBuilder builder =
            new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(variables);
        builder.environment().values().removeIf(String::isEmpty);
        return builder.start();
    }

    private static String output(Process program) throws Exception {
        String text =
            new String(program.getInputStream().readAllBytes(), "UTF-8");
        assertEquals(0, program.waitFor(), text);
        return text;
    }

    private static void assertHolds(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), part + " is not in:\n" + text);
        }
    }

    @Test
    void theJarIsExtractedOnceAndAgainWhenDamaged() throws Exception {
        assertHolds(output(start(CLASS_PATH)), "loaded demo",
                    "expclip 0.1.0: " + cache);
        Path library = find("libexpclip.so.0");
        Object made = Files.getLastModifiedTime(library);
        assertHolds(output(start(CLASS_PATH)), "loaded demo");
        assertEquals(made, Files.getLastModifiedTime(library));

        byte[] bytes = Files.readAllBytes(library);
        bytes[bytes.length / 2] ^= 1;
        Files.write(library, bytes);
        assertHolds(output(start(CLASS_PATH)), "loaded demo");
        assertFalse(Arrays.equals(bytes, Files.readAllBytes(library)));
    }

    private Path find(String name) throws IOException {
        try (Stream<Path> files = Files.find(cache, 3, (file, attributes) ->
                file.endsWith(name))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void manyProgramsMayStartAtOnce() throws Exception {
        List<Process> programs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            programs.add(start(CLASS_PATH));
        }
        for (Process program : programs) {
            assertHolds(output(program), "loaded demo");
        }
        try (Stream<Path> files = Files.walk(cache)) {
            assertFalse(files.anyMatch(f -> f.toString().endsWith(".part")));
        }
    }

    @Test
    void aFolderMayBeGivenInsteadOfTheJar() throws Exception {
        assertHolds(output(start(withoutNatives(),
                                 "-Dexpclip.native.path=" + natives())),
                    "loaded demo", "expclip 0.1.0: " + natives());
        assertHolds(output(start(withoutNatives(),
                                 "-Djava.library.path=" + natives())),
                    "loaded demo", "java.library.path");
    }

    @Test
    void aMissingLibraryNamesEveryPlaceAndWhy() throws Exception {
        assertHolds(output(start(withoutNatives())),
                    "cannot be loaded", NativeLoader.platform(),
                    "manifest: not on the class path",
                    "no expclip_jni in java.library.path");
        assertHolds(output(start(CLASS_PATH,
                                 "-Dexpclip.native.path=/no/where")),
                    "/no/where/libexpclip_jni.so", "cannot be loaded");
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(cache.resolve("file"), "no folder");

        assertHolds(output(start(CLASS_PATH, "-Dexpclip.cache.dir=" + file)),
                    "cannot be loaded", file.toString(),
                    "-Dexpclip.cache.dir=FOLDER");
    }

    @Test
    void aFileSystemThatForbidsProgramsIsNamed() {
        String text = NativeLoader.why(Path.of("/a/b.so"),
            new UnsatisfiedLinkError("/a/b.so: failed to map segment from "
                                     + "shared object"));
        assertHolds(text, "noexec", "-Dexpclip.cache.dir=FOLDER");
    }

    @Test
    void libtorchMayBeGivenAndAWrongFolderIsNamed() throws Exception {
        String torch = System.getenv("EXPCLIP_TORCH");
        assumeTrue(torch != null, "EXPCLIP_TORCH is not set");
        assertHolds(output(start(CLASS_PATH, "-Dexpclip.torch.path=" + torch)),
                    "loaded demo", "libtorch: " + torch);
        assertHolds(output(start(CLASS_PATH,
                                 "-Dexpclip.torch.path=/no/where")),
                    "expclip.torch.path: no libtorch_cpu.so in [/no/where, ");
    }

    @Test
    void withoutLibtorchTheWaysToGiveItAreNamed() throws Exception {
        assertHolds(output(start(CLASS_PATH, Map.of("EXPCLIP_TORCH", ""))),
                    "libtorch not found", "-Dexpclip.torch.path",
                    "org.bytedeco:pytorch");
    }

    @Test
    void libtorchMayComeFromMaven() throws Exception {
        String jars = System.getenv("EXPCLIP_TORCH_JARS");
        assumeTrue(jars != null, "EXPCLIP_TORCH_JARS is not set");
        List<String> classPath = new ArrayList<>(CLASS_PATH);
        classPath.addAll(List.of(jars.split(File.pathSeparator)));

        assertHolds(output(start(classPath, Map.of("EXPCLIP_TORCH", ""))),
                    "loaded demo", "libtorch: " + cache + "/libtorch-");
    }

    @Test
    void statusNeedsNoLibrary() {
        assertHolds(NativeLoader.status(), "libtorch: ", "platform: ",
                    "cache: ");
    }
}
