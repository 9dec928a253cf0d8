package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// RunState is the state of a run.
type RunState string

// States of a run. The comment of package run shows the transitions.
const (
	Running     RunState = "running"     // the owner of the run executes the run
	Interrupted RunState = "interrupted" // stopped before the end; Resume or the project's next run continues it
	Complete    RunState = "complete"    // every selected payin has its finding
	Held        RunState = "held"        // complete, and the run started the hold of a class of corrections
	Released    RunState = "released"    // was held; a person released the corrections
	Discarded   RunState = "discarded"   // was held; a person discarded the corrections
)

// HoldEnded reports whether a person released or discarded all corrections of the hold that the run started.
func (s RunState) HoldEnded() bool { return s == Released || s == Discarded }

// Run is one reconciliation of one project's open payins.
type Run struct {
	ID        int64
	ProjectID string
	State     RunState
	DryRun    bool
	Window    Window
	// Whole is true for a run over all open payins of the project. Whole is false for a run over payins or a period that a
	// person chose. A run with Whole false has no unresolved payins.
	Whole bool

	Origin       Origin
	Unpublished  bool      // the run's report is not published yet
	NoEmail      bool      // do not send the run's report by email
	Rules        Rules     // the project's rules when the run was opened
	StartedAt    time.Time // the reference time for all payins of the run
	ClosedAt     time.Time // zero until the run is closed
	Owner        Owner
	HeartbeatAt  time.Time     // the owner's last heartbeat, by the database's clock
	HeartbeatAge time.Duration // age of the heartbeat by the database's clock, because the clocks of hosts may differ

	Selected       int64         // selected payins, open and final
	Unresolved     int64         // open payins that became too old to be queried
	Judged         int64         // selected payins that have a verdict or a finding
	Settled        int64         // selected payins that have a finding
	CorrectionMode Correction    // whether corrections are applied, dry_run or held; empty until the run decides
	Impact         ImpactSummary // set together with CorrectionMode
	Note           Reason        // why the run was held or interrupted
	Counts         RunCounts     // set when the run is closed
	HoldWaits      bool          // a hold that an older run started awaits a person's decision
	Held           int64         // number of the run's held corrections
	HoldSize       int64         // number of corrections in the run's own hold, with those of later runs
	Queries        QueryCheck    // result of checking the merchant's queries at the start of the run
	Head           Head          // end of the project's audit log when the run was read
}

// Unreported reports whether the run is a dry run of a project that is not in shadow. No mail and no event is sent
// about such a run.
func (r *Run) Unreported() bool { return r.DryRun && !r.Rules.Shadow }

// ShadowNights is the number of clean nights in a row after which shadow can be switched off.
const ShadowNights = 7

// CleanNights returns the number of dates in a row on which shadow runs over all open payins were COMPLETE and
// had nothing to hold. The run's date is the last of them. The result is 0 if the given run is not a shadow run
// over all open payins.
func (r *Run) CleanNights() int64 {
	if !r.DryRun || !r.Rules.Shadow || !r.Whole || r.ResultStatus() != ResultComplete || !r.Note.IsZero() {
		return 0
	}
	return r.Rules.CleanNights + 1
}

// CleanNightsBefore returns the number of clean nights in a row before the date of a new run. The project's earlier
// runs are in the order newest first. A nil zone means UTC.
func CleanNightsBefore(startedAt time.Time, zone *time.Location, earlier []Run) int64 {
	date := func(t time.Time) string { return t.In(cmp.Or(zone, time.UTC)).Format(time.DateOnly) }
	for _, r := range earlier {
		if !r.Whole || r.ClosedAt.IsZero() || r.Unreported() {
			continue
		}
		n := r.CleanNights()
		if n > 0 && date(r.StartedAt) == date(startedAt) {
			n--
		}
		return n
	}
	return 0
}

// Window is a half-open interval of time, usually of the payins' created_at. The interval includes From, but not To.
type Window struct{ From, To time.Time }

// Verified counts the payins that became a success in the merchant's table in a period.
type Verified struct {
	Successes  int64 `json:"successes"`
	Confirmed  int64 `json:"confirmed"`   // successes that HighHelp confirmed in at least one run
	NeverAsked int64 `json:"never_asked"` // successes that no run queried; the merchant's own code wrote them
}

