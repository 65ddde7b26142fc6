// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import io.javalin.http.BadRequestResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file "image" of a multipart form (RFC 7578) that is in memory already:
 * servlets keep forms in files, whose size nobody bounds while they come in.
 */
final class Form {
    /** What a form may have beside its file, in bytes. */
    static final int MAX_REST = 64 << 10;

    private static final int MAX_PARTS = 16;
    private static final Pattern BOUNDARY = Pattern.compile(
        "(?i);\\s*boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70}))\\s*(?:;|$)");
    private static final Pattern IMAGE = Pattern.compile(
        "(?im)^content-disposition:\\s*form-data\\b.*;\\s*name=\"?image\"?\\s*"
        + "(?:;|$)");
    private static final Pattern FILE = Pattern.compile(
        "(?im)^content-disposition:.*;\\s*filename\\*?=");
    private static final byte[] END_OF_HEADERS = ascii("\r\n\r\n");

    private final byte[] body;
    private final byte[] mark;

    private Form(byte[] body, String boundary) {
        this.body = body;
        mark = ascii("\r\n--" + boundary);
    }

    /** Whether a request says that its body is a form. */
    static boolean isOne(String contentType) {
        return contentType != null && contentType.strip().toLowerCase()
            .startsWith("multipart/form-data");
    }

    /** The bytes of the file. */
    static byte[] image(String contentType, byte[] body) {
        Matcher m = BOUNDARY.matcher(contentType);
        if (!m.find()) {
            throw new BadRequestResponse(
                "Content-Type: a form without a boundary of 1 to 70 "
                + "characters");
        }
        return new Form(body, m.group(1) != null ? m.group(1) : m.group(2))
            .image();
    }

    private byte[] image() {
        byte[] found = null;
        int at = mark.length - 2; // the first mark may have no line before it
        if (!startsWith(0, Arrays.copyOfRange(mark, 2, mark.length))) {
            at = find(mark, 0, "the form does not have its boundary")
                + mark.length;
        }
        for (int n = 0; !startsWith(at, ascii("--")); n++) {
            if (n == MAX_PARTS) {
                throw new BadRequestResponse(
                    "the form has more than " + MAX_PARTS + " parts");
            }
            int end = find(mark, at,
                           "the form ends without its last boundary");
            // A part that has no headers ends before their end.
            int text = find(END_OF_HEADERS, at, "a part without headers");
            if (text >= end) {
                throw new BadRequestResponse("a part without headers");
            }
            String headers = new String(body, at, text - at,
                                        StandardCharsets.ISO_8859_1);
            if (IMAGE.matcher(headers).find()
                && FILE.matcher(headers).find()) {
                if (found != null) {
                    throw new BadRequestResponse(
                        "the form has two files \"image\", expected one");
                }
                found = Arrays.copyOfRange(body, text + END_OF_HEADERS.length,
                                           end);
            }
            at = end + mark.length;
        }
        if (found == null) {
            throw new BadRequestResponse("a form without a file \"image\"");
        }
        return found;
    }

    private int find(byte[] what, int from, String otherwise) {
        for (int i = from; i <= body.length - what.length; i++) {
            if (body[i] == what[0] && startsWith(i, what)) {
                return i;
            }
        }
        throw new BadRequestResponse(otherwise);
    }

    private boolean startsWith(int at, byte[] what) {
        return at + what.length <= body.length
            && Arrays.equals(body, at, at + what.length, what, 0, what.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
