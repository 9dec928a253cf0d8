package reconcile

import (
	"context"
	"time"
)

// DueState is where a due time stands.
type DueState string

// The states of a due time.
const (
	DueClaimed DueState = "claimed" // its owner works on it; once that owner is dead, another may claim it
	DueDone    DueState = "done"
	DueFailed  DueState = "failed"  // the note says why; it is not tried again
	DueSkipped DueState = "skipped" // older than the last one that was missed, or from before the job was known
)

// Due is one due time of one job.
type Due struct {
	Job   string
	At    time.Time
	State DueState
	Owner Owner
	Note  string
}

// Timetable keeps the due times of jobs, so that each is carried out once by however many processes.
// The row of a due time decides, not anybody's clock or lock.
type Timetable interface {
	// ClaimDue makes a due time the owner's, and says whether it is: false where another, living owner has it, or where
	// it has ended. A due time whose owner is dead is taken over.
	ClaimDue(ctx context.Context, job string, at time.Time, owner Owner, dead func(Owner, time.Duration) bool) (bool,
		error)
	// EndDue ends a due time that is the owner's; ErrRunLost where it is another's by now. With DueSkipped it need not
	// be anybody's: it is noted, unless it is there already.
	EndDue(ctx context.Context, d Due) error
	// BeatDues notes a sign of life for everything that the owner has claimed, by the database's clock.
	BeatDues(ctx context.Context, owner Owner) error
	// LastDue is the latest due time of a job that was claimed or skipped; false where the job is not known.
	LastDue(ctx context.Context, job string) (Due, bool, error)
	// BrokenDues lists the due times that are claimed by dead owners, oldest first.
	BrokenDues(ctx context.Context, dead func(Owner, time.Duration) bool) ([]Due, error)
}
