package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// Recover calls do and returns its error. It turns a panic into an error with the stack.
func Recover(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a bug in hhrecon: panic: %v\nearlier work is stored\n%s", p, debug.Stack())
		}
	}()
	return do()
}

// Pause waits, and returns false if the context ends first.
func Pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
