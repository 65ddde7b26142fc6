// SPDX-License-Identifier: MIT
package io.github.libexpclip.expclip;

import io.github.libexpclip.expclip.internal.Handle;
import io.github.libexpclip.expclip.internal.Raw;
import io.github.libexpclip.expclip.internal.expclip_timeline_options;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Scores over time: frames' logits in, smoothed probabilities and segments out.
 * Its memory does not grow as long as what came out is cleared. Threads that
 * share one take turns. {@link Model#timeline} runs one over a clip.
 */
public final class Timeline implements AutoCloseable {
    private final List<String> names;
    private final Handle handle;

    /**
     * A timeline without frames.
     *
     * @param names    of the classes, such as {@link Classes#names}
     * @param options  smoothing and bounds of segments
     * @throws ArgumentException when a number is out of range
     */
    public Timeline(List<String> names, TimelineOptions options) {
        NativeLoader.load();
        this.names = List.copyOf(names);
        expclip_timeline_options raw = options.toRaw();
        try {
            handle = new Handle("timeline",
                                Raw.expclip_timeline_create(names.size(), raw),
                                Raw::expclip_timeline_free);
        } finally {
            raw.delete();
        }
    }

    // ---- in ----

    /**
     * Adds one frame. Rows come out at once, or with {@link Smoothing#MEDIAN}
     * half a window later.
     *
     * @param time    in seconds, not before the last one's
     * @param logits  one of each class; with NaN the frame is left out
     * @throws ArgumentException when they do not fit
     * @throws StateException after {@link #finish}
     */
    public synchronized void add(double time, float[] logits) {
        try (Handle.Lease t = handle.lend()) {
            Raw.expclip_timeline_add(t.pointer(), time, logits);
        }
    }

    /**
     * Ends it: rows that wait come out, and so does a segment that is open.
     *
     * @param time  in seconds, where that segment ends
     * @throws ArgumentException when it is before the last frame's
     */
    public synchronized void finish(double time) {
        try (Handle.Lease t = handle.lend()) {
            Raw.expclip_timeline_finish(t.pointer(), time);
        }
    }

    // ---- out ----

    /**
     * Rows that came out and were not cleared.
     *
     * @return a copy, in their order
     */
    public synchronized List<TimelineRow> rows() {
        try (Handle.Lease t = handle.lend()) {
            return LongStream.range(0, Raw.expclip_timeline_count(t.pointer()))
                .mapToObj(i -> row(t.pointer(), i)).toList();
        }
    }

    private TimelineRow row(long timeline, long i) {
        float[] probabilities = new float[names.size()];
        Raw.expclip_timeline_copy(probabilities, timeline, i);
        return new TimelineRow(Raw.expclip_timeline_time(timeline, i),
                               Prediction.map(names, probabilities));
    }

    /**
     * Segments that ended and were not cleared.
     *
     * @return a copy, in their order
     */
    public synchronized List<Segment> segments() {
        try (Handle.Lease t = handle.lend()) {
            return LongStream
                .range(0, Raw.expclip_timeline_segment_count(t.pointer()))
                .mapToObj(i -> segment(t.pointer(), i)).toList();
        }
    }

    private Segment segment(long timeline, long i) {
        return new Segment(
            names.get(Raw.expclip_timeline_segment_class(timeline, i)),
            Raw.expclip_timeline_segment_start(timeline, i),
            Raw.expclip_timeline_segment_end(timeline, i),
            Raw.expclip_timeline_segment_probability(timeline, i));
    }

    /**
     * Runs over a clip, handing out what comes; counts failed frames. The last
     * frame lasts as long as the one before, or {@code step}.
     */
    long run(Stream<Frame> frames, double step, Consumer<TimelineRow> rows,
             Consumer<Segment> segments) {
        Iterator<Frame> each = frames.iterator();
        double last = -1;
        ExpclipException first = null;
        long good = 0;
        long failed = 0;
        while (each.hasNext()) {
            Frame frame = each.next();
            if (frame.time() >= 0) { // damaged ones have a time too
                step = last < 0 ? step : frame.time() - last;
                last = frame.time();
            }
            if (frame.prediction().isOk()) {
                add(frame.time(), frame.prediction().logits());
                handOut(rows, segments);
                good++;
            } else if (failed++ == 0) {
                first = frame.prediction().error();
            }
        }
        if (good == 0) {
            throw new StateException("timeline: no frame in it, " + failed
                + " failed" + (first == null ? "" : ": " + first.getMessage()));
        }
        finish(last + step);
        handOut(rows, segments);
        return failed;
    }

    private void handOut(Consumer<TimelineRow> rows,
                         Consumer<Segment> segments) {
        rows().forEach(rows);
        segments().forEach(segments);
        clear();
    }

    /** Drops the rows and the segments that came out. */
    public synchronized void clear() {
        try (Handle.Lease t = handle.lend()) {
            Raw.expclip_timeline_clear(t.pointer());
        }
    }

    /** Frees it when the call that uses it has ended. May be repeated. */
    @Override
    public void close() {
        handle.close();
    }
}
