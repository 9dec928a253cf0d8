package scheduler

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// calendar is a timetable in memory.
type calendar struct {
	mu      sync.Mutex
	dues    map[string]reconcile.Occurrence
	claimed map[string]bool
	fail    func(call string) error // after the call has done its work
}

func newCalendar() *calendar {
	return &calendar{dues: make(map[string]reconcile.Occurrence), claimed: make(map[string]bool)}
}

func (c *calendar) put(d reconcile.Occurrence) {
	name := reconcile.OccurrenceName(d.Job, d.At)
	c.dues[name] = d
	delete(c.claimed, name)
	if d.State == reconcile.OccurrenceClaimed {
		c.claimed[name] = true
	}
}

func (c *calendar) failing(call string) error {
	if c.fail == nil {
		return nil
	}
	return c.fail(call)
}

func (c *calendar) ClaimOccurrence(
	_ context.Context, job string, at time.Time, owner reconcile.Owner, dead func(reconcile.Owner, time.Duration) bool,
) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, known := c.dues[reconcile.OccurrenceName(job, at)]
	if known && (d.State != reconcile.OccurrenceClaimed || !dead(d.Owner, 0)) {
		return false, nil
	}
	c.put(reconcile.Occurrence{Job: job, At: at, State: reconcile.OccurrenceClaimed, Owner: owner})
	return true, c.failing("claim")
}

func (c *calendar) EndOccurrence(_ context.Context, d reconcile.Occurrence) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.failing("end"); err != nil {
		return err
	}
	before, known := c.dues[reconcile.OccurrenceName(d.Job, d.At)]
	switch {
	case d.State == reconcile.OccurrenceSkipped && known:
		return nil
	case d.State != reconcile.OccurrenceSkipped && before.Owner.Token != d.Owner.Token:
		return reconcile.ErrRunLost
	}
	c.put(d)
	return nil
}

func (c *calendar) HeartbeatOccurrences(context.Context, reconcile.Owner) error { return nil }

func (c *calendar) LastOccurrence(_ context.Context, job string) (last reconcile.Occurrence, known bool, err error) {
	for _, d := range c.of(job) {
		last, known = d, true
	}
	return last, known, c.failing("last")
}

func (c *calendar) ExpiredOccurrences(
	_ context.Context, dead func(reconcile.Owner, time.Duration) bool,
) ([]reconcile.Occurrence, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var broken []reconcile.Occurrence
	for name := range c.claimed {
		if d := c.dues[name]; dead(d.Owner, 0) {
			broken = append(broken, d)
		}
	}
	return broken, nil
}

// of are a job's due times in their order.
func (c *calendar) of(job string) []reconcile.Occurrence {
	c.mu.Lock()
	defer c.mu.Unlock()
	var dues []reconcile.Occurrence
	for _, d := range c.dues {
		if d.Job == job {
			dues = append(dues, d)
		}
	}
	slices.SortFunc(dues, func(a, b reconcile.Occurrence) int { return a.At.Compare(b.At) })
	return dues
}

// states are what became of a job's due times, as "02 15:04 done".
func (c *calendar) states(job string) string {
	var lines []string
	for _, d := range c.of(job) {
		lines = append(lines, d.At.UTC().Format("02 15:04 ")+string(d.State))
	}
	return strings.Join(lines, ", ")
}
