// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Smoothing says how probabilities become calm over time.
type Smoothing int

const (
	// SmoothEMA is exponential, by time: right for a variable frame rate.
	SmoothEMA Smoothing = iota
	// SmoothMedian is the median of the frames around, class by class, made to
	// add up to 1 again.
	SmoothMedian
	// SmoothNone leaves them.
	SmoothNone
)

var smoothings = map[Smoothing]int{
	SmoothEMA:    raw.EXPCLIP_SMOOTHING_EMA,
	SmoothMedian: raw.EXPCLIP_SMOOTHING_MEDIAN,
	SmoothNone:   raw.EXPCLIP_SMOOTHING_NONE,
}

// TimelineOptions of a Timeline; zero values mean the defaults.
type TimelineOptions struct {
	Smoothing    Smoothing
	MedianFrames int           // odd; 5
	EMA          time.Duration // after it an old frame weighs 1/e; 500 ms
	Temperature  float64       // of the softmax; 1
	// Enter: a segment begins when its class is the largest with at least this
	// probability; 0.6.
	Enter float64
	// Leave: it ends when its class falls below, at most Enter; 0.4.
	Leave float64
	// MinDuration: shorter segments are dropped; 200 ms, negative = none are.
	MinDuration time.Duration
}

func (o TimelineOptions) toRaw() (raw.Expclip_timeline_options, error) {
	smoothing, err := codeOf("timeline", smoothings, o.Smoothing)
	if err != nil {
		return nil, err
	}
	if err := check32("timeline", o.MedianFrames); err != nil {
		return nil, err
	}
	r := raw.NewExpclip_timeline_options()
	r.SetSmoothing(smoothing)
	setGiven(r.SetMedian_frames, o.MedianFrames)
	setGiven(r.SetEma_seconds, o.EMA.Seconds())
	setGiven(r.SetTemperature, o.Temperature)
	setGiven(r.SetEnter, o.Enter)
	setGiven(r.SetLeave, o.Leave)
	if o.MinDuration != 0 {
		r.SetMin_seconds(max(0, o.MinDuration.Seconds()))
	}
	return r, nil
}

// Timeline takes frames' logits and gives smoothed probabilities and segments.
// Its memory does not grow as long as it is drained.
type Timeline struct {
	handle *handle
	names  []string
	mutex  sync.Mutex // C takes one call at a time
}

// TimelineRow is the smoothed probabilities at a time, in the order of the
// classes.
type TimelineRow struct {
	Time          time.Duration
	Probabilities []float32
}

// Segment is a stretch in which one class leads.
type Segment struct {
	Label       string
	Start, End  time.Duration // of its first frame, and of the one that ended it
	Probability float64       // of the class, the mean over its frames
}

// String is such as "happiness 1.2s to 3.4s, 93 %".
func (s Segment) String() string {
	return fmt.Sprintf("%s %v to %v, %.0f %%", s.Label,
		s.Start.Round(time.Millisecond), s.End.Round(time.Millisecond),
		100*s.Probability)
}

// TimelinePart is what came out of a timeline since the last part, in order.
type TimelinePart struct {
	Rows     []TimelineRow
	Segments []Segment
	// Failed frames, of Model.Timeline: they could not be read, and their
	// Prediction.Err says why. They are left out.
	Failed []FramePrediction
}

// NewTimeline makes one for logits of classes.
func NewTimeline(classes *Classes, options TimelineOptions) (*Timeline, error) {
	o, err := options.toRaw()
	if err != nil {
		return nil, err
	}
	defer raw.DeleteExpclip_timeline_options(o)
	h, err := create("timeline", "timeline", raw.Expclip_timeline_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_timeline_create(out, len(classes.names), o,
				failure)
		})
	if err != nil {
		return nil, err
	}
	return closeWith(&Timeline{handle: h, names: classes.names}, h), nil
}

// Add adds a frame: its time, not before the last one's, and its logits. NaN
// leaves it out. Its row comes out at once, or with SmoothMedian half a window
// later.
func (t *Timeline) Add(at time.Duration, logits []float32) error {
	return t.use(func(timeline uintptr, failure []int32) int {
		return raw.Expclip_timeline_add(timeline, at.Seconds(), logits, failure)
	})
}

// Finish says that there are no more frames: rows that wait come out, and an
// open segment ends at a time. Only Drain and Close are allowed afterwards.
func (t *Timeline) Finish(at time.Duration) error {
	return t.use(func(timeline uintptr, failure []int32) int {
		return raw.Expclip_timeline_finish(timeline, at.Seconds(), failure)
	})
}

