// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"iter"
	"sync"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Detector finds faces in images, without a model, by YuNet, whose weights are
// in the library. It misses faces that are lower than about 20 pixels or turned
// by more than 45 degrees, and it also finds those of statues, masks and
// drawings. Immutable.
type Detector struct{ handle *handle }

// VideoThreshold is the Threshold of a Detector for a Tracker: its unsure faces
// continue tracks.
const VideoThreshold = 0.3

// DetectorOptions of a Detector; zero values mean the defaults.
type DetectorOptions struct {
	// Weights is a safetensors file with others of the same shapes; "" = those
	// in the library.
	Weights string
	// Threshold: a face has at least this score, to 1; 0.7.
	Threshold float32
	// LongSide: a larger image is shrunk to this many pixels, 32 to 8192, and
	// looked at again, twice as large, where no face is found; 640.
	LongSide int
	// Smallest: a face is at least this many pixels high, in the image as it
	// is; 20.
	Smallest int
	// Quick looks first with a long side of 320, and no more when that shows
	// one close face, at least 0.45 times as wide as the image.
	Quick bool
	// Turn also looks at an image turned by 90, 180 and 270 degrees, where no
	// face is found.
	Turn bool
	// Threads that one call uses; 0 = one per core.
	Threads int
}

func (o DetectorOptions) toRaw() (raw.Expclip_detector_options, error) {
	const op = "detector"
	if err := checkText(op, o.Weights); err != nil {
		return nil, err
	}
	if err := check32(op, o.LongSide, o.Smallest, o.Threads); err != nil {
		return nil, err
	}
	r := raw.NewExpclip_detector_options()
	setGiven(r.SetWeights, o.Weights)
	setGiven(r.SetThreshold, o.Threshold)
	setGiven(r.SetLong_side, o.LongSide)
	setGiven(r.SetSmallest, o.Smallest)
	r.SetQuick(flag(o.Quick))
	r.SetTurn(flag(o.Turn))
	r.SetThreads(o.Threads)
	return r, nil
}

// NewDetector makes one.
func NewDetector(options DetectorOptions) (*Detector, error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	o, err := options.toRaw()
	if err != nil {
		return nil, err
	}
	defer raw.DeleteExpclip_detector_options(o)
	h, err := create("detector", "detector", raw.Expclip_detector_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_detector_create(out, o, failure)
		})
	if err != nil {
		return nil, err
	}
	return closeWith(&Detector{h}, h), nil
}

// What Model.Faces and Batcher.Faces find faces with, made once.
var (
	usualDetector = sync.OnceValues(func() (*Detector, error) {
		return NewDetector(DetectorOptions{})
	})
	quickDetector = sync.OnceValues(func() (*Detector, error) {
		return NewDetector(DetectorOptions{Quick: true})
	})
)

// sharedDetector suits a choice: a quick look suffices where an image of one
// close face is taken whole.
func sharedDetector(which FaceChoice) (*Detector, error) {
	if which == AutoFaces {
		return quickDetector()
	}
	return usualDetector()
}

// Find finds the faces in an image, which is always turned as its EXIF tag says
// and must have no box. An image without a face is no error.
func (d *Detector) Find(image Image) (*Faces, error) {
	out := make([]uintptr, 1)
	err := use("find", func(p []uintptr) error {
		return image.giveTo(findIn{p[0], out})
	}, d.handle)
	if err != nil {
		return nil, err
	}
	return newFaces(out[0], image.source)
}

// findIn finds the faces in an image.
type findIn struct {
	detector uintptr
	out      []uintptr
}

func (f findIn) file(path string, o raw.Expclip_image_options,
	failure []int32) int {
	return raw.Expclip_detector_find_file(f.out, f.detector, path, o, failure)
}

func (f findIn) bytes(data []byte, o raw.Expclip_image_options,
	failure []int32) int {
	return raw.Expclip_detector_find_bytes(f.out, f.detector, data, o, failure)
}

func (f findIn) pixels(p pixels, o raw.Expclip_image_options,
	failure []int32) int {
	return raw.Expclip_detector_find_pixels(f.out, f.detector, p.data, p.width,
		p.height, int64(p.stride), p.layout, o, failure)
}

func (findIn) crop(crop, []int32) (int, error) {
	return 0, wrong("image", "the crop of a face, expected a whole image")
}

// TrackedFrame is a frame of a clip, with its faces and their tracks.
type TrackedFrame struct {
	Frame        // its times rise: one that is not known is made up
	Faces *Faces // closed when the next frame is read, but their numbers stay
	// Tracks are the numbers of the faces' tracks; -1 for a face without one,
	// or without one yet.
	Tracks []int
}

// Follow finds and follows the faces of a clip as it is read, all of its frames
// when they are sampled by SampleAll. A damaged frame has no faces, and
// Faces.Err. Tracker.Ended says which tracks ended with a frame and, after the
// sequence, with the clip. The sequence ends after an error that is no frame's
// own.
func (d *Detector) Follow(ctx context.Context, frames *Frames,
	tracker *Tracker) iter.Seq2[TrackedFrame, error] {
	return func(yield func(TrackedFrame, error) bool) {
		clock := newClock(FramesOptions{})
		for {
			next, err := d.follow(ctx, frames, tracker, &clock)
			if err == nil && next.Faces == nil {
				if err = tracker.Finish(); err == nil {
					return
				}
			}
			if err != nil {
				yield(TrackedFrame{}, err)
				return
			}
			more := yield(next, nil)
			next.Faces.Close()
			if !more {
				return
			}
		}
	}
}

// follow gives the next frame; without Faces at the end.
func (d *Detector) follow(ctx context.Context, frames *Frames,
	tracker *Tracker, clock *clock) (next TrackedFrame, err error) {
	next.Faces, next.Frame, err = d.findNext(ctx, frames)
	if err != nil || next.Faces == nil {
		return next, err
	}
	next.Time = clock.rise(next.Time)
	next.Tracks, err = tracker.Add(next.Time, next.Faces)
	if err != nil {
		next.Faces.Close()
	}
	return next, err
}

// findNext reads a frame; nil at the end.
func (d *Detector) findNext(ctx context.Context, frames *Frames) (found *Faces,
	frame Frame, err error) {
	const op = "follow"
	o := frames.image.toRaw()
	defer raw.DeleteExpclip_image_options(o)
	frames.mutex.Lock()
	defer frames.mutex.Unlock()
	err = withCancel(ctx, op, func(token uintptr) error {
		return use(op, func(p []uintptr) (err error) {
			out, failure := make([]uintptr, 1), newFailure()
			err = failed(op, raw.Expclip_detector_find_frame(out, p[0], p[1], o,
				token, failure), failure)
			if err != nil || out[0] == 0 {
				return err
			}
			frame = frameOf(p[1], 0)
			found, err = newFaces(out[0], frames.path)
			return err
		}, d.handle, frames.handle)
	})
	return found, frame, err
}

// Close frees it, once the calls under way have ended.
func (d *Detector) Close() error {
	d.handle.close()
	return nil
}
