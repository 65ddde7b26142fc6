// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"sync"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Clip is one answer for many frames: the mean of their embeddings after the
// head, before they get length 1, as in the paper's reference. Its memory does
// not grow with the number of frames.
type Clip struct {
	handle *handle
	model  *Model
	mutex  sync.Mutex // C takes one call at a time
}

// NewClip makes one without frames.
func (m *Model) NewClip() (*Clip, error) {
	var c *Clip
	err := use("clip", func(p []uintptr) error {
		h, err := create("clip", "clip", raw.Expclip_clip_free,
			func(out []uintptr, failure []int32) int {
				return raw.Expclip_clip_create(out, p[0], failure)
			})
		if err == nil {
			c = closeWith(&Clip{handle: h, model: m}, h)
		}
		return err
	}, m.handle)
	return c, err
}

// Add adds images, in batches inside. Those that cannot be read are counted
// and left out. What was added before an error stays added.
func (c *Clip) Add(ctx context.Context, images ...Image) error {
	return c.AddWeighted(ctx, images, nil)
}

// AddWeighted says how many times each image counts, 1 or more.
func (c *Clip) AddWeighted(ctx context.Context, images []Image,
	weights []int32) error {
	if weights != nil && len(weights) != len(images) {
		return wrong("clip", "%d weights, expected one for each of %d images",
			len(weights), len(images))
	}
	for start := 0; start < len(images); start += batchSize {
		end := min(start+batchSize, len(images))
		var some []int32
		if weights != nil {
			some = weights[start:end]
		}
		if err := c.addBatch(ctx, images[start:end], some); err != nil {
			return err
		}
	}
	return nil
}

func (c *Clip) addBatch(ctx context.Context, images []Image,
	weights []int32) error {
	b, err := decode(c.model.handle, "clip", images)
	if err != nil {
		return err
	}
	defer b.close()
	for i, row := range b.rows {
		if row < 0 { // C does not know it, so it cannot count it
			return b.errors[i]
		}
	}
	return c.add(ctx, b.handle, func(clip, batch, token uintptr,
		failure []int32) int {
		return raw.Expclip_clip_add_images(clip, batch, weights, token, failure)
	})
}

// AddFrames reads frames to their end and adds them, a few at a time. Those
// that cannot be read are counted and left out. What was added before an error
// stays added.
func (c *Clip) AddFrames(ctx context.Context, frames *Frames) error {
	o := frames.image.toRaw()
	defer raw.DeleteExpclip_image_options(o)
	frames.mutex.Lock()
	defer frames.mutex.Unlock()
	return c.add(ctx, frames.handle, func(clip, frames, token uintptr,
		failure []int32) int {
		return raw.Expclip_clip_add_frames(clip, frames, o, token, failure)
	})
}

func (c *Clip) add(ctx context.Context, source *handle, call func(clip, source,
	token uintptr, failure []int32) int) error {
	return withCancel(ctx, "clip", func(token uintptr) error {
		return c.use("clip", func(p []uintptr) error {
			failure := newFailure()
			return failed("clip", call(p[0], p[2], token, failure), failure)
		}, source)
	})
}

// use lends the clip, its model and others.
func (c *Clip) use(op string, call func(pointers []uintptr) error,
	others ...*handle) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return use(op, call, append([]*handle{c.handle, c.model.handle},
		others...)...)
}

// ClipStats are counts of a clip's frames, each counted once.
type ClipStats struct {
	Frames  int64  // in the mean
	Failed  int64  // that could not be read
	Message string // why the first of these failed, else ""
}

// Stats tells what is in the clip.
func (c *Clip) Stats() (s ClipStats) {
	c.use("clip", func(p []uintptr) error {
		s = statsOf(p[0])
		return nil
	})
	return s
}

func statsOf(clip uintptr) ClipStats {
	return ClipStats{raw.Expclip_clip_frame_count(clip),
		raw.Expclip_clip_failed_count(clip), raw.Expclip_clip_message(clip)}
}

// Embed gives the embedding; ErrState when no frame is in the clip.
func (c *Clip) Embed(options ...EmbedOption) ([]float32, error) {
	var row []float32
	err := c.use("embed", func(p []uintptr) error {
		o, dim := c.model.embedOptions(options)
		defer raw.DeleteExpclip_embed_options(o)
		row = make([]float32, dim)
		failure := newFailure()
		return failed("embed", raw.Expclip_clip_embed(row, p[0], o, failure),
			failure)
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// ClipPrediction is how much a clip resembles each class.
type ClipPrediction struct {
	Prediction
	ClipStats
}

// Score compares the clip with classes; ErrState when no frame is in it. More
// frames may be added afterwards.
func (c *Clip) Score(classes *Classes) (ClipPrediction, error) {
	var found ClipPrediction
	err := c.use("score", func(p []uintptr) error {
		logits, failure := make([]float32, len(classes.names)), newFailure()
		if err := failed("score", raw.Expclip_clip_score(logits, p[0], p[2],
			failure), failure); err != nil {
			return err
		}
		found.ClipStats = statsOf(p[0])
		return found.take(logits, classes.names)
	}, classes.handle)
	if err != nil {
		return ClipPrediction{}, err
	}
	return found, nil
}

// Clear forgets all frames.
func (c *Clip) Clear() {
	c.use("clip", func(p []uintptr) error {
		raw.Expclip_clip_clear(p[0])
		return nil
	})
}

// Close frees it.
func (c *Clip) Close() error {
	c.handle.close()
	return nil
}

// ScoreClip is one answer for a folder of frames or a video file.
func (m *Model) ScoreClip(ctx context.Context, classes *Classes, path string,
	options FramesOptions) (ClipPrediction, error) {
	frames, err := OpenFrames(path, options)
	if err != nil {
		return ClipPrediction{}, err
	}
	defer frames.Close()
	clip, err := m.NewClip()
	if err != nil {
		return ClipPrediction{}, err
	}
	defer clip.Close()
	if err := clip.AddFrames(ctx, frames); err != nil {
		return ClipPrediction{}, err
	}
	found, err := clip.Score(classes)
	if err == nil {
		found.Source = path
	}
	return found, err
}
