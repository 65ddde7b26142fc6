// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"iter"
	"math"
	"sync"
	"time"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Sampling says which frames of a clip are read.
type Sampling int

const (
	// SampleDefault is SampleSpread; for Model.Timeline, SampleAll.
	SampleDefault Sampling = iota
	// SampleSpread takes the middles of equal parts of a clip; of a short clip
	// all frames, the last one standing for those that are missing.
	SampleSpread
	// SampleExact is the rule of the paper's reference: the same middles, but
	// of a short clip frame 0 alone.
	SampleExact
	// SampleAll takes every frame.
	SampleAll
)

var samplings = map[Sampling]int{
	SampleDefault: raw.EXPCLIP_SAMPLING_SPREAD,
	SampleSpread:  raw.EXPCLIP_SAMPLING_SPREAD,
	SampleExact:   raw.EXPCLIP_SAMPLING_EXACT,
	SampleAll:     raw.EXPCLIP_SAMPLING_ALL,
}

// Order says how the files of a folder are sorted.
type Order int

const (
	// OrderNatural is as people count: 2 before 10.
	OrderNatural Order = iota
	// OrderString is by bytes, as in the paper's reference: 10 before 2.
	OrderString
)

var orders = map[Order]int{
	OrderNatural: raw.EXPCLIP_ORDER_NATURAL,
	OrderString:  raw.EXPCLIP_ORDER_STRING,
}

// SampleFrames gives the indices that a rule takes of n frames, repeated ones
// too.
func SampleFrames(n int64, samples int, sampling Sampling) ([]int32, error) {
	const op, most = "sample", 1 << 20
	rule, err := codeOf(op, samplings, sampling)
	if err != nil {
		return nil, err
	}
	if samples < 1 || samples > most {
		return nil, wrong(op, "%d samples, expected 1 to %d", samples, most)
	}
	indices, failure := make([]int32, samples), newFailure()
	err = failed(op, raw.Expclip_frames_sample(indices, n, rule, failure),
		failure)
	if err != nil {
		return nil, err
	}
	return indices, nil
}

// FramesOptions say which frames are read, and how; zero values mean the
// defaults.
type FramesOptions struct {
	Sampling   Sampling
	Samples    int           // frames that stand for the clip; 16
	Order      Order         // of the files of a folder
	Unrotated  bool          // leave a video as it lies in the file
	FrameCount int64         // sample as if there were so many; as there are
	Start      time.Duration // frames from here on; the first
	End        time.Duration // frames before it; all
	FrameRate  float64       // of a folder, for its frames' times; 25 a second
	Image      ImageOptions  // of each frame
}

func (o FramesOptions) toRaw() (raw.Expclip_frames_options, error) {
	const op = "frames"
	sampling, err := codeOf(op, samplings, o.Sampling)
	if err != nil {
		return nil, err
	}
	order, err := codeOf(op, orders, o.Order)
	if err != nil {
		return nil, err
	}
	if err := check32(op, o.Samples); err != nil {
		return nil, err
	}
	r := raw.NewExpclip_frames_options()
	r.SetSampling(sampling)
	r.SetOrder(order)
	setGiven(r.SetN_samples, o.Samples)
	r.SetRotate(flag(!o.Unrotated))
	r.SetFrame_count(o.FrameCount)
	r.SetStart(o.Start.Seconds())
	r.SetEnd(o.End.Seconds())
	setGiven(r.SetFrame_rate, o.FrameRate)
	return r, nil
}

// Frames are those of a folder of images or of a video file, read once from
// start to end.
type Frames struct {
	handle *handle
	path   string
	image  ImageOptions
	mutex  sync.Mutex // C takes one call at a time
}

// OpenFrames opens a folder (JPEG, PNG, BMP, GIF and WebP; other files are left
// out), or a video file when the system has the libraries of FFmpeg, else
// ErrUnsupported.
func OpenFrames(path string, options FramesOptions) (*Frames, error) {
	if err := checkText("frames", path); err != nil {
		return nil, err
	}
	o, err := options.toRaw()
	if err != nil {
		return nil, err
	}
	defer raw.DeleteExpclip_frames_options(o)
	h, err := create("frames", "frames", raw.Expclip_frames_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_frames_open(out, path, o, failure)
		})
	if err != nil {
		return nil, err
	}
	return closeWith(&Frames{handle: h, path: path, image: options.Image},
		h), nil
}

