// Package parallel runs functions concurrently. ForEach calls a function for many items. TaskGroup runs functions in
// the background. Recover converts panics to errors.
package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// ForEach runs the function do for each of n items, with at most limit concurrent calls. ForEach returns the errors in
// the order of the items. If ended is not nil, ForEach calls ended for each item in order, after the item and all
// earlier items are done.
func ForEach(n, limit int, do func(i int) error, ended func(i int)) []error {
	var all sync.WaitGroup
	var mu sync.Mutex
	errs, over, first := make([]error, n), make([]bool, n), 0
	slots := make(chan struct{}, max(1, limit))
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(i)
			mu.Lock()
			defer mu.Unlock()
			for over[i] = true; first < n && over[first]; first++ {
				if ended != nil {
					ended(first)
				}
			}
		})
	}
	all.Wait()
	return errs
}

// Recover runs the function do and returns its error. Recover converts a panic to an error with the stack.
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

// TaskGroup runs tasks that continue after the request that started them. When the service stops,
// the tasks are cancelled.
type TaskGroup chan func(context.Context)

// errStopping means that the service is stopping and accepts no new task.
var errStopping = errors.New("hhrecon is being stopped")

// Start starts a task. The end of the request's context does not cancel it.
func (g TaskGroup) Start(ctx context.Context, do func(context.Context)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	select {
	case g <- do:
		return nil
	case <-ctx.Done():
		return errStopping
	}
}

// Run runs the tasks until the context ends. Run returns when all tasks have ended.
func (g TaskGroup) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case do := <-g:
			running.Go(func() { do(ctx) })
		}
	}
}
