// SPDX-License-Identifier: MIT
// When a clip shows which expression: a folder of frames or a video file. One
// file, no build:
//     java -cp 'expclip-0.1.0.jar:expclip-0.1.0-natives-linux-x86_64.jar' \
//         Clip.java demo clip.mp4
import io.github.libexpclip.expclip.Classes;
import io.github.libexpclip.expclip.ExpclipException;
import io.github.libexpclip.expclip.Model;
import java.nio.file.Path;
import java.util.Locale;

class Clip {
    public static void main(String[] arguments) {
        Path path = Path.of(arguments[1]);
        try (Model model = Model.load(arguments[0]);
             Classes classes = model.classes(7)) {
            System.out.println(model.scoreClip(path, classes));
            long failed = model.timeline(path, classes, row -> { },
                s -> System.out.printf(Locale.ROOT, "%.2f-%.2f s: %s %.3f%n",
                    s.start(), s.end(), s.label(), s.probability()));
            System.out.println(failed + " frames could not be read");
        } catch (ExpclipException e) {
            System.err.println(e.status() + ": " + e.getMessage());
            System.exit(1);
        }
    }
}
