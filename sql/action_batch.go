package sql

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"reflect"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/merchant"
)

// actionBatch has the rows of an action that one transaction executes. While correct_payins.sql writes the rows, the
// rows are in the selection under the run's ID with a minus sign.
type actionBatch struct {
	store       *actionStore
	run         reconcile.Run
	kind        reconcile.ActionKind
	actor, note string
	at          string
	facts       reconcile.ActionFacts

	last    int64 // last position in the batch
	checked map[int64]checkedAnswer
	done    bool // no rows remain after this batch
	rows    []actionRow
	actions []reconcile.Action
}

// actionRow is a merchant's row with its expected values and the values to write.
type actionRow struct {
	Seq                int64             `db:"seq"`
	ProjectID          string            `db:"project_id"`
	PaymentID          string            `db:"payment_id"`
	Amount             db.RawValue       `db:"amount"`
	Currency           string            `db:"currency"`
	Status             db.RawValue       `db:"status"`
	SubStatus          db.RawValue       `db:"sub_status"`
	SettledAmount      db.RawValue       `db:"settled_amount"`
	UpdatedAt          db.RawValue       `db:"updated_at"`
	StatusAfter        db.RawValue       `db:"status_after"`
	SubStatusAfter     db.RawValue       `db:"sub_status_after"`
	SettledAmountAfter db.RawValue       `db:"settled_amount_after"`
	UpdatedAtAfter     db.RawValue       `db:"updated_at_after"`
	Changes            bool              `db:"changes"`
	LeftAlone          stdsql.NullString `db:"reason_code"` // why the row is skipped
	LeftAloneArgs      stdsql.NullString `db:"reason_args"`

	result  reconcile.Correction
	reason  reconcile.Reason
	written db.RawValue // the row's updated_at after the write
	digest  db.RawValue // digest of HighHelp's answer on which the action is based
}

// plan returns the row's correction.
func (r *actionRow) plan() merchant.PlannedCorrection {
	return merchant.PlannedCorrection{
		Seq: r.Seq, Changes: r.Changes,
		Before: merchant.CurrentRow{PaymentID: r.PaymentID, Amount: r.Amount, Currency: db.Raw(r.Currency), Status: r.Status,
			SubStatus: r.SubStatus, SettledAmount: r.SettledAmount, UpdatedAt: r.UpdatedAt},
		After: merchant.CurrentRow{Status: r.StatusAfter, SubStatus: r.SubStatusAfter, SettledAmount: r.SettledAmountAfter,
			UpdatedAt: r.UpdatedAtAfter},
	}
}

func newActionBatch(s *actionStore, kind reconcile.ActionKind, by, note string, at time.Time,
	c *reconcile.Consent) *actionBatch {
	return &actionBatch{store: s, kind: kind, actor: db.CleanText(by), note: db.CleanText(note), at: db.FormatTime(at),
		facts: c.Facts()}
}

// executeWhole saves one action that applies to all payins of a run.
func (d *actionBatch) executeWhole(ctx context.Context, tx *sqlx.Tx, runID int64) (err error) {
	if d.run, err = d.store.run(ctx, tx, runID); err != nil {
		return err
	}
	return d.execute(ctx, tx, query("action/plan_discard").In(d.store.Dialect).With(db.Args{"run_id": runID}), false)
}

// execute executes the action on the rows that a statement returns.
func (d *actionBatch) execute(ctx context.Context, tx *sqlx.Tx, candidates db.Subquery, rowByRow bool) error {
	s := d.store
	a := db.Args{"planned": -d.run.ID, "candidates": candidates}
	d.rows, d.actions = nil, nil
	if err := s.List(ctx, tx, &d.rows, query("action/save_planned_rows").In(s.Dialect), a); err != nil ||
		len(d.rows) == 0 {
		return s.OwnTableError("hhrecon_selection", err)
	}
	slices.SortFunc(d.rows, func(a, b actionRow) int { return cmp.Compare(a.Seq, b.Seq) })
	planned := int64(len(d.rows))
	a["first"], a["last"] = d.rows[0].Seq, d.rows[planned-1].Seq
	trail, err := s.LockLog(ctx, tx, d.run.ProjectID)
	if err != nil {
		return err
	}
	if err := d.saveAnswers(ctx, tx); err != nil {
		return err
	}
	if err := d.write(ctx, tx, rowByRow); err != nil {
		return err
	}
	if err := d.compareUnwritten(ctx, tx); err != nil {
		return err
	}
	if err := d.save(ctx, tx, trail); err != nil {
		return err
	}
	if n, err := s.Exec(ctx, tx, query("action/drop_planned_rows").In(s.Dialect), a); err != nil || n != planned {
		return cmp.Or(err, db.Errorf("an action planned %d rows, but removed %d rows from the selection: the two "+
			"numbers must be equal", planned, n))
	}
	return s.SaveLog(ctx, tx, trail)
}

