package parallel

import (
	"fmt"
	"runtime/debug"
)

// Recover turns a panic of do into an error.
func Recover(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a fault of hhrecon itself: panic: %v\nwhat was done is stored\n%s", p, debug.Stack())
		}
	}()
	return do()
}
