package sql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/merchant"
)

// savedActionRow is a row that the statements about actions return.
type savedActionRow struct {
	reasonColumns
	reconcile.Action
}

func (r *savedActionRow) action() reconcile.Action {
	r.Reason = r.reason()
	return r.Action
}

// actionBatchSize is the maximum number of rows that an action writes in one transaction. A batch contains the findings
// in a range of the column seq (see page).
const actionBatchSize = 1000

// Execute executes an action in batches, with one transaction for each batch. After saving a result, Execute passes the
// result to the callback. In a dry run, Execute passes the results that would be saved. If an earlier undo skipped a
// row for the same reason, Execute passes the earlier result. A release also passes a result for every payin about
// which HighHelp has no answer. After a crash, a second call of Execute processes the remaining findings.
func (s *actionStore) Execute(ctx context.Context, o reconcile.RunAction, each func(reconcile.Action) error) error {
	if err := checkAction(&o); err != nil {
		return err
	}
	run, err := s.closedRun(ctx, s.Conn, o.RunID)
	if err != nil {
		return s.WrapError(ctx, err)
	}
	h, runs := hold.Hold{RunID: o.RunID, Class: o.Class}, []int64{o.RunID}
	if !o.Kind.Undoes() {
		held, err := h.Runs(ctx, s.DB, s.Conn)
		if err != nil || len(held) == 0 {
			return s.WrapError(ctx, cmp.Or(err, reconcile.ErrNotHeld))
		}
		if o.Kind == reconcile.ActionRelease {
			runs = held
		}
	}
	var lock *projectLock
	if o.DryRun {
		project := projectOf(run)
		_, err = s.Prove(ctx, &project)
	} else if lock, err = s.lockProject(ctx, o.Kind, run); err == nil {
		defer lock.release(ctx)
	}
	waits := false
	if err == nil {
		waits, err = s.proposeIfNeeded(ctx, &o, run, lock, each)
	}
	for _, o.RunID = range runs {
		if err == nil && !waits {
			err = s.executeRun(ctx, &o, h, lock, each)
		}
	}
	return err
}

// checkAction returns an error if an action is incomplete, too large or refused.
func checkAction(o *reconcile.RunAction) error {
	switch {
	case o.Consent.Shadow && o.Kind != reconcile.ActionDiscard && !o.DryRun:
		return reconcile.ErrShadow
	case o.Kind.Undoes():
	case o.Kind != reconcile.ActionRelease && o.Kind != reconcile.ActionDiscard:
		return db.Errorf("%q is not an action about a run", o.Kind)
	case o.DryRun, len(o.PaymentIDs) > 0:
		return db.Errorf("%s applies to all payins of a run and has no dry run", o.Kind)
	case o.Kind == reconcile.ActionRelease && o.Ask == nil:
		return db.Errorf("a release must query HighHelp again")
	}
	if len(o.PaymentIDs) > maxPaymentIDs {
		return db.Errorf("%d payment IDs are given; the limit is %d", len(o.PaymentIDs), maxPaymentIDs)
	}
	return nil
}

// executeRun executes an action on the findings of one run. A hold may contain corrections of several runs.
func (s *actionStore) executeRun(ctx context.Context, o *reconcile.RunAction, h hold.Hold, lock *projectLock,
	each func(reconcile.Action) error) error {
	for first := int64(1); ; {
		d, err := s.executeSpan(ctx, o, h, lock, first)
		if err != nil {
			return err
		}
		s.Log.InfoContext(ctx, "actions saved", "action", o.Kind, "run", o.RunID, "up_to", d.last, "actions", len(d.actions))
		for _, a := range d.actions {
			if err := each(a); err != nil {
				return err
			}
		}
		if d.done {
			return nil
		}
		first = d.last + 1
	}
}

