// SPDX-License-Identifier: MIT

package expclip_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

// TestCalls measures what tests/bench/calls/calls.c measures, when it is asked
// to: EXPCLIP_BENCH=1 go test -run TestCalls
func TestCalls(t *testing.T) {
	if os.Getenv("EXPCLIP_BENCH") == "" {
		t.Skip("a benchmark: set EXPCLIP_BENCH")
	}
	const nCalls = 300
	own := must(expclip.Load(ctx, "demo", expclip.WithThreads(1)))
	defer own.Close()
	classes := must(own.Classes(ctx, 7, "type3"))
	image := expclip.RGB(make([]byte, 64*64*3), 64, 64, 0)
	work := func() {
		for range nCalls {
			must(own.Score(ctx, classes, image))
		}
	}
	work()
	for range 5 {
		for _, n := range []int{1, 4} {
			start := time.Now()
			var group sync.WaitGroup
			for range n {
				group.Add(1)
				go func() { defer group.Done(); work() }()
			}
			group.Wait()
			fmt.Printf("Go %d %.3f\n", n,
				time.Since(start).Seconds()*1e3/float64(n*nCalls))
		}
	}
}
