package run

import (
	"context"
	"time"

	"hhrecon/reconcile"
)

// Store keeps runs, selections and findings, and corrects the merchant's rows. Package sql has it for
// PostgreSQL and for SQLite.
type Store interface {
	// OpenRun takes the project, selects its open payins once and counts them, in one transaction.
	// It returns *HeldError where a living process runs the project, and *MissingError where a payin
	// named in the selection is not open, and *DoneError where the project has a run for the origin's due time
	// already. A run whose owner is dead becomes interrupted.
	OpenRun(ctx context.Context, n reconcile.NewRun) (reconcile.Run, error)
	// AcquireRun makes an interrupted run, or one whose owner is dead, this owner's. Verdicts that rest on
	// answers older than MaxEvidenceAge are taken back, so that their payins are asked about again, and
	// the run is weighed again. It returns ErrNoRun, ErrRunClosed or *HeldError.
	AcquireRun(ctx context.Context, id int64, owner reconcile.Owner, now time.Time,
		expired func(reconcile.Run) bool) (reconcile.Run, error)
	// ResumableRuns lists the project's interrupted runs that write, and those whose owner is dead, oldest first.
	ResumableRuns(ctx context.Context, projectID string, expired func(reconcile.Run) bool) ([]reconcile.Run, error)
	// Heartbeat notes a heartbeat, by the database's clock. It returns *StopError where a person asked for the run's
	// stop.
	Heartbeat(ctx context.Context, l reconcile.Lease) error
	// RequestStop asks a run's owner, wherever it is, to stop; ErrNoRun or ErrNotRunning. A run that is resumed
	// goes on, whatever was asked before.
	RequestStop(ctx context.Context, runID int64, by string) error

	// OpenPayins returns the span's next payins that have no verdict, in the order of the selection; none
	// means that all of them are judged. Only Seq and Payin are set.
	OpenPayins(ctx context.Context, runID int64, s reconcile.Span, limit int) ([]reconcile.Finding, error)
	// SaveVerdicts keeps what was judged with the selection. The first verdict on a payin stands, whoever else was
	// asking about it, and whatever became of it since.
	SaveVerdicts(ctx context.Context, l reconcile.Lease, findings []reconcile.Finding) error
	// Summarize adds up the verdicts that the run has so far, and what is left. Payins of a class, and if asked those that
	// were corrected at all, are counted with those that runs wrote after the given time. Hold of a class is the hold
	// that stands: of a whole run, unless it has a trusted answer about all payins of that hold.
	Summarize(ctx context.Context, runID int64, since time.Time, corrected bool) (reconcile.ImpactSummary, error)
	// Usual returns what each class came to on the last dates before a day (2026-11-30), at most n, on which a whole run
	// closed.
	Usual(ctx context.Context, projectID, day string, n int) (reconcile.ProjectUsual, error)
	// SaveCorrectionMode keeps what becomes of the run's corrections, so that a run that breaks off while it
	// settles goes on as it began.
	SaveCorrectionMode(ctx context.Context, l reconcile.Lease, d reconcile.Correction, w reconcile.ImpactSummary,
		note reconcile.Reason) error
	// Settle makes findings of the next verdicts behind a place of the selection, at most limit. If mode is
	// CorrectionApplied, it writes their corrections, each only while the row is as it was read; if it is
	// CorrectionHeld, those that are of no class that Decide said is held. The others stand in the findings as mode. It
	// returns how many it settled and the place of the last; fewer than limit mean that none is left behind the place,
	// for now. A verdict whose row is locked stays in the selection the first time that it is settled.
	Settle(ctx context.Context, l reconcile.Lease, mode reconcile.Correction, now time.Time, after int64,
		limit int) (n int,
		last int64, err error)
	// CloseRun writes the run's end; the selection must be empty by then.
	CloseRun(ctx context.Context, l reconcile.Lease, state reconcile.RunState, now time.Time) (reconcile.Run, error)
	// InterruptRun gives the run up to whoever goes on with it.
	InterruptRun(ctx context.Context, l reconcile.Lease, note reconcile.Reason) (reconcile.Run, error)
}
