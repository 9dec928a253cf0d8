package sql

import (
	"context"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/lease"
)

// Summarize adds up the verdicts that the run has so far, and what is left; package hold adds the classes.
func (s *runStore) Summarize(ctx context.Context, runID int64, since time.Time,
	corrected bool) (w reconcile.ImpactSummary,
	err error) {
	run, err := s.Run(ctx, runID)
	if err != nil {
		return w, err
	}
	a := db.Args{"run_id": runID, "final": db.Strings(projectOf(run).FinalStatuses())}
	if err = s.Get(ctx, s.Conn, &w, impactSummaryQuery.In(s.Dialect), a); err == nil {
		err = hold.Summarize(ctx, s.DB, &run, &w, since, corrected)
	}
	return w, s.WrapError(ctx, err)
}

// Usual returns what each class came to on the last dates before a day, at most n, on which a whole run closed.
func (s *runStore) Usual(ctx context.Context, projectID, day string, n int) (reconcile.ProjectUsual, error) {
	usual, err := hold.Usual(ctx, s.DB, projectID, day, n)
	return usual, s.WrapError(ctx, err)
}

// SaveCorrectionMode keeps what becomes of the run's corrections, so that a run that breaks off while it settles goes
// on as it began.
func (s *runStore) SaveCorrectionMode(ctx context.Context, l reconcile.Lease, d reconcile.Correction,
	w reconcile.ImpactSummary,
	note reconcile.Reason) error {
	if !isCorrectionMode(d) {
		return db.Errorf("%q is no decision", d)
	}
	a := withNote(lease.Args(l), note, s.sentence(note))
	a["decision"] = string(d)
	a["answered"], a["open"], a["changes"], a["harmful"] = w.Answered, w.Open, w.Changes, w.Harmful
	a["classes"] = hold.Encode(w)
	return s.WriteOne(ctx, db.RetryLost, saveDecisionQuery, a, reconcile.ErrRunLost) // a decision is written over itself
}
