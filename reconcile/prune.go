package reconcile

import "time"

// Retention is how long a project's findings are kept.
type Retention struct {
	ProjectID string
	Before    time.Time // runs that closed before are old
	Setting   string    // as people wrote it: 400d
	Now       time.Time
	DryRun    bool // only tell what would be taken out
}

// Holding says why a run is not taken out, though it is old.
type Holding struct {
	RunID  int64
	Reason string // a sentence without its full stop
}

// Pruning is what was taken out, or would be.
type Pruning struct {
	Runs, Entries int64     // runs, and entries of the audit trail: findings and actions
	Until         time.Time // when the latest run that was ever taken out started; zero for none

	// What went with them, or was as old; a dry run does not count it.
	Unresolved, Alerts, Reports, Marks, Answers int64

	// Only the beginning of an audit trail is taken out: Kept runs are old, and stay with those that hold them.
	Kept     int64
	Holdings []Holding // by run
}

// Erasure is what was removed of HighHelp's answers and alerts as they were received.
type Erasure struct {
	Answers, Alerts int64
	Inline          int64     // answers that are a part of entries of the audit log's version 1, and stay
	InlineLatest    time.Time // when the last of those came; zero for none
}
