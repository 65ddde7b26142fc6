// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import java.util.Map;

/**
 * What the environment says about the service.
 *
 * @param host       where to listen: SERVICE_HOST, the loopback by default
 * @param port       SERVICE_PORT, 8080; 0 = any free one
 * @param model      SERVICE_MODEL, "demo"
 * @param head       SERVICE_HEAD, "auto"
 * @param threads    SERVICE_THREADS of a forward pass, 0 = one per core
 * @param maxBatch   SERVICE_MAX_BATCH, images in a forward pass, 8
 * @param maxDelayMs SERVICE_MAX_DELAY_MS that an image waits for company, 2
 * @param queueSize  SERVICE_QUEUE_SIZE, images that may wait, 64
 * @param bodySeconds   SERVICE_BODY_SECONDS in which a body has to come, 20
 * @param classesQueue  SERVICE_CLASSES_QUEUE, new class sets that may wait, 8
 */
record Settings(String host, int port, String model, String head, int threads,
                int maxBatch, int maxDelayMs, int queueSize,
                int bodySeconds, int classesQueue) {

    /** The largest body of a request, in bytes. */
    static final int MAX_BODY = 16 << 20;

    /** Width times height of an image at most. */
    static final long MAX_PIXELS = 16_000_000;

    /** Seconds that a request waits for its class set. */
    static final int CLASSES_SECONDS = 30;

    /** Seconds that the faces of an image wait for those of others. */
    static final int FACES_SECONDS = 5;

    static Settings of(Map<String, String> environment) {
        return new Settings(
            environment.getOrDefault("SERVICE_HOST", "127.0.0.1"),
            number(environment, "SERVICE_PORT", 8080),
            environment.getOrDefault("SERVICE_MODEL", "demo"),
            environment.getOrDefault("SERVICE_HEAD", "auto"),
            number(environment, "SERVICE_THREADS", 0),
            number(environment, "SERVICE_MAX_BATCH", 8),
            number(environment, "SERVICE_MAX_DELAY_MS", 2),
            number(environment, "SERVICE_QUEUE_SIZE", 64),
            number(environment, "SERVICE_BODY_SECONDS", 20),
            number(environment, "SERVICE_CLASSES_QUEUE", 8));
    }

    private static int number(Map<String, String> environment, String name,
                              int otherwise) {
        String text = environment.get(name);
        try {
            return text == null ? otherwise : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                name + ": \"" + text + "\", expected a number", e);
        }
    }
}
