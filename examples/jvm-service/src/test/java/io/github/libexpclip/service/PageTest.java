// SPDX-License-Identifier: MIT
package io.github.libexpclip.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page in a browser whose camera plays a scene with five faces. */
class PageTest {
    private static final Path EXAMPLES =
        Path.of("..").toAbsolutePath().normalize();
    private static final Path SCENE = EXAMPLES.resolve("scenes/scene_1.png");

    private static Service service;
    private static ChromeDriver browser;

    @BeforeAll
    static void start() throws IOException {
        service = new Service(Settings.of(Map.of("SERVICE_PORT", "0")));
        Path film = Path.of("target", "camera.mjpeg").toAbsolutePath();
        Files.write(film, jpegOf(ImageIO.read(SCENE.toFile())));
        browser = browser("--use-fake-ui-for-media-stream",
                          "--use-file-for-fake-video-capture=" + film);
    }

    @AfterAll
    static void stop() {
        browser.quit();
        service.close();
    }

    @BeforeEach
    void open() {
        open(browser);
    }

    private static ChromeDriver browser(String... arguments) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/usr/bin/chromium");
        options.addArguments("--headless=new", "--no-sandbox",
                             "--disable-dev-shm-usage",
                             "--use-fake-device-for-media-stream");
        options.addArguments(arguments);
        System.setProperty("webdriver.chrome.driver", "/usr/bin/chromedriver");
        return new ChromeDriver(options);
    }

    private static void open(ChromeDriver page) {
        page.get("http://127.0.0.1:" + service.port() + "/");
    }

    private static byte[] jpegOf(BufferedImage image) throws IOException {
        BufferedImage rgb = new BufferedImage(
            image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        rgb.createGraphics().drawImage(image, 0, 0, null);
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(rgb, "jpeg", jpeg);
        return jpeg.toByteArray();
    }

    // ---- what is done and seen ----

    private static void choose(Path file) {
        browser.findElement(By.id("file")).sendKeys(file.toString());
    }

    private static void click(String id) {
        browser.findElement(By.id(id)).click();
    }

    private static int count(String selector) {
        return browser.findElements(By.cssSelector(selector)).size();
    }

    private static String text(String id) {
        return browser.findElement(By.id(id)).getText();
    }

    private static Object run(String script) {
        return browser.executeScript(script);
    }

    private static void await(String condition) {
        await(browser, condition);
    }

    private static void await(ChromeDriver page, String condition) {
        new WebDriverWait(page, Duration.ofSeconds(20)).until(
            b -> (Boolean) page.executeScript("return " + condition));
    }

    private static void awaitText(String id, String part) {
        await("document.getElementById('" + id + "').textContent.includes('"
              + part + "')");
    }

    /** Boxes lie on the image, whatever its size on the screen. */
    private static void requireFaces(int n) {
        awaitText("status", n + " faces.");
        assertEquals(n, count("#bars section"));
        assertEquals(7 * n, count("#bars .row"));
        assertEquals(n, count("#boxes rect:not(.under)"));
        assertTrue((Boolean) run("""
            const seen = document.querySelector(
                "#photo > :is(img, video):not([hidden])");
            const scale = Math.min(1, 640 / seen.videoWidth || 1);
            const width = seen.naturalWidth ?? scale * seen.videoWidth;
            const height = seen.naturalHeight ?? scale * seen.videoHeight;
            const outer = seen.getBoundingClientRect();
            const isAt = (place, of, expected) =>
                Math.abs(place / of - expected) < 0.01;
            return [...document.querySelectorAll("#boxes rect")].every(r => {
              const box = r.getBoundingClientRect();
              return isAt(box.left - outer.left, outer.width,
                          r.x.baseVal.value / width)
                  && isAt(box.bottom - outer.top, outer.height,
                      (r.y.baseVal.value + r.height.baseVal.value) / height);
            })"""));
    }

    // ---- files ----

    @Test
    void oneFaceHasBars() {
        choose(EXAMPLES.resolve("faces/happiness_2.png"));
        awaitText("status", "1 face.");
        assertTrue(browser.findElement(By.cssSelector("#bars .row")).getText()
            .startsWith("happiness"));
        assertEquals(0, count("#boxes text"));
    }

    @Test
    void eachFaceOfAPhotographHasABoxAndBars() {
        String folder = System.getenv("EXPCLIP_PHOTOGRAPHS");
        assumeTrue(folder != null, "EXPCLIP_PHOTOGRAPHS is not set");
        choose(Path.of(folder).resolve("multi_face.jpg"));
        requireFaces(5);
        choose(Path.of(folder).resolve("t1.jpg"));
        requireFaces(6);
        assertEquals("1", browser.findElement(
            By.cssSelector("#bars .number")).getText());
    }

    @Test
    void aPhoneShowsAllWithoutScrollingSideways() {
        browser.executeCdpCommand("Emulation.setDeviceMetricsOverride", Map.of(
            "width", 360, "height", 740, "deviceScaleFactor", 2,
            "mobile", true));
        try {
            choose(SCENE);
            requireFaces(5);
            assertEquals(360L,
                         run("return document.documentElement.scrollWidth"));
        } finally {
            browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride",
                                      Map.of());
        }
    }

    @Test
    void aDroppedFileIsScored() throws IOException {
        browser.executeScript("""
            const bytes = Uint8Array.from(atob(arguments[0]),
                                          c => c.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "x.png"));
            document.getElementById("drop").dispatchEvent(
                new DragEvent("drop", {dataTransfer: data, cancelable: true}))
            """, Base64.getEncoder().encodeToString(Files.readAllBytes(SCENE)));
        requireFaces(5);
    }

    @Test
    void anImageWithoutAFaceMayBeScoredWhole() throws IOException {
        Path blank = Path.of("target", "blank.png").toAbsolutePath();
        ImageIO.write(new BufferedImage(200, 100, BufferedImage.TYPE_INT_RGB),
                      "png", blank.toFile());
        choose(blank);
        awaitText("status", "No face was found.");
        assertEquals(0, count("#bars section"));
        click("whole");
        awaitText("status", "The whole image was scored.");
        assertEquals(7, count("#bars .row"));
        assertTrue(!browser.findElement(By.id("whole")).isDisplayed());
        run("const faces = document.getElementById('faces');"
            + "faces.value = 'largest'; faces.onchange()");
        awaitText("error", "no face in 200 x 100 pixels");
        assertTrue(browser.findElement(By.id("whole")).isDisplayed());
    }

    @Test
    void refusalsAreShownInFull() {
        choose(Path.of("pom.xml").toAbsolutePath());
        awaitText("error", "expected JPEG, PNG, BMP, GIF or WebP");
        assertTrue(!browser.findElement(By.id("photo")).isDisplayed());
        run("window.fetch = async () => new Response('<h1>Bad gateway</h1>', "
            + "{status: 502})");
        choose(SCENE);
        awaitText("error", "502: <h1>Bad gateway</h1>");
        run("window.fetch = async () => { throw new TypeError('down'); }");
        choose(SCENE);
        awaitText("error", "The service does not answer.");
    }

    @Test
    void theKeyboardReachesEverything() {
        List<String> reached = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            new Actions(browser).sendKeys(Keys.TAB).perform();
            reached.add((String) run("return document.activeElement.id"));
        }
        assertEquals(List.of("file", "camera", "faces", "classes"), reached);
    }

    // ---- the camera ----

    /** Requests at the same time at most, and all of them. */
    private static void countRequests() {
        run("""
            const plain = window.fetch;
            let now = 0;
            window.most = window.all = 0;
            window.fetch = async (...asked) => {
              window.all++;
              window.most = Math.max(window.most, ++now);
              try { return await plain(...asked); } finally { now--; }
            };""");
    }

    @Test
    void framesOfTheCameraAreScoredOneAfterTheOther() throws Exception {
        countRequests();
        click("camera");
        requireFaces(5);
        await("window.all >= 5");
        assertEquals(1L, run("return window.most"));
        run("window.track = video.srcObject.getTracks()[0]");
        click("camera");
        await("window.track.readyState === 'ended'");
        Object all = run("return window.all");
        Thread.sleep(500);
        assertEquals(all, run("return window.all"));
        assertEquals("Start the camera", text("camera"));
        assertTrue(!browser.findElement(By.id("photo")).isDisplayed());
    }

    @Test
    void aFileStopsTheCamera() {
        click("camera");
        requireFaces(5);
        run("window.track = video.srcObject.getTracks()[0]");
        choose(EXAMPLES.resolve("faces/happiness_2.png"));
        awaitText("status", "1 face.");
        assertEquals("ended", run("return window.track.readyState"));
        assertEquals("Start the camera", text("camera"));
    }

    @Test
    void aCameraThatEndsIsTold() {
        click("camera");
        requireFaces(5);
        run("video.srcObject.getTracks()[0].dispatchEvent(new Event('ended'))");
        awaitText("error", "The camera has ended.");
        assertEquals("Start the camera", text("camera"));
        click("camera");
        requireFaces(5);
        click("camera");
    }

    @Test
    void aBusyServiceLeavesFramesOut() {
        run("""
            const plain = window.fetch;
            let n = 0;
            window.fetch = (...asked) => n++ === 0
              ? Promise.resolve(new Response('{}', {status: 503}))
              : plain(...asked)""");
        click("camera");
        requireFaces(5);
        assertEquals("", text("error"));
        click("camera");
    }

    @Test
    void aRefusedCameraIsTold() {
        ChromeDriver shy = browser();
        try {
            open(shy);
            shy.executeCdpCommand("Browser.setPermission", Map.of(
                "permission", Map.of("name", "camera"), "setting", "denied"));
            shy.findElement(By.id("camera")).click();
            await(shy, "document.getElementById('error').textContent"
                       + ".includes('The camera was refused.')");
            assertEquals("Start the camera",
                         shy.findElement(By.id("camera")).getText());
        } finally {
            shy.quit();
        }
    }
}
