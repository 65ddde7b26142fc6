// SPDX-License-Identifier: MIT

package expclip_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

// folderOf links images into a new folder, n in all, as 0.png, 1.png, ...
func folderOf(t testing.TB, n int, images ...string) string {
	folder := t.TempDir()
	for i := range n {
		path := must(filepath.Abs(images[i%len(images)]))
		link := filepath.Join(folder, fmt.Sprintf("%d.png", i))
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

var threeFaces = []string{facePath("happiness_2.png"), facePath("anger_1.png"),
	facePath("sadness_1.png")}

// videoOf makes a video of a face: 1 second of 10 frames.
func videoOf(t testing.TB) string {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg, the program, is not there")
	}
	frames := folderOf(t, 10, facePath("happiness_2.png"))
	video := filepath.Join(t.TempDir(), "clip.mp4")
	out, err := exec.Command(program, "-loglevel", "error", "-framerate", "10",
		"-i", filepath.Join(frames, "%d.png"), "-c:v", "mpeg4", "-q:v", "1",
		"-pix_fmt", "yuv420p", video).CombinedOutput()
	if err != nil {
		t.Fatal(string(out), err)
	}
	return video
}

func collect(t testing.TB, frames *expclip.Frames) []expclip.FramePrediction {
	var list []expclip.FramePrediction
	for p, err := range model.ScoreFrames(ctx, seven, frames) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func TestFramesOfAFolderHavePlacesTimesAndScores(t *testing.T) {
	folder := folderOf(t, 12, threeFaces...)
	frames := must(expclip.OpenFrames(folder, expclip.FramesOptions{
		Sampling: expclip.SampleAll, FrameRate: 10}))
	defer frames.Close()
	if frames.Count() != 12 || frames.Duration() != 1200*time.Millisecond {
		t.Error(frames.Count(), frames.Duration())
	}
	found := collect(t, frames)
	if len(found) != 12 {
		t.Fatal(len(found))
	}
	for i, p := range found {
		expected := must(model.Score(ctx, seven, expclip.File(threeFaces[i%3])))
		if p.Err != nil || difference(p.Logits, expected[0].Logits) > 1e-4 ||
			p.Source != folder || p.Index != int64(i) || p.Weight != 1 ||
			p.Time != time.Duration(i)*100*time.Millisecond {
			t.Errorf("%+v, expected %v", p, expected[0])
		}
	}
	if more := collect(t, frames); len(more) != 0 {
		t.Error("after the end:", more)
	}
}

func TestFramesAreSampledAndSorted(t *testing.T) {
	folder := folderOf(t, 12, threeFaces...)
	for _, c := range []struct {
		options expclip.FramesOptions
		indices []int64
		weights []int
	}{
		{expclip.FramesOptions{Samples: 4}, []int64{1, 4, 7, 10}, []int{1, 1, 1, 1}},
		{expclip.FramesOptions{Sampling: expclip.SampleExact, Samples: 2}, []int64{3, 9}, []int{1, 1}},
		{expclip.FramesOptions{Sampling: expclip.SampleExact}, []int64{0}, []int{16}},
		{expclip.FramesOptions{Start: 80 * time.Millisecond, End: 160 * time.Millisecond},
			[]int64{0, 1}, []int{1, 15}},
		{expclip.FramesOptions{FrameCount: 2}, []int64{0, 1}, []int{1, 15}},
	} {
		var indices []int64
		var weights []int
		frames := must(expclip.OpenFrames(folder, c.options))
		for _, p := range collect(t, frames) {
			indices, weights = append(indices, p.Index), append(weights, p.Weight)
		}
		frames.Close()
		if !slices.Equal(indices, c.indices) || !slices.Equal(weights, c.weights) {
			t.Errorf("%+v: %v %v", c, indices, weights)
		}
	}
	bytewise := must(expclip.OpenFrames(folder, expclip.FramesOptions{
		Sampling: expclip.SampleAll, Order: expclip.OrderString}))
	defer bytewise.Close()
	third := must(model.Score(ctx, seven, expclip.File(threeFaces[10%3])))[0]
	if p := collect(t, bytewise)[2]; difference(p.Logits, third.Logits) > 1e-4 {
		t.Error(p, third)
	}
	if i := must(expclip.SampleFrames(3, 4, expclip.SampleSpread)); !slices.Equal(i, []int32{0, 1, 2, 2}) {
		t.Error(i)
	}
	if i := must(expclip.SampleFrames(3, 4, expclip.SampleExact)); !slices.Equal(i, []int32{0, 0, 0, 0}) {
		t.Error(i)
	}
}

func TestWrongFramesAreTold(t *testing.T) {
	folder := folderOf(t, 2, threeFaces...)
	for _, c := range []struct {
		path    string
		options expclip.FramesOptions
		code    expclip.Code
	}{
		{"nowhere", expclip.FramesOptions{}, expclip.ErrNotFound},
		{"a\x00b", expclip.FramesOptions{}, expclip.ErrArgument},
		{t.TempDir(), expclip.FramesOptions{}, expclip.ErrFormat},
		{folder, expclip.FramesOptions{Samples: -1}, expclip.ErrArgument},
		{folder, expclip.FramesOptions{Samples: 1<<32 + 1}, expclip.ErrArgument},
		{folder, expclip.FramesOptions{Sampling: 9}, expclip.ErrArgument},
		{folder, expclip.FramesOptions{Order: -1}, expclip.ErrArgument},
		{folder, expclip.FramesOptions{Start: -1}, expclip.ErrArgument},
		{folder, expclip.FramesOptions{Start: 2, End: 1}, expclip.ErrArgument},
		{folder, expclip.FramesOptions{FrameRate: -1}, expclip.ErrArgument},
	} {
		if _, err := expclip.OpenFrames(c.path, c.options); !errors.Is(err, c.code) {
			t.Errorf("%q %+v: %v, expected %v", c.path, c.options, err, c.code)
		}
	}
	for _, c := range []struct {
		n       int64
		samples int
		rule    expclip.Sampling
	}{{0, 1, 0}, {1, 0, 0}, {1, -1, 0}, {1, 1 << 40, 0}, {1, 1, expclip.SampleAll}, {1, 1, 9}} {
		if _, err := expclip.SampleFrames(c.n, c.samples, c.rule); !errors.Is(err, expclip.ErrArgument) {
			t.Error(c, err)
		}
	}
}

// meanOf is the weighted mean of images' embeddings, of any length.
func meanOf(images []expclip.Image, weights []int32) []float32 {
	rows := must(model.EmbedImages(ctx, images, expclip.Unnormalized()))
	mean, all := make([]float64, len(rows[0])), 0.0
	for i, row := range rows {
		all += float64(weights[i])
		for j, x := range row {
			mean[j] += float64(weights[i]) * float64(x)
		}
	}
	out := make([]float32, len(mean))
	for j := range out {
		out[j] = float32(mean[j] / all)
	}
	return out
}

func TestAClipIsTheMeanOfItsEmbeddings(t *testing.T) {
	images := faces(t)
	clip := must(model.NewClip())
	defer clip.Close()
	weights := make([]int32, len(images))
	for i := range weights {
		weights[i] = int32(i%3 + 1)
	}
	if err := clip.AddWeighted(ctx, images, weights); err != nil {
		t.Fatal(err)
	}
	expected := meanOf(images, weights)
	if found := must(clip.Embed(expclip.Unnormalized())); difference(found, expected) > 1e-5 {
		t.Error(difference(found, expected))
	}
	if s := clip.Stats(); s != (expclip.ClipStats{Frames: 28}) {
		t.Error(s)
	}
	unit := must(clip.Embed())
	logits := must(seven.ScoreEmbeddings([][]float32{unit}, ""))[0]
	p := must(clip.Score(seven))
	if difference(p.Logits, logits) > 1e-4 || p.Label == "" || p.Frames != 28 ||
		difference(p.Probabilities, must(expclip.Softmax(p.Logits, 1))) != 0 {
		t.Error(p, logits)
	}
	if len(must(clip.Embed(expclip.Unprojected()))) != model.EmbeddingDim() {
		t.Error(model.EmbeddingDim())
	}
	clip.Clear()
	if _, err := clip.Score(seven); !errors.Is(err, expclip.ErrState) {
		t.Error(err)
	}
	if err := clip.Add(ctx, slices.Repeat(images[:1], 70)...); err != nil {
		t.Fatal(err)
	}
	one := must(model.EmbedImages(ctx, images[:1]))[0]
	if found := must(clip.Embed()); clip.Stats().Frames != 70 || difference(found, one) > 1e-5 {
		t.Error(clip.Stats(), difference(found, one))
	}
}

func TestAFolderIsOneAnswer(t *testing.T) {
	folder := folderOf(t, 3, threeFaces...)
	found := must(model.ScoreClip(ctx, seven, folder, expclip.FramesOptions{}))
	clip := must(model.NewClip())
	defer clip.Close()
	if err := clip.AddWeighted(ctx, []expclip.Image{expclip.File(threeFaces[0]),
		expclip.File(threeFaces[1]), expclip.File(threeFaces[2])}, []int32{1, 1, 14}); err != nil {
		t.Fatal(err)
	}
	if expected := must(clip.Score(seven)); difference(found.Logits, expected.Logits) > 1e-4 ||
		found.Source != folder || found.Frames != 3 || found.Failed != 0 || found.Message != "" {
		t.Errorf("%+v, expected %v", found, expected)
	}
	if _, err := model.ScoreClip(ctx, seven, "nowhere", expclip.FramesOptions{}); !errors.Is(err, expclip.ErrNotFound) {
		t.Error(err)
	}
}

func TestAVideoIsOneAnswer(t *testing.T) {
	video := videoOf(t)
	frames, err := expclip.OpenFrames(video, expclip.FramesOptions{Sampling: expclip.SampleAll})
	if errors.Is(err, expclip.ErrUnsupported) {
		t.Skip(err)
	}
	defer frames.Close()
	found := collect(t, frames)
	if len(found) != 10 || frames.Duration().Round(time.Millisecond) != time.Second {
		t.Fatal(len(found), frames.Duration())
	}
	for i, p := range found {
		if p.Err != nil || p.Label != "happiness" || p.Index != int64(i) ||
			p.Time.Round(time.Millisecond) != time.Duration(i)*100*time.Millisecond {
			t.Errorf("%+v", p)
		}
	}
	p := must(model.ScoreClip(ctx, seven, video, expclip.FramesOptions{Samples: 5}))
	if p.Label != "happiness" || p.Frames != 5 || p.String() != p.Prediction.String() {
		t.Error(p)
	}
	if p := must(model.ScoreClip(ctx, seven, video, expclip.FramesOptions{
		Start: 500 * time.Millisecond})); p.Frames != 5 {
		t.Error(p)
	}
}

func TestADamagedFrameIsCountedAndToldAndHarmsNoOther(t *testing.T) {
	folder := folderOf(t, 3, threeFaces...)
	damaged := filepath.Join(folder, "1.png")
	os.Remove(damaged)
	if err := os.WriteFile(damaged, []byte("no image"), 0o600); err != nil {
		t.Fatal(err)
	}
	options := expclip.FramesOptions{Sampling: expclip.SampleAll}
	found := must(model.ScoreClip(ctx, seven, folder, options))
	if found.Frames != 2 || found.Failed != 1 || !strings.Contains(found.Message, "1.png") {
		t.Errorf("%+v", found.ClipStats)
	}
	frames := must(expclip.OpenFrames(folder, options))
	for i, p := range collect(t, frames) {
		var e *expclip.Error
		if (p.Err != nil) != (i == 1) || i == 1 &&
			(!errors.Is(p.Err, expclip.ErrFormat) || !errors.As(p.Err, &e)) {
			t.Error(i, p)
		}
	}
	clip := must(model.NewClip())
	defer clip.Close()
	if err := clip.Add(ctx, expclip.File(damaged), expclip.File(threeFaces[0])); err != nil {
		t.Error(err)
	}
	if s := clip.Stats(); s.Frames != 1 || s.Failed != 1 || s.Message == "" {
		t.Errorf("%+v", s)
	}
}

func TestWrongAdditionsAreRefused(t *testing.T) {
	clip := must(model.NewClip())
	defer clip.Close()
	image := []expclip.Image{expclip.File(threeFaces[0])}
	for _, weights := range [][]int32{{}, {1, 1}, {0}, {-3}} {
		if err := clip.AddWeighted(ctx, image, weights); !errors.Is(err, expclip.ErrArgument) {
			t.Error(weights, err)
		}
	}
	for _, wrong := range []expclip.Image{{}, expclip.RGB(nil, 2, 2, 0)} {
		if err := clip.Add(ctx, image[0], wrong); !errors.Is(err, expclip.ErrArgument) {
			t.Error(err)
		}
	}
	if err := clip.Add(ctx, expclip.Reader(failing{})); !errors.Is(err, expclip.ErrIO) {
		t.Error(err)
	}
	if s := clip.Stats(); s != (expclip.ClipStats{}) {
		t.Error(s)
	}
	if err := clip.Add(ctx); err != nil {
		t.Error(err)
	}
	plain := must(expclip.Load(ctx, "demo", expclip.WithHead("none"), expclip.WithThreads(1)))
	defer plain.Close()
	if err := clip.Add(ctx, image...); err != nil {
		t.Fatal(err)
	}
	if _, err := clip.Score(must(plain.Classes(ctx, 7, "type3"))); !errors.Is(err, expclip.ErrState) {
		t.Error(err)
	}
}

func TestTheEndOfAContextEndsAClip(t *testing.T) {
	folder := folderOf(t, 1000, threeFaces...)
	options := expclip.FramesOptions{Sampling: expclip.SampleAll}
	for name, run := range map[string]func(context.Context) error{
		"clip": func(ctx context.Context) error {
			_, err := model.ScoreClip(ctx, seven, folder, options)
			return err
		},
		"frames": func(ctx context.Context) (last error) {
			frames := must(expclip.OpenFrames(folder, options))
			defer frames.Close()
			for _, err := range model.ScoreFrames(ctx, seven, frames) {
				last = err
			}
			return last
		},
		"timeline": func(ctx context.Context) (last error) {
			for _, err := range model.Timeline(ctx, seven, folder, options, expclip.TimelineOptions{}) {
				last = err
			}
			return last
		},
	} {
		ended, cancel := context.WithCancel(ctx)
		time.AfterFunc(50*time.Millisecond, cancel)
		start := time.Now()
		for range 2 { // under way, and before it begins
			err := run(ended)
			if !errors.Is(err, expclip.ErrCancelled) || !errors.Is(err, context.Canceled) {
				t.Error(name, err)
			}
		}
		if time.Since(start) > 5*time.Second {
			t.Error(name, "late:", time.Since(start))
		}
	}
}

func TestClosedClipsAndFramesSaySo(t *testing.T) {
	folder := folderOf(t, 3, threeFaces...)
	frames := must(expclip.OpenFrames(folder, expclip.FramesOptions{}))
	clip := must(model.NewClip())
	frames.Close()
	frames.Close()
	if err := clip.AddFrames(ctx, frames); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	for _, err := range model.ScoreFrames(ctx, seven, frames) {
		if !errors.Is(err, expclip.ErrClosed) {
			t.Error(err)
		}
	}
	if frames.Count() != -1 || frames.Duration() != 0 {
		t.Error(frames.Count(), frames.Duration())
	}
	clip.Close()
	clip.Close()
	clip.Clear()
	if err := clip.Add(ctx, faces(t)[0]); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	if _, err := clip.Score(seven); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	if _, err := clip.Embed(); !errors.Is(err, expclip.ErrClosed) || clip.Stats().Frames != 0 {
		t.Error(err)
	}
	own := must(expclip.Load(ctx, "demo", expclip.WithThreads(1)))
	orphan := must(own.NewClip())
	own.Close()
	if err := orphan.Add(ctx, faces(t)[0]); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	if _, err := own.NewClip(); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
}

func TestCallsOfAClipWaitForEachOther(t *testing.T) {
	folder := folderOf(t, 40, threeFaces...)
	frames := must(expclip.OpenFrames(folder, expclip.FramesOptions{Sampling: expclip.SampleAll}))
	clip := must(model.NewClip())
	images := faces(t)[:5]
	var group sync.WaitGroup
	for range 8 {
		group.Add(3)
		go func() {
			defer group.Done()
			if err := clip.Add(ctx, images...); err != nil {
				t.Error(err)
			}
		}()
		go func() {
			defer group.Done()
			if err := clip.AddFrames(ctx, frames); err != nil {
				t.Error(err)
			}
		}()
		go func() {
			defer group.Done()
			clip.Score(seven)
			frames.Count()
		}()
	}
	group.Wait()
	if s := clip.Stats(); s.Frames != 80 {
		t.Error(s)
	}
	go clip.Close()
	for err := error(nil); err == nil; {
		err = clip.Add(ctx, images...)
		if err != nil && !errors.Is(err, expclip.ErrClosed) {
			t.Error(err)
		}
	}
}
