// SPDX-License-Identifier: MIT

// Package expclip recognises facial expressions zero-shot with CLIP and
// Exp-CLIP: name expressions, get a score for each.
//
//	model, err := expclip.Load(ctx, "demo")
//	classes, err := model.Classes(ctx, 7, "type3")
//	found, err := model.Score(ctx, classes, expclip.File("face.jpg"))
//	fmt.Println(found[0].Label)
//
// Where faces are not cut out already, Model.Faces finds and scores them:
//
//	people, err := model.Faces(ctx, classes, expclip.File("party.jpg"),
//		expclip.AllFaces)
//
// Scores say what an image resembles, never what a person feels.
//
// It stands on the C library libexpclip, found by pkg-config, which looks for
// libtorch when the first model or detector is made: in the folder
// EXPCLIP_TORCH, in that of its build, in the system's.
//
// A Model, Classes, Batcher, Tokenizer, Detector and Faces may be shared by
// goroutines. The calls of Frames, a Clip, a Timeline and a Tracker wait for
// each other. Close frees at once what the garbage collector would free later;
// calls under way end first, and later ones fail with ErrClosed.
package expclip

import (
	"encoding/json"
	"fmt"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Version of the C library, for example "0.1.0".
func Version() string { return raw.Expclip_library_version() }

// Info tells how the C library was built and which libtorch it has loaded, as
// JSON, for bug reports.
func Info() json.RawMessage {
	return json.RawMessage(`{"build": ` + raw.Expclip_library_build_info() +
		`, "libtorch": ` + raw.Expclip_library_runtime_info() + `}`)
}

// checkLibrary refuses a library of another ABI than this module was made for.
func checkLibrary() error {
	found, made := raw.Expclip_library_abi_version(), raw.EXPCLIP_ABI_VERSION
	if found == made {
		return nil
	}
	return &Error{Op: "load", Code: ErrState, Message: fmt.Sprintf(
		"libexpclip %s has ABI %d, expected %d", Version(), found, made)}
}

// Inspect describes a weights file without loading it: its format, tensors,
// metadata and architecture, as JSON.
func Inspect(path string) (json.RawMessage, error) {
	if err := checkText("path", path); err != nil {
		return nil, err
	}
	text, err := create("inspect", "description", raw.Expclip_string_free,
		func(out []uintptr, failure []int32) int {
			return raw.Expclip_weights_inspect(out, path, failure)
		})
	if err != nil {
		return nil, err
	}
	defer text.close()
	pointer, err := text.acquire("inspect")
	if err != nil {
		return nil, err
	}
	defer text.release()
	return json.RawMessage(raw.Expclip_string_data(pointer)), nil
}

// ConvertOptions say what Convert writes. The zero value means "auto" for the
// texts, "fp16" for DType and the full head.
type ConvertOptions struct {
	Head, Preprocess, Activation string
	DType                        string // "fp32", "fp16" or "bf16"
	CompactHead                  bool
}

// Convert writes a model and its head as one self-describing safetensors file.
func Convert(path, output string, options ConvertOptions) error {
	for name, text := range map[string]string{"path": path, "output": output,
		"head": options.Head, "preprocess": options.Preprocess,
		"activation": options.Activation, "dtype": options.DType} {
		if err := checkText(name, text); err != nil {
			return err
		}
	}
	o := raw.NewExpclip_convert_options()
	defer raw.DeleteExpclip_convert_options(o)
	setGiven(o.SetHead, options.Head)
	setGiven(o.SetPreprocess, options.Preprocess)
	setGiven(o.SetActivation, options.Activation)
	setGiven(o.SetDtype, options.DType)
	o.SetCompact_head(flag(options.CompactHead))
	failure := newFailure()
	return failed("convert",
		raw.Expclip_weights_convert(path, output, o, failure), failure)
}

// setGiven leaves a default where the user gave nothing.
func setGiven[T comparable](set func(T), value T) {
	var nothing T
	if value != nothing {
		set(value)
	}
}

func flag(value bool) int {
	if value {
		return 1
	}
	return 0
}
