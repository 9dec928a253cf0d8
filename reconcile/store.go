package reconcile

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// The errors that a Store returns for a caller to act on.
var (
	ErrRunLost   = errors.New("another process has taken this run over")
	ErrRunClosed = errors.New("this run is closed")
	ErrNoRun     = errors.New("there is no such run")
)

// HeldError says that another process runs the project.
type HeldError struct {
	Run    Run        // the run that holds it
	Action ActionKind // what a person does about that run, if it is that which holds it
}

func (e *HeldError) Error() string {
	who := fmt.Sprintf("run %d", e.Run.ID)
	if e.Action != "" {
		who = fmt.Sprintf("%s of run %d", e.Action, e.Run.ID)
	}
	return fmt.Sprintf("%s holds project %s: started %s by process %d on %s, last heartbeat %s",
		who, e.Run.ProjectID, e.Run.StartedAt.Format(time.RFC3339), e.Run.Owner.PID, e.Run.Owner.Host,
		e.Run.HeartbeatAt.Format(time.RFC3339))
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

// Store keeps runs, selections and findings, and corrects the merchant's rows. Package sql has it for
// PostgreSQL and for SQLite.
type Store interface {
	// OpenRun takes the project, selects its open payins once and counts them, in one transaction.
	// It returns *HeldError where a living process runs the project, and *MissingError where a payin
	// named in the selection is not open, and *DoneError where the project has a run for the origin's due time
	// already. A run whose owner is dead becomes interrupted.
	OpenRun(ctx context.Context, n NewRun) (Run, error)
	// AcquireRun makes an interrupted run, or one whose owner is dead, this owner's. Verdicts that rest on
	// answers older than MaxEvidenceAge are taken back, so that their payins are asked about again, and
	// the run is weighed again. It returns ErrNoRun, ErrRunClosed or *HeldError.
	AcquireRun(ctx context.Context, id int64, owner Owner, now time.Time, expired func(Run) bool) (Run, error)
	// ResumableRuns lists the project's interrupted runs that write, and those whose owner is dead, oldest first.
	ResumableRuns(ctx context.Context, projectID string, expired func(Run) bool) ([]Run, error)
	// Heartbeat notes a heartbeat, by the database's clock. It returns *StopError where a person asked for the run's
	// stop.
	Heartbeat(ctx context.Context, l Lease) error
	// RequestStop asks a run's owner, wherever it is, to stop; ErrNoRun or ErrNotRunning. A run that is resumed
	// goes on, whatever was asked before.
	RequestStop(ctx context.Context, runID int64, by string) error

	// OpenPayins returns the span's next payins that have no verdict, in the order of the selection; none
	// means that all of them are judged. Only Seq and Payin are set.
	OpenPayins(ctx context.Context, runID int64, s Span, limit int) ([]Finding, error)
	// SaveVerdicts keeps what was judged with the selection. The first verdict on a payin stands, whoever else was
	// asking about it, and whatever became of it since.
	SaveVerdicts(ctx context.Context, l Lease, findings []Finding) error
	// Summarize adds up the verdicts that the run has so far, and what is left. Payins of a class, and if asked those that
	// were corrected at all, are counted with those that runs wrote after the given time. Hold of a class is the hold
	// that stands: of a whole run, unless it has a trusted answer about all payins of that hold.
	Summarize(ctx context.Context, runID int64, since time.Time, corrected bool) (ImpactSummary, error)
	// Usual returns what each class came to on the last dates before a day (2026-11-30), at most n, on which a whole run
	// closed.
	Usual(ctx context.Context, projectID, day string, n int) (ProjectUsual, error)
	// SaveCorrectionMode keeps what becomes of the run's corrections, so that a run that breaks off while it
	// settles goes on as it began.
	SaveCorrectionMode(ctx context.Context, l Lease, d Correction, w ImpactSummary, note Reason) error
	// Settle makes findings of the next verdicts behind a place of the selection, at most limit. If mode is
	// CorrectionApplied, it writes their corrections, each only while the row is as it was read; if it is
	// CorrectionHeld, those that are of no class that Decide said is held. The others stand in the findings as mode. It
	// returns how many it settled and the place of the last; fewer than limit mean that none is left behind the place,
	// for now. A verdict whose row is locked stays in the selection the first time that it is settled.
	Settle(ctx context.Context, l Lease, mode Correction, now time.Time, after int64, limit int) (n int,
		last int64, err error)
	// CloseRun writes the run's end; the selection must be empty by then.
	CloseRun(ctx context.Context, l Lease, state RunState, now time.Time) (Run, error)
	// InterruptRun gives the run up to whoever goes on with it.
	InterruptRun(ctx context.Context, l Lease, note Reason) (Run, error)
}

// ReportScope names findings: those of one run, or those by which a period counts its payins. The period has the closed
// runs that started within a window (From inside, To not), of one project or of all. It counts a payin once, if one of
// its runs was the first to reach the verdict that stands at its end; an answer that is missing or cannot be trusted is
// no verdict if there is one. So periods that follow one another add up.
type ReportScope struct {
	RunID     int64
	ProjectID string
	Window    Window
	// Correction is a report's ID: of the scope's findings only those that say something else than the last word of the
	// report's earlier editions, or that those have none of. What left the window is no part of it. 0: all findings.
	Correction int64
	Answers    bool // with HighHelp's answers, which only Replay needs
}

// Archive is the reading side of what runs have left: what reports are made of.
type Archive interface {
	Run(ctx context.Context, id int64) (Run, error)
	// Runs lists runs, newest first; projectID "" is all projects.
	Runs(ctx context.Context, projectID string, limit int) ([]Run, error)
	// Totals adds up the scope's findings by outcome and currency, in the database.
	Totals(ctx context.Context, s ReportScope) ([]Total, error)
	// Findings streams the scope's findings in the order of their selection (by run, then by Seq).
	Findings(ctx context.Context, s ReportScope) iter.Seq2[Finding, error]
	// FindingsOf lists those of the scope's findings that have one of the outcomes, in the same order, without HighHelp's
	// answers: it reads no others. A correction's findings are not asked for so.
	FindingsOf(ctx context.Context, s ReportScope, outcomes []Outcome) ([]Finding, error)
	// Changes streams a correction's findings in their order, each beside what its readers were told before. Another
	// scope has none.
	Changes(ctx context.Context, s ReportScope) iter.Seq2[Change, error]
	// Unresolved streams the open payins that left the window with the scope's runs.
	Unresolved(ctx context.Context, s ReportScope) iter.Seq2[Payin, error]
	// WholeRunBefore is the project's last whole run that was closed before a run, dry runs aside, or ErrNoRun.
	WholeRunBefore(ctx context.Context, runID int64) (Run, error)
	// Transitions streams how payins stand after a run, beside how they stood after the run before: those of
	// this run in the order of their selection, and those that only the run before asked about.
	Transitions(ctx context.Context, before, run Run) iter.Seq2[Transition, error]
	// DailyTotals are the last n local days, in a zone, on which whole runs began that were closed, the oldest first; dry
	// runs aside. They end with the scope's run, or before the end of its window.
	DailyTotals(ctx context.Context, s ReportScope, zone *time.Location, n int) ([]DailyTotals, error)
	// PayinHistories streams the payins about which a period's runs said more than one thing, an outcome or an amount A,
	// in the order of Findings. A run or a correction has none.
	PayinHistories(ctx context.Context, s ReportScope) iter.Seq2[PayinHistory, error]
}

// Total is the control total of one outcome in one currency.
type Total struct {
	Outcome  Outcome
	Currency string
	Count    int64
	Amount   Sum // of M over all its payins

	// The rest is over the payins whose amounts were compared.
	Compared       int64 // how many
	ComparedAmount Sum   // of M
	InitialAmount  Sum   // of I
	OldAmount      Sum   // of O
	PaidAmount     Sum   // of A

	Applied, Superseded, Held, DryRun, Refused, Locked int64 // corrections
}
