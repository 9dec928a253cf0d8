package console

import (
	"sync"
	"time"
)

// LogThrottle allows one log line a minute for each key. LogThrottle stores every key forever, so keys must
// not come from requests.
type LogThrottle struct {
	mu         sync.Mutex
	last       map[string]time.Time
	suppressed map[string]int
}

// Allow reports whether a line may be logged now, and returns the number of lines suppressed since
// the last logged line.
func (t *LogThrottle) Allow(key string, now time.Time) (skipped int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last, t.suppressed = make(map[string]time.Time), make(map[string]int)
	}
	if last, logged := t.last[key]; logged && now.Sub(last) < time.Minute {
		t.suppressed[key]++
		return 0, false
	}
	skipped = t.suppressed[key]
	t.last[key], t.suppressed[key] = now, 0
	return skipped, true
}
