package sql

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/lease"
)

// Summarise adds up the run's verdicts, and counts the payins without a verdict. Package hold adds the totals of
// each class of corrections.
func (s *runStore) Summarise(ctx context.Context, runID int64, since time.Time,
	corrected bool) (w reconcile.ImpactSummary, err error) {
	run, err := s.Run(ctx, runID)
	if err != nil {
		return w, err
	}
	a := db.Args{"run_id": runID, "final": db.Strings(projectOf(run).FinalStatuses())}
	if err = s.Get(ctx, s.Conn, &w, query("run/impact_summary").In(s.Dialect), a); err == nil {
		err = hold.Summarise(ctx, s.DB, &run, &w, since, corrected)
	}
	return w, s.WrapError(ctx, err)
}

// Usual returns how many payins were corrected in each class, on at most n dates before a day. Usual uses the last
// dates on which a run over all open payins closed.
func (s *runStore) Usual(ctx context.Context, projectID, day string, n int) (reconcile.ProjectUsual, error) {
	usual, err := hold.Usual(ctx, s.DB, projectID, day, n)
	return usual, s.WrapError(ctx, err)
}

// SaveCorrectionMode saves whether the run applies or holds its corrections. A resumed run continues in the same mode.
func (s *runStore) SaveCorrectionMode(ctx context.Context, l reconcile.Lease, d reconcile.Correction,
	w reconcile.ImpactSummary, note reconcile.Reason) error {
	if !isCorrectionMode(d) {
		return db.Errorf("%q is not a correction mode", d)
	}
	a := withNote(lease.Args(l), note, s.sentence(note))
	a["decision"] = string(d)
	a["answered"], a["open"], a["changes"], a["harmful"] = w.Answered, w.Open, w.Changes, w.Harmful
	a["classes"] = hold.Encode(w)
	// Saving the same mode twice is harmless.
	return s.WriteOne(ctx, db.RetryLost, query("run/save_decision"), a, reconcile.ErrRunLost)
}

// isCorrectionMode reports whether a value is a correction mode of a run.
func isCorrectionMode(c reconcile.Correction) bool {
	return c == reconcile.CorrectionApplied || c == reconcile.CorrectionDryRun || c == reconcile.CorrectionHeld
}

// markHeld excludes held corrections from writing, and reports whether any correction has a class or is held.
func (b *batch) markHeld(ctx context.Context, tx *sqlx.Tx) (costly bool, err error) {
	if b.mode == reconcile.CorrectionDryRun {
		return false, nil
	}
	b.part = hold.Batch{Lease: b.lease, Now: b.now, First: b.verdicts[0].Seq, Last: b.verdicts[len(b.verdicts)-1].Seq}
	if err := b.part.Read(ctx, b.store.DB, tx); err != nil {
		return false, err
	}
	held, some := b.part.Held(), false
	b.part.All = b.mode == reconcile.CorrectionHeld && held == 0
	for i := range b.verdicts {
		v := &b.verdicts[i]
		v.held = v.classes&held != 0 || b.part.All && v.Changes
		v.Changes = v.Changes && !v.held
		some, costly = some || v.held, costly || v.held || v.classes != 0
	}
	if some && !b.part.All {
		err = b.part.Unmark(ctx, b.store.DB, tx)
	}
	return costly, err
}
