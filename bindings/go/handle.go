// SPDX-License-Identifier: MIT

package expclip

import (
	"context"
	"runtime"
	"sync"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// handle is a C object. C must not free it while a call uses it, so users are
// counted, and close leaves the freeing to the last of them.
type handle struct {
	name    string
	free    func(uintptr)
	mutex   sync.Mutex
	pointer uintptr
	users   int
	closed  bool
}

// create calls a C function that makes an object.
func create(op, name string, free func(uintptr),
	call func(out []uintptr, failure []int32) int) (*handle, error) {
	out, failure := make([]uintptr, 1), newFailure()
	if err := failed(op, call(out, failure), failure); err != nil {
		return nil, err
	}
	return &handle{name: name, free: free, pointer: out[0]}, nil
}

// closeWith closes the handle when its owner has become garbage.
func closeWith[T any](owner *T, h *handle) *T {
	runtime.AddCleanup(owner, (*handle).close, h)
	return owner
}

// acquire lends the pointer until release.
func (h *handle) acquire(op string) (uintptr, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closed {
		return 0, &Error{Op: op, Code: ErrClosed, Message: h.name + ": closed"}
	}
	h.users++
	return h.pointer, nil
}

func (h *handle) release() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.users--
	h.freeIfLast()
}

func (h *handle) close() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.closed = true
	h.freeIfLast()
}

func (h *handle) freeIfLast() {
	if h.closed && h.users == 0 && h.pointer != 0 {
		h.free(h.pointer)
		h.pointer = 0
	}
}

// use lends several pointers to a function.
func use(op string, call func(pointers []uintptr) error,
	handles ...*handle) error {
	pointers := make([]uintptr, 0, len(handles))
	for _, h := range handles {
		pointer, err := h.acquire(op)
		if err != nil {
			return err
		}
		defer h.release()
		pointers = append(pointers, pointer)
	}
	return call(pointers)
}

// ended is the error of a call whose context ended before it began.
func ended(ctx context.Context, op string) error {
	if ctx.Err() == nil {
		return nil
	}
	return &Error{Op: op, Code: ErrCancelled, Message: "cancelled",
		cause: context.Cause(ctx)}
}

// withCancel runs a call with a token that the end of the context raises.
func withCancel(ctx context.Context, op string,
	call func(token uintptr) error) error {
	if err := ended(ctx, op); err != nil {
		return err
	}
	token, err := create(op, "cancel token", raw.Expclip_cancel_free,
		raw.Expclip_cancel_create)
	if err != nil {
		return err
	}
	defer token.close()
	stop := context.AfterFunc(ctx, func() {
		if pointer, err := token.acquire(op); err == nil {
			raw.Expclip_cancel_request(pointer)
			token.release()
		}
	})
	defer stop()
	return because(use(op, func(p []uintptr) error { return call(p[0]) },
		token), ctx)
}
