// SPDX-License-Identifier: MIT

package expclip_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

const ms = time.Millisecond

// logitsOf gives class i probability p, and the others equal parts of the rest.
func logitsOf(i int, p float64) []float32 {
	row := make([]float32, 7)
	for j := range row {
		row[j] = float32(math.Log((1 - p) / 6))
	}
	row[i] = float32(math.Log(p))
	return row
}

func timelineOf(t testing.TB, options expclip.TimelineOptions) *expclip.Timeline {
	line := must(expclip.NewTimeline(seven, options))
	t.Cleanup(func() { line.Close() })
	return line
}

func add(t testing.TB, line *expclip.Timeline, at time.Duration, logits []float32) {
	t.Helper()
	if err := line.Add(at, logits); err != nil {
		t.Fatal(err)
	}
}

func finish(t testing.TB, line *expclip.Timeline, at time.Duration) expclip.TimelinePart {
	t.Helper()
	if err := line.Finish(at); err != nil {
		t.Fatal(err)
	}
	return must(line.Drain())
}

func expect(t testing.TB, part expclip.TimelinePart, class int, times []time.Duration, values ...float64) {
	t.Helper()
	var found []time.Duration
	for i, row := range part.Rows {
		found = append(found, row.Time)
		if i >= len(values) || math.Abs(float64(row.Probabilities[class])-values[i]) > 1e-5 {
			t.Error(i, row, values)
		}
	}
	if !slices.Equal(found, times) {
		t.Error(found, times)
	}
}

func TestATimelineIsSmoothedByTime(t *testing.T) {
	line := timelineOf(t, expclip.TimelineOptions{EMA: 200 * ms})
	add(t, line, 0, logitsOf(3, 0.9))
	add(t, line, 100*ms, logitsOf(3, 0.1))
	nan := logitsOf(3, 0.5)
	nan[2] = float32(math.NaN())
	add(t, line, 200*ms, nan)
	add(t, line, 400*ms, logitsOf(3, 0.5))
	second := 0.9 + (1-math.Exp(-0.5))*(0.1-0.9)
	third := second + (1-math.Exp(-1.5))*(0.5-second)
	expect(t, must(line.Drain()), 3, []time.Duration{0, 100 * ms, 400 * ms}, 0.9, second, third)
	if part := must(line.Drain()); part.Rows != nil || part.Segments != nil {
		t.Error("drained twice:", part)
	}
}

func TestATimelineIsSmoothedByMedians(t *testing.T) {
	line := timelineOf(t, expclip.TimelineOptions{Smoothing: expclip.SmoothMedian, MedianFrames: 3})
	for i, p := range []float64{0.9, 0.8, 0.1, 0.7} {
		add(t, line, time.Duration(i)*100*ms, logitsOf(0, p))
	}
	// Others have (1 - p) / 6, so they add up to 1 with the median.
	expect(t, must(line.Drain()), 0, []time.Duration{0, 100 * ms, 200 * ms}, 0.85, 0.8, 0.7)
	expect(t, finish(t, line, time.Second), 0, []time.Duration{300 * ms}, 0.4)
}

func TestSegmentsBeginEndAndAreDrainedInOrder(t *testing.T) {
	line := timelineOf(t, expclip.TimelineOptions{Smoothing: expclip.SmoothNone,
		Enter: 0.7, Leave: 0.5, MinDuration: 150 * ms})
	var segments []expclip.Segment
	for i, frame := range []struct {
		class int
		p     float64
	}{{0, 0.6}, {0, 0.8}, {0, 0.6}, {0, 0.4}, {1, 0.9}, {2, 0.9}, {2, 0.8}, {2, 0.7}} {
		add(t, line, time.Duration(i)*100*ms, logitsOf(frame.class, frame.p))
		segments = append(segments, must(line.Drain()).Segments...)
	}
	segments = append(segments, finish(t, line, 1200*ms).Segments...)
	names := seven.Names()
	for i, expected := range []expclip.Segment{
		{Label: names[0], Start: 100 * ms, End: 300 * ms, Probability: 0.7},
		{Label: names[2], Start: 500 * ms, End: 1200 * ms, Probability: 0.8},
	} {
		if len(segments) != 2 {
			t.Fatal(segments)
		}
		found := segments[i]
		if math.Abs(found.Probability-expected.Probability) > 1e-6 {
			t.Error(found, expected)
		}
		found.Probability = expected.Probability
		if found != expected {
			t.Error(found, expected)
		}
	}
	if text := segments[0].String(); text != names[0]+" 100ms to 300ms, 70 %" {
		t.Error(text)
	}
}

func TestNegativeMinDurationDropsNoSegment(t *testing.T) {
	for least, n := range map[time.Duration]int{0: 0, -1: 1} {
		line := timelineOf(t, expclip.TimelineOptions{MinDuration: least})
		add(t, line, 0, logitsOf(0, 0.9))
		if part := finish(t, line, 0); len(part.Segments) != n {
			t.Error(least, part.Segments)
		}
	}
}

