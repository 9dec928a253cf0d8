package reconcile

import (
	"context"
	"time"
)

// OccurrenceState is the state of an occurrence.
type OccurrenceState string

// The states of an occurrence.
const (
	// the owner executes the job; after the lease has expired, another process may claim the occurrence
	OccurrenceClaimed OccurrenceState = "claimed"
	OccurrenceDone    OccurrenceState = "done"
	OccurrenceFailed  OccurrenceState = "failed" // the note contains the error; no process repeats the job
	// not executed, because a later time was missed too or the schedule did not exist yet
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

// ScheduleStore stores the occurrences of jobs. A job is executed once for each occurrence, with any number
// of processes. The row of the occurrence decides which process executes the job. The clocks of the
// processes do not matter.
type ScheduleStore interface {
	// ClaimOccurrence makes the process the owner of an occurrence and returns true. ClaimOccurrence returns false if
	// another owner has a valid lease on the occurrence, or if the occurrence has ended.
	ClaimOccurrence(ctx context.Context, job string, at time.Time, owner Owner,
		expired func(Owner, time.Duration) bool) (bool, error)
	// EndOccurrence stores the end of an occurrence that the process owns. EndOccurrence returns ErrRunLost if another
	// process owns the occurrence now. A new occurrence with the state OccurrenceSkipped is stored without an owner.
	EndOccurrence(ctx context.Context, d Occurrence) error
	// HeartbeatOccurrences stores a heartbeat for all occurrences of the owner, by the database's clock.
	HeartbeatOccurrences(ctx context.Context, owner Owner) error
	// LastOccurrence returns a job's latest occurrence in any state, or false if the job has no occurrence.
	LastOccurrence(ctx context.Context, job string) (Occurrence, bool, error)
	// ExpiredOccurrences lists the claimed occurrences with an expired lease, oldest first.
	ExpiredOccurrences(ctx context.Context, expired func(Owner, time.Duration) bool) ([]Occurrence, error)
}
