// SPDX-License-Identifier: MIT

package expclip_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

const root = "../.."

var (
	ctx   = context.Background()
	model *expclip.Model
	seven *expclip.Classes
)

func TestMain(m *testing.M) {
	if told := os.Getenv("EXPCLIP_TEST_EXIT"); told != "" {
		exitAsTold(told)
		return
	}
	var err error
	if model, err = expclip.Load(ctx, "demo"); err == nil {
		seven, err = model.Classes(ctx, 7, "type3")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func facePath(name string) string {
	return filepath.Join(root, "examples", "faces", name)
}

func faces(t testing.TB) []expclip.Image {
	paths, err := filepath.Glob(facePath("*.png"))
	if err != nil || len(paths) != 28 {
		t.Fatal(len(paths), err)
	}
	var list []expclip.Image
	for _, path := range paths {
		list = append(list, expclip.File(path))
	}
	return list
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func difference(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range a {
		largest = math.Max(largest, math.Abs(float64(a[i])-float64(b[i])))
	}
	return largest
}

func TestScoresEqualThoseOfTheProgram(t *testing.T) {
	lines := program(t, "score", "--faces", "none", "--json",
		filepath.Join(root, "examples", "faces"))
	for i, p := range must(model.Score(ctx, seven, faces(t)...)) {
		if p.Label != lines[i].Label ||
			difference(p.Logits, lines[i].Logits) > 1e-4 {
			t.Errorf("%s: %v, expected %s", p.Source, p, lines[i].Label)
		}
	}
}

func TestAImageMayComeAs(t *testing.T) {
	path := facePath("happiness_2.png")
	data := must(os.ReadFile(path))
	decoded := must(png.Decode(bytes.NewReader(data)))
	bounds := decoded.Bounds()
	nrgba := image.NewNRGBA(bounds)
	rgba := image.NewRGBA(bounds)
	var rgb, bgr, bgra []byte
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.NRGBAModel.Convert(decoded.At(x, y)).(color.NRGBA)
			nrgba.Set(x, y, c)
			rgba.Set(x, y, c)
			rgb = append(rgb, c.R, c.G, c.B)
			bgr = append(bgr, c.B, c.G, c.R)
			bgra = append(bgra, c.B, c.G, c.R, c.A)
		}
	}
	w, h := bounds.Dx(), bounds.Dy()
	expected := must(model.Score(ctx, seven, expclip.File(path)))[0]
	for name, image := range map[string]expclip.Image{
		"bytes":  expclip.Bytes(data),
		"reader": expclip.Reader(bytes.NewReader(data)),
		"image":  expclip.FromImage(decoded),
		"NRGBA":  expclip.FromImage(nrgba), "RGBA": expclip.FromImage(rgba),
		"RGB pixels": expclip.RGB(rgb, w, h, 0),
		"BGR pixels": expclip.BGR(bgr, w, h, 3*w),
		"BGRA":       expclip.BGRA(bgra, w, h, 0),
		"generic":    expclip.FromImage(struct{ image.Image }{decoded}),
	} {
		found := must(model.Score(ctx, seven, image))[0]
		if found.Err != nil || difference(found.Logits, expected.Logits) > 1e-4 {
			t.Errorf("%s: %v, expected %v", name, found, expected)
		}
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, decoded, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	ycbcr := must(jpeg.Decode(&photo))
	if found := must(model.Score(ctx, seven, expclip.FromImage(ycbcr)))[0]; found.Label != "happiness" {
		t.Error("YCbCr:", found)
	}
	grey := image.NewGray(image.Rect(0, 0, 9, 9))
	part := grey.SubImage(image.Rect(2, 2, 7, 7))
	if found := must(model.Score(ctx, seven, expclip.FromImage(part)))[0]; found.Err != nil {
		t.Error("grey:", found.Err)
	}
}

func TestABoxCutsTheFace(t *testing.T) {
	path := facePath("happiness_2.png")
	whole := must(png.Decode(bytes.NewReader(must(os.ReadFile(path)))))
	box := image.Rect(10, 10, whole.Bounds().Dx()-10, whole.Bounds().Dy()-10)
	cut := whole.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(box)
	a := must(model.Score(ctx, seven, expclip.FromImage(cut)))[0]
	b := must(model.Score(ctx, seven, expclip.File(path).With(
		expclip.ImageOptions{Box: box})))[0]
	if difference(a.Logits, b.Logits) > 1e-4 {
		t.Error(a, b)
	}
}

func TestABadImageAmong10000HarmsNoOther(t *testing.T) {
	small := expclip.RGB(make([]byte, 48), 4, 4, 0)
	images := make([]expclip.Image, 10000)
	for i := range images {
		images[i] = small
	}
	images[1234] = expclip.Bytes([]byte("no image"))
	for i, p := range must(model.Score(ctx, seven, images...)) {
		if (p.Err != nil) != (i == 1234) {
			t.Fatal(i, p)
		}
	}
}

func TestBadImagesAreTold(t *testing.T) {
	for _, c := range []struct {
		image expclip.Image
		code  expclip.Code
		text  string
	}{
		{expclip.File("nowhere.png"), expclip.ErrNotFound, "nowhere.png"},
		{expclip.File("a\x00b"), expclip.ErrArgument, "NUL"},
		{expclip.Bytes(nil), expclip.ErrFormat, "an empty file"},
		{expclip.Reader(failing{}), expclip.ErrIO, "broken pipe"},
		{expclip.RGB(make([]byte, 5), 2, 2, 0), expclip.ErrArgument, "pixels"},
		{expclip.RGB(nil, 2, 2, 0), expclip.ErrArgument, "pixels"},
		{expclip.RGB(make([]byte, 12), -2, 2, 0), expclip.ErrArgument, "-2"},
		{expclip.Image{}, expclip.ErrArgument, "empty Image"},
	} {
		found := must(model.Score(ctx, seven, c.image))[0]
		var e *expclip.Error
		if !errors.Is(found.Err, c.code) || !errors.As(found.Err, &e) ||
			!strings.Contains(e.Message, c.text) {
			t.Errorf("%v, expected %v with %q", found.Err, c.code, c.text)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestNoImageGivesNoPrediction(t *testing.T) {
	if found := must(model.Score(ctx, seven)); len(found) != 0 {
		t.Error(found)
	}
	if rows := must(model.EmbedImages(ctx, nil)); len(rows) != 0 {
		t.Error(rows)
	}
	if rows, cut, err := model.EmbedTexts(ctx, nil); err != nil || len(rows)+len(cut) != 0 {
		t.Error(rows, cut, err)
	}
}

func TestASequenceStreams(t *testing.T) {
	taken := 0
	var endless iter.Seq[expclip.Image] = func(yield func(expclip.Image) bool) {
		for yield(expclip.RGB(make([]byte, 48), 4, 4, 0)) {
			taken++
		}
	}
	seen := 0
	for p, err := range model.ScoreSeq(ctx, seven, endless) {
		if err != nil || p.Err != nil {
			t.Fatal(p, err)
		}
		if seen++; seen == 40 {
			break
		}
	}
	if taken > 64 {
		t.Errorf("%d images taken for 40", taken)
	}
}

func TestEmbeddingsScoreAsImages(t *testing.T) {
	images := faces(t)[:5]
	rows := must(model.EmbedImages(ctx, images))
	logits := must(seven.ScoreEmbeddings(rows, model.Fingerprint()))
	for i, p := range must(model.Score(ctx, seven, images...)) {
		if difference(logits[i], p.Logits) > 1e-4 {
			t.Error(i, logits[i], p.Logits)
		}
	}
	if _, err := seven.ScoreEmbeddings(rows, "0123456789abcdef"); !errors.Is(err, expclip.ErrState) {
		t.Error(err)
	}
	if _, err := seven.ScoreEmbeddings([][]float32{{1}}, ""); !errors.Is(err, expclip.ErrArgument) {
		t.Error(err)
	}
	plain := must(model.EmbedImages(ctx, images, expclip.Unprojected(), expclip.Unnormalized()))
	if len(plain[0]) != model.EmbeddingDim() {
		t.Error(len(plain[0]))
	}
	if _, err := model.EmbedImages(ctx, []expclip.Image{expclip.File("no")}); !errors.Is(err, expclip.ErrNotFound) {
		t.Error(err)
	}
}

func TestTextsAreEmbeddedAndTheirCutIsTold(t *testing.T) {
	rows, cut, err := model.EmbedTexts(ctx, []string{"joy", "", strings.Repeat("long ", 99)})
	if err != nil || len(rows) != 3 || !slices.Equal(cut, []bool{false, false, true}) {
		t.Error(len(rows), cut, err)
	}
	if _, _, err := model.EmbedTexts(ctx, []string{"a\x00b"}); !errors.Is(err, expclip.ErrArgument) {
		t.Error(err)
	}
}

func TestClassesMayComeAs(t *testing.T) {
	own := must(model.ClassesWith(ctx, expclip.PoolEmbeddings,
		expclip.Class{Name: "joy", Prompts: []string{"a smile", "a laugh"}},
		expclip.Class{Name: "grief", Prompts: []string{"tears"}}))
	defer own.Close()
	if p := must(own.Prompts()); len(p) != 2 || p[0].Prompts[1] != "a laugh" {
		t.Error(p)
	}
	names := must(model.ClassesOf(ctx, []string{"joy", "grief"}, "a {} face"))
	file := filepath.Join(t.TempDir(), "x.classes")
	if err := names.Save(file); err != nil {
		t.Fatal(err)
	}
	again := must(expclip.LoadClasses(file))
	if !slices.Equal(again.Names(), names.Names()) || again.Dim() != model.ProjectedDim() ||
		again.ModelFingerprint() != model.Fingerprint() || again.TruncatedCount() != 0 {
		t.Error(again.Names(), again.Dim())
	}
	prompts := filepath.Join(t.TempDir(), "p.json")
	os.WriteFile(prompts, []byte(`{"a": ["b"]}`), 0o600)
	if c := must(model.ClassesFrom(ctx, prompts)); len(c.Names()) != 1 {
		t.Error(c.Names())
	}
	for i, make := range []func() (*expclip.Classes, error){
		func() (*expclip.Classes, error) { return model.Classes(ctx, 9, "type3") },
		func() (*expclip.Classes, error) { return model.Classes(ctx, 7, "type6") },
		func() (*expclip.Classes, error) { return model.ClassesOf(ctx, nil, "type1") },
		func() (*expclip.Classes, error) { return model.ClassesOf(ctx, []string{"a\x00"}, "type1") },
		func() (*expclip.Classes, error) { return model.ClassesFrom(ctx, "nowhere") },
		func() (*expclip.Classes, error) { return expclip.LoadClasses("nowhere") },
	} {
		if _, err := make(); err == nil {
			t.Error("case", i, "gave no error")
		}
	}
}

func TestOptionsReachTheModel(t *testing.T) {
	plain := must(expclip.Load(ctx, "demo", expclip.WithHead("none"), expclip.WithThreads(1),
		expclip.WithDeterministic(), expclip.WithPortable(), expclip.WithPreprocess("clip"),
		expclip.WithActivation("auto"), expclip.WithDevice("cpu"), expclip.WithDType("fp32"),
		expclip.WithImageSize(0), expclip.WithUnchecked()))
	defer plain.Close()
	if plain.HasHead() || plain.Preprocess() != "clip" || plain.Name() != "demo" ||
		plain.ImageSize() != 64 || plain.ContextLength() != 77 || plain.VocabularySize() != 2562 ||
		plain.LogitScale() < 1 {
		t.Error(plain.HasHead(), plain.Preprocess(), plain.Name())
	}
	if _, err := model.Score(ctx, must(plain.Classes(ctx, 7, "type1")), faces(t)[0]); !errors.Is(err, expclip.ErrState) {
		t.Error(err)
	}
	for _, option := range []expclip.Option{expclip.WithDType("fp8"), expclip.WithHead("\x00"),
		expclip.WithThreads(-1), expclip.WithThreads(math.MaxInt), expclip.WithDevice("gpu")} {
		if _, err := expclip.Load(ctx, "demo", option); !errors.Is(err, expclip.ErrArgument) {
			t.Error(err)
		}
	}
	if _, err := expclip.Load(ctx, "nowhere.pt"); !errors.Is(err, expclip.ErrNotFound) ||
		!strings.Contains(err.Error(), "nowhere.pt") {
		t.Error(err)
	}
}

func TestAClosedModelSaysSoAndClosesTwice(t *testing.T) {
	own := must(expclip.Load(ctx, "demo"))
	classes := must(own.Classes(ctx, 7, "type1"))
	own.Close()
	own.Close()
	if _, err := own.Score(ctx, classes, faces(t)[0]); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	if own.Name() != "" || len(classes.Names()) != 7 {
		t.Error(own.Name(), classes.Names())
	}
	classes.Close()
	if _, err := model.Score(ctx, classes, faces(t)[0]); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
}

func TestClosingDuringCallsLetsThemEnd(t *testing.T) {
	own := must(expclip.Load(ctx, "demo"))
	images := faces(t)[:4]
	var group sync.WaitGroup
	var good sync.Map
	for i := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				found, err := own.Score(ctx, seven, images...)
				if errors.Is(err, expclip.ErrClosed) {
					return
				}
				if err != nil || found[0].Err != nil && !errors.Is(found[0].Err, expclip.ErrClosed) {
					t.Error(err, found)
					return
				}
				good.Store(i, true)
			}
		}()
	}
	time.Sleep(300 * time.Millisecond)
	own.Close()
	group.Wait()
}

func Test64GoroutinesShareAModel(t *testing.T) {
	images := faces(t)[:4]
	expected := must(model.Score(ctx, seven, images...))
	var group sync.WaitGroup
	for range 64 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i, p := range must(model.Score(ctx, seven, images...)) {
				if difference(p.Logits, expected[i].Logits) > 1e-4 {
					t.Error(p, expected[i])
				}
			}
		}()
	}
	group.Wait()
}

