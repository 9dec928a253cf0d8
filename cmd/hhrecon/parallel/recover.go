package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// Recover calls do, and turns a panic into an error with the stack.
func Recover(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a bug in hhrecon: panic: %v\nwhat was done before is stored\n%s", p, debug.Stack())
		}
	}()
	return do()
}

// Pause waits, and returns false if the context ended before.
func Pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
