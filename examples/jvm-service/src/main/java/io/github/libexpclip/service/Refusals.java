// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.github.libexpclip.expclip.ExpclipException;
import io.github.libexpclip.expclip.Status;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What failures mean over HTTP. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private Refusals() {
    }

    static void answer(Exception failure, Context c) {
        Throwable e = failure instanceof CompletionException
            && failure.getCause() != null ? failure.getCause() : failure;
        if (e instanceof ExpclipException x) {
            answer(c, code(x), x.status().name(), x.getMessage()
                + (x.status() == Status.NO_FACE
                    ? "; faces=none takes the whole image" : ""));
        } else if (e instanceof HttpResponseException x) {
            answer(c, x.getStatus(), "REQUEST", x.getMessage());
        } else if (e instanceof RejectedExecutionException) {
            answer(c, 503, "BUSY", "too many requests wait already");
        } else if (e instanceof TimeoutException) {
            answer(c, 503, "BUSY", "the answer took too long");
        } else {
            answer(c, 500, "INTERNAL", "");
        }
        if (c.statusCode() == 500) {
            LOG.error("{} {}", c.method(), c.path(), e);
        }
    }

    private static int code(ExpclipException e) {
        return switch (e.status()) {
            case ARGUMENT, NOT_FOUND -> 400;
            case FORMAT, TRUNCATED, UNSUPPORTED, LIMIT, NO_FACE -> 422;
            case BUSY, STATE, CANCELLED -> 503; // it is closing, too
            default -> 500;
        };
    }

    private static void answer(Context c, int code, String status,
                               String message) {
        if (code == 503) {
            c.header("Retry-After", "1");
        }
        if (code == 408 || code == 413) {
            c.header("Connection", "close"); // the rest of it is not read
        }
        c.status(code).json(Map.of("status", status, "message",
            code == 500 ? "see the service's log" : message));
    }
}
