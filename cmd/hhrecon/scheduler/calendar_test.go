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
	dues    map[string]reconcile.Due
	claimed map[string]bool
	fail    func(call string) error // after the call has done its work
}

func newCalendar() *calendar {
	return &calendar{dues: make(map[string]reconcile.Due), claimed: make(map[string]bool)}
}

func (c *calendar) put(d reconcile.Due) {
	name := reconcile.DueName(d.Job, d.At)
	c.dues[name] = d
	delete(c.claimed, name)
	if d.State == reconcile.DueClaimed {
		c.claimed[name] = true
	}
}

func (c *calendar) failing(call string) error {
	if c.fail == nil {
		return nil
	}
	return c.fail(call)
}

func (c *calendar) ClaimDue(
	_ context.Context, job string, at time.Time, owner reconcile.Owner, dead func(reconcile.Owner, time.Duration) bool,
) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, known := c.dues[reconcile.DueName(job, at)]
	if known && (d.State != reconcile.DueClaimed || !dead(d.Owner, 0)) {
		return false, nil
	}
	c.put(reconcile.Due{Job: job, At: at, State: reconcile.DueClaimed, Owner: owner})
	return true, c.failing("claim")
}

func (c *calendar) EndDue(_ context.Context, d reconcile.Due) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.failing("end"); err != nil {
		return err
	}
	before, known := c.dues[reconcile.DueName(d.Job, d.At)]
	switch {
	case d.State == reconcile.DueSkipped && known:
		return nil
	case d.State != reconcile.DueSkipped && before.Owner.Token != d.Owner.Token:
		return reconcile.ErrRunLost
	}
	c.put(d)
	return nil
}

func (c *calendar) BeatDues(context.Context, reconcile.Owner) error { return nil }

func (c *calendar) LastDue(_ context.Context, job string) (last reconcile.Due, known bool, err error) {
	for _, d := range c.of(job) {
		last, known = d, true
	}
	return last, known, c.failing("last")
}

func (c *calendar) BrokenDues(
	_ context.Context, dead func(reconcile.Owner, time.Duration) bool,
) ([]reconcile.Due, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var broken []reconcile.Due
	for name := range c.claimed {
		if d := c.dues[name]; dead(d.Owner, 0) {
			broken = append(broken, d)
		}
	}
	return broken, nil
}

// of are a job's due times in their order.
func (c *calendar) of(job string) []reconcile.Due {
	c.mu.Lock()
	defer c.mu.Unlock()
	var dues []reconcile.Due
	for _, d := range c.dues {
		if d.Job == job {
			dues = append(dues, d)
		}
	}
	slices.SortFunc(dues, func(a, b reconcile.Due) int { return a.At.Compare(b.At) })
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
