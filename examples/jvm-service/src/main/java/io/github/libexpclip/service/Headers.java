// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ErrorHandler;

/** What each answer tells browsers, errors and the page included. */
final class Headers implements HttpConfiguration.Customizer {
    static final Map<String, String> ALL = Map.of(
        "X-Content-Type-Options", "nosniff",
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        + "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'");

    @Override
    public void customize(Connector connector, HttpConfiguration http,
                          Request request) {
        ALL.forEach(request.getResponse()::setHeader);
    }

    /** Jetty's answer to what is no HTTP: it tells no more than the status. */
    static final class OfErrors extends ErrorHandler {
        @Override
        public ByteBuffer badMessageError(int status, String reason,
                                          HttpFields.Mutable fields) {
            ALL.forEach(fields::put);
            fields.put(HttpHeader.CONTENT_TYPE, "application/json");
            return ByteBuffer.wrap(
                "{\"status\":\"REQUEST\",\"message\":\"this is no HTTP\"}"
                    .getBytes(StandardCharsets.UTF_8));
        }
    }
}
