// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.libexpclip.expclip.internal.expclip_timeline_options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineTest {
    private static final List<String> NAMES = List.of("calm", "bored");
    private static final TimelineOptions PLAIN =
        TimelineOptions.DEFAULT.withoutSmoothing();

    @TempDir
    Path folder;

    /** Logits whose softmax is p, 1 - p. */
    private static float[] logits(double p) {
        return new float[] {(float) Math.log(p / (1 - p)), 0};
    }

    private static void add(Timeline timeline, double step, double... p) {
        for (int i = 0; i < p.length; i++) {
            timeline.add(i * step, logits(p[i]));
        }
    }

    private static List<Float> calm(Timeline timeline) {
        return timeline.rows().stream()
            .map(row -> row.probabilities().get("calm")).toList();
    }

    @Test
    void theMeanForgetsByTime() {
        try (Timeline timeline = new Timeline(NAMES,
                TimelineOptions.DEFAULT.withEma(2))) {
            timeline.add(0, logits(0.9));
            timeline.add(1, logits(0.5));
            timeline.add(4, logits(0.2));
            double second = 0.9 + (0.5 - 0.9) * (1 - Math.exp(-0.5));
            double third = second + (0.2 - second) * (1 - Math.exp(-1.5));
            List<Float> found = calm(timeline);

            assertEquals(3, found.size());
            assertEquals(0.9, found.get(0), 1e-6);
            assertEquals(second, found.get(1), 1e-6);
            assertEquals(third, found.get(2), 1e-6);
            TimelineRow last = timeline.rows().get(2);
            assertEquals(4, last.time());
            assertEquals(NAMES, List.copyOf(last.probabilities().keySet()));
            assertEquals(1 - third, last.probabilities().get("bored"), 1e-6);
        }
    }

    @Test
    void theMedianComesHalfAWindowLater() {
        try (Timeline timeline = new Timeline(NAMES,
                TimelineOptions.DEFAULT.withMedian(3))) {
            add(timeline, 1, 0.7, 0.1, 0.8, 0.9);
            assertEquals(3, timeline.rows().size());
            assertEquals(0.7, calm(timeline).get(1), 1e-6);
            assertEquals(0.8, calm(timeline).get(2), 1e-6);
            timeline.finish(4);
            assertEquals(4, timeline.rows().size());
        }
    }

    @Test
    void segmentsBeginAndEndByTheirBounds() {
        try (Timeline timeline = new Timeline(NAMES,
                PLAIN.withSegments(0.7, 0.6, 1.5))) {
            add(timeline, 1, 0.5, 0.8, 0.65, 0.9, 0.55, 0.2, 0.5, 0.1);
            assertEquals(1, timeline.segments().size());
            Segment first = timeline.segments().get(0);
            assertEquals("calm", first.label());
            assertEquals(1, first.start());
            assertEquals(4, first.end());
            assertEquals((0.8 + 0.65 + 0.9) / 3, first.probability(), 1e-6);
            timeline.finish(9);
            assertEquals(List.of("calm", "bored"), timeline.segments().stream()
                .map(Segment::label).toList());
            assertEquals(7, timeline.segments().get(1).start());
            assertEquals(9, timeline.segments().get(1).end());
            timeline.clear();
            assertEquals(List.of(), timeline.rows());
            assertEquals(List.of(), timeline.segments());
        }
    }

    @Test
    void temperatureDividesLogitsAndNanIsLeftOut() {
        try (Timeline timeline = new Timeline(NAMES,
                PLAIN.withTemperature(2))) {
            timeline.add(0, new float[] {Float.NaN, Float.NaN});
            timeline.add(1, new float[] {2, 0});
            assertEquals(1 / (1 + Math.exp(-1)), calm(timeline).get(0), 1e-6);
            assertEquals(1, timeline.rows().size());
        }
    }

    @Test
    void theDefaultsAreThoseOfTheLibrary() {
        Expclip.version(); // loads it
        expclip_timeline_options theirs = new expclip_timeline_options();
        expclip_timeline_options ours = TimelineOptions.DEFAULT.toRaw();

        assertEquals(theirs.getSmoothing(), ours.getSmoothing());
        assertEquals(theirs.getMedian_frames(), ours.getMedian_frames());
        assertEquals(theirs.getEma_seconds(), ours.getEma_seconds());
        assertEquals(theirs.getTemperature(), ours.getTemperature());
        assertEquals(theirs.getEnter(), ours.getEnter());
        assertEquals(theirs.getLeave(), ours.getLeave());
        assertEquals(theirs.getMin_seconds(), ours.getMin_seconds());
        theirs.delete();
        ours.delete();
    }

    @Test
    void wrongNumbersAreRefused() {
        for (TimelineOptions wrong : List.of(PLAIN.withTemperature(0),
                PLAIN.withSegments(0.4, 0.5, 0), PLAIN.withMedian(4),
                PLAIN.withEma(Double.NaN), PLAIN.withSegments(2, 0, 0))) {
            assertThrows(ArgumentException.class,
                         () -> new Timeline(NAMES, wrong));
        }
        assertThrows(ArgumentException.class,
                     () -> new Timeline(List.of(), PLAIN));
        try (Timeline timeline = new Timeline(NAMES, PLAIN)) {
            timeline.add(1, logits(0.5));
            assertThrows(ArgumentException.class,
                         () -> timeline.add(0, logits(0.5)));
            assertThrows(ArgumentException.class,
                         () -> timeline.add(2, new float[3]));
            timeline.finish(1);
            assertThrows(StateException.class,
                         () -> timeline.add(2, logits(0.5)));
            timeline.close();
            timeline.close();
            for (Runnable use : List.<Runnable>of(timeline::rows,
                    timeline::segments, timeline::clear,
                    () -> timeline.finish(2),
                    () -> timeline.add(2, logits(0.5)))) {
                assertEquals("timeline: closed", assertThrows(
                    ClosedException.class, use::run).getMessage());
            }
        }
    }

    @Test
    void aFolderIsATimeline() throws IOException {
        List<String> names = new ArrayList<>(
            Collections.nCopies(30, "happiness_2"));
        names.addAll(Collections.nCopies(20, "anger_1"));
        Path path = Drawn.clip(folder, names);
        Files.writeString(path.resolve("49.png"), "no image");
        List<TimelineRow> rows = new ArrayList<>();
        List<Segment> segments = new ArrayList<>();

        assertEquals(1, Drawn.MODEL.timeline(path, Drawn.SEVEN, rows::add,
                                             segments::add));
        assertEquals(49, rows.size());
        assertEquals(0.04, rows.get(1).time(), 1e-9);
        assertEquals(0.08, rows.get(2).time(), 1e-9);
        assertEquals(1.96, rows.get(48).time(), 1e-9);
        assertEquals(Drawn.SEVEN.names(),
                     List.copyOf(rows.get(0).probabilities().keySet()));
        assertEquals("happiness", segments.get(0).label());
        assertEquals(0, segments.get(0).start());
        Segment last = segments.get(segments.size() - 1);
        assertEquals("anger", last.label());
        assertEquals(2, last.end(), 1e-9);

        segments.clear();
        Drawn.MODEL.timeline(path, Drawn.SEVEN, FramesOptions.ALL
                .withFrameRate(10).withTimes(3, 0), PLAIN, null, row -> { },
            segments::add);
        assertEquals(1, segments.size());
        assertEquals("anger", segments.get(0).label());
        assertEquals(3, segments.get(0).start(), 1e-9);
        assertEquals(5, segments.get(0).end(), 1e-9);
    }

    @Test
    void aVideoIsATimeline() throws Exception {
        Path video = ClipTest.video(folder, "happiness_2");
        List<Segment> segments = new ArrayList<>();
        assumeTrue(video != null, "no ffmpeg");
        try {
            Drawn.MODEL.timeline(video, Drawn.SEVEN, row -> { },
                                 segments::add);
        } catch (UnsupportedException e) {
            abort(e.getMessage());
        }
        assertEquals(1, segments.size());
        assertEquals("happiness", segments.get(0).label());
        assertEquals(1, segments.get(0).end(), 2e-3);
    }

    @Test
    void aTimelineIsCancelledFromItsRowsAndWithoutAFrameItFails()
            throws IOException {
        Path path = Drawn.clip(folder, Collections.nCopies(40, "anger_1"));
        CancelToken token = new CancelToken();
        List<TimelineRow> rows = new ArrayList<>();

        assertThrows(CancelledException.class, () -> Drawn.MODEL.timeline(path,
            Drawn.SEVEN, FramesOptions.ALL, PLAIN, token, row -> {
                rows.add(row);
                token.cancel();
            }, segment -> { }));
        assertTrue(rows.size() < 40, rows.size() + " rows");
        assertEquals("enough", assertThrows(IllegalStateException.class,
            () -> Drawn.MODEL.timeline(path, Drawn.SEVEN, row -> {
                throw new IllegalStateException("enough");
            }, segment -> { })).getMessage());

        Files.writeString(path.resolve("1.png"), "no image");
        StateException e = assertThrows(StateException.class,
            () -> Drawn.MODEL.timeline(path, Drawn.SEVEN, FramesOptions.ALL
                .withTimes(0, 0.03), PLAIN, null, row -> { },
                segment -> { }));
        assertTrue(e.getMessage().contains("1.png"), e.getMessage());
    }
}
