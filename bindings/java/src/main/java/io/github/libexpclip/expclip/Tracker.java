// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_track;
import io.github.libexpclip.expclip.internal.expclip_track_face;
import io.github.libexpclip.expclip.internal.expclip_tracker_options;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Joins the faces of a video's frames to tracks, by where they are, how large
 * and how fast, never by what they show. It knows no identities: who goes and
 * comes back is a new track, and two who cross may be taken for each other. At
 * a scene cut all tracks end. Its memory is that of the open tracks. Threads
 * that share one take turns. {@link Detector#follow} runs one over a clip.
 *
 * <p>Make the detector with {@link DetectorOptions#VIDEO}, since unsure faces
 * continue tracks, and use the faces that have one. Give it 5 frames a second
 * or more.
 */
public final class Tracker implements AutoCloseable {
    private final Handle handle;

    /** A tracker with the default options. */
    public Tracker() {
        this(TrackerOptions.DEFAULT);
    }

    /**
     * A tracker for one video.
     *
     * @param options  which faces join
     * @throws ArgumentException when a number is out of range
     */
    public Tracker(TrackerOptions options) {
        NativeLoader.load();
        expclip_tracker_options raw = options.toRaw();
        try {
            handle = new Handle("tracker", Raw.expclip_tracker_create(raw),
                                Raw::expclip_tracker_free);
        } finally {
            raw.delete();
        }
    }

    /**
     * Follows the faces into the next frame.
     *
     * @param time   in seconds, above the time of the frame before
     * @param faces  of the frame; a damaged one has none
     * @return the number of each face's track, -1 when it has none (yet)
     * @throws ArgumentException when the time does not rise; the tracker is as
     *     before
     */
    public synchronized int[] add(double time, Faces faces) {
        int[] tracks = new int[faces.count()];
        try (Handle.Lease t = handle.lend();
             Handle.Lease f = faces.handle.lend()) {
            Raw.expclip_tracker_add(tracks, t.pointer(), time, f.pointer());
        }
        return tracks;
    }

    /** Says that the video is at its end: all tracks end. Another may follow,
     * with times of its own; the numbers go on. */
    public synchronized void finish() {
        try (Handle.Lease t = handle.lend()) {
            Raw.expclip_tracker_finish(t.pointer());
        }
    }

    /**
     * Whether the last frame began a new scene.
     *
     * @return true when all tracks ended for it
     */
    public synchronized boolean cut() {
        try (Handle.Lease t = handle.lend()) {
            return Raw.expclip_tracker_cut(t.pointer()) != 0;
        }
    }

    /**
     * Faces of earlier frames whose tracks the last call opened. Who wants a
     * track from its first frame on adds them.
     *
     * @return a copy
     */
    public synchronized List<TrackFace> earlier() {
        expclip_track_face face = new expclip_track_face();
        try (Handle.Lease t = handle.lend()) {
            return LongStream
                .range(0, Raw.expclip_tracker_earlier_count(t.pointer()))
                .mapToObj(i -> {
                    Raw.expclip_tracker_earlier(face, t.pointer(), i);
                    return new TrackFace(face.getNumber(), face.getFrame(),
                                         (int) face.getFace());
                }).toList();
        } finally {
            face.delete();
        }
    }

    /**
     * Tracks that the last call ended.
     *
     * @return a copy
     */
    public synchronized List<Track> ended() {
        expclip_track track = new expclip_track();
        try (Handle.Lease t = handle.lend()) {
            return LongStream
                .range(0, Raw.expclip_tracker_ended_count(t.pointer()))
                .mapToObj(i -> {
                    Raw.expclip_tracker_ended(track, t.pointer(), i);
                    return new Track(track.getNumber(), track.getN_frames(),
                                     track.getFirst(), track.getLast());
                }).toList();
        } finally {
            track.delete();
        }
    }

    /** Frees it when the call that uses it has ended. May be repeated. */
    @Override
    public void close() {
        handle.close();
    }
}
