package parallel

import (
	"context"
	"errors"
	"sync"
	"time"
)

// TaskGroup is work that outlives the request that asked for it, and ends with the service.
type TaskGroup chan func(context.Context)

// errStopping says that nothing new is begun.
var errStopping = errors.New("hhrecon is being stopped")

// Start hands something over, whether or not the request that asked for it stays.
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

// Run does what is handed over, and returns once all of it has ended.
func (b TaskGroup) Run(ctx context.Context) error {
	var under sync.WaitGroup
	defer under.Wait()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case do := <-b:
			under.Go(func() { do(ctx) })
		}
	}
}
