// SPDX-License-Identifier: MIT

//go:build race

package expclip

import "runtime"

// With the race detector, the return from main and os.Exit call exit() of C,
// which destroys libtorch. The C library holds that back while calls are inside,
// for certain when exit() comes from the main thread: so main stays there.
func init() { runtime.LockOSThread() }
