// SPDX-License-Identifier: MIT

package expclip

import (
	"context"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Class is a name and the prompts that stand for it.
type Class struct {
	Name    string
	Prompts []string
}

// Pooling says how a class with several prompts gets one score.
type Pooling int

const (
	// PoolLogits is the mean of the prompts' logits, as in the paper.
	PoolLogits Pooling = iota
	// PoolEmbeddings is the unit mean of the embeddings, as in open_clip.
	PoolEmbeddings
)

// Classes are what images are compared with, embedded by a model.
type Classes struct {
	handle *handle
	names  []string
}

// Classes embeds the first n classes of the paper: 7, 8 or 11; set is "type1"
// to "type5".
func (m *Model) Classes(ctx context.Context, n int,
	set string) (*Classes, error) {
	if err := checkText("classes", set); err != nil {
		return nil, err
	}
	return m.embedPrompts(ctx, PoolLogits,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_prompts_builtin(out, set, n, failure)
		}, nil)
}

// ClassesOf embeds names, put into the wording of a set of the paper or of a
// template such as "a {} face".
func (m *Model) ClassesOf(ctx context.Context, names []string,
	setOrTemplate string) (*Classes, error) {
	return m.embedPrompts(ctx, PoolLogits, raw.Expclip_prompts_create,
		func(prompts uintptr) error {
			for _, name := range names {
				if err := addPrompt(name, setOrTemplate, func(f []int32) int {
					return raw.Expclip_prompts_add_class(prompts, name,
						setOrTemplate, f)
				}); err != nil {
					return err
				}
			}
			return nil
		})
}

// ClassesWith embeds classes with prompts of their own.
func (m *Model) ClassesWith(ctx context.Context, pooling Pooling,
	classes ...Class) (*Classes, error) {
	return m.embedPrompts(ctx, pooling, raw.Expclip_prompts_create,
		func(prompts uintptr) error {
			for _, class := range classes {
				for _, prompt := range class.Prompts {
					if err := addPrompt(class.Name, prompt,
						func(f []int32) int {
							return raw.Expclip_prompts_add(prompts, class.Name,
								prompt, f)
						}); err != nil {
						return err
					}
				}
			}
			return nil
		})
}

// ClassesFrom embeds a prompts file: a JSON object, or lines "class<TAB>prompt".
func (m *Model) ClassesFrom(ctx context.Context, path string) (*Classes, error) {
	if err := checkText("classes", path); err != nil {
		return nil, err
	}
	return m.embedPrompts(ctx, PoolLogits,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_prompts_load(out, path, failure)
		}, nil)
}

func addPrompt(name, text string, add func(failure []int32) int) error {
	for _, t := range []string{name, text} {
		if err := checkText("classes", t); err != nil {
			return err
		}
	}
	failure := newFailure()
	return failed("classes", add(failure), failure)
}

// embedPrompts makes a list of prompts, fills it and embeds it.
func (m *Model) embedPrompts(ctx context.Context, pooling Pooling,
	make func(out []uintptr, failure []int32) int,
	fill func(prompts uintptr) error) (*Classes, error) {
	prompts, err := create("classes", "prompts", raw.Expclip_prompts_free, make)
	if err != nil {
		return nil, err
	}
	defer prompts.close()
	if fill != nil {
		if err := use("classes", func(p []uintptr) error {
			return fill(p[0])
		}, prompts); err != nil {
			return nil, err
		}
	}
	o := raw.NewExpclip_classes_options()
	defer raw.DeleteExpclip_classes_options(o)
	o.SetPooling(int(pooling))
	var classes *Classes
	err = withCancel(ctx, "classes", func(token uintptr) error {
		return use("classes", func(p []uintptr) error {
			h, err := create("classes", "classes", raw.Expclip_classes_free,
				func(out []uintptr, failure []int32) int {
					return raw.Expclip_classes_create(out, p[0], p[1], o, token,
						failure)
				})
			if err == nil {
				classes = newClasses(h)
			}
			return err
		}, m.handle, prompts)
	})
	return classes, err
}

