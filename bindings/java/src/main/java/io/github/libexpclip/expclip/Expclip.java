// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_convert_options;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/** What needs no model: versions, a look into weights files, conversion. */
public final class Expclip {
    private Expclip() {
    }

    /**
     * The version of the native library.
     *
     * @return such as "0.1.0"
     */
    public static String version() {
        NativeLoader.load();
        return Raw.expclip_library_version();
    }

    /**
     * How the native library was built.
     *
     * @return a JSON object
     */
    public static String buildInfo() {
        NativeLoader.load();
        return Raw.expclip_library_build_info();
    }

    /**
     * Which libtorch is loaded.
     *
     * @return a JSON object, {} before the first model
     */
    public static String runtimeInfo() {
        NativeLoader.load();
        return Raw.expclip_library_runtime_info();
    }

    /**
     * Describes a weights file or folder without loading it.
     *
     * @param path  of an OpenAI archive, a torch state dict or safetensors
     * @return a JSON object: format, tensors (name, dtype, shape), metadata,
     *     architecture (null when it is no CLIP)
     * @throws NotFoundException when there is no such file
     * @throws FormatException when it is damaged, or another thing
     */
    public static String inspect(Path path) {
        NativeLoader.load();
        try (Handle text = new Handle("text",
                 Raw.expclip_weights_inspect(weightsName(path)),
                 Raw::expclip_string_free);
             Handle.Lease t = text.lend()) {
            return Raw.expclip_string_data(t.pointer());
        }
    }

    /**
     * Writes a model and its head as one self-describing safetensors file,
     * replaced only when all is written, and only when it is one of this
     * library.
     *
     * @param path     of the model
     * @param output   of the new file
     * @param options  such as the type of numbers
     * @throws ExpclipException as {@link Model#load(Path)}
     * @throws ArgumentException when another file is there, or the name is an
     *                           image's
     */
    public static void convert(Path path, Path output,
                               ConvertOptions options) {
        NativeLoader.load();
        expclip_convert_options raw = options.toRaw();
        try {
            Raw.expclip_weights_convert(weightsName(path), fileName(output), raw);
        } finally {
            raw.delete();
        }
    }

    /**
     * Writes a model and its head as one self-describing safetensors file,
     * replaced only when all is written.
     *
     * @param path       of the model
     * @param output     of the new file
     * @param options    such as the type of numbers
     * @param overwrite  whether to replace whatever is there
     * @throws ExpclipException as {@link Model#load(Path)}
     */
    public static void convert(Path path, Path output, ConvertOptions options,
                               boolean overwrite) {
        if (overwrite) {
            Output.replace(output, beside -> convert(path, beside, options));
        } else {
            convert(path, output, options);
        }
    }

    /**
     * Probabilities of logits.
     *
     * @param logits       of one image; NaN among them gives NaN
     * @param temperature  above 0; divides them: more is less sure
     * @return as many numbers, which add up to 1
     */
    public static float[] softmax(float[] logits, float temperature) {
        NativeLoader.load();
        float[] probabilities = new float[logits.length];
        Raw.expclip_logits_softmax(probabilities, logits, temperature);
        return probabilities;
    }

    /** As the C library opens it. */
    static String fileName(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(path.toUri()
                + ": not a file of the system; read its bytes instead");
        }
        return path.toString();
    }

    /** The same for weights, where "demo" alone would be the demo model. */
    static String weightsName(Path path) {
        return path.isAbsolute() ? fileName(path) : "./" + fileName(path);
    }
}
