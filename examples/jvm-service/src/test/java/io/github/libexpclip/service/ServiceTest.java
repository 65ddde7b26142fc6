// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ServiceTest {
    private static final Path FACES = Path.of("..", "faces");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static Service service;
    private static byte[] face;

    private record Answer(int code, JsonNode body) {
    }

    @BeforeAll
    static void start() throws IOException {
        service = new Service(Settings.of(Map.of("SERVICE_PORT", "0",
                                                 "SERVICE_MAX_DELAY_MS", "5")));
        face = Files.readAllBytes(FACES.resolve("happiness_2.png"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(
            "http://127.0.0.1:" + service.port() + path));
    }

    private static Answer post(String path, byte[] body) throws Exception {
        HttpResponse<String> r = HTTP.send(
            request(path).POST(BodyPublishers.ofByteArray(body)).build(),
            BodyHandlers.ofString());
        return new Answer(r.statusCode(), JSON.readTree(r.body()));
    }

    private static String get(String path) throws Exception {
        HttpResponse<String> r =
            HTTP.send(request(path).build(), BodyHandlers.ofString());
        assertEquals(200, r.statusCode(), path);
        return r.body();
    }

    @Test
    void aFaceIsScored() throws Exception {
        Answer a = post("/v1/score", face);
        assertEquals(200, a.code);
        assertEquals("happiness", a.body.get("label").asText());
        assertEquals(7, a.body.get("scores").size());
        assertEquals("happiness", a.body.get("scores").fieldNames().next());
    }

    private static byte[] photograph() throws IOException {
        String folder = System.getenv("EXPCLIP_PHOTOGRAPHS");
        assumeTrue(folder != null, "EXPCLIP_PHOTOGRAPHS is not set");
        return Files.readAllBytes(Path.of(folder, "multi_face.jpg"));
    }

    @Test
    void theFacesOfAPhotographAreFoundAndScored() throws Exception {
        Answer a = post("/v1/score?faces=all", photograph());
        assertEquals(200, a.code, a.body.toString());
        assertEquals(5, a.body.get("faces").size());
        int width = a.body.get("size").get(0).asInt();
        for (JsonNode one : a.body.get("faces")) {
            assertEquals(4, one.get("box").size());
            assertTrue(one.get("box").get(2).asDouble() < width);
            assertEquals(5, one.get("points").size());
            assertTrue(one.get("score").asDouble() >= 0.7);
            assertEquals(7, one.get("scores").size());
        }
        assertTrue(!a.body.has("label"), a.body.toString());
    }

    @Test
    void theLargestFaceIsOneOfAll() throws Exception {
        JsonNode one = post("/v1/score?faces=largest", photograph()).body;
        JsonNode all = post("/v1/score?faces=all", photograph()).body;
        assertEquals(1, one.get("faces").size());
        JsonNode face = one.get("faces").get(0);
        assertEquals(all.get("faces").get(face.get("index").asInt())
            .get("box"), face.get("box"));
        assertEquals(face.get("scores"), one.get("scores"));
        assertEquals(face.get("box"), post("/v1/score", photograph()).body
            .get("faces").get(0).get("box"));
    }

    @Test
    void oneCloseFaceIsTakenWhole() throws Exception {
        JsonNode auto = post("/v1/score", face).body;
        JsonNode one = auto.get("faces").get(0);
        assertEquals(1, auto.get("faces").size());
        assertEquals(-1, one.get("index").asInt());
        assertEquals(4, one.get("box").size());
        assertEquals(post("/v1/score?faces=none", face).body.get("label"),
                     one.get("label"));
    }

    @Test
    void withoutLookingForFacesTheImageIsScored() throws Exception {
        Answer a = post("/v1/score?faces=none", face);
        assertEquals("happiness", a.body.get("label").asText());
        assertTrue(!a.body.has("faces"), a.body.toString());
        assertEquals(400, post("/v1/score?faces=some", face).code);
    }

    @Test
    void anImageWithoutAFaceHarmsNoOther() throws Exception {
        ByteArrayOutputStream blank = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB),
                      "png", blank);
        List<CompletableFuture<HttpResponse<String>>> answers =
            new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            answers.add(HTTP.sendAsync(
                request("/v1/score").POST(BodyPublishers.ofByteArray(
                    i % 2 == 0 ? face : blank.toByteArray())).build(),
                BodyHandlers.ofString()));
        }
        for (int i = 0; i < 16; i++) {
            HttpResponse<String> r = answers.get(i).join();
            assertEquals(i % 2 == 0 ? 200 : 422, r.statusCode(), r.body());
            assertTrue(r.body().contains(i % 2 == 0 ? "happiness" : "NO_FACE"),
                       r.body());
            assertTrue(i % 2 == 0 || r.body().contains(
                "; faces=none takes the whole image"), r.body());
        }
        assertEquals(200, post("/v1/score?faces=none",
                               blank.toByteArray()).code);
        Answer all = post("/v1/score?faces=all", blank.toByteArray());
        assertEquals(200, all.code);
        assertEquals(0, all.body.get("faces").size());
    }

    @Test
    void classesAreThoseOfTheRequest() throws Exception {
        Answer a = post("/v1/score?classes=joy,%20grief&prompts=a%20%7B%7D%20face",
                        face);
        assertEquals(200, a.code, a.body.toString());
        assertTrue(a.body.get("scores").has("grief"), a.body.toString());
    }

    @Test
    void aFormIsTaken() throws Exception {
        byte[] head = ("--x\r\nContent-Disposition: form-data; name=\"image\"; "
            + "filename=\"f.png\"\r\n\r\n").getBytes();
        byte[] tail = "\r\n--x--\r\n".getBytes();
        HttpResponse<String> r = HTTP.send(
            request("/v1/score").header("Content-Type",
                                        "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofByteArrays(List.of(head, face, tail)))
                .build(), BodyHandlers.ofString());
        assertEquals(200, r.statusCode(), r.body());
        assertTrue(r.body().contains("happiness"), r.body());
    }

    @Test
    void embeddingsHaveUnitLength() throws Exception {
        Answer a = post("/v1/embed", face);
        double sum = 0;
        for (JsonNode x : a.body.get("embedding")) {
            sum += x.asDouble() * x.asDouble();
        }
        assertEquals(1, sum, 1e-4);
        assertEquals(384, a.body.get("dim").asInt());
        assertEquals(192, post("/v1/embed?projected=false", face).body
            .get("dim").asInt());
    }

    @Test
    void badRequestsAreToldWhatIsWrong() throws Exception {
        String many = "x,".repeat(60);
        String lengthy = "x".repeat(300);
        assertAll(
            () -> assertEquals(422, post("/v1/score", new byte[0]).code),
            () -> assertEquals(422, post("/v1/score", new byte[] {1, 2}).code),
            () -> assertEquals(422, post("/v1/score",
                                         "GIF89a".getBytes()).code),
            () -> assertEquals(400, post("/v1/score?classes=9", face).code),
            () -> assertEquals(400, post("/v1/score?prompts=no", face).code),
            () -> assertEquals(400, post("/v1/score?classes=" + many,
                                         face).code),
            () -> assertEquals(400, post("/v1/score?classes=" + lengthy,
                                         face).code),
            () -> assertEquals(400, post("/v1/score?classes=a%00b", face).code),
            () -> assertEquals(400, raw("POST /v1/score?classes=%zz HTTP/1.1"
                + "\r\nHost: x\r\nContent-Length: 0\r\n\r\n").code),
            () -> assertEquals(400, post("/v1/embed?projected=maybe",
                                         face).code),
            () -> assertEquals(400, form("application/json",
                                         "{\"image\":".getBytes()).code));
    }

    @Test
    void aLargeBodyIsRefused() throws Exception {
        byte[] large = new byte[(int) Settings.MAX_BODY + 1];
        HttpResponse<String> r = HTTP.send(
            request("/v1/score").POST(BodyPublishers.ofByteArray(large))
                .build(), BodyHandlers.ofString());
        assertEquals(413, r.statusCode());
    }

    /** An answer and what it came with, byte by byte as sent. */
    private record Raw(int code, String text) {
    }

    private static Raw raw(String head, byte[]... bodies) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            for (byte[] body : bodies) {
                out.write(body);
            }
            out.flush();
            return answer(socket);
        }
    }

    /** Up to the end of the answer's headers and what came with them. */
    private static Raw answer(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[4096];
        int n;
        while (!text.toString().contains("}")
               && (n = socket.getInputStream().read(buffer)) > 0) {
            text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
        }
        return new Raw(Integer.parseInt(text.substring(9, 12)),
                       text.toString());
    }

    private static Answer form(String type, byte[] body) throws Exception {
        HttpResponse<String> r = HTTP.send(
            request("/v1/score").header("Content-Type", type)
                .POST(BodyPublishers.ofByteArray(body)).build(),
            BodyHandlers.ofString());
        return new Answer(r.statusCode(), JSON.readTree(r.body()));
    }

    private static final String CHUNKED = "POST /v1/score HTTP/1.1\r\nHost: x"
        + "\r\nTransfer-Encoding: chunked\r\n";

    private static byte[] chunk(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes());
        out.writeBytes(bytes);
        out.writeBytes("\r\n".getBytes());
        return out.toByteArray();
    }

    @Test
    void aChunkedBodyIsCounted() throws Exception {
        Raw r = raw(CHUNKED + "\r\n", chunk(new byte[Settings.MAX_BODY]),
                    chunk(new byte[1]));
        assertEquals(413, r.code);
        assertTrue(r.text.contains("Connection: close"), r.text);
        assertEquals(200, raw(CHUNKED + "\r\n", chunk(face),
                              "0\r\n\r\n".getBytes()).code);
    }

    @Test
    void aClientThatSendsOnIsCutOff() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            OutputStream out = socket.getOutputStream();
            out.write((CHUNKED + "\r\n").getBytes());
            byte[] part = chunk(new byte[1 << 20]);
            long end = System.nanoTime() + 10_000_000_000L;
            assertThrows(IOException.class, () -> {
                while (System.nanoTime() < end) {
                    out.write(part);
                }
            });
        }
    }

    @Test
    void aFieldOfAFormIsCounted() throws Exception {
        for (String part : List.of("name=\"other\"",
                                   "name=\"image\"; filename=\"f.png\"")) {
            Raw r = raw(CHUNKED + "Content-Type: multipart/form-data; "
                        + "boundary=x\r\n\r\n",
                chunk(("--x\r\nContent-Disposition: form-data; " + part
                       + "\r\n\r\n").getBytes()),
                chunk(new byte[Settings.MAX_BODY + Form.MAX_REST]));
            assertEquals(413, r.code, r.text);
        }
    }

    @Test
    void aBrokenFormIsToldWhatIsWrong() throws Exception {
        String type = "multipart/form-data; boundary=x";
        String part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n"
            + "\r\n1\r\n";
        for (String[] broken : new String[][] {
                {"multipart/form-data", part + "--x--"},
                {type, ""}, {type, "--y\r\n"}, {type, "--x\r\n"},
                {type, part}, {type, part + "--x--"},
                {type, "--x\r\n\r\n--x--"},
                {type, part.repeat(1000) + "--x--"},
                {type, "--x\r\n" + "A: b\r\n".repeat(9000) + "\r\n\r\n--x--"}}) {
            Answer a = form(broken[0], broken[1].getBytes());
            assertEquals(400, a.code, broken[1]);
            assertTrue(a.body.get("message").asText().length() > 10);
        }
    }

    @Test
    void aThousandPromptsAreTooMany() throws Exception {
        StringBuilder names = new StringBuilder("a");
        for (int i = 1; i < 100; i++) {
            names.append(",n").append(i);
        }
        Answer a = post("/v1/score?prompts=type5&classes=" + names, face);
        assertEquals(400, a.code);
        assertTrue(a.body.get("message").asText().contains("1000 prompts"));
        assertEquals(200, post("/v1/score?prompts=type5&classes="
                               + names.substring(0, 100), face).code);
    }

    @Test
    void aFullQueueOfClassSetsIsBusyAndPlainRequestsGoOn() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers =
            new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            StringBuilder names = new StringBuilder("q" + i);
            for (int j = 1; j < 50; j++) {
                names.append(",q").append(i).append('x').append(j);
            }
            answers.add(HTTP.sendAsync(
                request("/v1/score?prompts=type5&classes=" + names)
                    .POST(BodyPublishers.ofByteArray(face)).build(),
                BodyHandlers.ofString()));
        }
        long start = System.nanoTime();
        assertEquals(200, post("/v1/score", face).code);
        assertTrue(System.nanoTime() - start < 1_000_000_000L);
        int busy = 0;
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            HttpResponse<String> r = answer.join();
            if (r.statusCode() == 503) {
                assertEquals("1", r.headers().firstValue("Retry-After")
                    .orElseThrow());
                busy++;
            } else {
                assertEquals(200, r.statusCode(), r.body());
            }
        }
        assertTrue(busy > 0 && busy < 24, busy + " busy");
    }

    @Test
    void everyAnswerHasTheHeaders() throws Exception {
        String end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        for (String head : List.of("GET /healthz" + end, "GET /" + end,
                "GET /nothing" + end, "GET /app.js" + end,
                "GET /%00" + end, "GET / HTTP/9.9\r\n\r\n", "\u0016\u0003\r\n",
                "PUT /v1/score" + end, CHUNKED + "\r\nzz\r\n",
                "GET /" + "a".repeat(20_000) + end)) {
            String text = raw(head).text.toLowerCase();
            assertTrue(text.contains("x-content-type-options: nosniff"), text);
            assertTrue(text.contains("content-security-policy: default-src"),
                       text);
        }
    }

    @Test
    void aLargeImageIsRefusedBeforeItIsDecoded() throws Exception {
        byte[] png = face.clone();
        ByteBuffer.wrap(png).putInt(16, 5000).putInt(20, 5000);
        CRC32 sum = new CRC32();
        sum.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());
        Answer a = post("/v1/score", png);
        assertEquals(422, a.code);
        assertEquals("LIMIT", a.body.get("status").asText(), a.body.toString());
    }

    @Test
    void slowClientsHoldNoThreadAndTimeOut() throws Exception {
        try (Service own = new Service(Settings.of(Map.of(
                 "SERVICE_PORT", "0", "SERVICE_BODY_SECONDS", "2")))) {
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                Socket socket = new Socket("127.0.0.1", own.port());
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(
                    ("POST /v1/score HTTP/1.1\r\nHost: x\r\n"
                     + "Content-Length: 1000\r\n\r\nx").getBytes());
                slow.add(socket);
            }
            HttpResponse<String> r = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                    + own.port() + "/v1/score"))
                    .POST(BodyPublishers.ofByteArray(face)).build(),
                BodyHandlers.ofString());
            assertEquals(200, r.statusCode());
            for (Socket socket : slow) {
                assertEquals(408, answer(socket).code);
                socket.close();
            }
        }
    }

    @Test
    void sigtermDuringRequestsEndsItCleanly() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp", System.getProperty("java.class.path"),
            Service.class.getName()).redirectErrorStream(true)
            .redirectOutput(Path.of("target", "sigterm.log").toFile());
        builder.environment().put("SERVICE_PORT", Integer.toString(port));
        Process child = builder.start();
        String url = "http://127.0.0.1:" + port;
        awaitHealth(url);
        for (int i = 0; i < 16; i++) {
            HTTP.sendAsync(HttpRequest.newBuilder(URI.create(
                url + "/v1/score?prompts=type5&classes=a,b,c" + i))
                .POST(BodyPublishers.ofByteArray(face)).build(),
                BodyHandlers.ofString());
        }
        Thread.sleep(200);
        child.destroy(); // SIGTERM
        int code = child.waitFor();
        assertTrue(code == 143 || code == 0, "code " + code);
    }

    private static void awaitHealth(String url) throws Exception {
        for (int i = 0; ; i++) {
            try {
                HTTP.send(HttpRequest.newBuilder(URI.create(url + "/healthz"))
                    .build(), BodyHandlers.ofString());
                return;
            } catch (IOException e) {
                assertTrue(i < 300, "it does not listen");
                Thread.sleep(100);
            }
        }
    }

    @Test
    void manyRequestsShareForwardPasses() throws Exception {
        double before = metric("expclip_passes_total");
        List<CompletableFuture<HttpResponse<String>>> answers =
            new ArrayList<>();
        for (int i = 0; i < 48; i++) {
            answers.add(HTTP.sendAsync(
                request("/v1/score").POST(BodyPublishers.ofByteArray(face))
                    .build(), BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertTrue(answer.join().body().contains("happiness"));
        }
        assertTrue(metric("expclip_passes_total") - before < 48);
    }

    private static double metric(String name) throws Exception {
        return get("/metrics").lines().filter(l -> l.startsWith(name + " "))
            .mapToDouble(l -> Double.parseDouble(l.split(" ")[1]))
            .findFirst().orElseThrow();
    }

    @Test
    void itStopsWhenTheRequestsUnderWayHaveEnded() throws Exception {
        Service own = new Service(Settings.of(Map.of(
            "SERVICE_PORT", "0", "SERVICE_MAX_DELAY_MS", "1000")));
        CompletableFuture<HttpResponse<String>> answer = HTTP.sendAsync(
            HttpRequest.newBuilder(URI.create(
                "http://127.0.0.1:" + own.port() + "/v1/score"))
                .POST(BodyPublishers.ofByteArray(face)).build(),
            BodyHandlers.ofString());
        Thread.sleep(300); // it waits for company now
        own.close();
        assertEquals(200, answer.join().statusCode());
    }

    @Test
    void itTellsHowItIs() throws Exception {
        assertTrue(get("/healthz").contains("ok"));
        get("/healthz");
        assertTrue(get("/metrics").contains("http_server_requests_seconds"));
        JsonNode api = JSON.readTree(get("/openapi.json"));
        assertTrue(api.get("paths").has("/v1/score"));
        JsonNode schemas = api.get("components").get("schemas");
        JsonNode answer = post("/v1/score", face).body;
        requireSchema(schemas.get("Answer"), answer);
        requireSchema(schemas.get("Face"), answer.get("faces").get(0));
        requireSchema(schemas.get("Answer"),
                      post("/v1/score?faces=none", face).body);
    }

    /** Whether an object has what a schema requires, and nothing unnamed. */
    private static void requireSchema(JsonNode schema, JsonNode object) {
        for (JsonNode name : schema.get("required")) {
            assertTrue(object.has(name.asText()), name.asText());
        }
        object.fieldNames().forEachRemaining(
            name -> assertTrue(schema.get("properties").has(name), name));
    }
}
