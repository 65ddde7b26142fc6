// SPDX-License-Identifier: MIT

package expclip_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

// vectors are what every language must reproduce (tests/conformance).
type vectors struct {
	Fingerprint string
	Tolerance   float64
	Tokens      []struct {
		Text string
		IDs  []int32
	}
	Texts, Images []struct {
		Text, File string
		Embedding  []float32
	}
	Scores []struct {
		classSet
		Labels  []string
		Cosines [][]float32
	}
	Errors []struct {
		classSet
		Call, Path, File, Status string
		Bytes                    *string
	}
}

type classSet struct {
	Classes *int
	Prompts string
	Names   []string
	Named   [][2]json.RawMessage `json:"named_prompts"`
}

func (s classSet) make() (*expclip.Classes, error) {
	if s.Classes != nil {
		return model.Classes(ctx, *s.Classes, s.Prompts)
	}
	if s.Named == nil {
		return model.ClassesOf(ctx, s.Names, s.Prompts)
	}
	var list []expclip.Class
	for _, pair := range s.Named {
		var class expclip.Class
		if err := errors.Join(json.Unmarshal(pair[0], &class.Name),
			json.Unmarshal(pair[1], &class.Prompts)); err != nil {
			return nil, err
		}
		list = append(list, class)
	}
	return model.ClassesWith(ctx, expclip.PoolLogits, list...)
}

func TestConformance(t *testing.T) {
	var v vectors
	data := must(os.ReadFile(filepath.Join(root, "tests", "conformance", "vectors.json")))
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if model.Fingerprint() != v.Fingerprint {
		t.Error(model.Fingerprint())
	}
	tokenizer := must(expclip.NewTokenizer(model.VocabularySize()))
	defer tokenizer.Close()
	for _, c := range v.Tokens {
		if ids, _, err := tokenizer.Encode(c.Text, 77); err != nil || !slices.Equal(ids, c.IDs) {
			t.Errorf("%q: %v %v", c.Text, ids, err)
		}
	}
	for _, c := range v.Texts {
		rows, _, err := model.EmbedTexts(ctx, []string{c.Text})
		if err != nil || difference(rows[0], c.Embedding) > v.Tolerance {
			t.Errorf("%q: %v", c.Text, err)
		}
	}
	var images []expclip.Image
	for _, c := range v.Images {
		images = append(images, expclip.File(facePath(c.File)))
	}
	for i, row := range must(model.EmbedImages(ctx, images)) {
		if difference(row, v.Images[i].Embedding) > v.Tolerance {
			t.Error(v.Images[i].File)
		}
	}
	for _, c := range v.Scores {
		for i, p := range must(model.Score(ctx, must(c.make()), images...)) {
			cosines := slices.Clone(p.Logits)
			for j := range cosines {
				cosines[j] /= model.LogitScale()
			}
			if p.Label != c.Labels[i] || difference(cosines, c.Cosines[i]) > v.Tolerance {
				t.Error(p, c.Labels[i])
			}
		}
	}
	for _, c := range v.Errors {
		var err error
		switch {
		case c.Call == "load":
			_, err = expclip.Load(ctx, c.Path)
		case c.Call == "classes":
			_, err = c.make()
		case c.Bytes != nil:
			err = must(model.Score(ctx, seven, expclip.Bytes(must(hex.DecodeString(*c.Bytes)))))[0].Err
		default:
			err = must(model.Score(ctx, seven, expclip.File(facePath(c.File))))[0].Err
		}
		var e *expclip.Error
		if !errors.As(err, &e) || e.Code.Error() != c.Status {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if len(v.Tokens)+len(v.Texts)+len(v.Images)+len(v.Scores)+len(v.Errors) < 25 {
		t.Error("few vectors")
	}
}
