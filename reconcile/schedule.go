package reconcile

import (
	"context"
	"time"
)

// OccurrenceState is where a due time stands.
type OccurrenceState string

// The states of a due time.
const (
	OccurrenceClaimed OccurrenceState = "claimed" // its owner works on it; once that owner is dead, another may claim it
	OccurrenceDone    OccurrenceState = "done"
	OccurrenceFailed  OccurrenceState = "failed" // the note says why; it is not tried again
	// older than the last one that was missed, or from before the job was known
	OccurrenceSkipped OccurrenceState = "skipped"
)

// Occurrence is one due time of one job.
type Occurrence struct {
	Job   string
	At    time.Time
	State OccurrenceState
	Owner Owner
	Note  string
}

// ScheduleStore keeps the due times of jobs, so that each is carried out once by however many processes.
// The row of a due time decides, not anybody's clock or lock.
type ScheduleStore interface {
	// ClaimOccurrence makes a due time the owner's, and says whether it is: false where another, living owner has it, or
	// where it has ended. A due time whose owner is dead is taken over.
	ClaimOccurrence(ctx context.Context, job string, at time.Time, owner Owner,
		expired func(Owner, time.Duration) bool) (bool,
		error)
	// EndOccurrence ends a due time that is the owner's; ErrRunLost where it is another's by now. With OccurrenceSkipped
	// it need not be anybody's: it is noted, unless it is there already.
	EndOccurrence(ctx context.Context, d Occurrence) error
	// HeartbeatOccurrences notes a sign of life for everything that the owner has claimed, by the database's clock.
	HeartbeatOccurrences(ctx context.Context, owner Owner) error
	// LastOccurrence is the latest due time of a job that was claimed or skipped; false where the job is not known.
	LastOccurrence(ctx context.Context, job string) (Occurrence, bool, error)
	// ExpiredOccurrences lists the due times that are claimed by dead owners, oldest first.
	ExpiredOccurrences(ctx context.Context, expired func(Owner, time.Duration) bool) ([]Occurrence, error)
}
