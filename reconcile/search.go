package reconcile

import (
	"context"
	"time"
)

// RunFilter selects runs; zero values select all.
type RunFilter struct {
	ProjectID string
	NoAlerts  bool  // without runs that alerts started
	Before    int64 // only older runs than this one, for the next page
	Limit     int
}

// FindingFilter selects findings; zero values select all. With RunID they are ordered by Seq. Without it, the result
// has the latest finding about each payin, newest first.
type FindingFilter struct {
	RunID     int64 // 0: closed runs that are not dry runs
	ProjectID string
	Outcome   Outcome
	// Text is contained in payment_id or request_id, in upper or lower case; % and _ have no special meaning. Without
	// RunID it is searched in the latest 100 000 findings, and as a whole payment_id in all.
	Text      string
	Undecided bool  // only the latest findings about payins that await a decision and have none
	AfterSeq  int64 // with RunID: only larger Seq, for the next page
	Limit     int
}

// PayinTimeline is everything that is known about one payin.
type PayinTimeline struct {
	Findings []Finding // of all runs including dry runs, oldest first
	Actions  []Action  // about the payin, or about a whole run that held its correction, oldest first
	Alerts   []Alert   // by arrival
}

// Finder searches stored runs and findings for people.
type Finder interface {
	// FindRuns lists runs, newest first.
	FindRuns(ctx context.Context, f RunFilter) ([]Run, error)
	// FindFindings lists at most Limit findings. A held correction that was released counts as applied.
	FindFindings(ctx context.Context, f FindingFilter) ([]Finding, error)
	// CountUndecided counts the payins that await a person's decision and have none; an empty projectID means all
	// projects.
	CountUndecided(ctx context.Context, projectID string) (int64, error)
	// PayinTimeline returns everything about a payin; it is empty for an unknown payin.
	PayinTimeline(ctx context.Context, projectID, paymentID string) (PayinTimeline, error)
	// LastComplete returns when the project's latest whole run with the result COMPLETE was closed, without discarded
	// runs; zero if there is none.
	LastComplete(ctx context.Context, projectID string) (time.Time, error)
}
