package run

import (
	"context"
	"time"

	"hhrecon/reconcile"
)

// Store stores runs, selections and findings, and writes corrections into the merchant's rows. Package sql implements
// it for PostgreSQL and SQLite.
type Store interface {
	// OpenRun locks the project, selects its open payins and counts them, in one transaction. It returns *HeldError if
	// another process runs the project, *MissingError if a requested payin is not open, and *DoneError if the project
	// already has a run for the occurrence. A run with an expired lease becomes interrupted.
	OpenRun(ctx context.Context, n reconcile.NewRun) (reconcile.Run, error)
	// AcquireRun makes the owner the owner of a run that is interrupted or whose lease has expired. Verdicts with
	// answers older than MaxEvidenceAge are dropped, so their payins are queried again and the run is decided again. It
	// returns ErrNoRun, ErrRunClosed or *HeldError.
	AcquireRun(ctx context.Context, id int64, owner reconcile.Owner, now time.Time,
		expired func(reconcile.Run) bool) (reconcile.Run, error)
	// ResumableRuns lists the project's interrupted runs that are not dry runs, and those whose lease has expired,
	// oldest first.
	ResumableRuns(ctx context.Context, projectID string, expired func(reconcile.Run) bool) ([]reconcile.Run, error)
	// Heartbeat stores a heartbeat, by the database's clock. It returns *StopError if a person requested a stop.
	Heartbeat(ctx context.Context, l reconcile.Lease) error

	// UnjudgedPayins returns the span's next payins without a verdict, in the order of the selection; none if all are
	// judged. Only Seq and Payin are set.
	UnjudgedPayins(ctx context.Context, runID int64, s reconcile.Span, limit int) ([]reconcile.Finding, error)
	// SaveVerdicts stores verdicts in the selection. The first verdict on a payin stands.
	SaveVerdicts(ctx context.Context, l reconcile.Lease, findings []reconcile.Finding) error
	// Summarise returns the impact of the run's verdicts so far, and the number of payins without one. For each class,
	// and if requested for all corrections, it includes payins that other runs wrote after the given time. A class's
	// Hold is the existing hold. It does not include a whole run's hold if this run has a trusted answer about each
	// payin of that hold.
	Summarise(ctx context.Context, runID int64, since time.Time, corrected bool) (reconcile.ImpactSummary, error)
	// Usual returns the history of each class: the latest n dates before a day (2026-11-30) on which a whole run
	// closed.
	Usual(ctx context.Context, projectID, day string, n int) (reconcile.ProjectUsual, error)
	// SaveCorrectionMode stores what happens to the run's corrections, so a resumed run continues with the same
	// decision.
	SaveCorrectionMode(ctx context.Context, l reconcile.Lease, d reconcile.Correction, w reconcile.ImpactSummary,
		note reconcile.Reason) error
	// Settle stores the findings of the next verdicts after a position of the selection, at most limit. With
	// CorrectionApplied it writes their corrections, each only while the row is as it was read. With CorrectionHeld it
	// writes only those without a held class. The other findings have the mode as their correction. It returns how many
	// it settled and the last position; fewer than limit means that none is left for now. A verdict whose row is locked
	// stays in the selection the first time.
	Settle(ctx context.Context, l reconcile.Lease, mode reconcile.Correction, now time.Time, after int64,
		limit int) (n int, last int64, err error)
	// CloseRun closes the run. Its selection must be empty.
	CloseRun(ctx context.Context, l reconcile.Lease, state reconcile.RunState, now time.Time) (reconcile.Run, error)
	// InterruptRun releases the run, so another process can resume it.
	InterruptRun(ctx context.Context, l reconcile.Lease, note reconcile.Reason) (reconcile.Run, error)
}
