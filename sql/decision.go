package sql

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/approval"
	"hhrecon/sql/db"
	"hhrecon/sql/merchant"
)

// ApplyDecision applies one decision. The result is CorrectionSuperseded, and nothing changes, if HighHelp's answer has
// changed. The result is also CorrectionSuperseded if the row has changed since the finding or since the last action
// that wrote the row. Without an answer the result is CorrectionHeld, and no action is saved. ApplyDecision returns
// ErrDecided if the finding already has a decision, even one that keeps the row. ApplyDecision also returns ErrNoRun,
// ErrOpenRun, ErrDryRun, ErrShadow or ErrNoFinding.
func (s *actionStore) ApplyDecision(ctx context.Context, r reconcile.Decision) (reconcile.Action, error) {
	if r.After.Status == "" && !r.Keep {
		return reconcile.Action{}, db.Errorf("a decision needs a status")
	}
	if r.Consent.Shadow {
		return reconcile.Action{}, reconcile.ErrShadow
	}
	run, err := s.closedRun(ctx, s.Conn, r.RunID)
	if err != nil {
		return reconcile.Action{}, s.WrapError(ctx, err)
	}
	lock, err := s.lockProject(ctx, reconcile.ActionDecide, run)
	if err != nil {
		return reconcile.Action{}, err
	}
	defer lock.release(ctx)
	d := newActionBatch(s, reconcile.ActionDecide, r.By, r.Note, r.At, &r.Consent)
	d.run = run
	checked := d.check(&r.Finding, r.Answer)
	if checked == reconcile.CorrectionHeld {
		d.addUnanswered()
		return d.actions[0], nil
	}
	finding := db.Args{"run_id": r.RunID, "seq": r.Seq, "forever": db.FormatTime(merchant.EndOfTime)}
	candidate := query("action/plan_decide").In(s.Dialect).With(db.Args{
		"run_id": r.RunID, "seq": r.Seq, "keep": r.Keep, "status_after": db.CleanText(r.After.Status),
		"sub_status_after": db.CleanText(r.After.SubStatus), "settled_amount_after": r.After.SettledAmount,
		"same": checked == reconcile.CorrectionApplied,
	})
	err = s.WriteRows(ctx, db.RetryConflict, r.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
		if err := lock.require(ctx, tx); err != nil {
			return err
		}
		var err error
		if d.run, err = s.lockClosed(ctx, tx, r.RunID); err != nil {
			return err
		}
		was := r.Finding
		if err := s.GetOr(ctx, tx, &was.DecidedAt, query("action/decision_of_finding"), finding,
			reconcile.ErrNoFinding); err != nil {
			return err
		}
		if was.Decided(&r.Rules, r.At) {
			return reconcile.ErrDecided
		}
		d.kind, d.facts = reconcile.ActionDecide, r.Consent.Facts()
		if err := d.proposeDecision(ctx, tx, &r); err != nil {
			return err
		}
		candidate.Args["same"] = checked == reconcile.CorrectionApplied && d.kind == reconcile.ActionDecide
		if err := d.execute(ctx, tx, candidate, rowByRow); err != nil {
			return err
		}
		if len(d.rows) == 0 {
			return reconcile.ErrNoFinding
		}
		return nil
	})
	if err != nil {
		return reconcile.Action{}, err
	}
	return d.actions[0], nil
}

// findingKey identifies a finding.
type findingKey struct{ runID, seq int64 }

// findUndecided returns the findings that need a decision. For one run the findings are in the order of the selection.
// Otherwise the newest finding is first.
func (s *findingStore) findUndecided(ctx context.Context, tx *sqlx.Tx, f *reconcile.FindingFilter) ([]foundRow, error) {
	keys, err := s.undecided(ctx, tx, f)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	if f.RunID != 0 {
		slices.Reverse(keys)
	}
	keys = keys[:min(len(keys), orAny(f.Limit))]
	var found []foundRow
	for some := range slices.Chunk(keys, page) {
		place := make(map[findingKey]int, len(some))
		var runs, seqs []int64
		for i, k := range some {
			place[k] = i
			runs, seqs = append(runs, k.runID), append(seqs, k.seq)
		}
		var rows []foundRow
		a := db.Args{"runs": db.Int64s(unique(runs)), "seqs": db.Int64s(unique(seqs))}
		if err := s.List(ctx, tx, &rows, query("finding/findings_of_keys").In(s.Dialect), a); err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(r foundRow) bool { _, meant := place[findingKey{r.RunID, r.Seq}]; return !meant })
		slices.SortFunc(rows, func(a, b foundRow) int {
			return place[findingKey{a.RunID, a.Seq}] - place[findingKey{b.RunID, b.Seq}]
		})
		found = append(found, rows...)
	}
	return found, nil
}

