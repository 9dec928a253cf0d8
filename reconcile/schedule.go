package reconcile

import (
	"context"
	"time"
)

// OccurrenceState is the state of an occurrence.
type OccurrenceState string

// The states of an occurrence.
const (
	// its owner executes the job; after the owner's lease expires, another may claim it
	OccurrenceClaimed OccurrenceState = "claimed"
	OccurrenceDone    OccurrenceState = "done"
	OccurrenceFailed  OccurrenceState = "failed" // the note says why; it is not tried again
	// not the latest missed occurrence, or from before the job was added
	OccurrenceSkipped OccurrenceState = "skipped"
)

// Occurrence is one scheduled time of one job.
type Occurrence struct {
	Job   string
	At    time.Time
	State OccurrenceState
	Owner Owner
	Note  string
}

// ScheduleStore stores the occurrences of jobs, so each is executed once by any number of processes. The occurrence's
// row decides, not a process's clock.
type ScheduleStore interface {
	// ClaimOccurrence makes the process the owner of an occurrence and returns true. It returns false if another owner
	// with a valid lease has it, or if it has ended.
	ClaimOccurrence(ctx context.Context, job string, at time.Time, owner Owner,
		expired func(Owner, time.Duration) bool) (bool, error)
	// EndOccurrence ends the owner's occurrence, or returns ErrRunLost if another process owns it now. With
	// OccurrenceSkipped it stores an occurrence without an owner, unless it exists.
	EndOccurrence(ctx context.Context, d Occurrence) error
	// HeartbeatOccurrences stores a heartbeat for all occurrences of the owner, by the database's clock.
	HeartbeatOccurrences(ctx context.Context, owner Owner) error
	// LastOccurrence returns a job's latest occurrence that was claimed or skipped; false for an unknown job.
	LastOccurrence(ctx context.Context, job string) (Occurrence, bool, error)
	// ExpiredOccurrences lists the claimed occurrences of owners with expired leases, oldest first.
	ExpiredOccurrences(ctx context.Context, expired func(Owner, time.Duration) bool) ([]Occurrence, error)
}
