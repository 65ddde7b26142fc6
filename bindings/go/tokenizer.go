// SPDX-License-Identifier: MIT

package expclip

import "github.com/libexpclip/libexpclip/bindings/go/internal/raw"

// Tokenizer is CLIP's byte-pair encoder. Immutable.
type Tokenizer struct{ handle *handle }

// NewTokenizer makes one; 49408 is CLIP's vocabulary, and a model's is
// Model.VocabularySize.
func NewTokenizer(vocabularySize int) (*Tokenizer, error) {
	h, err := create("tokenizer", "tokenizer", raw.Expclip_tokenizer_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_tokenizer_create(out, vocabularySize, failure)
		})
	if err != nil {
		return nil, err
	}
	return closeWith(&Tokenizer{h}, h), nil
}

// Encode gives token ids with start and end, without padding, at most
// contextLength (77 in CLIP), and whether the text was cut there.
func (t *Tokenizer) Encode(text string,
	contextLength int) (ids []int32, truncated bool, err error) {
	if contextLength < 0 {
		return nil, false, wrong("encode", "context length %d, expected 0 or "+
			"more", contextLength)
	}
	ids = make([]int32, contextLength)
	n, cut, failure := make([]uint64, 1), make([]int32, 1), newFailure()
	err = use("encode", func(p []uintptr) error {
		return failed("encode", raw.Expclip_tokenizer_encode(ids, n, cut, p[0],
			text, failure), failure)
	}, t.handle)
	if err != nil {
		return nil, false, err
	}
	return ids[:n[0]], cut[0] != 0, nil
}

// Close frees it.
func (t *Tokenizer) Close() error {
	t.handle.close()
	return nil
}