// write corrects the rows and sets the result of each row.
func (d *actionBatch) write(ctx context.Context, tx *sqlx.Tx, rowByRow bool) error {
	c := merchant.CorrectionBatch{Store: d.store.Queries, ProjectID: d.run.ProjectID, Statuses: statusesOf(d.run),
		RunID: -d.run.ID, Now: d.at, Check: d.store.LastCheck(d.run.ProjectID), Rows: db.Column(d.rows, (*actionRow).plan)}
	if err := c.Write(ctx, tx, rowByRow); err != nil {
		return err
	}
	if c.Tried < len(d.rows) { // the next batch starts with the remaining rows
		d.rows, d.last, d.done = d.rows[:c.Tried], d.rows[c.Tried-1].Seq, false
	}
	d.store.AdaptRows(len(d.rows), time.Since(c.Start))
	for i := range d.rows {
		r := &d.rows[i]
		r.result, r.reason = c.Result(&c.Rows[i]), c.Results[r.Seq].Reason
		if at := c.Results[r.Seq].UpdatedAt; at != "" {
			r.written = db.Raw(at)
		}
	}
	return nil
}

// statusesOf returns the statuses of a run's project.
func statusesOf(run reconcile.Run) []string {
	project := projectOf(run)
	return slices.Concat(project.OpenStatuses(), project.FinalStatuses())
}

// compareUnwritten checks whether the rows that need no change still have the expected values.
func (d *actionBatch) compareUnwritten(ctx context.Context, tx *sqlx.Tx) error {
	statuses := statusesOf(d.run)
	var ids []string
	for i := range d.rows {
		r := &d.rows[i]
		switch {
		case r.LeftAlone.Valid:
			r.result = reconcile.CorrectionSuperseded
			r.reason = reconcile.ParseReason(r.LeftAlone.String, r.LeftAloneArgs.String, "")
		case d.checked[r.Seq].result == reconcile.CorrectionSuperseded:
			r.result, r.reason = reconcile.CorrectionSuperseded, d.checked[r.Seq].reason
		case r.Seq > 0 && r.result == reconcile.CorrectionNone:
			ids, statuses = append(ids, r.PaymentID), append(statuses, r.Status.Text(), r.StatusAfter.Text())
		}
	}
	now, err := d.store.CurrentRows(ctx, tx, d.run.ProjectID, ids, statuses)
	if err != nil {
		return d.store.OwnTableError(merchant.OpenPayinsFile+" or "+merchant.FinalPayinsFile, err)
	}
	for i := range d.rows {
		r := &d.rows[i]
		if r.Seq == 0 || r.result != reconcile.CorrectionNone {
			continue
		}
		before := r.plan().Before
		if reason := merchant.SupersededBy(&before, now); !reason.IsZero() {
			r.result, r.reason = reconcile.CorrectionSuperseded, reason
		}
	}
	return nil
}