// executeSpan executes an action on a range of the run's findings.
func (s *actionStore) executeSpan(ctx context.Context, o *reconcile.RunAction, h hold.Hold, lock *projectLock,
	first int64) (*actionBatch, error) {
	d := newActionBatch(s, o.Kind, o.By, o.Note, o.At, &o.Consent)
	d.last = first + min(actionBatchSize, s.BatchRows.Load()) - 1
	candidates := db.Subquery{Args: db.Args{"run_id": o.RunID, "first": first}}
	switch o.Kind {
	case reconcile.ActionRelease:
		if err := d.askAgain(ctx, o, h, first); err != nil || d.last < first {
			return d, err
		}
		candidates.Statement = query("action/plan_release").In(s.Dialect)
		candidates.Args["hold_id"], candidates.Args["class"] = h.RunID, int64(h.Class)
		candidates.Args["asked"] = db.Int64s(d.answered(reconcile.CorrectionApplied, reconcile.CorrectionSuperseded))
		candidates.Args["same"] = db.Int64s(d.answered(reconcile.CorrectionApplied))
	case reconcile.ActionDiscard:
		candidates.Statement = query("action/plan_discard").In(s.Dialect)
	default:
		candidates = s.planUndo(o, first, 0)
	}
	last := d.last
	candidates.Args["last"] = last
	err := s.WriteRows(ctx, db.RetryConflict, o.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
		var err error
		if !o.DryRun {
			err = lock.require(ctx, tx)
		}
		if err != nil {
			return err
		}
		if d.run, err = s.lockClosed(ctx, tx, o.RunID); err != nil {
			return err
		}
		d.last, d.done = last, last >= d.run.Selected || o.Kind == reconcile.ActionDiscard
		if o.Kind.Undoes() {
			err = d.execute(ctx, tx, candidates, rowByRow)
			if err == nil && o.DryRun {
				err = merchant.ErrRollback
			}
			return err
		}
		return d.answerHold(ctx, tx, h, candidates, rowByRow)
	})
	d.addUnanswered()
	if errors.Is(err, merchant.ErrRollback) {
		d.markDryRun()
		return d, nil
	}
	return d, err
}

// checkedAnswer is a finding with HighHelp's new answer about its payin.
type checkedAnswer struct {
	was    reconcile.Finding
	is     *reconcile.Finding // nil if there is no answer
	result reconcile.Correction
	reason reconcile.Reason
}

// askAgain queries HighHelp about the next held findings. The range of findings ends at the last finding that was
// queried before the time-out. If no finding was queried, the range is empty.
func (d *actionBatch) askAgain(ctx context.Context, o *reconcile.RunAction, h hold.Hold, first int64) error {
	s := d.store
	run, err := s.run(ctx, s.Conn, o.RunID)
	if err != nil {
		return s.WrapError(ctx, err)
	}
	var rows []foundRow
	a := db.Args{"run_id": o.RunID, "hold_id": h.RunID, "class": int64(h.Class), "first": first, "limit": actionBatchSize}
	if err := s.List(ctx, s.Conn, &rows, query("action/held_findings").In(s.Dialect), a); err != nil {
		return s.WrapError(ctx, err)
	}
	d.last = run.Selected
	if len(rows) == actionBatchSize {
		d.last = rows[len(rows)-1].Seq
	}
	if len(rows) == 0 {
		return nil
	}
	held := findingsOf(rows)
	answers, err := o.Ask(ctx, run.Rules, held)
	if err != nil {
		return fmt.Errorf("the remaining rows were not written: %w", err)
	}
	bySeq := make(map[int64]*reconcile.Finding, len(answers))
	for i := range answers {
		bySeq[answers[i].Seq] = &answers[i]
	}
	for i := range held {
		answer := bySeq[held[i].Seq]
		if answer == nil {
			d.last = held[i].Seq - 1
			break
		}
		d.check(&held[i], answer)
	}
	return nil
}

// check compares HighHelp's new answer about a payin with the finding.
func (d *actionBatch) check(was, is *reconcile.Finding) reconcile.Correction {
	c := checkedAnswer{was: *was, is: is}
	c.result, c.reason = reconcile.CheckAnswer(was, is, time.Now())
	if d.checked == nil {
		d.checked = make(map[int64]checkedAnswer)
	}
	d.checked[was.Seq] = c
	return c.result
}

