// SPDX-License-Identifier: MIT
// The expression of faces, best first. One file, no build:
//     java -cp 'expclip-0.1.0.jar:expclip-0.1.0-natives-linux-x86_64.jar' \
//         Classify.java demo face.png ...
import io.github.libexpclip.expclip.Classes;
import io.github.libexpclip.expclip.ExpclipException;
import io.github.libexpclip.expclip.Image;
import io.github.libexpclip.expclip.Model;
import io.github.libexpclip.expclip.Prediction;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class Classify {
    public static void main(String[] arguments) {
        List<Image> images = Arrays.stream(arguments).skip(1)
            .map(Path::of).map(Image::of).toList();
        try (Model model = Model.load(arguments[0]);
             Classes classes = model.classes(7)) {
            for (Prediction p : model.score(images, classes)) {
                System.out.println(p.isOk() ? p.source() + ": " + p.top(3) : p);
            }
        } catch (ExpclipException e) {
            System.err.println(e.status() + ": " + e.getMessage());
            System.exit(1);
        }
    }
}