func (t *Timeline) use(call func(timeline uintptr, failure []int32) int) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return use("timeline", func(p []uintptr) error {
		failure := newFailure()
		return failed("timeline", call(p[0], failure), failure)
	}, t.handle)
}

// Drain gives the rows that came out, and the segments that ended, since the
// last call.
func (t *Timeline) Drain() (part TimelinePart, err error) {
	err = t.use(func(timeline uintptr, failure []int32) int {
		rows, status := t.rows(timeline, failure)
		if status == 0 {
			part.Rows, part.Segments = rows, t.segments(timeline)
			raw.Expclip_timeline_clear(timeline)
		}
		return status
	})
	return part, err
}

func (t *Timeline) rows(timeline uintptr,
	failure []int32) ([]TimelineRow, int) {
	var list []TimelineRow
	for i := range raw.Expclip_timeline_count(timeline) {
		row := make([]float32, len(t.names))
		status := raw.Expclip_timeline_copy(row, timeline, i, failure)
		if status != 0 {
			return nil, status
		}
		list = append(list, TimelineRow{
			duration(raw.Expclip_timeline_time(timeline, i)), row})
	}
	return list, 0
}

func (t *Timeline) segments(timeline uintptr) []Segment {
	var list []Segment
	for i := range raw.Expclip_timeline_segment_count(timeline) {
		list = append(list, Segment{
			Label: t.names[raw.Expclip_timeline_segment_class(timeline, i)],
			Start: duration(raw.Expclip_timeline_segment_start(timeline, i)),
			End:   duration(raw.Expclip_timeline_segment_end(timeline, i)),
			Probability: raw.Expclip_timeline_segment_probability(timeline,
				i)})
	}
	return list
}

// Close frees it.
func (t *Timeline) Close() error {
	t.handle.close()
	return nil
}

// Timeline streams a folder of frames or a video file: each part is what a few
// more frames gave. The last frame lasts as long as the one before it. The
// sequence ends after an error that is no frame's own.
func (m *Model) Timeline(ctx context.Context, classes *Classes, path string,
	frames FramesOptions,
	options TimelineOptions) iter.Seq2[TimelinePart, error] {
	if frames.Sampling == SampleDefault {
		frames.Sampling = SampleAll
	}
	return func(yield func(TimelinePart, error) bool) {
		source, err := OpenFrames(path, frames)
		if err != nil {
			yield(TimelinePart{}, err)
			return
		}
		defer source.Close()
		t, err := NewTimeline(classes, options)
		if err != nil {
			yield(TimelinePart{}, err)
			return
		}
		defer t.Close()
		clock := newClock(frames)
		for {
			some, err := m.scoreFrames(ctx, classes, source)
			var part TimelinePart
			if err == nil {
				part, err = t.follow(some, &clock)
			}
			if !yield(part, err) || err != nil || len(some) == 0 {
				return
			}
		}
	}
}

// clock tells when a frame ends: as long after it as it was after another.
type clock struct {
	last, step time.Duration
	started    bool
}

func newClock(options FramesOptions) clock {
	if options.FrameRate == 0 {
		options.FrameRate = 25
	}
	return clock{last: options.Start, step: duration(1 / options.FrameRate)}
}

func (c *clock) tick(at time.Duration) {
	if c.started {
		c.step = at - c.last
	}
	c.last, c.started = at, true
}

// rise is a frame's time, made up where it is not after the last one's.
func (c *clock) rise(at time.Duration) time.Duration {
	if c.started && at <= c.last {
		at = c.last + c.step
	}
	c.tick(at)
	return at
}

// follow adds the next frames, none at the end, and gives what came out.
func (t *Timeline) follow(frames []FramePrediction,
	clock *clock) (TimelinePart, error) {
	var lost []FramePrediction
	for _, p := range frames {
		if p.Time >= 0 { // damaged ones have a time too
			clock.tick(p.Time)
		}
		if p.Err != nil {
			lost = append(lost, p)
			continue
		}
		if err := t.Add(p.Time, p.Logits); err != nil {
			return TimelinePart{}, err
		}
	}
	if len(frames) == 0 {
		if err := t.Finish(clock.last + clock.step); err != nil {
			return TimelinePart{}, err
		}
	}
	part, err := t.Drain()
	part.Failed = lost
	return part, err
}
