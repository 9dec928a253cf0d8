package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RunState is where a run stands.
type RunState string

// The states; the package comment draws how they follow each other.
const (
	Running     RunState = "running"     // its owner works on it
	Interrupted RunState = "interrupted" // broke off; Resume, or the next run, goes on
	Complete    RunState = "complete"    // every selected payin has its finding
	Held        RunState = "held"        // complete, and began a hold of some class of corrections that waits for a person
	Released    RunState = "released"    // was held; a person had the corrections written
	Discarded   RunState = "discarded"   // was held; a person dropped the corrections
)

// Run is one pass over one project's open payins.
type Run struct {
	ID        int64
	ProjectID string
	State     RunState
	DryRun    bool
	Window    Window
	// Whole is false for a run over named payins or a window given by hand: such a run does not
	// move the project's window, so it lists nothing as left behind.
	Whole bool

	Origin       Origin
	Unpublished  bool      // its report is to be made and sent, and that was not noted yet
	NoEmail      bool      // it is not sent
	Rules        Rules     // as they were when the run was opened
	StartedAt    time.Time // the run's moment, for all its payins
	ClosedAt     time.Time // zero while the run is not closed
	Owner        Owner
	HeartbeatAt  time.Time     // the owner's last sign of life, by the database's clock
	HeartbeatAge time.Duration // since then, by the same clock: hosts' clocks may differ

	Selected       int64         // payins selected, open and rechecked
	Unresolved     int64         // open payins that left the window
	Judged         int64         // selected payins that have a verdict or a finding
	Settled        int64         // selected payins that have their finding
	CorrectionMode Correction    // what becomes of the corrections: applied, dry_run or held; empty until weighed
	Impact         ImpactSummary // set with Decision
	Note           Reason        // why it was held or broke off
	Counts         RunCounts     // of a closed run
	HoldWaits      bool          // an older run's hold waits for a person
	Held           int64         // its corrections that wait for a person to release or discard them
	HoldSize       int64         // corrections that wait in the hold that it began, those of later runs included
	Queries        QueryCheck    // of the merchant's queries, at the run's start
	Head           Head          // of the project's audit log, when the run was read
}

// Window is a half-open span of created_at: From is inside, To is not.
type Window struct{ From, To time.Time }

// Verified counts the successes that were written into the merchant's table in a period.
type Verified struct {
	Successes  int64 `json:"successes"`
	Confirmed  int64 `json:"confirmed"`   // by HighHelp, in any run
	NeverAsked int64 `json:"never_asked"` // HighHelp about: the merchant's own code wrote them
}

// Add adds what was counted of another project.
func (v *Verified) Add(more Verified) {
	v.Successes += more.Successes
	v.Confirmed += more.Confirmed
	v.NeverAsked += more.NeverAsked
}

// CountVerified counts the successes of a period, of all projects of some runs; nil if they cannot be read.
type CountVerified func(ctx context.Context, w Window, runs ...Run) *Verified

// LastDay is the day of the merchant's writing that ends with a run's window.
func (r *Run) LastDay() Window { return Window{r.Window.To.Add(-24 * time.Hour), r.Window.To} }

// Selection says which payins a run is about.
type Selection struct {
	Window      Window
	PaymentIDs  []string  // only these; empty: all in the window
	RecheckFrom time.Time // final payins changed since then are asked about again; zero: none
	Whole       bool

	RecheckTo    time.Time // … and before; zero: any
	RecheckLimit int64     // at most so many of them, behind the open payins; 0: any
}

// maxRecheck bounds how far back final payins are asked about again because no whole run has been closed since.
const maxRecheck = 168 * time.Hour

// RecheckSince is RecheckFrom, or the start of the last whole run that was closed if that is earlier, less the time
// that each run leaves to the next one.
func (s *Selection) RecheckSince(last, now time.Time) time.Time {
	since := s.RecheckFrom
	if !last.IsZero() && !s.RecheckTo.IsZero() {
		last = last.Add(s.RecheckTo.Sub(now))
	}
	if bound := now.Add(-maxRecheck); last.Before(since) && !last.IsZero() && bound.Before(since) {
		since = last
		if since.Before(bound) {
			since = bound
		}
	}
	return since
}

// Span is a part of a run's selection: the places (Finding.Seq, from 1) after After, up to and with To. A To of
// 0 is the selection's end, so the zero Span is the whole run.
type Span struct{ After, To int64 }

// RunCount is how many runs of a project stand in a state.
type RunCount struct {
	ProjectID string
	State     RunState
	Trigger   Trigger
	Count     int64
}

// Trigger is what began a run.
type Trigger string

// The triggers.
const (
	TriggerCommand  Trigger = "command"  // a person, or the system's cron
	TriggerSchedule Trigger = "schedule" // a job of schedules.yaml
	TriggerPage     Trigger = "page"     // a person on the page
	TriggerAlert    Trigger = "alert"    // alerts of HighHelp's
)

// Origin says what began a run, and on whose word.
type Origin struct {
	Trigger Trigger
	By      string // the person; "" for a schedule or an alert
	Via     Via    // how that person came; recorded with the run's beginning, and not read again
	// Occurrence names the due time that the run is for, see OccurrenceName; "" for none. A project has one run for
	// one due time at most.
	Occurrence string
}

// Request is what a run is asked for.
type Request struct {
	Selection Selection
	DryRun    bool
	Origin    Origin
	Publish   bool // once it is closed, its report is to be made
	NoEmail   bool // … and not sent, like that of a dry run
}

// DoneError says that a project has a run for a due time already.
type DoneError struct{ Run Run }

func (e *DoneError) Error() string {
	return fmt.Sprintf("run %d of project %s was opened for %s already", e.Run.ID, e.Run.ProjectID,
		e.Run.Origin.Occurrence)
}

// StopError says that a person asked for a run's stop. What was judged is kept.
type StopError struct{ By string }

func (e *StopError) Error() string { return "stopped by " + e.By }

// ErrNotRunning says that there is nothing to stop.
var ErrNotRunning = errors.New("this run is not running")

// OccurrenceName names a due time of a job.
func OccurrenceName(job string, at time.Time) string {
	return job + " " + at.UTC().Format(time.RFC3339)
}

// MissingError names payins that a run was asked for by name, and that are not open payins.
type MissingError struct {
	ProjectID  string
	PaymentIDs []string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("project %s has no open payin %q in the run's window", e.ProjectID, e.PaymentIDs)
}

// NewRun is what OpenRun needs.
type NewRun struct {
	Project Project
	Request
	Owner     Owner
	StartedAt time.Time // with Project.Rules, what the run judges by; kept as Run.Rules
	// Expired tells whether the owner of a run that stands as running is gone for good.
	Expired func(Run) bool
	Begun   Event // recorded with the run, if it has facts
}
