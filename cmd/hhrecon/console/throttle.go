package console

import (
	"sync"
	"time"
)

// Throttle lets a log line through once a minute for each key. Keys are few: none comes from outside.
type Throttle struct {
	mu   sync.Mutex
	last map[string]time.Time
	kept map[string]int
}

// Let tells whether a line may be logged now, and how many were kept back since the last one.
func (t *Throttle) Let(key string, now time.Time) (kept int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last, t.kept = make(map[string]time.Time), make(map[string]int)
	}
	if last, logged := t.last[key]; logged && now.Sub(last) < time.Minute {
		t.kept[key]++
		return 0, false
	}
	kept = t.kept[key]
	t.last[key], t.kept[key] = now, 0
	return kept, true
}