func unique(some []int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(some))) }

// undecided returns the keys of all findings that need a decision and have no decision, newest first.
func (s *findingStore) undecided(ctx context.Context, tx *sqlx.Tx, f *reconcile.FindingFilter) ([]findingKey, error) {
	rows, err := selectUndecided(ctx, s.DB, tx, s.filterArgs(f), (*foundRow).waits)
	return db.Column(rows, func(r *foundRow) findingKey { return findingKey{r.RunID, r.Seq} }), err
}

// waits reports whether the finding needs a decision and has no decision.
func (r *foundRow) waits(rules *reconcile.Rules) bool {
	return r.AwaitsDecision(rules) && !r.Decided(rules, time.Now())
}

// selectUndecided returns the findings of undecided.sql for which want returns true. It passes each run's rules.
func selectUndecided(ctx context.Context, d *db.DB, tx *sqlx.Tx, a db.Args,
	want func(r *foundRow, rules *reconcile.Rules) bool) ([]foundRow, error) {
	var rows []foundRow
	if err := d.List(ctx, tx, &rows, query("finding/undecided").In(d.Dialect), a); err != nil {
		return nil, err
	}
	known := make(map[string]*reconcile.Rules)
	for _, r := range rows {
		if known[r.Rules] == nil {
			known[r.Rules] = &reconcile.Rules{}
			if err := json.Unmarshal([]byte(r.Rules), known[r.Rules]); err != nil {
				return nil, db.Errorf("the rules of run %d: %v", r.RunID, err)
			}
		}
	}
	return slices.DeleteFunc(rows, func(r foundRow) bool { return !want(&r, known[r.Rules]) }), nil
}

// dropDecided removes the project's findings that never wait for a decision again from hhrecon_undecided. A held
// correction may still be released, and a decision that changed no open row expires. Therefore these findings stay.
func dropDecided(ctx context.Context, d *db.DB, tx *sqlx.Tx, projectID string) error {
	a := db.Args{"project_id": projectID, "run_id": 0, "beyond": 0, "outcome": "", "text": "",
		"forever": db.FormatTime(merchant.EndOfTime)}
	if _, err := d.Exec(ctx, tx, query("finding/drop_superseded").In(d.Dialect), a); err != nil {
		return err
	}
	rows, err := selectUndecided(ctx, d, tx, a, func(r *foundRow, rules *reconcile.Rules) bool {
		if r.Correction == reconcile.CorrectionHeld {
			r.Correction = reconcile.CorrectionApplied
		}
		return !r.AwaitsDecision(rules) || r.Decided(rules, merchant.EndOfTime)
	})
	if err != nil {
		return err
	}
	return d.Each(ctx, tx, query("finding/drop_undecided").In(d.Dialect), len(rows), func(i int) db.Args {
		return db.Args{"project_id": projectID, "run_id": rows[i].RunID, "seq": rows[i].Seq}
	})
}

// CountUndecided counts the payins of each project whose latest finding needs a decision and has no decision.
func (s *findingStore) CountUndecided(ctx context.Context) (map[string]int64, error) {
	count := make(map[string]int64)
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		clear(count)
		rows, err := selectUndecided(ctx, s.DB, tx, s.filterArgs(&reconcile.FindingFilter{}), (*foundRow).waits)
		for _, r := range rows {
			count[r.ProjectID]++
		}
		return err
	})
	return count, s.WrapError(ctx, err)
}

// proposeDecision turns the batch into a proposal if a second person must approve the decision.
func (d *actionBatch) proposeDecision(ctx context.Context, tx *sqlx.Tx, r *reconcile.Decision) (err error) {
	c := &r.Consent
	if c.Above == 0 && c.Approves == nil {
		return nil
	}
	f := &r.Finding
	sums := approval.Sums{f.Currency: reconcile.SumOf(max(f.PaidAmount, f.Amount))}
	waits, err := d.store.Needed(ctx, tx, d.run.ProjectID, r.By, c, sums, r.At)
	if p := c.Approves; err == nil && p != nil &&
		(p.RunID != r.RunID || p.Seq != r.Seq || p.Facts.Proposes.Choice != r.Choice) {
		return db.Errorf("proposal %d is about another decision", p.ID)
	}
	if waits {
		d.kind = reconcile.ActionPropose
		d.facts.Proposes = &reconcile.Proposed{Kind: reconcile.ActionDecide, Choice: r.Choice, Sums: sums}
	}
	return err
}