// Add adds the counts of another project.
func (v *Verified) Add(more Verified) {
	v.Successes += more.Successes
	v.Confirmed += more.Confirmed
	v.NeverAsked += more.NeverAsked
}

// CountVerified counts the successes of a period in all projects of the given runs. CountVerified returns nil if the
// counts cannot be read.
type CountVerified func(ctx context.Context, w Window, runs ...Run) *Verified

// LastDay returns the last 24 hours of the run's period.
func (r *Run) LastDay() Window { return Window{r.Window.To.Add(-24 * time.Hour), r.Window.To} }

// Selection describes the payins that a run selects.
type Selection struct {
	Window      Window
	PaymentIDs  []string  // select only these payins; empty means all payins in Window
	RecheckFrom time.Time // also select final payins that changed at or after this time; zero means none
	Whole       bool

	RecheckTo    time.Time // only final payins that changed before this time; zero means no limit
	RecheckLimit int64     // the maximum number of final payins; 0 means no limit
}

// maxRecheck limits how old a final payin may be to be checked again if no recent run over all open payins was closed.
const maxRecheck = 168 * time.Hour

// RecheckSince returns RecheckFrom, or an earlier time if the last closed run over all open payins started earlier.
// Each run checks final payins only up to RecheckTo, some time before its start. The earlier time precedes the last
// run's start by the same interval.
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

// Span is a range of a run's selection, by position (Finding.Seq, from 1). The range starts after the
// position in After, and ends with the position in To. If To is 0, the range ends with the selection. The
// zero Span is the whole selection.
type Span struct{ After, To int64 }

// RunCount is the number of a project's runs in one state.
type RunCount struct {
	ProjectID string
	State     RunState
	Trigger   Trigger
	Count     int64
}

// Trigger names the cause of a run.
type Trigger string

// Triggers of a run.
const (
	TriggerCommand  Trigger = "command"  // a person, or the system's cron
	TriggerSchedule Trigger = "schedule" // a job of schedules.yaml
	TriggerPage     Trigger = "page"     // a person on the page
	TriggerAlert    Trigger = "alert"    // alerts from HighHelp
)

// Origin says what started a run, and names the person if there is one.
type Origin struct {
	Trigger Trigger
	By      string // the person; empty for a schedule or an alert
	Via     Via    // how the person was identified; only stored with the run's first event
	// Occurrence is the scheduled time of the run: see OccurrenceName. An unscheduled run has an empty Occurrence. A
	// project has at most one run for each occurrence.
	Occurrence string
}

// Request describes a run to open.
type Request struct {
	Selection Selection
	DryRun    bool
	Origin    Origin
	Publish   bool // publish the report when the run is closed
	NoEmail   bool // do not send the report by email; the report of a dry run is never sent
}

// DoneError says that the project already has a run for the occurrence.
type DoneError struct{ Run Run }

func (e *DoneError) Error() string {
	return fmt.Sprintf("run %d of project %s already exists for the scheduled time %s", e.Run.ID, e.Run.ProjectID,
		e.Run.Origin.Occurrence)
}

// StopError says that a person requested to stop the run. The verdicts so far are stored.
type StopError struct{ By string }

func (e *StopError) Error() string { return "stopped by " + e.By }

// ErrNotRunning says that the run cannot be stopped because it is not running.
var ErrNotRunning = errors.New("this run is not running")

// OccurrenceName returns the name of a job's scheduled time.
func OccurrenceName(job string, at time.Time) string {
	return job + " " + at.UTC().Format(time.RFC3339)
}

// MissingError lists requested payins that are not in the table or not open.
type MissingError struct {
	ProjectID  string
	PaymentIDs []string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("project %s has no open payin %q in the run's period", e.ProjectID, e.PaymentIDs)
}

// NewRun is the input of OpenRun.
type NewRun struct {
	Project Project
	Request
	Owner     Owner
	StartedAt time.Time // the start time for which Run.Rules are computed
	// Expired reports whether the lease of a running run's owner has expired.
	Expired    func(Run) bool
	StartEvent Event // stored with the run, if the event has facts
}
