package reconcile

import (
	"context"
	"time"
)

// RunFilter selects runs. A field with the zero value selects all runs.
type RunFilter struct {
	ProjectID string
	NoAlerts  bool  // omit runs that alerts started
	Before    int64 // only runs with a smaller ID, for the next page; 0 means all runs
	Limit     int
}

// FindingFilter selects findings. A field with the zero value selects all findings. With RunID the results are ordered
// by Seq. Without RunID the results are the latest findings about each payin, newest first.
type FindingFilter struct {
	RunID     int64 // 0 means all closed runs except dry runs
	ProjectID string
	Outcome   Outcome
	// Text selects findings with the text in payment_id or request_id, ignoring case. % and _ have no special meaning.
	// Without RunID, Text is searched in the latest 100 000 findings, and an exact payment_id in all findings.
	Text      string
	Undecided bool  // only latest findings that await a person's decision
	AfterSeq  int64 // with RunID: only findings with a larger Seq, for the next page
	Limit     int
}

// PayinTimeline contains all data that is stored about one payin.
type PayinTimeline struct {
	Findings []Finding // findings of all runs including dry runs, oldest first
	Actions  []Action  // actions on the payin, or on the run that held its correction, oldest first
	Alerts   []Alert   // alerts about the payin, in the order of arrival
}

// Finder searches stored runs and findings for people.
type Finder interface {
	// FindRuns lists runs, newest first.
	FindRuns(ctx context.Context, f RunFilter) ([]Run, error)
	// FindFindings lists at most Limit findings. A held correction that was released is returned as applied.
	FindFindings(ctx context.Context, f FindingFilter) ([]Finding, error)
	// CountUndecided counts the payins of each project that await a person's decision.
	CountUndecided(ctx context.Context) (map[string]int64, error)
	// PayinTimeline returns all data that is stored about a payin. The timeline of an unknown payin is empty.
	PayinTimeline(ctx context.Context, projectID, paymentID string) (PayinTimeline, error)
	// LastComplete returns the time at which the project's latest run over all open payins with the result COMPLETE was
	// closed. Discarded runs do not count. The result is the zero time without such a run.
	LastComplete(ctx context.Context, projectID string) (time.Time, error)
}
