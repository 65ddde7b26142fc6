// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.github.libexpclip.expclip.Batcher;
import io.javalin.http.Context;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Set;

/** What Prometheus reads at /metrics. */
final class Metrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4";

    /** Paths are strangers' words, and each tag costs memory for ever. */
    private static final Set<String> ROUTES =
        Set.of("/", "/v1/score", "/v1/embed", "/healthz", "/metrics");

    private final PrometheusMeterRegistry registry =
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    Metrics(Batcher batcher) {
        new JvmMemoryMetrics().bindTo(registry);
        FunctionCounter.builder("expclip.passes", batcher, Batcher::passCount)
            .description("Forward passes").register(registry);
        FunctionCounter.builder("expclip.images", batcher,
                                Batcher::imageCount)
            .description("Images that went through them").register(registry);
        Gauge.builder("expclip.waiting", batcher, Batcher::waitingCount)
            .description("Images that wait").register(registry);
    }

    void request(Context c, Float milliseconds) {
        Timer.builder("http.server.requests")
            .tag("route", ROUTES.contains(c.path()) ? c.path() : "other")
            .tag("status", Integer.toString(c.statusCode()))
            .publishPercentileHistogram()
            .register(registry)
            .record(Duration.ofNanos((long) (1e6 * milliseconds)));
    }

    String text() {
        return registry.scrape();
    }
}
