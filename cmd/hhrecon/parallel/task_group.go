package parallel

import (
	"context"
	"errors"
	"sync"
	"time"
)

// TaskGroup runs tasks that outlive the request that started them. Tasks end with the service.
type TaskGroup chan func(context.Context)

// errStopping is returned if no new task is accepted.
var errStopping = errors.New("hhrecon is being stopped")

// Start starts a task; the task does not end with the request.
func (b TaskGroup) Start(ctx context.Context, do func(context.Context)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	select {
	case b <- do:
		return nil
	case <-ctx.Done():
		return errStopping
	}
}

// Run runs the tasks until the context ends, and returns once all of them have ended.
func (b TaskGroup) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case do := <-b:
			running.Go(func() { do(ctx) })
		}
	}
}
