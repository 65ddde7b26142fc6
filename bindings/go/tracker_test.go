// SPDX-License-Identifier: MIT

package expclip_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

var forVideo = expclip.DetectorOptions{Threshold: expclip.VideoThreshold}

func trackerOf(t testing.TB, options expclip.TrackerOptions) *expclip.Tracker {
	tracker := must(expclip.NewTracker(options))
	t.Cleanup(func() { tracker.Close() })
	return tracker
}

func tracks(t testing.TB, tracker *expclip.Tracker, at time.Duration, faces *expclip.Faces, expected ...int) {
	t.Helper()
	if found := must(tracker.Add(at, faces)); !slices.Equal(found, expected) {
		t.Errorf("%v: %v, expected %v", at, found, expected)
	}
}

func TestTheThresholdForVideosIsTheTrackersLowerOne(t *testing.T) {
	options := raw.NewExpclip_tracker_options()
	defer raw.DeleteExpclip_tracker_options(options)
	if options.GetLower() != expclip.VideoThreshold {
		t.Error(options.GetLower())
	}
}

func TestAFaceThatStaysIsOneTrack(t *testing.T) {
	tracker, face := trackerOf(t, expclip.TrackerOptions{}), find(t, happy)
	tracks(t, tracker, 0, face, -1)
	if earlier := tracker.Earlier(); len(earlier) != 0 {
		t.Error(earlier)
	}
	tracks(t, tracker, 40*ms, face, 0)
	if earlier := tracker.Earlier(); !slices.Equal(earlier,
		[]expclip.TrackFace{{Number: 0, Frame: 0, Face: 0}}) {
		t.Error(earlier)
	}
	tracks(t, tracker, 80*ms, face, 0)
	if tracker.Cut() || len(tracker.Ended()) != 0 || tracker.Finish() != nil {
		t.Error("a face that stays ends no track")
	}
	if ended := tracker.Ended(); !slices.Equal(ended,
		[]expclip.Track{{Number: 0, Frames: 3, Last: 80 * ms}}) {
		t.Error(ended)
	}
	// Another video, with times of its own.
	tracks(t, tracker, 0, face, -1)
	tracks(t, tracker, 40*ms, face, 1)
}

func TestAFaceThatGoesEndsItsTrack(t *testing.T) {
	tracker := trackerOf(t, expclip.TrackerOptions{Lost: 100 * ms, Hits: 1})
	tracks(t, tracker, 0, find(t, happy), 0)
	tracks(t, tracker, 500*ms, find(t, expclip.RGB(make([]byte, 3*224*224), 224, 224, 0)))
	if ended := tracker.Ended(); len(ended) != 1 || ended[0].Last != 0 {
		t.Error(ended)
	}
}

func TestAFilmIsFollowed(t *testing.T) {
	frames, err := expclip.OpenFrames(photograph(t, "single_face.mp4"),
		expclip.FramesOptions{Sampling: expclip.SampleAll})
	if errors.Is(err, expclip.ErrUnsupported) {
		t.Skip(err)
	}
	defer frames.Close()
	tracker := trackerOf(t, expclip.TrackerOptions{})
	var last *expclip.TrackedFrame
	n, tracked := 0, 0
	for frame, err := range detectorOf(t, forVideo).Follow(ctx, frames, tracker) {
		if err != nil || frame.Index != int64(n) || len(frame.Tracks) != len(frame.Faces.List) ||
			last != nil && frame.Time <= last.Time {
			t.Fatal(n, frame, err)
		}
		must(frame.Faces.Image())
		if last != nil {
			if _, err := last.Faces.Image(); !errors.Is(err, expclip.ErrClosed) {
				t.Error(err)
			}
		}
		if slices.Contains(frame.Tracks, 0) {
			tracked++
		}
		last = &frame
		n++
	}
	if ended := tracker.Ended(); n < 10 || len(ended) != 1 || ended[0].Frames <= n/2 || tracked <= n/2 {
		t.Error(n, tracked, ended)
	}
}

