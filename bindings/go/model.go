// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"fmt"
	"iter"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Model is a CLIP model with its Exp-CLIP head, if it has one. Immutable.
type Model struct{ handle *handle }

// Option changes how a model is loaded.
type Option func(raw.Expclip_load_options) error

func textOption(name, value string,
	set func(raw.Expclip_load_options, string)) Option {
	return func(o raw.Expclip_load_options) error {
		if err := checkText(name, value); err != nil {
			return err
		}
		set(o, value)
		return nil
	}
}

// WithHead names the Exp-CLIP head: "auto" = the one in the model file (the
// default), "none" = plain CLIP, a file, or the name of a download.
func WithHead(head string) Option {
	return textOption("head", head, raw.Expclip_load_options.SetHead)
}

// WithPreprocess is "expclip", "clip", "clip-squash" or "auto" (the default).
func WithPreprocess(preset string) Option {
	return textOption("preprocess", preset,
		raw.Expclip_load_options.SetPreprocess)
}

// WithActivation is "quick_gelu", "gelu" or "auto" (the default).
func WithActivation(activation string) Option {
	return textOption("activation", activation,
		raw.Expclip_load_options.SetActivation)
}

// WithDevice is "cpu" (the default), "cuda" or "cuda:N".
func WithDevice(device string) Option {
	return textOption("device", device, raw.Expclip_load_options.SetDevice)
}

// WithDType is "fp32" (the default) or "bf16", of the encoders.
func WithDType(dtype string) Option {
	return textOption("dtype", dtype, raw.Expclip_load_options.SetDtype)
}

func numberOption(value int, set func(raw.Expclip_load_options, int)) Option {
	return func(o raw.Expclip_load_options) error {
		if err := check32("load", value); err != nil {
			return err
		}
		set(o, value)
		return nil
	}
}

// WithThreads says how many threads one call uses; 0 = one per core.
func WithThreads(n int) Option {
	return numberOption(n, raw.Expclip_load_options.SetThreads)
}

// WithImageSize in pixels interpolates the position embeddings to another size.
func WithImageSize(pixels int) Option {
	return numberOption(pixels, raw.Expclip_load_options.SetImage_size)
}

// WithDeterministic makes results independent of their batch, to the last bit.
func WithDeterministic() Option {
	return numberOption(1, raw.Expclip_load_options.SetDeterministic)
}

// WithPortable does without packed weights; slower.
func WithPortable() Option {
	return numberOption(1, raw.Expclip_load_options.SetPortable)
}

// WithUnchecked accepts weights with NaN and infinity.
func WithUnchecked() Option {
	return numberOption(0, raw.Expclip_load_options.SetCheck_finite)
}

// Load loads a model: "demo", the small model of drawn faces in the library; a
// file or folder; or the name of a download such as "ViT-B/32" (fetched before
// by the program: expclip pull). The context is looked at before it begins.
func Load(ctx context.Context, path string, options ...Option) (*Model, error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	if err := checkText("load", path); err != nil {
		return nil, err
	}
	o := raw.NewExpclip_load_options()
	defer raw.DeleteExpclip_load_options(o)
	for _, option := range options {
		if err := option(o); err != nil {
			return nil, err
		}
	}
	if err := ended(ctx, "load"); err != nil {
		return nil, err
	}
	h, err := create("load", "model", raw.Expclip_model_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_model_load(out, path, o, failure)
		})
	if err != nil {
		return nil, err
	}
	return closeWith(&Model{h}, h), nil
}

// Close frees the weights, once the calls under way have ended.
func (m *Model) Close() error {
	m.handle.close()
	return nil
}

// ---- what it is; zero after Close ----

func get[T any](m *Model, read func(uintptr) T) (value T) {
	use("model", func(p []uintptr) error { value = read(p[0]); return nil },
		m.handle)
	return value
}

// Name is what was loaded, such as "ViT-B/32".
func (m *Model) Name() string { return get(m, raw.Expclip_model_name) }

// Fingerprint: embeddings of models with equal ones may be compared.
func (m *Model) Fingerprint() string {
	return get(m, raw.Expclip_model_fingerprint)
}

// Preprocess is the preset in use: "expclip", "clip" or "clip-squash".
func (m *Model) Preprocess() string {
	return get(m, raw.Expclip_model_preprocess)
}

// EmbeddingDim is the length of an embedding before the head.
func (m *Model) EmbeddingDim() int {
	return get(m, raw.Expclip_model_embedding_dim)
}

// ProjectedDim is the length after the head.
func (m *Model) ProjectedDim() int {
	return get(m, raw.Expclip_model_projected_dim)
}

// ImageSize is the width and height in pixels of what the encoder sees.
func (m *Model) ImageSize() int { return get(m, raw.Expclip_model_image_size) }

// ContextLength is the tokens in a text at most.
func (m *Model) ContextLength() int {
	return get(m, raw.Expclip_model_context_length)
}

