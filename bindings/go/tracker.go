// SPDX-License-Identifier: MIT

package expclip

import (
	"sync"
	"time"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// TrackerOptions of a Tracker; zero values mean the defaults.
type TrackerOptions struct {
	Upper float32 // a face that opens a track has at least this score; 0.7
	// Lower: a face that continues a track has at least this score, at most
	// Upper; 0.3.
	Lower float32
	Reach float32 // how far a face may move, in its widths per second; 12
	Hits  int     // frames with a face until its track opens, 1 to 16; 2
	// Lost: a track ends after so long without its face, to 60 s; 500 ms.
	Lost time.Duration
}

func (o TrackerOptions) toRaw() (raw.Expclip_tracker_options, error) {
	if err := check32("tracker", o.Hits); err != nil {
		return nil, err
	}
	r := raw.NewExpclip_tracker_options()
	setGiven(r.SetUpper, o.Upper)
	setGiven(r.SetLower, o.Lower)
	setGiven(r.SetReach, o.Reach)
	setGiven(r.SetHits, o.Hits)
	setGiven(r.SetLost, o.Lost.Seconds())
	return r, nil
}

// Tracker joins the faces of a video's frames to tracks, by where they are, how
// large and how fast, never by what they show. It knows no identities: who goes
// and comes back is a new track, and two who cross may be taken for each other.
// At a scene cut all tracks end. Its memory is that of the open tracks.
// Detector.Follow runs one over a clip.
//
// Give the Detector VideoThreshold, and use the faces that have a track. Frames
// should come 5 times a second or more.
type Tracker struct {
	handle *handle
	mutex  sync.Mutex // C takes one call at a time
}

// Track is the path of a face in one video, which has ended.
type Track struct {
	Number      int           // from 0, of its tracker
	Frames      int           // in which its face was found
	First, Last time.Duration // of these frames
}

// TrackFace is a face of an earlier frame, whose track has just opened.
type TrackFace struct {
	Number int // of its track
	Frame  int // counted from 0 over the calls of Tracker.Add
	Face   int // index in that frame's Faces.List
}

// NewTracker makes one for a video.
func NewTracker(options TrackerOptions) (*Tracker, error) {
	o, err := options.toRaw()
	if err != nil {
		return nil, err
	}
	defer raw.DeleteExpclip_tracker_options(o)
	h, err := create("tracker", "tracker", raw.Expclip_tracker_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_tracker_create(out, o, failure)
		})
	if err != nil {
		return nil, err
	}
	return closeWith(&Tracker{handle: h}, h), nil
}

// Add follows the faces into the next frame, whose time is above that of the
// last one, and gives the number of each face's track: -1 when it has none, or
// none yet.
// After an error the tracker is as before.
func (t *Tracker) Add(at time.Duration, faces *Faces) ([]int, error) {
	numbers := make([]int32, len(faces.faces))
	err := t.use(func(p []uintptr, failure []int32) int {
		return raw.Expclip_tracker_add(numbers, p[0], at.Seconds(), p[1],
			failure)
	}, faces.handle)
	if err != nil {
		return nil, err
	}
	tracks := make([]int, len(numbers))
	for i, number := range numbers {
		tracks[i] = int(number)
	}
	return tracks, nil
}

// Finish says that the video is at its end: all tracks end. Another may follow,
// with times of its own; the numbers go on.
func (t *Tracker) Finish() error {
	return t.use(func(p []uintptr, failure []int32) int {
		return raw.Expclip_tracker_finish(p[0], failure)
	})
}

func (t *Tracker) use(call func(p []uintptr, failure []int32) int,
	others ...*handle) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return use("tracker", func(p []uintptr) error {
		failure := newFailure()
		return failed("tracker", call(p, failure), failure)
	}, append([]*handle{t.handle}, others...)...)
}

// ---- what the last call did; nothing after Close ----

// Cut says whether the last frame began a new scene.
func (t *Tracker) Cut() (cut bool) {
	t.use(func(p []uintptr, _ []int32) int {
		cut = raw.Expclip_tracker_cut(p[0]) != 0
		return 0
	})
	return cut
}

// Earlier is the faces of earlier frames whose tracks the last call opened. Who
// wants a track from its first frame on adds them.
func (t *Tracker) Earlier() (list []TrackFace) {
	face := raw.NewExpclip_track_face()
	defer raw.DeleteExpclip_track_face(face)
	t.use(func(p []uintptr, failure []int32) int {
		for i := range raw.Expclip_tracker_earlier_count(p[0]) {
			status := raw.Expclip_tracker_earlier(face, p[0], i, failure)
			if status != 0 {
				return status
			}
			list = append(list, TrackFace{int(face.GetNumber()),
				int(face.GetFrame()), int(face.GetFace())})
		}
		return 0
	})
	return list
}

// Ended is the tracks that the last call ended.
func (t *Tracker) Ended() (list []Track) {
	track := raw.NewExpclip_track()
	defer raw.DeleteExpclip_track(track)
	t.use(func(p []uintptr, failure []int32) int {
		for i := range raw.Expclip_tracker_ended_count(p[0]) {
			status := raw.Expclip_tracker_ended(track, p[0], i, failure)
			if status != 0 {
				return status
			}
			list = append(list, Track{int(track.GetNumber()),
				int(track.GetN_frames()), duration(track.GetFirst()),
				duration(track.GetLast())})
		}
		return 0
	})
	return list
}

// Close frees it.
func (t *Tracker) Close() error {
	t.handle.close()
	return nil
}