func TestADamagedFrameHasNoFacesAndItsError(t *testing.T) {
	folder := folderOf(t, 5, facePath("happiness_2.png"))
	damaged := filepath.Join(folder, "2.png")
	if err := os.Remove(damaged); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, []byte("no image"), 0o600); err != nil {
		t.Fatal(err)
	}
	frames := must(expclip.OpenFrames(folder, expclip.FramesOptions{Sampling: expclip.SampleAll}))
	defer frames.Close()
	tracker := trackerOf(t, expclip.TrackerOptions{})
	var counts []int
	for frame, err := range detectorOf(t, forVideo).Follow(ctx, frames, tracker) {
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, len(frame.Faces.List))
		if len(counts) != 3 {
			continue
		}
		_, noImage := frame.Faces.Image()
		_, noCrop := frame.Faces.Crop(0, expclip.CropOptions{})
		_, noScore := model.ScoreFaces(ctx, seven, frame.Faces, expclip.AllFaces, expclip.CropOptions{})
		_, noFace := model.ScoreFaces(ctx, seven, frame.Faces, expclip.FaceAt(1), expclip.CropOptions{})
		for _, err := range []error{frame.Faces.Err, noImage, noCrop, noScore, noFace} {
			if !errors.Is(err, expclip.ErrFormat) || !strings.Contains(err.Error(), "2.png") {
				t.Error(err)
			}
		}
	}
	if !slices.Equal(counts, []int{1, 1, 0, 1, 1}) || tracker.Ended()[0].Frames != 4 {
		t.Error(counts, tracker.Ended())
	}
}

func TestFollowingMayBeLeftAndCancelled(t *testing.T) {
	frames := must(expclip.OpenFrames(folderOf(t, 9, threeFaces...),
		expclip.FramesOptions{Sampling: expclip.SampleAll}))
	defer frames.Close()
	detector, tracker := detectorOf(t, forVideo), trackerOf(t, expclip.TrackerOptions{})
	for range detector.Follow(ctx, frames, tracker) {
		break
	}
	leaving, cancel := context.WithCancel(ctx)
	defer cancel()
	var seen []error
	for frame, err := range detector.Follow(leaving, frames, tracker) {
		if err == nil && frame.Index != 1 {
			t.Error(frame.Index)
		}
		seen = append(seen, err)
		cancel()
	}
	if len(seen) != 2 || seen[0] != nil || !errors.Is(seen[1], context.Canceled) {
		t.Error(seen)
	}
	frames.Close()
	for _, err := range detector.Follow(ctx, frames, tracker) {
		if !errors.Is(err, expclip.ErrClosed) {
			t.Error(err)
		}
	}
}

func TestWrongAndClosedTrackersAreTold(t *testing.T) {
	for _, o := range []expclip.TrackerOptions{{Upper: 2}, {Lower: 0.8}, {Lower: -1},
		{Reach: -1}, {Reach: float32(math.NaN())}, {Hits: 17}, {Hits: 1 << 40},
		{Lost: -ms}, {Lost: time.Hour}} {
		if _, err := expclip.NewTracker(o); !errors.Is(err, expclip.ErrArgument) {
			t.Error(o, err)
		}
	}
	tracker, face := trackerOf(t, expclip.TrackerOptions{}), find(t, happy)
	tracks(t, tracker, time.Second, face, -1)
	if _, err := tracker.Add(time.Second, face); !errors.Is(err, expclip.ErrArgument) {
		t.Error(err)
	}
	tracks(t, tracker, 1040*ms, face, 0)
	face.Close()
	if _, err := tracker.Add(2*time.Second, face); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	tracker.Close()
	tracker.Close()
	_, err := tracker.Add(3*time.Second, find(t, happy))
	if !errors.Is(err, expclip.ErrClosed) || !errors.Is(tracker.Finish(), expclip.ErrClosed) ||
		tracker.Cut() || tracker.Earlier() != nil || tracker.Ended() != nil {
		t.Error(err)
	}
}

func TestCallsOfATrackerWaitForEachOther(t *testing.T) {
	tracker, face := trackerOf(t, expclip.TrackerOptions{}), find(t, happy)
	var group sync.WaitGroup
	for i := range 16 {
		group.Add(1)
		go func() {
			defer group.Done()
			tracker.Add(time.Duration(i)*40*ms, face) // late ones are refused
			tracker.Earlier()
			tracker.Ended()
		}()
	}
	group.Wait()
	tracks(t, tracker, time.Second, face, 0)
}
