package parallel

import (
	"context"
	"time"
)

// Pause waits, and returns false if the context ended before.
func Pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
