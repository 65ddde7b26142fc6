// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.github.libexpclip.expclip.Batcher;
import io.github.libexpclip.expclip.BatcherOptions;
import io.github.libexpclip.expclip.Classes;
import io.github.libexpclip.expclip.EmbedOptions;
import io.github.libexpclip.expclip.FaceChoice;
import io.github.libexpclip.expclip.Image;
import io.github.libexpclip.expclip.ImageOptions;
import io.github.libexpclip.expclip.Model;
import io.github.libexpclip.expclip.Prompts;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Faces over HTTP: requests of many threads share forward passes.
 *
 * <pre>
 * java -jar target/service.jar
 * curl --data-binary @face.png 'localhost:8080/v1/score?classes=7'
 * </pre>
 *
 * <p>Nothing of a request names a file or an address; all that is kept, of a
 * body, of classes or in a queue, is bounded. It stops when the requests under
 * way ended.
 */
public final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ImageOptions OPTIONS =
        ImageOptions.DEFAULT.withMaxPixels(Settings.MAX_PIXELS);

    private static final Pattern BAD_ESCAPE =
        Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private final Model model;
    private final Batcher batcher;
    private final FoundFaces faces;
    private final ClassSets classSets;
    private final Workers workers;
    private final int bodySeconds;
    private final Semaphore blocks =
        Body.blocks(Runtime.getRuntime().maxMemory() / 4);
    private final Semaphore decoders =
        new Semaphore(Runtime.getRuntime().availableProcessors());
    private final Metrics metrics;
    private final Javalin app;

    /** Starts it; {@link #port} is open when this returns. */
    Service(Settings settings) {
        model = Model.builder(settings.model()).head(settings.head())
            .threads(settings.threads()).load();
        batcher = new Batcher(model, BatcherOptions.DEFAULT
            .withMaxBatch(settings.maxBatch())
            .withMaxDelay(Duration.ofMillis(settings.maxDelayMs()))
            .withQueueSize(settings.queueSize()));
        int atOnce = settings.queueSize() + settings.maxBatch();
        faces = new FoundFaces(batcher, settings.queueSize(),
                               new Semaphore(atOnce));
        bodySeconds = settings.bodySeconds();
        workers = new Workers(atOnce);
        classSets = new ClassSets(model, settings.classesQueue());
        classSets.get(ClassSets.prompts("7", "type3")).join();
        metrics = new Metrics(batcher);
        app = Javalin.create(this::configure)
            .post("/v1/score", this::score)
            .post("/v1/embed", this::embed)
            .get("/healthz", this::health)
            .get("/metrics", c -> c.contentType(Metrics.CONTENT_TYPE)
                .result(metrics.text()))
            .exception(Exception.class, Refusals::answer)
            .exception(HttpResponseException.class, Refusals::answer)
            .start(settings.host(), settings.port());
    }

    private void configure(JavalinConfig config) {
        config.showJavalinBanner = false;
        config.staticFiles.add("/public");
        config.requestLogger.http(metrics::request);
        config.jetty.modifyServer(server -> {
            server.setStopTimeout(PATIENCE.toMillis());
            server.setErrorHandler(new Headers.OfErrors());
        });
        config.jetty.modifyHttpConfiguration(http -> {
            http.setIdleTimeout(10_000);
            http.setSendServerVersion(false);
            http.addCustomizer(new Headers());
        });
    }

    // ---- requests ----

    private void score(Context c) {
        Prompts prompts = ClassSets.prompts(parameter(c, "classes", "7"),
                                            parameter(c, "prompts", "type3"));
        Optional<FaceChoice> which =
            FoundFaces.choice(parameter(c, "faces", "auto"));
        withImage(c, image -> classSets.get(prompts)
            .orTimeout(Settings.CLASSES_SECONDS, TimeUnit.SECONDS)
            .thenApplyAsync(classes -> which.isPresent()
                ? faces.score(image, which.get(), classes)
                : whole(image, classes), workers)
            .thenAccept(answer -> {
                answer.put("model", model.name());
                c.json(answer);
            }));
    }

    private Map<String, Object> whole(Image image, Classes classes) {
        return FoundFaces.scores(batcher.score(image, classes));
    }

    private void embed(Context c) {
        String projected = parameter(c, "projected", "true");
        if (!projected.equals("true") && !projected.equals("false")) {
            throw new BadRequestResponse("projected: \"" + projected
                                         + "\", expected true or false");
        }
        EmbedOptions options = EmbedOptions.DEFAULT.withProjected(
            projected.equals("true"));
        withImage(c, image -> CompletableFuture.supplyAsync(
                () -> batcher.embedImages(List.of(image), options).get(0)
                    .orElseThrow(), workers)
            .thenAccept(row -> c.json(Map.of("embedding", row, "dim",
                row.length, "fingerprint", model.fingerprint()))));
    }

    /** What is done with the image of a request: its body, or of a form. */
    private void withImage(Context c,
                           Function<Image, CompletableFuture<Void>> use) {
        String type = c.contentType();
        boolean form = Form.isOne(type);
        if (type != null && type.startsWith("application/json")) {
            throw new BadRequestResponse(
                "Content-Type: " + type + ", expected the bytes of an image, "
                + "or a form with a file \"image\"");
        }
        int limit = Settings.MAX_BODY + (form ? Form.MAX_REST : 0);
        c.future(() -> Body.use(c, limit, bodySeconds, blocks, bytes -> {
            byte[] image = form ? Form.image(type, bytes) : bytes;
            return use.apply(Image.of(image).with(OPTIONS)
                                 .decodedUnder(decoders));
        }));
    }

    private void health(Context c) {
        c.json(Map.of("status", "ok", "model", model.name()));
    }

    private static String parameter(Context c, String name, String otherwise) {
        String query = c.queryString();
        if (query != null && BAD_ESCAPE.matcher(query).find()) {
            throw new BadRequestResponse(
                "the query has a % without two hexadecimal digits after it");
        }
        String value = c.queryParam(name);
        return value == null ? otherwise : value;
    }

    // ---- life ----

    int port() {
        return app.port();
    }

    /** Ends when the requests under way have ended, or patience. */
    @Override
    public void close() {
        app.stop();
        workers.close();
        classSets.close();
        faces.close();
        batcher.close();
        model.close();
    }

    public static void main(String[] arguments) {
        Service service = new Service(Settings.of(System.getenv()));
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        LOG.info("listening on port {}", service.port());
    }
}