// answered returns the positions of the findings for which check returned one of the given results.
func (d *actionBatch) answered(results ...reconcile.Correction) []int64 {
	var seqs []int64
	for seq, c := range d.checked {
		if slices.Contains(results, c.result) {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	return seqs
}

// addUnanswered adds a result for each payin about which HighHelp has no answer. These results are not saved.
func (d *actionBatch) addUnanswered() {
	for _, seq := range d.answered(reconcile.CorrectionHeld) {
		c := d.checked[seq]
		d.actions = append(d.actions, reconcile.Action{
			Kind: d.kind, ProjectID: c.was.ProjectID, RunID: d.run.ID, Seq: seq, PaymentID: c.was.PaymentID,
			Currency: c.was.Currency, Result: c.result, Reason: c.reason, By: d.actor, Note: d.note,
		})
	}
}

// saveAnswers saves the answers on which the rows' actions are based, and sets the rows' digests.
func (d *actionBatch) saveAnswers(ctx context.Context, tx *sqlx.Tx) error {
	var answers []reconcile.Finding
	digests, rows := []string(nil), []*actionRow(nil)
	for i := range d.rows {
		r := &d.rows[i]
		c, ok := d.checked[r.Seq]
		if !ok || c.is == nil || r.LeftAlone.Valid {
			continue
		}
		if digest := audit.AnswerDigest(db.CleanText(c.is.Answer)); digest != "" {
			answers, digests, rows = append(answers, *c.is), append(digests, digest), append(rows, r)
		}
	}
	if len(answers) == 0 {
		return nil
	}
	err := d.store.SaveAnswers(ctx, tx, answers, digests)
	for i, r := range rows {
		if digests[i] != "" {
			r.digest = db.Raw(digests[i])
		}
	}
	return err
}

// answerHold releases or discards the run's corrections that belong to the hold.
func (d *actionBatch) answerHold(ctx context.Context, tx *sqlx.Tx, h hold.Hold, candidates db.Subquery,
	rowByRow bool) error {
	if _, err := d.store.lockClosed(ctx, tx, h.RunID); err != nil {
		return err
	}
	left, err := h.Begin(ctx, d.store.DB, tx, d.kind, d.run.ID)
	if err != nil || !left {
		d.done = true
		return err
	}
	if err := d.execute(ctx, tx, candidates, rowByRow); err != nil {
		return err
	}
	return h.End(ctx, d.store.DB, tx, d.kind)
}

// Actions streams a run's actions, oldest first. If reading fails, the last pair has the error. A caller that stops
// early leaves no transaction open.
func (s *actionStore) Actions(ctx context.Context, runID int64) iter.Seq2[reconcile.Action, error] {
	return db.Stream(ctx, s.DB, func(tx *sqlx.Tx, emit func([]reconcile.Action, error) error) error {
		for beyond := int64(0); ; {
			var rows []savedActionRow
			err := s.List(ctx, tx, &rows, query("action/actions_of_run").In(s.Dialect),
				db.Args{"run_id": runID, "beyond": beyond, "limit": page})
			if err := emit(db.Column(rows, (*savedActionRow).action), err); err != nil || len(rows) == 0 {
				return err
			}
			beyond = rows[len(rows)-1].ID
		}
	})
}

// SaveAbandon records in the audit log who abandons the run.
func (s *actionStore) SaveAbandon(ctx context.Context, l reconcile.Lease, by reconcile.Person, note string,
	at time.Time) error {
	c := reconcile.Consent{Via: by.Via, Identity: by.Identity}
	d := newActionBatch(s, reconcile.ActionAbandon, by.Name, note, at, &c)
	return s.Write(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		if err := s.RequireLease(ctx, tx, l); err != nil {
			return err
		}
		return d.executeWhole(ctx, tx, l.RunID)
	})
}
