// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.WebDriverWait;

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
        face = Files.readAllBytes(FACES.resolve("happiness_1.png"));
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
            () -> assertEquals(400, post("/v1/score?classes=a%00b", face).code));
    }

    @Test
    void aLargeBodyIsRefused() throws Exception {
        byte[] large = new byte[(int) Settings.MAX_BODY + 1];
        HttpResponse<String> r = HTTP.send(
            request("/v1/score").POST(BodyPublishers.ofByteArray(large))
                .build(), BodyHandlers.ofString());
        assertEquals(413, r.statusCode());
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
    }

    @Test
    void aBrowserShowsTheBars() {
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/usr/bin/chromium");
        options.addArguments("--headless=new", "--no-sandbox",
                             "--disable-dev-shm-usage");
        System.setProperty("webdriver.chrome.driver", "/usr/bin/chromedriver");
        ChromeDriver browser = new ChromeDriver(options);
        try {
            browser.get("http://127.0.0.1:" + service.port() + "/");
            browser.findElement(By.id("file")).sendKeys(
                FACES.resolve("happiness_1.png").toAbsolutePath().normalize()
                    .toString());
            new WebDriverWait(browser, java.time.Duration.ofSeconds(20)).until(
                b -> b.findElements(By.cssSelector("#bars .row")).size() == 7);
            assertTrue(browser.findElement(By.cssSelector("#bars .row"))
                .getText().startsWith("happiness"));
            browser.findElement(By.id("file")).sendKeys(
                Path.of("pom.xml").toAbsolutePath().toString());
            new WebDriverWait(browser, java.time.Duration.ofSeconds(20)).until(
                b -> !b.findElement(By.id("error")).getText().isEmpty());
        } finally {
            browser.quit();
        }
    }
}