// LoadClasses reads a file that Save wrote.
func LoadClasses(path string) (*Classes, error) {
	if err := checkText("classes", path); err != nil {
		return nil, err
	}
	h, err := create("classes", "classes", raw.Expclip_classes_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_classes_load(out, path, failure)
		})
	if err != nil {
		return nil, err
	}
	return newClasses(h), nil
}

func newClasses(h *handle) *Classes {
	c := &Classes{handle: h}
	for i := range raw.Expclip_classes_count(h.pointer) {
		c.names = append(c.names, raw.Expclip_classes_name(h.pointer, i))
	}
	return closeWith(c, h)
}

// Save writes names, prompts and vectors; scoring with the file needs no text
// encoder. The file is replaced only when all is written.
func (c *Classes) Save(path string) error {
	if err := checkText("classes", path); err != nil {
		return err
	}
	return use("save", func(p []uintptr) error {
		failure := newFailure()
		return failed("save", raw.Expclip_classes_save(p[0], path, failure),
			failure)
	}, c.handle)
}

// Names of the classes, in order.
func (c *Classes) Names() []string { return append([]string(nil), c.names...) }

// Prompts of each class, in order.
func (c *Classes) Prompts() ([]Class, error) {
	var list []Class
	err := use("prompts", func(p []uintptr) error {
		prompts, err := create("prompts", "prompts", raw.Expclip_prompts_free,
			func(out []uintptr, failure []int32) int {
				return raw.Expclip_classes_prompts(out, p[0], failure)
			})
		if err != nil {
			return err
		}
		defer prompts.close()
		list = readPrompts(prompts.pointer)
		return nil
	}, c.handle)
	return list, err
}

func readPrompts(prompts uintptr) []Class {
	list := make([]Class, raw.Expclip_prompts_class_count(prompts))
	for i := range list {
		list[i].Name = raw.Expclip_prompts_class_name(prompts, int64(i))
		for j := range raw.Expclip_prompts_count(prompts, int64(i)) {
			list[i].Prompts = append(list[i].Prompts,
				raw.Expclip_prompts_text(prompts, int64(i), j))
		}
	}
	return list
}

// Dim is the length of the rows that ScoreEmbeddings takes.
func (c *Classes) Dim() int {
	return c.number(func(p uintptr) int { return raw.Expclip_classes_dim(p) })
}

// TruncatedCount is the number of prompts that were cut at the context length.
func (c *Classes) TruncatedCount() int {
	return c.number(func(p uintptr) int {
		return int(raw.Expclip_classes_truncated_count(p))
	})
}

// ModelFingerprint is that of the model that embedded them.
func (c *Classes) ModelFingerprint() string {
	var text string
	use("classes", func(p []uintptr) error {
		text = raw.Expclip_classes_model_fingerprint(p[0])
		return nil
	}, c.handle)
	return text
}

func (c *Classes) number(get func(uintptr) int) int {
	var n int
	use("classes", func(p []uintptr) error { n = get(p[0]); return nil },
		c.handle)
	return n
}

// ScoreEmbeddings gives the logits of embeddings made with the head. With
// Model.Fingerprint, those of another model are ErrState; "" trusts you.
func (c *Classes) ScoreEmbeddings(embeddings [][]float32,
	fingerprint string) ([][]float32, error) {
	const op = "score embeddings"
	dim, width := c.Dim(), len(c.names)
	flat := make([]float32, 0, len(embeddings)*dim)
	for i, row := range embeddings {
		if len(row) != dim {
			return nil, wrong(op, "embedding %d: %d numbers, expected %d", i,
				len(row), dim)
		}
		flat = append(flat, row...)
	}
	if err := checkText(op, fingerprint); err != nil {
		return nil, err
	}
	if fingerprint == "" {
		fingerprint = c.ModelFingerprint()
	}
	logits := make([]float32, len(embeddings)*width)
	err := use(op, func(p []uintptr) error {
		failure := newFailure()
		return failed(op, raw.Expclip_classes_score_embeddings(logits, p[0], flat,
			fingerprint, failure), failure)
	}, c.handle)
	if err != nil {
		return nil, err
	}
	return rowsOf(logits, len(embeddings), width), nil
}

// Close frees them; the end of their last user does it too.
func (c *Classes) Close() error {
	c.handle.close()
	return nil
}
