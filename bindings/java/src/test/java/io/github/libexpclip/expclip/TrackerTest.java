// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.libexpclip.expclip.internal.expclip_tracker_options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackerTest {
    private static final TrackerOptions PLAIN = TrackerOptions.DEFAULT;
    private static final Detector DETECTOR =
        new Detector(DetectorOptions.VIDEO);

    @TempDir
    Path folder;

    private static Faces happy() {
        return DETECTOR.find(Drawn.happy());
    }

    @Test
    void aFaceThatStaysIsOneTrack() {
        try (Tracker tracker = new Tracker(); Faces face = happy()) {
            assertArrayEquals(new int[] {-1}, tracker.add(0, face));
            assertEquals(List.of(), tracker.earlier());
            assertArrayEquals(new int[] {0}, tracker.add(0.04, face));
            assertEquals(List.of(new TrackFace(0, 0, 0)), tracker.earlier());
            assertArrayEquals(new int[] {0}, tracker.add(0.08, face));
            assertFalse(tracker.cut());
            assertEquals(List.of(), tracker.ended());
            tracker.finish();
            assertEquals(List.of(new Track(0, 3, 0, 0.08)), tracker.ended());
            // Another video, with times of its own.
            tracker.add(0, face);
            assertArrayEquals(new int[] {1}, tracker.add(0.04, face));
        }
    }

    @Test
    void aFaceThatGoesEndsItsTrack() {
        Faces nobody = DETECTOR.find(Image.ofPixels(
            new byte[3 * 224 * 224], 224, 224, PixelLayout.RGB));
        try (Tracker tracker = new Tracker(PLAIN.withLost(0.1));
             Faces face = happy()) {
            tracker.add(0, face);
            tracker.add(0.04, face);
            assertArrayEquals(new int[0], tracker.add(0.5, nobody));
            assertEquals(1, tracker.ended().size());
            assertEquals(0.04, tracker.ended().get(0).last());
        }
    }

    @Test
    void aFilmIsFollowedLikeTheProgram() throws IOException {
        Path film = Photographs.file("single_face.mp4");
        List<TrackedFrame> seen = new ArrayList<>();
        try (Frames frames = Frames.open(film, FramesOptions.ALL);
             Tracker tracker = new Tracker()) {
            DETECTOR.follow(frames, tracker, null).forEach(frame -> {
                assertEquals(frame.faces().count(), frame.tracks().length);
                assertTrue(frame.faces().image().rgb().length > 0);
                seen.add(frame);
            });
            assertEquals(1, tracker.ended().size());
            assertTrue(tracker.ended().get(0).frames() > seen.size() / 2);
        } catch (UnsupportedException e) {
            abort(e.getMessage());
        }
        for (int i = 1; i < seen.size(); i++) {
            assertEquals(i, seen.get(i).index());
            assertTrue(seen.get(i).time() > seen.get(i - 1).time());
            assertThrows(ClosedException.class,
                         seen.get(i - 1).faces()::image);
        }
        assertTrue(seen.size() > 10, seen.size() + " frames");
        assertTrue(seen.stream().skip(1)
            .anyMatch(f -> Arrays.stream(f.tracks()).anyMatch(t -> t == 0)));
    }

    @Test
    void aDamagedFrameHasNoFacesAndItsError() throws IOException {
        Path path = Drawn.clip(folder, Collections.nCopies(5, "happiness_2"));
        Files.writeString(path.resolve("3.png"), "no image");
        List<Integer> counts = new ArrayList<>();
        List<ExpclipException> errors = new ArrayList<>();
        try (Frames frames = Frames.open(path, FramesOptions.ALL);
             Tracker tracker = new Tracker()) {
            DETECTOR.follow(frames, tracker, null).forEach(frame -> {
                counts.add(frame.faces().count());
                errors.add(frame.faces().error());
                if (frame.faces().error() != null) {
                    assertThrows(ExpclipException.class, () ->
                        Drawn.MODEL.faces(frame.faces(), FaceChoice.ALL,
                            Drawn.SEVEN, CropOptions.DEFAULT,
                            ScoreOptions.DEFAULT));
                    assertThrows(ExpclipException.class,
                                 frame.faces()::image);
                }
            });
            assertEquals(4, tracker.ended().get(0).frames());
        }
        assertEquals(List.of(1, 1, 0, 1, 1), counts);
        assertTrue(errors.get(2).getMessage().contains("3.png"),
                   errors.get(2).getMessage());
    }

    @Test
    void followingIsCancelled() throws IOException {
        Path path = Drawn.clip(folder, Collections.nCopies(9, "happiness_2"));
        CancelToken token = new CancelToken();
        List<TrackedFrame> seen = new ArrayList<>();
        try (Frames frames = Frames.open(path, FramesOptions.ALL);
             Tracker tracker = new Tracker()) {
            assertThrows(CancelledException.class, () -> DETECTOR.follow(
                frames, tracker, token).forEach(frame -> {
                    seen.add(frame);
                    token.cancel();
                }));
        }
        assertEquals(1, seen.size());
    }

    @Test
    void theDefaultsAreThoseOfTheLibrary() {
        Expclip.version(); // loads it
        expclip_tracker_options theirs = new expclip_tracker_options();
        expclip_tracker_options ours = PLAIN.toRaw();
        assertEquals(theirs.getUpper(), ours.getUpper());
        assertEquals(theirs.getLower(), ours.getLower());
        assertEquals(theirs.getReach(), ours.getReach());
        assertEquals(theirs.getHits(), ours.getHits());
        assertEquals(theirs.getLost(), ours.getLost());
        theirs.delete();
        ours.delete();
    }

    @Test
    void wrongNumbersAndClosedTrackersAreRefused() {
        for (TrackerOptions wrong : List.of(PLAIN.withUpper(2),
                PLAIN.withLower(0.8f), PLAIN.withReach(0), PLAIN.withHits(17),
                PLAIN.withLost(Double.NaN))) {
            assertThrows(ArgumentException.class, () -> new Tracker(wrong));
        }
        Faces face = happy();
        Tracker tracker = new Tracker();
        tracker.add(1, face);
        assertThrows(ArgumentException.class, () -> tracker.add(1, face));
        assertArrayEquals(new int[] {0}, tracker.add(1.04, face));
        tracker.close();
        tracker.close();
        for (Runnable use : List.<Runnable>of(tracker::finish, tracker::cut,
                tracker::earlier, tracker::ended,
                () -> tracker.add(2, face))) {
            assertEquals("tracker: closed", assertThrows(
                ClosedException.class, use::run).getMessage());
        }
    }
}