// VocabularySize is the number of token ids.
func (m *Model) VocabularySize() int {
	return get(m, raw.Expclip_model_vocabulary_size)
}

// HasHead says whether there is an Exp-CLIP head.
func (m *Model) HasHead() bool {
	return get(m, raw.Expclip_model_has_head) != 0
}

// LogitScale is the factor of the cosines.
func (m *Model) LogitScale() float32 {
	return get(m, raw.Expclip_model_logit_scale)
}

// CropSide is the side of the crop of a face that suits it, in heights of the
// face's box; 1.4 where its files do not say.
func (m *Model) CropSide() float32 { return get(m, raw.Expclip_model_crop_side) }

// CropUp is how far that crop lies above the face, in heights of its box.
func (m *Model) CropUp() float32 { return get(m, raw.Expclip_model_crop_up) }

// ---- scores ----

// Prediction is how much one image resembles each class. Err says why an
// image could not be scored; the rest is then zero.
type Prediction struct {
	Label         string    // the best class
	Probability   float32   // of it
	Probabilities []float32 // in the order of the classes
	Logits        []float32
	Source        string // the path, if the image had one
	Err           error
}

// String is such as "happiness 93 %".
func (p Prediction) String() string {
	if p.Err != nil {
		return p.Err.Error()
	}
	return fmt.Sprintf("%s %.0f %%", p.Label, 100*p.Probability)
}

// Score compares images with classes, in their order. An image that cannot
// be read has its error in Prediction.Err and harms no other.
func (m *Model) Score(ctx context.Context, classes *Classes,
	images ...Image) ([]Prediction, error) {
	predictions := make([]Prediction, 0, len(images))
	for start := 0; start < len(images); start += batchSize {
		some, err := m.scoreBatch(ctx, classes,
			images[start:min(start+batchSize, len(images))])
		if err != nil {
			return nil, err
		}
		predictions = append(predictions, some...)
	}
	return predictions, nil
}

