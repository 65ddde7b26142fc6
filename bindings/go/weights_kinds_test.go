// SPDX-License-Identifier: MIT

package expclip_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

// TestWeightsKinds loads each kind of weights file and gets the program's
// numbers.
func TestWeightsKinds(t *testing.T) {
	folder := os.Getenv("EXPCLIP_WEIGHTS_KINDS")
	if folder == "" {
		t.Fatal("EXPCLIP_WEIGHTS_KINDS: expected the folder that tests/bindings/weights_kinds.py wrote")
	}
	var kinds []struct {
		Name, Model, Head string
		Logits            []float32
	}
	data := must(os.ReadFile(filepath.Join(folder, "kinds.json")))
	if err := json.Unmarshal(data, &kinds); err != nil || len(kinds) < 10 {
		t.Fatal(len(kinds), err)
	}
	for _, kind := range kinds {
		t.Run(kind.Name, func(t *testing.T) {
			own, err := expclip.Load(ctx, kind.Model, expclip.WithHead(kind.Head), expclip.WithThreads(1))
			if err != nil {
				t.Fatal(err)
			}
			defer own.Close()
			classes := must(own.Classes(ctx, 7, "type3"))
			p := must(own.Score(ctx, classes, expclip.File(facePath("happiness_2.png"))))[0]
			if p.Err != nil || difference(p.Logits, kind.Logits) > 1e-4 {
				t.Error(p.Err, p.Logits, kind.Logits)
			}
		})
	}
}
