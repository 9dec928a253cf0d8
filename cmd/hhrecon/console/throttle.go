package console

import (
	"sync"
	"time"
)

// LogThrottle lets a log line through once a minute for each key. Keys are few: none comes from outside.
type LogThrottle struct {
	mu         sync.Mutex
	last       map[string]time.Time
	suppressed map[string]int
}

// Allow tells whether a line may be logged now, and how many were kept back since the last one.
func (t *LogThrottle) Allow(key string, now time.Time) (kept int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last, t.suppressed = make(map[string]time.Time), make(map[string]int)
	}
	if last, logged := t.last[key]; logged && now.Sub(last) < time.Minute {
		t.suppressed[key]++
		return 0, false
	}
	kept = t.suppressed[key]
	t.last[key], t.suppressed[key] = now, 0
	return kept, true
}
