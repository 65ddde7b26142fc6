// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.ServiceUnavailableResponse;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Reads a request's body as it comes, so that a slow client holds no thread.
 * The bytes are counted, whatever the request says of their number; nothing
 * beyond the limits is kept, of one body and of all together.
 */
final class Body implements ReadListener {
    private static final int BLOCK = 64 << 10;

    private final ServletInputStream in;
    private final Semaphore blocks;
    private final int limit;
    private final byte[] buffer = new byte[8 << 10];
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private int held;
    private boolean released;

    private Body(ServletInputStream in, int limit, Semaphore blocks) {
        this.in = in;
        this.limit = limit;
        this.blocks = blocks;
    }

    /** Memory for the bodies of all requests. */
    static Semaphore blocks(long bytes) {
        return new Semaphore((int) Math.max(1, bytes / BLOCK));
    }

    /**
     * The body of a request, then what {@code use} makes of it; its memory
     * counts until that has ended. Call it inside {@link Context#future}.
     */
    static CompletableFuture<Void> use(
        Context c, int limit, int seconds, Semaphore blocks,
        Function<byte[], CompletableFuture<Void>> use) {
        if (c.req().getContentLengthLong() > limit) {
            throw tooLarge(c.req().getContentLengthLong() + " bytes", limit);
        }
        try {
            Body body = new Body(c.req().getInputStream(), limit, blocks);
            body.in.setReadListener(body);
            body.whole.orTimeout(seconds, TimeUnit.SECONDS);
            EndPoint client = Request.getBaseRequest(c.req())
                .getHttpChannel().getEndPoint();
            body.whole.whenComplete((bytes, failure) -> {
                if (failure != null) {
                    closeSoon(client);
                }
            });
            return body.whole.handle(Body::late).thenCompose(use)
                .whenComplete((done, failure) -> body.release());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Jetty reads on for ever, for a next request: time for the answer. */
    private static void closeSoon(EndPoint client) {
        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
            .execute(client::close);
    }

    /** A body that does not come is the client's failure. */
    private static byte[] late(byte[] bytes, Throwable failure) {
        if (failure instanceof HttpResponseException e) {
            throw e;
        }
        if (failure instanceof TimeoutException) {
            throw new HttpResponseException(
                408, "the body did not come in time", Map.of());
        }
        if (failure != null) {
            throw new BadRequestResponse("the body is damaged: "
                                         + failure.getMessage());
        }
        return bytes;
    }

    private static HttpResponseException tooLarge(String size, int limit) {
        return new ContentTooLargeResponse(
            "a body of " + size + ", expected at most " + limit);
    }

    @Override
    public void onDataAvailable() throws IOException {
        while (in.isReady() && !in.isFinished()) {
            int n = in.read(buffer);
            if (n < 0 || whole.isDone()) { // too late
                return;
            }
            if (kept.size() + n > limit) {
                whole.completeExceptionally(
                    tooLarge("more than " + limit + " bytes", limit));
                return;
            }
            if (!hold(kept.size() + n)) {
                whole.completeExceptionally(new ServiceUnavailableResponse(
                    "too many bodies at once", Map.of()));
                return;
            }
            kept.write(buffer, 0, n);
        }
    }

    /** Whether there is memory for so many bytes. */
    private synchronized boolean hold(int bytes) {
        int wanted = (bytes + BLOCK - 1) / BLOCK - held;
        if (released || wanted > 0 && !blocks.tryAcquire(wanted)) {
            return false;
        }
        held += Math.max(0, wanted);
        return true;
    }

    private synchronized void release() {
        blocks.release(held);
        held = 0;
        released = true;
    }

    @Override
    public void onAllDataRead() {
        whole.complete(kept.toByteArray());
    }

    @Override
    public void onError(Throwable failure) {
        whole.completeExceptionally(failure);
    }
}
