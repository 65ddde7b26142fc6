// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the tests share: the drawn faces and one model. */
final class Drawn {
    static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    static final Path FOLDER = ROOT.resolve("examples/faces");
    static final Path HAPPY = FOLDER.resolve("happiness_2.png");
    static final Model MODEL = Model.load("demo");
    static final Classes SEVEN = MODEL.classes(7);

    private Drawn() {
    }

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(f -> f.toString().endsWith(".png")).sorted()
                .toList();
        }
    }

    static List<Image> images() throws IOException {
        return files().stream().map(Image::of).toList();
    }

    /** A folder of numbered frames: each name is such as "happiness_2". */
    static Path clip(Path folder, List<String> names) throws IOException {
        for (int i = 0; i < names.size(); i++) {
            Files.copy(FOLDER.resolve(names.get(i) + ".png"),
                       folder.resolve((i + 1) + ".png"));
        }
        return folder;
    }

    static Image happy() {
        return Image.of(HAPPY);
    }
}