func TestTheEndOfAContextEndsACall(t *testing.T) {
	ended, cancel := context.WithCancel(ctx)
	images := slices.Repeat([]expclip.Image{expclip.RGB(make([]byte, 48), 4, 4, 0)}, 100000)
	time.AfterFunc(100*time.Millisecond, cancel)
	start := time.Now()
	_, err := model.Score(ended, seven, images...)
	if !errors.Is(err, expclip.ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if time.Since(start) > 5*time.Second {
		t.Error("late:", time.Since(start))
	}
	if _, err := model.Score(ended, seven, images[0]); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := expclip.Load(ended, "demo"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTheBatcherJoinsCalls(t *testing.T) {
	batcher := must(model.Batcher(expclip.BatcherOptions{MaxBatch: 8,
		MaxDelay: 50 * time.Millisecond, QueueSize: 64}))
	images := faces(t)
	expected := must(model.Score(ctx, seven, images...))
	var group sync.WaitGroup
	for i, image := range images {
		group.Add(1)
		go func() {
			defer group.Done()
			found := must(batcher.Score(ctx, seven, image, expclip.File("nowhere")))
			if difference(found[0].Logits, expected[i].Logits) > 1e-4 || found[1].Err == nil {
				t.Error(found, expected[i])
			}
		}()
	}
	group.Wait()
	if s := batcher.Stats(); s.Images != 28 || s.Passes >= 28 || s.Waiting != 0 {
		t.Error(s)
	}
	rows := must(batcher.EmbedImages(ctx, images[:2]))
	if difference(rows[1], must(model.EmbedImages(ctx, images[1:2]))[0]) > 1e-5 {
		t.Error(rows[1][:4])
	}
	batcher.Close()
	if _, err := batcher.Score(ctx, seven, images[0]); !errors.Is(err, expclip.ErrClosed) {
		t.Error(err)
	}
	if _, err := model.Batcher(expclip.BatcherOptions{MaxBatch: -1}); !errors.Is(err, expclip.ErrArgument) {
		t.Error(err)
	}
}

func TestAFullQueueIsBusy(t *testing.T) {
	batcher := must(model.Batcher(expclip.BatcherOptions{MaxDelay: time.Second, QueueSize: 1}))
	defer batcher.Close()
	done := make(chan error)
	go func() {
		_, err := batcher.Score(ctx, seven, faces(t)[0])
		done <- err
	}()
	for batcher.Stats().Waiting == 0 {
		runtime.Gosched()
	}
	if _, err := batcher.Score(ctx, seven, faces(t)[0]); !errors.Is(err, expclip.ErrBusy) {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestGarbageIsFreed(t *testing.T) {
	for range 20 {
		must(must(expclip.Load(ctx, "demo", expclip.WithThreads(1))).Classes(ctx, 7, "type1"))
		runtime.GC()
	}
}

func TestLogitsAreRanked(t *testing.T) {
	if top := must(expclip.TopK([]float32{1, 3, 2}, 2)); !slices.Equal(top, []int32{1, 2}) {
		t.Error(top)
	}
	if _, err := expclip.TopK(nil, 1); !errors.Is(err, expclip.ErrArgument) {
		t.Error(err)
	}
	if _, err := expclip.Softmax([]float32{1}, 0); !errors.Is(err, expclip.ErrArgument) {
		t.Error(err)
	}
}

func TestFilesAreDescribedAndConverted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.safetensors")
	if err := expclip.Convert("demo", file, expclip.ConvertOptions{DType: "fp32"}); err != nil {
		t.Fatal(err)
	}
	if text := must(expclip.Inspect(file)); !json.Valid(text) || !bytes.Contains(text, []byte(`"tensors"`)) {
		t.Error(string(text[:80]))
	}
	if _, err := expclip.Inspect("nowhere"); !errors.Is(err, expclip.ErrNotFound) {
		t.Error(err)
	}
	if pixels := must(model.PreprocessImage(faces(t)[0])); len(pixels) != 3*64*64 {
		t.Error(len(pixels))
	}
	if !json.Valid(expclip.Info()) {
		t.Error(string(expclip.Info()))
	}
	if expclip.Version() == "" || expclip.ErrBusy.Error() != "BUSY" {
		t.Error(expclip.Version(), expclip.ErrBusy)
	}
}

func BenchmarkScoreOneImage(b *testing.B) {
	image := expclip.RGB(make([]byte, 64*64*3), 64, 64, 0)
	b.ReportAllocs()
	for b.Loop() {
		must(model.Score(ctx, seven, image))
	}
}
