package scheduler

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"hhrecon/reconcile"
)

// memoryStore is a ScheduleStore in memory.
type memoryStore struct {
	mu          sync.Mutex
	occurrences map[string]reconcile.Occurrence
	claimed     map[string]bool
	fail        func(call string) error // called after each method has changed the store
}

func newMemoryStore() *memoryStore {
	return &memoryStore{occurrences: make(map[string]reconcile.Occurrence), claimed: make(map[string]bool)}
}

func (m *memoryStore) put(d reconcile.Occurrence) {
	name := reconcile.OccurrenceName(d.Job, d.At)
	m.occurrences[name] = d
	delete(m.claimed, name)
	if d.State == reconcile.OccurrenceClaimed {
		m.claimed[name] = true
	}
}

func (m *memoryStore) failing(call string) error {
	if m.fail == nil {
		return nil
	}
	return m.fail(call)
}

func (m *memoryStore) ClaimOccurrence(
	_ context.Context, job string, at time.Time, owner reconcile.Owner,
	expiredOwner func(reconcile.Owner, time.Duration) bool,
) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, known := m.occurrences[reconcile.OccurrenceName(job, at)]
	if known && (d.State != reconcile.OccurrenceClaimed || !expiredOwner(d.Owner, 0)) {
		return false, nil
	}
	m.put(reconcile.Occurrence{Job: job, At: at, State: reconcile.OccurrenceClaimed, Owner: owner})
	return true, m.failing("claim")
}

func (m *memoryStore) EndOccurrence(_ context.Context, d reconcile.Occurrence) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.failing("end"); err != nil {
		return err
	}
	before, known := m.occurrences[reconcile.OccurrenceName(d.Job, d.At)]
	switch {
	case d.State == reconcile.OccurrenceSkipped && known:
		return nil
	case d.State != reconcile.OccurrenceSkipped && before.Owner.Token != d.Owner.Token:
		return reconcile.ErrRunLost
	}
	m.put(d)
	return nil
}

func (m *memoryStore) HeartbeatOccurrences(context.Context, reconcile.Owner) error { return nil }

func (m *memoryStore) LastOccurrence(_ context.Context, job string) (last reconcile.Occurrence, known bool, err error) {
	for _, d := range m.of(job) {
		last, known = d, true
	}
	return last, known, m.failing("last")
}

func (m *memoryStore) ExpiredOccurrences(
	_ context.Context, expiredOwner func(reconcile.Owner, time.Duration) bool,
) ([]reconcile.Occurrence, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var expired []reconcile.Occurrence
	for name := range m.claimed {
		if d := m.occurrences[name]; expiredOwner(d.Owner, 0) {
			expired = append(expired, d)
		}
	}
	return expired, nil
}

// of returns a job's occurrences, sorted by time.
func (m *memoryStore) of(job string) []reconcile.Occurrence {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []reconcile.Occurrence
	for _, d := range m.occurrences {
		if d.Job == job {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b reconcile.Occurrence) int { return a.At.Compare(b.At) })
	return list
}

// states returns the states of a job's occurrences, for example "02 15:04 done".
func (m *memoryStore) states(job string) string {
	var lines []string
	for _, d := range m.of(job) {
		lines = append(lines, d.At.UTC().Format("02 15:04 ")+string(d.State))
	}
	return strings.Join(lines, ", ")
}
