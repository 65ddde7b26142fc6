// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"fmt"
	"strings"
	"unsafe"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Code is what kind of failure an Error is. A Code is an error itself, to be
// asked for with errors.Is:
//
//	if errors.Is(err, expclip.ErrNotFound) { ... }
type Code int32

// The kinds of failures, as in the C library's expclip_base.h.
const (
	ErrArgument    Code = -10 // a parameter is wrong
	ErrState       Code = -11 // objects that do not belong together
	ErrCancelled   Code = -12 // the context ended
	ErrFork        Code = -13
	ErrBusy        Code = -14 // a queue is full: try again later
	ErrIO          Code = -20 // the system could not read or write
	ErrNotFound    Code = -21 // no such file, model, set or class
	ErrFormat      Code = -30 // damaged, or not what it claims to be
	ErrTruncated   Code = -31 // the file ends too early
	ErrUnsupported Code = -32 // well formed, but not handled
	ErrUnsafe      Code = -33 // would run code or leave its folder
	ErrLimit       Code = -34 // larger than a limit allows
	ErrShape       Code = -35 // tensor missing or of another shape
	ErrNonfinite   Code = -36 // NaN or infinity where none may be
	ErrNoFace      Code = -37 // no face was found in an image
	ErrBackend     Code = -40 // libtorch is missing or failed
	ErrMemory      Code = -50 // out of memory
	ErrInternal    Code = -60 // a bug of the library
	ErrClosed      Code = 1   // the object was closed; Go's own
)

// Error is the name of the code, such as "NOT_FOUND".
func (c Code) Error() string {
	if c == ErrClosed {
		return "CLOSED"
	}
	return raw.Expclip_status_name(int(c))
}

// Error is a failed call. errors.Is finds its Code, and for a call that a
// context ended also context.Canceled or context.DeadlineExceeded.
type Error struct {
	Op      string // the call, such as "load"
	Code    Code
	Message string
	cause   error
}

func (e *Error) Error() string {
	return fmt.Sprintf("expclip: %s: %s", e.Op, e.Message)
}

// Is reports whether target is the error's Code.
func (e *Error) Is(target error) bool { return target == error(e.Code) }

// Unwrap is why a context ended, or nil.
func (e *Error) Unwrap() error { return e.cause }

// newFailure is room for an expclip_error: a code and a text of 508 bytes.
func newFailure() []int32 { return make([]int32, 128) }

// failed makes a status and what C wrote beside it an error; nil for 0.
func failed(op string, status int, failure []int32) error {
	if status == 0 {
		return nil
	}
	text := unsafe.Slice((*byte)(unsafe.Pointer(&failure[1])), 508)
	message, _, _ := strings.Cut(string(text), "\x00")
	return &Error{Op: op, Code: Code(status), Message: message}
}

// because adds why the context ended to an error that it caused.
func because(err error, ctx context.Context) error {
	if e, ok := err.(*Error); ok && e.Code == ErrCancelled {
		e.cause = context.Cause(ctx)
	}
	return err
}

func wrong(op, format string, values ...any) error {
	return &Error{Op: op, Code: ErrArgument,
		Message: fmt.Sprintf(format, values...)}
}

// checkText refuses NUL, at which C would end the text.
func checkText(name, text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return wrong(name, "%q holds NUL", text)
	}
	return nil
}

// check32 refuses numbers that C's int32_t does not hold.
func check32(op string, values ...int) error {
	for _, value := range values {
		if int(int32(value)) != value {
			return wrong(op, "option %d, expected 32 bits", value)
		}
	}
	return nil
}

// codeOf is C's number for one of Go's.
func codeOf[T ~int](op string, codes map[T]int, value T) (int, error) {
	code, known := codes[value]
	if !known {
		return 0, wrong(op, "%T %d, expected 0 to %d", value, value,
			len(codes)-1)
	}
	return code, nil
}