func TestWrongTimelinesAreRefused(t *testing.T) {
	for _, options := range []expclip.TimelineOptions{{Smoothing: 9}, {MedianFrames: 4},
		{MedianFrames: 1<<32 + 1}, {EMA: -1}, {Temperature: -1}, {Enter: 1.1},
		{Enter: 0.3, Leave: 0.4}, {Leave: math.NaN()}} {
		if _, err := expclip.NewTimeline(seven, options); !errors.Is(err, expclip.ErrArgument) {
			t.Error(options, err)
		}
	}
	line := timelineOf(t, expclip.TimelineOptions{})
	add(t, line, 100*ms, logitsOf(0, 0.9))
	for _, err := range []error{line.Add(200*ms, nil), line.Add(200*ms, make([]float32, 8)),
		line.Add(99*ms, logitsOf(0, 0.9)), line.Finish(0),
		line.Add(200*ms, append(make([]float32, 6), float32(math.Inf(1))))} {
		if !errors.Is(err, expclip.ErrArgument) {
			t.Error(err)
		}
	}
	finish(t, line, 100*ms)
	if err := line.Add(200*ms, logitsOf(0, 0.9)); !errors.Is(err, expclip.ErrState) {
		t.Error(err)
	}
	line.Close()
	line.Close()
	if err := line.Add(200*ms, logitsOf(0, 0.9)); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	if _, err := line.Drain(); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
}

func TestAFolderIsATimeline(t *testing.T) {
	// 50 frames of joy, then 50 of anger, the last but one damaged.
	var images []string
	for _, name := range []string{"happiness_2.png", "anger_1.png"} {
		images = append(images, slices.Repeat([]string{facePath(name)}, 50)...)
	}
	folder := folderOf(t, 100, images...)
	os.Remove(filepath.Join(folder, "98.png"))
	if err := os.WriteFile(filepath.Join(folder, "98.png"), []byte("no image"), 0o600); err != nil {
		t.Fatal(err)
	}
	var all expclip.TimelinePart
	parts := 0
	for part, err := range model.Timeline(ctx, seven, folder, expclip.FramesOptions{}, expclip.TimelineOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		parts++
		all.Rows = append(all.Rows, part.Rows...)
		all.Segments = append(all.Segments, part.Segments...)
		all.Failed = append(all.Failed, part.Failed...)
	}
	if parts != 5 || len(all.Rows) != 99 || len(all.Segments) != 2 || len(all.Failed) != 1 {
		t.Fatal(parts, len(all.Rows), all.Segments, all.Failed)
	}
	joy, anger := all.Segments[0], all.Segments[1]
	if joy.Label != "happiness" || joy.Start != 0 || joy.End < 2*time.Second ||
		anger.Label != "anger" || anger.Start < joy.End || anger.End != 4*time.Second {
		t.Error(joy, anger)
	}
	if f := all.Failed[0]; f.Index != 98 || f.Time != 3920*ms || !errors.Is(f.Err, expclip.ErrFormat) {
		t.Errorf("%+v", f)
	}
}

func TestATimelineMayBeLeftAndSampled(t *testing.T) {
	folder := folderOf(t, 100, threeFaces...)
	seen := 0
	for range model.Timeline(ctx, seven, folder, expclip.FramesOptions{}, expclip.TimelineOptions{}) {
		seen++
		break
	}
	rows := 0
	for part, err := range model.Timeline(ctx, seven, folder, expclip.FramesOptions{
		Sampling: expclip.SampleSpread, Samples: 10}, expclip.TimelineOptions{}) {
		if err != nil {
			t.Error(err)
		}
		rows += len(part.Rows)
	}
	if seen != 1 || rows != 10 {
		t.Error(seen, rows)
	}
	one := folderOf(t, 1, threeFaces...)
	for part, err := range model.Timeline(ctx, seven, one, expclip.FramesOptions{FrameRate: 2}, expclip.TimelineOptions{}) {
		if err != nil || len(part.Rows) == 0 && (len(part.Segments) != 1 || part.Segments[0].End != 500*ms) {
			t.Error(part, err)
		}
	}
	for _, err := range model.Timeline(ctx, seven, "nowhere", expclip.FramesOptions{}, expclip.TimelineOptions{}) {
		if !errors.Is(err, expclip.ErrNotFound) {
			t.Error(err)
		}
	}
	for _, err := range model.Timeline(ctx, seven, folder, expclip.FramesOptions{}, expclip.TimelineOptions{Smoothing: 9}) {
		if !errors.Is(err, expclip.ErrArgument) {
			t.Error(err)
		}
	}
}

func TestAVideoIsATimeline(t *testing.T) {
	video := videoOf(t)
	var segments []expclip.Segment
	for part, err := range model.Timeline(ctx, seven, video, expclip.FramesOptions{}, expclip.TimelineOptions{}) {
		if errors.Is(err, expclip.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil || part.Failed != nil {
			t.Fatal(part, err)
		}
		segments = append(segments, part.Segments...)
	}
	if len(segments) != 1 || segments[0].Label != "happiness" ||
		segments[0].End.Round(ms) != time.Second {
		t.Error(segments)
	}
}
