// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_classes_options;
import io.github.libexpclip.expclip.internal.expclip_embed_options;
import io.github.libexpclip.expclip.internal.expclip_load_options;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A CLIP model with its Exp-CLIP head, if it has one. Immutable: share one
 * between all threads. {@link #close} frees the weights when the calls that
 * run have ended; later calls throw {@link ClosedException}. A model that
 * nobody closes is freed when it is garbage.
 *
 * <p>Calls that compute end with {@link CancelledException} when their thread
 * is interrupted, which stays interrupted, or their {@link CancelToken} is
 * raised.
 */
public final class Model implements AutoCloseable {
    final Handle handle;

    private Model(String path, expclip_load_options options) {
        handle = new Handle("model", make(path, options),
                            Raw::expclip_model_free);
    }

    private static long make(String path, expclip_load_options options) {
        return TorchLoader.make(() -> Raw.expclip_model_load(path, options));
    }

    /**
     * Loads a model with the defaults.
     *
     * @param name  "demo", the small model of drawn faces in the library; the
     *              name of a download, such as "ViT-B/32" (fetched before by
     *              the program: {@code expclip pull}); or a path
     * @return the model
     * @throws NotFoundException when there is none
     * @throws BackendException when there is no libtorch, or no native library
     */
    public static Model load(String name) {
        return builder(name).load();
    }

    /**
     * Loads a model with the defaults.
     *
     * @param path  of an OpenAI archive, a torch state dict or safetensors, or
     *              of a folder that holds shards
     * @return the model
     * @throws NotFoundException when there is no such file
     * @throws FormatException when it is damaged, or another thing
     * @throws BackendException when there is no libtorch, or no native library
     */
    public static Model load(Path path) {
        return builder(path).load();
    }

    /**
     * Loads a model with options.
     *
     * @param name  as in {@link #load(String)}
     * @return where options are set
     */
    public static Builder builder(String name) {
        return new Builder(Objects.requireNonNull(name, "name"));
    }

    /**
     * Loads a model with options.
     *
     * @param path  as in {@link #load(Path)}
     * @return where options are set
     */
    public static Builder builder(Path path) {
        return new Builder(Expclip.weightsName(path));
    }

    // ---- what it is ----

    /**
     * What was loaded.
     *
     * @return such as "ViT-B/32"
     */
    public String name() {
        return get(Raw::expclip_model_name);
    }

    /**
     * Changes with whatever changes embeddings: those of models with equal
     * fingerprints may be compared.
     *
     * @return 16 hexadecimal digits
     */
    public String fingerprint() {
        return get(Raw::expclip_model_fingerprint);
    }

    /**
     * How pixels are made.
     *
     * @return "expclip", "clip" or "clip-squash"
     */
    public String preprocess() {
        return get(Raw::expclip_model_preprocess);
    }

    /**
     * Length of an embedding before the head.
     *
     * @return such as 512
     */
    public int embeddingDim() {
        return get(Raw::expclip_model_embedding_dim);
    }

    /**
     * Length of an embedding after the head.
     *
     * @return {@link #embeddingDim} when there is no head
     */
    public int projectedDim() {
        return get(Raw::expclip_model_projected_dim);
    }

    /**
     * Width and height of what the image encoder sees.
     *
     * @return pixels
     */
    public int imageSize() {
        return get(Raw::expclip_model_image_size);
    }

    /**
     * Length of a text at most.
     *
     * @return tokens, start and end included
     */
    public int contextLength() {
        return get(Raw::expclip_model_context_length);
    }

    /**
     * Number of token ids.
     *
     * @return for {@link Tokenizer#Tokenizer(int)}
     */
    public int vocabularySize() {
        return get(Raw::expclip_model_vocabulary_size);
    }

    /**
     * Whether there is an Exp-CLIP head.
     *
     * @return true when there is one
     */
    public boolean hasHead() {
        return get(Raw::expclip_model_has_head) != 0;
    }

    /**
     * Factor of the cosines.
     *
     * @return about 100 in OpenAI's models
     */
    public float logitScale() {
        return get(Raw::expclip_model_logit_scale);
    }

    /**
     * The side of the crop of a face that suits it.
     *
     * @return in heights of the face's box; 1.4 where its files do not say
     */
    public float cropSide() {
        return get(Raw::expclip_model_crop_side);
    }

    /**
     * How far that crop lies above the face.
     *
     * @return in heights of the face's box; 0 where its files do not say
     */
    public float cropUp() {
        return get(Raw::expclip_model_crop_up);
    }

    private <T> T get(Function<Long, T> getter) {
        try (Handle.Lease m = handle.lend()) {
            return getter.apply(m.pointer());
        }
    }

    // ---- classes ----

    /**
     * Embeds the paper's classes, with its prompts "type3".
     *
     * @param count  7, 8 or 11
     * @return the class set
     */
    public Classes classes(int count) {
        return classes(Prompts.ofPaper(count, "type3"));
    }

    /**
     * Embeds classes of your own.
     *
     * @param names          of the classes, each once
     * @param setOrTemplate  as in {@link Prompts#ofNames}, such as "a {} face"
     * @return the class set
     */
    public Classes classes(Collection<String> names, String setOrTemplate) {
        return classes(Prompts.ofNames(names, setOrTemplate));
    }

    /**
     * Embeds classes of your own with prompts of your own.
     *
     * @param prompts  by class, in the order of the map
     * @return the class set
     */
    public Classes classes(Map<String, List<String>> prompts) {
        return classes(new Prompts(prompts));
    }

    /**
     * Embeds classes.
     *
     * @param prompts  of each class; cut at the context length
     * @return the class set
     */
    public Classes classes(Prompts prompts) {
        return classes(prompts, Pooling.LOGITS, null);
    }

    /**
     * Embeds classes.
     *
     * @param prompts  of each class; cut at the context length
     * @param pooling  how several prompts become one score
     * @param cancel   ends the call; null = only an interrupt does
     * @return the class set
     * @throws CancelledException when cancelled or interrupted
     */
    public Classes classes(Prompts prompts, Pooling pooling,
                           CancelToken cancel) {
        expclip_classes_options raw = new expclip_classes_options();
        raw.setPooling(pooling.code);
        try (Handle.Lease m = handle.lend(); Handle list = prompts.toNative();
             Handle.Lease p = list.lend()) {
            return Call.run(cancel, token -> new Classes(
                Raw.expclip_classes_create(m.pointer(), p.pointer(), raw,
                                           token)));
        } finally {
            raw.delete();
        }
    }

    // ---- scores ----

    /**
     * Scores one image.
     *
     * @param image    the image
     * @param classes  of this model, or of one of the same fingerprint
     * @return what it resembles
     * @throws FormatException when the image is damaged, and others of its
     *     kind
     * @throws StateException when the classes are another model's
     */
    public Prediction score(Image image, Classes classes) {
        return score(List.of(image), classes).get(0).orElseThrow();
    }

    /**
     * Scores images with the default options.
     *
     * @param images   any number of images
     * @param classes  of this model, or of one of the same fingerprint
     * @return predictions in the order of the images; those that failed
     *     carry their error and harm no other
     */
    public List<Prediction> score(List<Image> images, Classes classes) {
        return score(images, classes, ScoreOptions.DEFAULT);
    }

    /**
     * Scores images.
     *
     * @param images   any number of images
     * @param classes  of this model, or of one of the same fingerprint
     * @param options  temperature, batch size, cancelling
     * @return predictions in the order of the images; those that failed
     *     carry their error and harm no other
     * @throws StateException when the classes are another model's
     * @throws CancelledException when cancelled or interrupted
     */
    public List<Prediction> score(List<Image> images, Classes classes,
                                  ScoreOptions options) {
        return Images.score(handle, images, classes, options, scorer(classes));
    }

    private Images.Compute scorer(Classes classes) {
        return (logits, batch, cancel) -> {
            try (Handle.Lease m = handle.lend();
                 Handle.Lease c = classes.handle.lend()) {
                Raw.expclip_model_score_images(logits, m.pointer(), c.pointer(),
                                               batch, cancel);
            }
        };
    }

    /**
     * Scores images as they come: memory holds one batch.
     *
     * @param images   any number of images; closed with the result
     * @param classes  of this model, or of one of the same fingerprint
     * @param options  temperature, batch size, cancelling
     * @return a lazy, sequential stream of predictions in the order of the
     *     images; what {@link #score(List, Classes, ScoreOptions)} throws
     *     comes from its terminal operation
     */
    public Stream<Prediction> stream(Stream<Image> images, Classes classes,
                                     ScoreOptions options) {
        Iterator<Image> source = images.iterator();
        Iterator<List<Prediction>> batches = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public List<Prediction> next() {
                List<Image> part = new ArrayList<>();
                while (part.size() < options.batchSize() && source.hasNext()) {
                    part.add(source.next());
                }
                return score(part, classes, options);
            }
        };
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(
                batches, Spliterator.ORDERED | Spliterator.NONNULL), false)
            .flatMap(List::stream).onClose(images::close);
    }

    /**
     * Scores the frames of a clip as they are read, each alone: memory holds
     * one batch.
     *
     * @param frames   read from where they are; stay the caller's
     * @param classes  of this model, or of one of the same fingerprint
     * @param options  temperature, batch size, cancelling
     * @return a lazy, sequential stream of frames in their order; those that
     *     failed carry their error and harm no other. Its terminal operation
     *     throws {@link CancelledException} when cancelled or interrupted
     */
    public Stream<Frame> stream(Frames frames, Classes classes,
                                ScoreOptions options) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(
                FrameBatch.iterate(this, frames, classes, options),
                Spliterator.ORDERED | Spliterator.NONNULL), false)
            .flatMap(List::stream);
    }

    // ---- faces ----

    /**
     * Finds the faces in an image and scores each.
     *
     * @param image    the image, without a box
     * @param classes  of this model, or of one of the same fingerprint
     * @return a result of each face, those with the highest scores first;
     *     empty when there is none
     * @throws ExpclipException as {@link #score(Image, Classes)}
     */
    public List<ScoredFace> faces(Image image, Classes classes) {
        return faces(image, FaceChoice.ALL, classes);
    }

    /**
     * Finds the faces in an image, with a detector that all calls share, and
     * scores those that are wanted.
     *
     * @param image    the image, without a box
     * @param which    of the faces
     * @param classes  of this model, or of one of the same fingerprint
     * @return a result of each face that was wanted
     * @throws NoFaceException when there is none and {@code which} is not
     *     {@link FaceChoice#ALL}
     * @throws ArgumentException when there is no face of that index
     * @throws ExpclipException as {@link #score(Image, Classes)}
     */
    public List<ScoredFace> faces(Image image, FaceChoice which,
                                  Classes classes) {
        try (Faces found = Detector.shared(which).find(image)) {
            return faces(found, which, classes, CropOptions.DEFAULT,
                         ScoreOptions.DEFAULT);
        }
    }

    /**
     * Scores faces that were found before.
     *
     * @param found    by a detector of your own, and for any number of models
     * @param which    of the faces
     * @param classes  of this model, or of one of the same fingerprint
     * @param crop     what is seen of a face
     * @param options  temperature, batch size, cancelling
     * @return a result of each face that was wanted; a crop that failed carries
     *     its error with {@link FaceChoice#ALL}, else it is thrown
     * @throws NoFaceException when there is none and {@code which} is not
     *     {@link FaceChoice#ALL}
     * @throws ArgumentException when there is no face of that index, or a
     *     number of {@code crop} is out of range
     * @throws StateException when the classes are another model's
     * @throws CancelledException when cancelled or interrupted
     */
    public List<ScoredFace> faces(Faces found, FaceChoice which,
                                  Classes classes, CropOptions crop,
                                  ScoreOptions options) {
        return Images.faces(handle, found.images(which, crop,
                                                 options.batchSize()),
                            found, which, classes, options, scorer(classes));
    }

    // ---- clips ----

    /**
     * A clip without frames.
     *
     * @return where they are added
     */
    public Clip clip() {
        return new Clip(this);
    }

    /**
     * Scores a clip as a whole: 16 frames of it.
     *
     * @param path     of a folder of frames or of a video file
     * @param classes  of this model, or of one of the same fingerprint
     * @return what it resembles
     * @throws ExpclipException as
     *     {@link #scoreClip(Path, Classes, FramesOptions, ScoreOptions)}
     */
    public Prediction scoreClip(Path path, Classes classes) {
        return scoreClip(path, classes, FramesOptions.DEFAULT,
                         ScoreOptions.DEFAULT);
    }

    /**
     * Scores a clip as a whole.
     *
     * @param path     of a folder of frames or of a video file
     * @param classes  of this model, or of one of the same fingerprint
     * @param frames   which frames
     * @param options  temperature and cancelling; frames are read and computed
     *                 a few at a time
     * @return what it resembles
     * @throws NotFoundException when there is no such file, and others as
     *     {@link Frames#open(Path, FramesOptions)}
     * @throws StateException when no frame could be read, or the classes are
     *     another model's
     * @throws CancelledException when cancelled or interrupted
     */
    public Prediction scoreClip(Path path, Classes classes,
                                FramesOptions frames, ScoreOptions options) {
        try (Frames source = Frames.open(path, frames); Clip clip = clip()) {
            clip.addFrames(source, options.cancel());
            return clip.score(classes, options.temperature(), source.source());
        }
    }

    /**
     * Follows the scores of a clip over time, as it is read: all frames, with
     * the default smoothing.
     *
     * @param path      of a folder of frames or of a video file
     * @param classes   of this model, or of one of the same fingerprint
     * @param rows      takes the probabilities of each frame
     * @param segments  takes the times in which one class stays on top; the
     *                  last frame lasts as long as the one before
     * @return frames that could not be read, which are left out
     * @throws ExpclipException as {@link #scoreClip(Path, Classes,
     *     FramesOptions, ScoreOptions)}
     */
    public long timeline(Path path, Classes classes,
                         Consumer<TimelineRow> rows,
                         Consumer<Segment> segments) {
        return timeline(path, classes, FramesOptions.ALL,
                        TimelineOptions.DEFAULT, null, rows, segments);
    }

    /**
     * Follows the scores of a clip over time, as it is read: memory does not
     * grow with its length.
     *
     * @param path      of a folder of frames or of a video file
     * @param classes   of this model, or of one of the same fingerprint
     * @param frames    which frames
     * @param options   smoothing and bounds of segments
     * @param cancel    ends the call; null = only an interrupt does
     * @param rows      takes the probabilities of each frame
     * @param segments  takes the times in which one class stays on top; the
     *                  last frame lasts as long as the one before
     * @return frames that could not be read, which are left out
     * @throws ExpclipException as {@link #scoreClip(Path, Classes,
     *     FramesOptions, ScoreOptions)}
     */
    public long timeline(Path path, Classes classes, FramesOptions frames,
                         TimelineOptions options, CancelToken cancel,
                         Consumer<TimelineRow> rows,
                         Consumer<Segment> segments) {
        try (Frames source = Frames.open(path, frames);
             Timeline timeline = new Timeline(classes.names(), options)) {
            return timeline.run(
                stream(source, classes, ScoreOptions.DEFAULT
                    .withBatchSize(8).withCancel(cancel)),
                1 / frames.frameRate(), rows, segments);
        }
    }

    // ---- embeddings ----

    /**
     * Embeds one image with the default options.
     *
     * @param image  the image
     * @return its vector, of {@link #projectedDim} numbers and unit length
     * @throws FormatException when the image is damaged, and others of its
     *     kind
     */
    public float[] embed(Image image) {
        return embedImages(List.of(image), EmbedOptions.DEFAULT).get(0)
            .orElseThrow();
    }

    /**
     * Embeds images.
     *
     * @param images   any number of images
     * @param options  before or after the head, length, batches, cancelling
     * @return embeddings in the order of the images; those that failed carry
     *     their error and harm no other
     * @throws CancelledException when cancelled or interrupted
     */
    public List<Embedding> embedImages(List<Image> images,
                                       EmbedOptions options) {
        expclip_embed_options raw = options.toRaw();
        try {
            return Images.embed(handle, images, width(options), options,
                (rows, batch, cancel) -> {
                    try (Handle.Lease m = handle.lend()) {
                        Raw.expclip_model_embed_images(rows, m.pointer(), batch,
                                                       raw, cancel);
                    }
                });
        } finally {
            raw.delete();
        }
    }

    /**
     * Embeds one text with the default options.
     *
     * @param text  cut at the context length
     * @return its vector, of {@link #projectedDim} numbers and unit length
     */
    public float[] embed(String text) {
        return embedTexts(List.of(text), EmbedOptions.DEFAULT).get(0).vector();
    }

    /**
     * Embeds texts.
     *
     * @param texts    any number; each is cut at the context length, and the
     *                 embedding says so
     * @param options  before or after the head, length, batches, cancelling
     * @return embeddings in the order of the texts
     * @throws CancelledException when cancelled or interrupted
     */
    public List<Embedding> embedTexts(List<String> texts,
                                      EmbedOptions options) {
        expclip_embed_options raw = options.toRaw();
        int width = width(options);
        List<Embedding> found = new ArrayList<>(texts.size());
        try {
            for (List<String> part : Images.cut(List.copyOf(texts),
                                                  options.batchSize())) {
                found.addAll(embedPart(part, raw, width, options.cancel()));
            }
        } finally {
            raw.delete();
        }
        return found;
    }

    private List<Embedding> embedPart(List<String> texts,
                                      expclip_embed_options raw, int width,
                                      CancelToken cancel) {
        float[] rows = new float[texts.size() * width];
        int[] truncated = new int[texts.size()];
        try (Handle.Lease m = handle.lend()) {
            Call.run(cancel, token -> Raw.expclip_model_embed_texts(
                rows, truncated, m.pointer(), texts.toArray(new String[0]),
                raw, token));
        }
        List<Embedding> found = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            float[] row = new float[width];
            System.arraycopy(rows, i * width, row, 0, width);
            found.add(new Embedding(row, truncated[i] != 0, null));
        }
        return found;
    }

    int width(EmbedOptions options) {
        return options.projected() ? projectedDim() : embeddingDim();
    }

    /**
     * What the image encoder sees of an image.
     *
     * @param image  the image
     * @return RGB [3, {@link #imageSize}, {@link #imageSize}] in one array
     * @throws FormatException when the image is damaged, and others of its
     *     kind
     */
    public float[] preprocessImage(Image image) {
        int size = imageSize();
        float[] pixels = new float[3 * size * size];
        try (Batch batch = new Batch(handle, List.of(image), null)) {
            if (batch.error(0) != null) {
                throw batch.error(0);
            }
            Raw.expclip_batch_copy_pixels(pixels, batch.pointer(), 0);
        }
        return pixels;
    }

    // ---- life ----

    /**
     * Whether {@link #close} was called.
     *
     * @return true after it
     */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Frees the weights when running calls have ended. May be repeated. */
    @Override
    public void close() {
        handle.close();
    }

    @Override
    public String toString() {
        return isClosed() ? "Model[closed]"
            : "Model[" + name() + ", " + imageSize() + " pixels, "
                + projectedDim() + " dimensions]";
    }

    /** Options of a model; what is not set is the default. */
    public static final class Builder {
        private final String path;
        private final List<Consumer<expclip_load_options>> settings =
            new ArrayList<>();

        private Builder(String path) {
            this.path = path;
        }

        private Builder set(Consumer<expclip_load_options> setting) {
            settings.add(setting);
            return this;
        }

        /**
         * The Exp-CLIP head.
         *
         * @param head  "auto" = the one in the model file, if any; "none" =
         *              plain CLIP; or the name of a download. Default: "auto"
         * @return this
         */
        public Builder head(String head) {
            return set(raw -> raw.setHead(head));
        }

        /**
         * The Exp-CLIP head in a file.
         *
         * @param head  .pth or safetensors with mlp.weight [out, dim]
         * @return this
         */
        public Builder head(Path head) {
            return head(Expclip.weightsName(head));
        }

        /**
         * How pixels are made.
         *
         * @param preprocess  "expclip", "clip", "clip-squash" or "auto" = as
         *                    the files say. Default: "auto"
         * @return this
         */
        public Builder preprocess(String preprocess) {
            return set(raw -> raw.setPreprocess(preprocess));
        }

        /**
         * The activation of the encoders.
         *
         * @param activation  "quick_gelu", "gelu" or "auto" = as the files
         *                    say, else quick_gelu. Default: "auto"
         * @return this
         */
        public Builder activation(String activation) {
            return set(raw -> raw.setActivation(activation));
        }

        /**
         * Where to compute.
         *
         * @param device  "cpu", "cuda" or "cuda:N". Default: "cpu"
         * @return this
         */
        public Builder device(String device) {
            return set(raw -> raw.setDevice(device));
        }

        /**
         * The numbers of the encoders.
         *
         * @param dtype  "fp32" or "bf16". Default: "fp32"
         * @return this
         */
        public Builder dtype(String dtype) {
            return set(raw -> raw.setDtype(dtype));
        }

        /**
         * Threads in one call.
         *
         * @param threads  0 = one per core. Default: 0
         * @return this
         */
        public Builder threads(int threads) {
            return set(raw -> raw.setThreads(threads));
        }

        /**
         * Whether results never depend on the batch, to the last bit.
         *
         * @param deterministic  true is slower. Default: false
         * @return this
         */
        public Builder deterministic(boolean deterministic) {
            return set(raw -> raw.setDeterministic(deterministic ? 1 : 0));
        }

        /**
         * Whether to compute by plain operations, without packed weights.
         *
         * @param portable  true is slower. Default: false
         * @return this
         */
        public Builder portable(boolean portable) {
            return set(raw -> raw.setPortable(portable ? 1 : 0));
        }

        /**
         * The size that the image encoder sees.
         *
         * @param imageSize  pixels; another than the file's interpolates its
         *                   position embeddings; 0 = the file's. Default: 0
         * @return this
         */
        public Builder imageSize(int imageSize) {
            return set(raw -> raw.setImage_size(imageSize));
        }

        /**
         * Whether weights with NaN or infinity are refused.
         *
         * @param checkFinite  Default: true
         * @return this
         */
        public Builder checkFinite(boolean checkFinite) {
            return set(raw -> raw.setCheck_finite(checkFinite ? 1 : 0));
        }

        /**
         * Loads the model.
         *
         * @return the model
         * @throws ExpclipException as {@link Model#load(Path)}; with
         *     {@link Status#SHAPE} or {@link ArgumentException} when an option
         *     does not fit
         */
        public Model load() {
            NativeLoader.load();
            expclip_load_options raw = new expclip_load_options();
            try {
                settings.forEach(setting -> setting.accept(raw));
                return new Model(path, raw);
            } finally {
                raw.delete();
            }
        }
    }
}
