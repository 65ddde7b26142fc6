// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.github.libexpclip.expclip.Batcher;
import io.github.libexpclip.expclip.BatcherOptions;
import io.github.libexpclip.expclip.Classes;
import io.github.libexpclip.expclip.EmbedOptions;
import io.github.libexpclip.expclip.ExpclipException;
import io.github.libexpclip.expclip.Image;
import io.github.libexpclip.expclip.Model;
import io.github.libexpclip.expclip.Prediction;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
 * <p>Nothing of a request names a file or an address; bodies are bounded; a
 * full queue answers 503 at once. It stops when the requests under way ended.
 */
public final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Model model;
    private final Batcher batcher;
    private final ClassSets classSets;
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
        classSets = new ClassSets(model);
        classSets.get("7", "type3");
        metrics = new Metrics(batcher);
        app = Javalin.create(this::configure)
            .post("/v1/score", this::score)
            .post("/v1/embed", this::embed)
            .get("/healthz", this::health)
            .get("/metrics", c -> c.contentType(Metrics.CONTENT_TYPE)
                .result(metrics.text()))
            .exception(ExpclipException.class, Service::refuse)
            .exception(HttpResponseException.class, (e, c) -> c
                .status(e.getStatus())
                .json(Map.of("status", "REQUEST", "message", e.getMessage())))
            .start(settings.host(), settings.port());
    }

    private void configure(JavalinConfig config) {
        config.showJavalinBanner = false;
        config.http.maxRequestSize = Settings.MAX_BODY;
        config.staticFiles.add("/public");
        config.requestLogger.http(metrics::request);
        config.jetty.modifyServer(
            server -> server.setStopTimeout(PATIENCE.toMillis()));
        config.jetty.modifyHttpConfiguration(http -> {
            http.setIdleTimeout(10_000);
            http.setSendServerVersion(false);
        });
    }

    // ---- requests ----

    private void score(Context c) {
        Classes classes = classSets.get(parameter(c, "classes", "7"),
                                        parameter(c, "prompts", "type3"));
        Prediction p = batcher.score(image(c), classes).orElseThrow();
        c.json(Map.of("label", p.label(), "scores", p.probabilities(),
                      "model", model.name()));
    }

    private void embed(Context c) {
        boolean projected = parameter(c, "projected", "true").equals("true");
        float[] row = batcher.embedImages(
            List.of(image(c)), EmbedOptions.DEFAULT.withProjected(projected))
            .get(0).orElseThrow();
        c.json(Map.of("embedding", row, "dim", row.length,
                      "fingerprint", model.fingerprint()));
    }

    private void health(Context c) {
        c.json(Map.of("status", "ok", "model", model.name()));
    }

    private static String parameter(Context c, String name, String otherwise) {
        String value = c.queryParam(name);
        return value == null ? otherwise : value;
    }

    /** The picture of a request: its body, or the file of a form. */
    private static Image image(Context c) {
        if (c.contentLength() > Settings.MAX_BODY) {
            throw new ContentTooLargeResponse(
                "a body of " + c.contentLength() + " bytes, expected at most "
                + Settings.MAX_BODY);
        }
        if (!c.isMultipartFormData()) {
            return Image.of(c.bodyAsBytes());
        }
        UploadedFile file = c.uploadedFile("image");
        if (file == null) {
            throw new BadRequestResponse(
                "a form without a file \"image\"");
        }
        try (InputStream in = file.content()) {
            return Image.of(in);
        } catch (IOException e) {
            throw new BadRequestResponse("image: " + e.getMessage());
        }
    }

    /** What a failed call means over HTTP. */
    private static void refuse(ExpclipException e, Context c) {
        int code = switch (e.status()) {
            case ARGUMENT, NOT_FOUND -> 400;
            case FORMAT, TRUNCATED, UNSUPPORTED, LIMIT -> 422;
            case BUSY, STATE, CANCELLED -> 503; // it is closing, too
            default -> 500;
        };
        if (code == 503) {
            c.header("Retry-After", "1");
        }
        if (code == 500) {
            LOG.error("{} {}", c.method(), c.path(), e);
        }
        c.status(code).json(Map.of(
            "status", e.status().name(),
            "message", code == 500 ? "see the service's log" : e.getMessage()));
    }

    // ---- life ----

    int port() {
        return app.port();
    }

    /** Ends when the requests under way have ended, or patience. */
    @Override
    public void close() {
        app.stop();
        batcher.close();
        model.close();
    }

    public static void main(String[] arguments) {
        Service service = new Service(Settings.of(System.getenv()));
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        LOG.info("listening on port {}", service.port());
    }
}
