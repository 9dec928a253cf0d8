package parallel

import (
	"context"
	"errors"
	"sync"
	"time"
)

// TaskGroup runs tasks that continue after the request that started them. The service's end cancels them.
type TaskGroup chan func(context.Context)

// errStopping is returned if no new task is accepted.
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

// Run runs the tasks until the context ends, and returns once all of them have ended.
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
