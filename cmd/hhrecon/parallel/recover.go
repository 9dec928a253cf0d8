package parallel

import (
	"fmt"
	"runtime/debug"
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