// ScoreSeq scores any number of images, one after the other, in batches
// inside. The sequence ends after an error that is no image's own.
func (m *Model) ScoreSeq(ctx context.Context, classes *Classes,
	images iter.Seq[Image]) iter.Seq2[Prediction, error] {
	return func(yield func(Prediction, error) bool) {
		for some := range chunks(images, batchSize) {
			predictions, err := m.scoreBatch(ctx, classes, some)
			if err != nil {
				yield(Prediction{}, err)
				return
			}
			for _, p := range predictions {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}

// batchSize is the images computed at once.
const batchSize = 32

func chunks(images iter.Seq[Image], n int) iter.Seq[[]Image] {
	return func(yield func([]Image) bool) {
		var some []Image
		for image := range images {
			if some = append(some, image); len(some) < n {
				continue
			}
			if !yield(some) {
				return
			}
			some = nil
		}
		if len(some) > 0 {
			yield(some)
		}
	}
}

func (m *Model) scoreBatch(ctx context.Context, classes *Classes,
	images []Image) ([]Prediction, error) {
	b, logits, err := compute(ctx, "score", m.handle, images,
		len(classes.names), []*handle{m.handle, classes.handle},
		raw.Expclip_model_score_images)
	if err != nil {
		return nil, err
	}
	return predictions(b, classes.names, logits)
}

// compute decodes images and has C fill a row of numbers for each good one;
// fill takes the rows, two handles, the batch, the cancel token and the error.
func compute(ctx context.Context, op string, model *handle, images []Image,
	width int, handles []*handle, fill func(rows []float32, first, second,
		batch, token uintptr, failure []int32) int) (*batch, []float32, error) {
	b, err := decode(model, op, images)
	if err != nil {
		return nil, nil, err
	}
	defer b.close()
	rows, err := b.compute(ctx, op, width, handles, fill)
	return b, rows, err
}

func (b *batch) compute(ctx context.Context, op string, width int,
	handles []*handle, fill func(rows []float32, first, second, batch,
		token uintptr, failure []int32) int) ([]float32, error) {
	rows := make([]float32, b.n*width)
	err := withCancel(ctx, op, func(token uintptr) error {
		return use(op, func(p []uintptr) error {
			failure := newFailure()
			return failed(op, fill(rows, p[0], p[1], p[2], token, failure),
				failure)
		}, append(handles, b.handle)...)
	})
	return rows, err
}

func predictions(b *batch, names []string,
	logits []float32) ([]Prediction, error) {
	list := make([]Prediction, len(b.images))
	rows := rowsOf(logits, b.n, len(names))
	for i := range list {
		p := &list[i]
		p.Source, p.Err = b.images[i].source, b.errors[i]
		if p.Err != nil {
			continue
		}
		if err := p.take(rows[b.rows[i]], names); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// take makes a row of logits an answer.
func (p *Prediction) take(logits []float32, names []string) error {
	best := raw.Expclip_logits_argmax(logits)
	if best == int64(len(names)) {
		return wrong("score", "logits %v, expected numbers", logits)
	}
	probabilities, err := Softmax(logits, 1)
	if err != nil {
		return err
	}
	p.Logits, p.Probabilities = logits, probabilities
	p.Label, p.Probability = names[best], probabilities[best]
	return nil
}

// Softmax of logits divided by a temperature above 0.
func Softmax(logits []float32, temperature float32) ([]float32, error) {
	out, failure := make([]float32, len(logits)), newFailure()
	return out, failed("softmax",
		raw.Expclip_logits_softmax(out, logits, temperature, failure), failure)
}

// TopK gives the indices of the k largest logits, largest first.
func TopK(logits []float32, k int) ([]int32, error) {
	if k < 0 {
		return nil, wrong("top k", "%d, expected 0 or more", k)
	}
	out, failure := make([]int32, k), newFailure()
	return out, failed("top k", raw.Expclip_logits_top_k(out, logits, failure),
		failure)
}

// ---- embeddings ----

// EmbedOption changes what an embedding is.
type EmbedOption func(raw.Expclip_embed_options)

// Unprojected gives CLIP's own embedding, before the head.
func Unprojected() EmbedOption {
	return func(o raw.Expclip_embed_options) { o.SetProjected(0) }
}

// Unnormalized leaves the length; else rows have length 1.
func Unnormalized() EmbedOption {
	return func(o raw.Expclip_embed_options) { o.SetNormalize(0) }
}

func (m *Model) embedOptions(
	options []EmbedOption) (raw.Expclip_embed_options, int) {
	o := raw.NewExpclip_embed_options()
	for _, option := range options {
		option(o)
	}
	if o.GetProjected() != 0 {
		return o, m.ProjectedDim()
	}
	return o, m.EmbeddingDim()
}

// EmbedImages gives a row for each image; the first that cannot be read is
// the error.
func (m *Model) EmbedImages(ctx context.Context, images []Image,
	options ...EmbedOption) ([][]float32, error) {
	o, dim := m.embedOptions(options)
	defer raw.DeleteExpclip_embed_options(o)
	all := make([][]float32, 0, len(images))
	for start := 0; start < len(images); start += batchSize {
		rows, err := m.embedBatch(ctx,
			images[start:min(start+batchSize, len(images))], o, dim)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func (m *Model) embedBatch(ctx context.Context, images []Image,
	o raw.Expclip_embed_options, dim int) ([][]float32, error) {
	return embeddings(compute(ctx, "embed", m.handle, images, dim,
		[]*handle{m.handle, m.handle}, func(rows []float32, model, _, batch,
			token uintptr, failure []int32) int {
			return raw.Expclip_model_embed_images(rows, model, batch, o, token,
				failure)
		}))
}

// embeddings are rows, or the error of the first image that has one.
func embeddings(b *batch, flat []float32, err error) ([][]float32, error) {
	if err != nil {
		return nil, err
	}
	for _, err := range b.errors {
		if err != nil {
			return nil, err
		}
	}
	return rowsOf(flat, b.n, len(flat)/max(b.n, 1)), nil
}

// EmbedTexts gives a row for each text, and which were cut at the context
// length.
func (m *Model) EmbedTexts(ctx context.Context, texts []string,
	options ...EmbedOption) (rows [][]float32, truncated []bool, err error) {
	var bytes []byte
	for _, text := range texts {
		if err := checkText("embed", text); err != nil {
			return nil, nil, err
		}
		bytes = append(append(bytes, text...), 0)
	}
	o, dim := m.embedOptions(options)
	defer raw.DeleteExpclip_embed_options(o)
	flat, cut := make([]float32, len(texts)*dim), make([]int32, len(texts))
	err = withCancel(ctx, "embed", func(token uintptr) error {
		return use("embed", func(p []uintptr) error {
			failure := newFailure()
			return failed("embed", raw.Expclip_model_embed_texts(flat, cut, p[0],
				bytes, o, token, failure), failure)
		}, m.handle)
	})
	if err != nil {
		return nil, nil, err
	}
	truncated = make([]bool, len(cut))
	for i, c := range cut {
		truncated[i] = c != 0
	}
	return rowsOf(flat, len(texts), dim), truncated, nil
}

// PreprocessImage gives what the encoder sees: [3, size, size], RGB, flat.
func (m *Model) PreprocessImage(image Image) ([]float32, error) {
	b, err := decode(m.handle, "preprocess", []Image{image})
	if err != nil {
		return nil, err
	}
	defer b.close()
	if b.errors[0] != nil {
		return nil, b.errors[0]
	}
	size := m.ImageSize()
	pixels, failure := make([]float32, 3*size*size), newFailure()
	err = use("preprocess", func(p []uintptr) error {
		return failed("preprocess", raw.Expclip_batch_copy_pixels(pixels, p[0],
			0, failure), failure)
	}, b.handle)
	return pixels, err
}

func rowsOf(flat []float32, n, width int) [][]float32 {
	rows := make([][]float32, n)
	for i := range rows {
		rows[i] = flat[i*width : (i+1)*width : (i+1)*width]
	}
	return rows
}
