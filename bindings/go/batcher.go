// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"time"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Batcher is a queue before a model, for services: calls of many goroutines
// share forward passes.
type Batcher struct {
	handle *handle
	model  *Model
}

// BatcherOptions of a Batcher; zero values mean the defaults.
type BatcherOptions struct {
	MaxBatch  int           // images in one forward pass; 8
	MaxDelay  time.Duration // that an image may wait for company; 2 ms
	QueueSize int           // images that may wait; 64
}

// Batcher starts one.
func (m *Model) Batcher(options BatcherOptions) (*Batcher, error) {
	o := raw.NewExpclip_batcher_options()
	defer raw.DeleteExpclip_batcher_options(o)
	setGiven(o.SetMax_batch, options.MaxBatch)
	if options.MaxDelay != 0 {
		o.SetMax_delay_us(int(options.MaxDelay.Microseconds()))
	}
	setGiven(o.SetQueue_size, options.QueueSize)
	var b *Batcher
	err := use("batcher", func(p []uintptr) error {
		h, err := create("batcher", "batcher", raw.Expclip_batcher_free,
			func(out []uintptr, failure []int32) int {
				return raw.Expclip_batcher_create(out, p[0], o, failure)
			})
		if err == nil {
			b = closeWith(&Batcher{h, m}, h)
		}
		return err
	}, m.handle)
	return b, err
}

// Score is Model.Score for images that are one request. ErrBusy says that the
// queue is full.
func (b *Batcher) Score(ctx context.Context, classes *Classes,
	images ...Image) ([]Prediction, error) {
	decoded, logits, err := compute(ctx, "score", b.model.handle, images,
		len(classes.names), []*handle{b.handle, classes.handle},
		raw.Expclip_batcher_score_images)
	if err != nil {
		return nil, err
	}
	return predictions(decoded, classes.names, logits)
}

// EmbedImages is Model.EmbedImages for images that are one request.
func (b *Batcher) EmbedImages(ctx context.Context, images []Image,
	options ...EmbedOption) ([][]float32, error) {
	o, dim := b.model.embedOptions(options)
	defer raw.DeleteExpclip_embed_options(o)
	return embeddings(compute(ctx, "embed", b.model.handle, images, dim,
		[]*handle{b.handle, b.handle}, func(rows []float32, batcher, _, batch,
			token uintptr, failure []int32) int {
			return raw.Expclip_batcher_embed_images(rows, batcher, batch, o,
				token, failure)
		}))
}

// BatcherStats are counts since the start, and what waits now.
type BatcherStats struct{ Passes, Images, Waiting int64 }

// Stats tells what the batcher did.
func (b *Batcher) Stats() (s BatcherStats) {
	use("stats", func(p []uintptr) error {
		s = BatcherStats{raw.Expclip_batcher_pass_count(p[0]),
			raw.Expclip_batcher_image_count(p[0]),
			raw.Expclip_batcher_waiting_count(p[0])}
		return nil
	}, b.handle)
	return s
}

// Close stops it when the calls under way have ended.
func (b *Batcher) Close() error {
	b.handle.close()
	return nil
}
