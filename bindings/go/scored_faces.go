// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"slices"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// ScoredFace is a face and how much it resembles each class.
type ScoredFace struct {
	// Index of the face in Faces.List; -1 when the whole image was scored,
	// since it shows one close face (AutoFaces).
	Index int
	Face
	Prediction
}

// Faces finds the faces in an image, with a detector that all calls share, and
// scores those that are wanted. Without a face it gives none with AllFaces, and
// else ErrNoFace.
func (m *Model) Faces(ctx context.Context, classes *Classes, image Image,
	which FaceChoice) ([]ScoredFace, error) {
	return findAndScore(ctx, classes, image, which, m.ScoreFaces)
}

// ScoreFaces scores faces that were found before. One that could not be cut out
// has its error in Prediction.Err with AllFaces, else it is the call's. Without
// a face it gives none with AllFaces, and else ErrNoFace.
func (m *Model) ScoreFaces(ctx context.Context, classes *Classes, found *Faces,
	which FaceChoice, options CropOptions) ([]ScoredFace, error) {
	return crop{found, which, options}.score(ctx, m.handle, classes.names,
		[]*handle{m.handle, classes.handle}, raw.Expclip_model_score_images)
}

// Faces is Model.Faces, through the queue as ScoreFaces.
func (b *Batcher) Faces(ctx context.Context, classes *Classes, image Image,
	which FaceChoice) ([]ScoredFace, error) {
	return findAndScore(ctx, classes, image, which, b.ScoreFaces)
}

// ScoreFaces is Model.ScoreFaces, in requests of up to 64 faces. ErrBusy says
// that the queue is full.
func (b *Batcher) ScoreFaces(ctx context.Context, classes *Classes,
	found *Faces, which FaceChoice, options CropOptions) ([]ScoredFace, error) {
	return crop{found, which, options}.score(ctx, b.model.handle, classes.names,
		[]*handle{b.handle, classes.handle}, raw.Expclip_batcher_score_images)
}

func findAndScore(ctx context.Context, classes *Classes, image Image,
	which FaceChoice, score func(context.Context, *Classes, *Faces, FaceChoice,
		CropOptions) ([]ScoredFace, error)) ([]ScoredFace, error) {
	if err := ended(ctx, "find"); err != nil {
		return nil, err
	}
	detector, err := sharedDetector(which)
	if err != nil {
		return nil, err
	}
	found, err := detector.Find(image)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	return score(ctx, classes, found, which, CropOptions{})
}

// facesTogether is how many faces of an image are computed at once, and so with
// one decoding of it. More are rare, and would take much memory.
const facesTogether = 64

type scorer = func(logits []float32, scorer, classes, batch, token uintptr,
	failure []int32) int

func (c crop) score(ctx context.Context, model *handle, names []string,
	handles []*handle, score scorer) ([]ScoredFace, error) {
	list := []ScoredFace{}
	for images := range slices.Chunk(c.split(), batchSize) {
		some, err := c.scoreSome(ctx, model, images, names, handles, score)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// split makes few faces one image, which has several items then.
func (c crop) split() []Image {
	n := len(c.faces.faces)
	if c.which == AllFaces && n > 0 && n <= facesTogether {
		return []Image{c.image()}
	}
	return c.faces.Images(c.which, c.options)
}

func (c crop) scoreSome(ctx context.Context, model *handle, images []Image,
	names []string, handles []*handle, score scorer) ([]ScoredFace, error) {
	b, err := decode(model, "score", images)
	if err != nil {
		return nil, err
	}
	defer b.close()
	for i, row := range b.rows {
		if row < 0 { // what was asked is wrong, of all alike
			return nil, b.errors[i]
		}
	}
	logits, err := b.compute(ctx, "score", len(names), handles, score)
	if err != nil {
		return nil, err
	}
	list := make([]ScoredFace, b.n)
	for i, row := range rowsOf(logits, b.n, len(names)) {
		if err := c.take(&list[i], b, int64(i), row, names); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// take makes item i of a batch a face, which knows where it comes from.
func (c crop) take(scored *ScoredFace, b *batch, i int64, logits []float32,
	names []string) error {
	scored.Source = b.images[raw.Expclip_batch_image(b.pointer, i)].source
	scored.Index = raw.Expclip_batch_face(b.pointer, i)
	err := b.failedItem("score", i)
	if err != nil && (c.which != AllFaces || scored.Index < 0) {
		return err
	}
	scored.Face = c.faces.faces[max(0, scored.Index)] // whole: the only one
	if scored.Err = err; err != nil {
		return nil
	}
	return scored.Prediction.take(logits, names)
}
