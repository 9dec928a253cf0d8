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

// undecided returns the keys of all findings that need a decision and have no decision, newest first. The statement
// excludes decided findings, and AwaitsDecision applies each run's rules.
func (s *findingStore) undecided(ctx context.Context, tx *sqlx.Tx, f *reconcile.FindingFilter) ([]findingKey, error) {
	var rows []foundRow
	if err := s.List(ctx, tx, &rows, query("finding/undecided").In(s.Dialect), s.filterArgs(f)); err != nil {
		return nil, err
	}
	known := make(map[string]*reconcile.Rules)
	var keys []findingKey
	for _, r := range rows {
		rules := known[r.Rules]
		if rules == nil {
			rules = &reconcile.Rules{}
			if err := json.Unmarshal([]byte(r.Rules), rules); err != nil {
				return nil, db.Errorf("the rules of run %d: %v", r.RunID, err)
			}
			known[r.Rules] = rules
		}
		if r.AwaitsDecision(rules) && !r.Decided(rules, time.Now()) {
			keys = append(keys, findingKey{r.RunID, r.Seq})
		}
	}
	return keys, nil
}

// CountUndecided counts the payins whose latest finding needs a decision and has no decision. An empty projectID means
// all projects.
func (s *findingStore) CountUndecided(ctx context.Context, projectID string) (int64, error) {
	var count int
	err := s.Read(ctx, func(tx *sqlx.Tx) error {
		keys, err := s.undecided(ctx, tx, &reconcile.FindingFilter{ProjectID: projectID})
		count = len(keys)
		return err
	})
	return int64(count), s.WrapError(ctx, err)
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
