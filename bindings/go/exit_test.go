// SPDX-License-Identifier: MIT

package expclip_test

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

const (
	exits    = 50
	exitCode = 7
)

// busy never stops: goroutines load and score. It returns after the first
// score, or at once when early.
func busy(early bool) {
	scored := make(chan bool, 1)
	image := expclip.File(facePath("happiness_2.png"))
	work := func(loads bool) {
		for {
			own := must(expclip.Load(ctx, "demo", expclip.WithThreads(1)))
			classes := must(own.Classes(ctx, 7, "type3"))
			for {
				must(own.Score(ctx, classes, image))
				select {
				case scored <- true:
				default:
				}
				if loads {
					break
				}
			}
			own.Close()
		}
	}
	for i := range 3 {
		go work(i == 0)
	}
	if !early {
		<-scored
	}
}

// exitAsTold is the child process of TestExits, which TestMain becomes.
func exitAsTold(told string) {
	var way string
	var early bool
	var wait time.Duration
	must(fmt.Sscan(told, &way, &early, &wait))
	busy(early)
	time.Sleep(wait)
	if way == "exit" {
		os.Exit(exitCode)
	}
}

// TestExits ends processes while goroutines are inside calls, half of them by
// os.Exit and half by returning from main: the code is the one asked for.
func TestExits(t *testing.T) {
	var group sync.WaitGroup
	two := make(chan bool, 2)
	for i := range exits {
		way, want := "exit", exitCode
		if i%2 == 1 {
			way, want = "return", 0
		}
		told := fmt.Sprint(way, " ", i%4 < 2, " ", rand.Int63n(int64(300*time.Millisecond)))
		group.Add(1)
		go func() {
			defer group.Done()
			two <- true
			defer func() { <-two }()
			child := exec.Command(must(os.Executable()))
			child.Env = append(os.Environ(), "EXPCLIP_TEST_EXIT="+told)
			out, _ := child.CombinedOutput()
			if code := child.ProcessState.ExitCode(); code != want {
				t.Errorf("%s: code %d, expected %d: %s", told, code, want, out)
			}
		}()
	}
	group.Wait()
}
