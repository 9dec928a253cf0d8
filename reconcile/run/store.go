package run

import (
	"context"
	"time"

	"hhrecon/reconcile"
)

// Store stores runs, selections and findings, and writes corrections into the merchant's rows. Package sql implements
// Store for PostgreSQL and SQLite.
type Store interface {
	// OpenRun locks the project, selects its open payins and counts them, in one transaction. The error is *HeldError if
	// another process holds the lock on the project, *MissingError if a requested payin is not open, and *DoneError if the
	// project already has a run for the occurrence. An existing run with an expired lease becomes interrupted.
	OpenRun(ctx context.Context, n reconcile.NewRun) (reconcile.Run, error)
	// AcquireRun makes owner the owner of an interrupted run, or of a run with an expired lease. Verdicts with answers
	// older than MaxEvidenceAge are dropped. The run queries the payins of these verdicts again, and decides again which
	// corrections are held. AcquireRun returns ErrNoRun, ErrRunClosed or *HeldError.
	AcquireRun(ctx context.Context, id int64, owner reconcile.Owner, now time.Time,
		expired func(reconcile.Run) bool) (reconcile.Run, error)
	// ResumableRuns lists the project's interrupted runs, except dry runs, and all its runs with an expired lease,
	// oldest first.
	ResumableRuns(ctx context.Context, projectID string, expired func(reconcile.Run) bool) ([]reconcile.Run, error)
	// Heartbeat stores a heartbeat, by the database's clock. The error is *StopError if a person requested a stop.
	Heartbeat(ctx context.Context, l reconcile.Lease) error

	// UnjudgedPayins returns the next payins of a Span without a verdict, in the order of the selection. The result is
	// empty if all payins are judged. Only Seq and Payin are set.
	UnjudgedPayins(ctx context.Context, runID int64, s reconcile.Span, limit int) ([]reconcile.Finding, error)
	// SaveVerdicts stores verdicts in the selection. A payin that already has a verdict keeps that verdict.
	SaveVerdicts(ctx context.Context, l reconcile.Lease, findings []reconcile.Finding) error
	// Summarise returns the impact of the run's verdicts so far, and the number of payins without a verdict. The impact of
	// each class includes payins that other runs wrote after the time since. If corrected is true, Summarise also returns
	// the number of all corrections, including corrections that other runs wrote after the time since. ClassImpact.Hold is
	// the run that started the existing hold of the class. ClassImpact.Hold is 0 if this run selects all open payins and
	// has a trusted answer about each held payin of the class.
	Summarise(ctx context.Context, runID int64, since time.Time, corrected bool) (reconcile.ImpactSummary, error)
	// Usual returns the history of each class. The history consists of the latest n dates before the given day, such as
	// 2026-11-30. On each of these dates a run over all open payins was closed.
	Usual(ctx context.Context, projectID, day string, n int) (reconcile.ProjectUsual, error)
	// SaveCorrectionMode stores whether the run's corrections are written, so a resumed run keeps the decision.
	SaveCorrectionMode(ctx context.Context, l reconcile.Lease, d reconcile.Correction, w reconcile.ImpactSummary,
		note reconcile.Reason) error
	// Settle stores findings for at most limit verdicts after a position of the selection. With CorrectionApplied,
	// Settle writes the corrections of these findings. With CorrectionHeld, Settle writes only corrections without a
	// held class. A correction is written only if the row is unchanged since the run read it. Every other finding stores
	// the mode as its Correction. Settle returns the number of settled verdicts and the last position. If the number is
	// less than limit, there are no further verdicts at this time. If a row is locked, its verdict stays in the
	// selection for a second attempt.
	Settle(ctx context.Context, l reconcile.Lease, mode reconcile.Correction, now time.Time, after int64,
		limit int) (n int, last int64, err error)
	// CloseRun closes the run. The run's selection must be empty.
	CloseRun(ctx context.Context, l reconcile.Lease, state reconcile.RunState, now time.Time) (reconcile.Run, error)
	// InterruptRun releases the run, so another process can resume it.
	InterruptRun(ctx context.Context, l reconcile.Lease, note reconcile.Reason) (reconcile.Run, error)
}
