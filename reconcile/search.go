package reconcile

import (
	"context"
	"time"
)

// RunFilter chooses runs; zero values choose all.
type RunFilter struct {
	ProjectID string
	NoAlerts  bool  // without those that alerts began
	Before    int64 // only older ones than this run, for the next page
	Limit     int
}

// FindingFilter chooses findings; zero values choose all. Of a run, they come in the order of their Seq; otherwise it
// is the last word on each payin that is found, newest first.
type FindingFilter struct {
	RunID     int64 // 0: the closed runs that were no dry runs
	ProjectID string
	Outcome   Outcome
	// Text stands in payment_id or request_id, in either case of letters; % and _ are plain. Without a run it is looked
	// for in the latest 100 000 findings, and as a whole payment_id in all.
	Text      string
	Undecided bool  // only those that are the last word on a payin, wait for a person's decision, and have none
	AfterSeq  int64 // of a run: only Seq above this, for the next page
	Limit     int
}

// PayinTimeline is all that is known of one payin.
type PayinTimeline struct {
	Findings []Finding // of all runs, dry ones too, oldest first
	Actions  []Action  // of people, about it or about a whole run that held its correction, oldest first
	Alerts   []Alert   // as they arrived
}

// Finder searches what runs have left, for people who look at single payins.
type Finder interface {
	// FindRuns lists runs, newest first.
	FindRuns(ctx context.Context, f RunFilter) ([]Run, error)
	// FindFindings lists findings, at most Limit. A held correction that a person has released counts as applied.
	FindFindings(ctx context.Context, f FindingFilter) ([]Finding, error)
	// CountUndecided counts the payins whose last word waits for a person's decision and has none; projectID "" is all.
	CountUndecided(ctx context.Context, projectID string) (int64, error)
	// PayinTimeline tells all about a payin; empty where nothing is known of it.
	PayinTimeline(ctx context.Context, projectID, paymentID string) (PayinTimeline, error)
	// LastComplete is when the project's last whole run with the headline COMPLETE closed, a discarded one aside; zero for
	// none.
	LastComplete(ctx context.Context, projectID string) (time.Time, error)
}