// Count is the number of frames that are chosen from; -1 when it is not known.
func (f *Frames) Count() int64 {
	count := int64(-1)
	f.use("frames", func(frames uintptr) {
		count = raw.Expclip_frames_count(frames)
	})
	return count
}

// Duration is from start to end; 0 when it is not known.
func (f *Frames) Duration() time.Duration {
	var length time.Duration
	f.use("frames", func(frames uintptr) {
		length = duration(raw.Expclip_frames_duration(frames))
	})
	return length
}

// Close closes the file.
func (f *Frames) Close() error {
	f.handle.close()
	return nil
}

func (f *Frames) use(op string, call func(frames uintptr)) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return use(op, func(p []uintptr) error { call(p[0]); return nil }, f.handle)
}

// duration of C's seconds, as near as Go tells it.
func duration(seconds float64) time.Duration {
	const most = float64(math.MaxInt64 - 1023) // what float64 can tell
	return time.Duration(max(-most, min(most, math.Round(seconds*1e9))))
}

// Frame is the place of an image in a clip.
type Frame struct {
	Index  int64         // from 0
	Time   time.Duration // as the video says; negative when it is not known
	Weight int           // samples that it stands for
}

// FramePrediction is how much one frame resembles each class.
type FramePrediction struct {
	Prediction
	Frame
}

// ScoreFrames scores frames to their end, one after the other, in batches
// inside. A frame that cannot be read has its error in Prediction.Err. The
// sequence ends after an error that is no frame's own.
func (m *Model) ScoreFrames(ctx context.Context, classes *Classes,
	frames *Frames) iter.Seq2[FramePrediction, error] {
	return func(yield func(FramePrediction, error) bool) {
		for {
			some, err := m.scoreFrames(ctx, classes, frames)
			if err != nil {
				yield(FramePrediction{}, err)
				return
			}
			for _, p := range some {
				if !yield(p, nil) {
					return
				}
			}
			if len(some) == 0 {
				return
			}
		}
	}
}

// scoreFrames scores the next frames; none at the end.
func (m *Model) scoreFrames(ctx context.Context, classes *Classes,
	frames *Frames) ([]FramePrediction, error) {
	b, err := newBatch(m.handle, "score", nil)
	if err != nil {
		return nil, err
	}
	defer b.close()
	read, err := frames.read(ctx, "score", b)
	if err != nil {
		return nil, err
	}
	logits, err := b.compute(ctx, "score", len(classes.names),
		[]*handle{m.handle, classes.handle}, raw.Expclip_model_score_images)
	if err != nil {
		return nil, err
	}
	found, err := predictions(b, classes.names, logits)
	if err != nil {
		return nil, err
	}
	list := make([]FramePrediction, len(read))
	for i := range list {
		list[i] = FramePrediction{found[i], read[i]}
	}
	return list, nil
}

// read adds the next frames to an empty batch; none at the end.
func (f *Frames) read(ctx context.Context, op string,
	b *batch) ([]Frame, error) {
	o := f.image.toRaw()
	defer raw.DeleteExpclip_image_options(o)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var list []Frame
	err := withCancel(ctx, op, func(token uintptr) error {
		return use(op, func(p []uintptr) error {
			n, failure := make([]uint64, 1), newFailure()
			if err := failed(op, raw.Expclip_frames_read(n, p[0], p[1],
				batchSize, o, token, failure), failure); err != nil {
				return err
			}
			for i := range int64(n[0]) {
				list = append(list, frameOf(p[0], i))
				b.addRead(i, f.path)
			}
			return nil
		}, f.handle, b.handle)
	})
	return list, err
}

func frameOf(frames uintptr, i int64) Frame {
	return Frame{Index: raw.Expclip_frames_index(frames, i),
		Time:   duration(raw.Expclip_frames_time(frames, i)),
		Weight: raw.Expclip_frames_weight(frames, i)}
}

// addRead notes item i, which C added.
func (b *batch) addRead(i int64, source string) {
	b.images = append(b.images, Image{source: source})
	b.errors = append(b.errors, b.failedItem("frame", i))
	b.rows = append(b.rows, int(i))
	b.n++
}