// save writes the actions into the audit log. An undo that skips a row for the same reason as an earlier undo is not
// saved again.
func (d *actionBatch) save(ctx context.Context, tx *sqlx.Tx, trail *audit.Appender) error {
	s := d.store
	said, err := d.previousUndos(ctx, tx)
	if err != nil {
		return err
	}
	fresh := make([]*actionRow, 0, len(d.rows))
	for i := range d.rows {
		r := &d.rows[i]
		if r.result == reconcile.CorrectionLocked { // not saved, because the action changed nothing and can be repeated
			d.actions = append(d.actions, d.action(r, 0))
			continue
		}
		before, known := said[r.Seq]
		if known && before.Result == r.result && reflect.DeepEqual(before.Reason, r.reason) {
			d.actions = append(d.actions, before)
			continue
		}
		fresh = append(fresh, r)
		d.actions = append(d.actions, d.action(r, trail.Seq+int64(len(fresh))))
	}
	if len(fresh) == 0 {
		return nil
	}
	before := trail.Seq
	common := db.Args{"planned": -d.run.ID, "run_id": d.run.ID, "kind": string(d.kind), "actor": d.actor, "note": d.note,
		"acted_at": d.at, "version": audit.Version, "key_id": trail.KeyID, "facts": db.ASCII(d.facts.Data())}
	of := func(text func(r **actionRow) string) []string { return db.Column(fresh, text) }
	sentences := of(func(r **actionRow) string { return db.CleanText(s.sentence((*r).reason)) })
	data := of(func(r **actionRow) string { return db.CleanText((*r).reason.Data()) })
	places := trail.AddAll(audit.Action, len(fresh), func(i int) []db.RawValue {
		return d.entry(fresh[i], sentences[i], data[i], trail.Key())
	})
	places["seq"] = db.Column(fresh, func(r **actionRow) int64 { return (*r).Seq })
	places["result"] = of(func(r **actionRow) string { return string((*r).result) })
	places["reason"], places["reason_args"] = sentences, data
	places["reason_code"] = of(func(r **actionRow) string { return (*r).reason.Code })
	places["answer_digest"] = of(func(r **actionRow) string { return (*r).digest.Text() })
	places["updated_at_after"] = of(func(r **actionRow) string { return (*r).written.Text() })
	written, err := s.SaveEach(ctx, tx, query("action/save_actions"), common, len(fresh), places)
	if err == nil && written != int64(len(fresh)) {
		err = db.Errorf("%d rows added %d actions: the two numbers must be equal", len(fresh), written)
	}
	if err == nil {
		err = hold.SaveResults(ctx, s.DB, tx, d.run.ID, before)
	}
	return s.OwnTableError("hhrecon_action", err)
}

// entry returns the values of an action's hash, in the order of entries_of_actions.sql.
func (d *actionBatch) entry(r *actionRow, sentence, data string, key db.RawValue) []db.RawValue {
	return db.RawValues(
		audit.Version, r.ProjectID, d.run.ID, r.Seq, r.PaymentID, r.Currency, r.Status, r.SubStatus,
		r.SettledAmount, r.UpdatedAt, r.StatusAfter, r.SubStatusAfter, r.SettledAmountAfter,
		string(d.kind), string(r.result), r.digest, sentence, r.reason.Code, data, db.ASCII(d.facts.Data()), key,
		r.written, d.actor, d.note, d.at,
	)
}

func (d *actionBatch) action(r *actionRow, id int64) reconcile.Action {
	at := db.Timestamp{}
	_ = at.Scan(d.at) // cannot fail, because FormatTime formatted d.at
	return reconcile.Action{
		ID: id, Kind: d.kind,
		ProjectID: r.ProjectID, RunID: d.run.ID, Seq: r.Seq, PaymentID: r.PaymentID, Currency: r.Currency,
		Before: reconcile.State{Status: r.Status.Text(), SubStatus: r.SubStatus.Text(),
			SettledAmount: r.SettledAmount.Int64()},
		After: reconcile.State{Status: r.StatusAfter.Text(), SubStatus: r.SubStatusAfter.Text(),
			SettledAmount: r.SettledAmountAfter.Int64()},
		Result: r.result, Reason: r.reason, By: d.actor, Note: d.note, At: at.Time, Facts: d.facts,
	}
}

// markDryRun changes the results of a rolled-back transaction to results of a dry run.
func (d *actionBatch) markDryRun() {
	for i := range d.actions {
		if d.actions[i].Result == reconcile.CorrectionApplied {
			d.actions[i].ID, d.actions[i].Result = 0, reconcile.CorrectionDryRun
		}
	}
}
