package sql

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// maxBatch bounds how many payins are settled in one transaction, whatever the caller asks for: they are
// in memory once, to be hashed, and the project's audit trail waits for the end of the batch.
const maxBatch = 5000

// Settle makes findings of the next verdicts behind a place of the selection, at most limit, in one transaction: where
// mode is CorrectionApplied it writes their corrections, each only while the row is as it was read; otherwise
// the corrections stand in the findings as mode. It returns how many it settled and the place of the last; fewer than
// limit mean that none is left behind the place. Beginning behind what is settled keeps each batch from reading over
// what those before have deleted. Where the merchant's table refuses a correction, the batch is tried again row by
// row, and the rows that are refused have it in their findings: one sick payin does not stop a night.
func (s *Store) Settle(
	ctx context.Context, l reconcile.Lease, mode reconcile.Correction, now time.Time, after int64, limit int,
) (n int, last int64, err error) {
	if !settles(mode) {
		return 0, after, db.Errorf("%q is no decision", mode)
	}
	if limit > maxBatch {
		return 0, after, db.Errorf("%d payins are to be settled at once, at most %d can be", limit, maxBatch)
	}
	b := batch{store: s, lease: l, mode: mode, now: db.FormatTime(now), after: after, limit: limit}
	// A batch whose commit went unheard has left the selection: the next one is settled then, and counted alone.
	if mode == reconcile.CorrectionApplied {
		err = s.writeRows(ctx, db.RetryLost, l.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
			return b.settle(ctx, tx, rowByRow)
		})
	} else {
		err = s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error { return b.settle(ctx, tx, false) })
	}
	if n = len(b.verdicts); err != nil || n == 0 {
		return 0, after, err
	}
	return n, b.verdicts[n-1].Seq, nil
}

// settles tells whether a correction is one that a run can decide on.
func settles(c reconcile.Correction) bool {
	return c == reconcile.CorrectionApplied || c == reconcile.CorrectionDryRun || c == reconcile.CorrectionHeld
}

// batch is one transaction's part of a run.
type batch struct {
	store *Store
	lease reconcile.Lease
	mode  reconcile.Correction
	now   string
	after int64
	limit int

	verdicts []verdictRow
}

// verdictRow is a verdict that becomes a finding.
type verdictRow struct {
	planned
	sentence string
	code     string // of the reason, as data is
	data     string
	facts    db.RawValue
	evidence []db.RawValue // what the finding's hash covers first
}

// leading is how many columns of next_verdicts.sql are not evidence.
const leading = 7

func (b *batch) settle(ctx context.Context, tx *sqlx.Tx, rowByRow bool) error {
	s := b.store
	b.verdicts = nil
	if err := s.fence(ctx, tx, b.lease); err != nil {
		return err
	}
	if err := b.read(ctx, tx); err != nil || len(b.verdicts) == 0 {
		return err
	}
	trail, err := s.lockChain(ctx, tx, b.lease.ProjectID)
	if err != nil {
		return err
	}
	c := correcting{
		store: s, projectID: b.lease.ProjectID, runID: b.lease.RunID, now: b.now, rows: make([]planned, len(b.verdicts)),
	}
	for i := range b.verdicts {
		c.rows[i] = b.verdicts[i].planned
	}
	if b.mode == reconcile.CorrectionApplied {
		if err := c.write(ctx, tx, rowByRow); err != nil {
			return err
		}
	}
	if err := b.noteRefusals(ctx, tx, &c); err != nil {
		return err
	}
	written, err := b.save(ctx, tx, &c, trail)
	if err != nil {
		return s.noRefusal("hhrecon_finding", err)
	}
	dropped, err := s.Exec(ctx, tx, dropVerdictsQuery.In(s.Dialect),
		db.Args{"run_id": b.lease.RunID, "first": c.rows[0].Seq, "last": c.rows[len(c.rows)-1].Seq})
	if err != nil {
		return err
	}
	if n := int64(len(b.verdicts)); written != n || dropped != n {
		return db.Errorf("%d verdicts became %d findings, and %d left the selection", n, written, dropped)
	}
	return s.saveChain(ctx, tx, trail)
}

// read reads the next verdicts, to the last null: a hash is made of them.
func (b *batch) read(ctx context.Context, tx *sqlx.Tx) error {
	d := b.store.Dialect
	rows, err := db.OpenRows(ctx, d, tx, nextVerdictsQuery.In(d),
		db.Args{"run_id": b.lease.RunID, "after": b.after, "limit": b.limit, "version": entryVersion})
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	statusAfter := slices.Index(columns, "status_after") - leading
	for rows.Next() {
		v := verdictRow{evidence: make([]db.RawValue, len(columns)-leading, len(columns))}
		dest := []any{&v.Seq, &v.PaymentID, &v.Changes, &v.sentence, &v.code, &v.data, &v.facts}
		for i := range v.evidence {
			dest = append(dest, &v.evidence[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		v.StatusAfter = v.evidence[statusAfter].Text()
		b.verdicts = append(b.verdicts, v)
	}
	return rows.Err()
}

// noteRefusals adds to the reasons of rows that the merchant's table refused.
func (b *batch) noteRefusals(ctx context.Context, tx *sqlx.Tx, c *correcting) error {
	for i := range b.verdicts {
		v := &b.verdicts[i]
		message, refused := c.refused[v.Seq]
		if !refused {
			continue
		}
		reason := reconcile.ParseReason(v.code, v.data, v.sentence).With(reconcile.Because("row.refused", message))
		v.sentence, v.data = db.CleanText(b.store.sentence(reason)), db.CleanText(reason.Data())
		_, err := b.store.Exec(ctx, tx, noteRefusalQuery.In(b.store.Dialect),
			db.Args{"run_id": b.lease.RunID, "seq": v.Seq, "reason": v.sentence, "reason_args": v.data})
		if err != nil {
			return err
		}
	}
	return nil
}

// save makes the findings, each with its place in the audit trail.
func (b *batch) save(ctx context.Context, tx *sqlx.Tx, c *correcting, trail *chain) (int64, error) {
	corrections := db.Column(b.verdicts, func(v *verdictRow) string { return string(b.correction(c, v.planned)) })
	places := trail.addAll(entryFinding, len(b.verdicts), func(i int) []db.RawValue {
		v := &b.verdicts[i]
		correctedAt := db.RawValue{}
		if at, ok := c.written[v.Seq]; ok {
			correctedAt.Value = at
		}
		return append(v.evidence, db.RawValues(v.sentence, v.code, v.data, v.facts, nil, corrections[i], correctedAt)...)
	})
	places["seq"] = db.Column(b.verdicts, func(v *verdictRow) int64 { return v.Seq })
	places["correction"] = corrections
	places["corrected_at"] = db.Column(b.verdicts, func(v *verdictRow) string { return c.written[v.Seq] })
	return b.store.SaveEach(ctx, tx, saveFindingsQuery,
		db.Args{"run_id": b.lease.RunID, "version": entryVersion}, len(b.verdicts), places)
}

func (b *batch) correction(c *correcting, p planned) reconcile.Correction {
	if p.Changes && b.mode != reconcile.CorrectionApplied {
		return b.mode
	}
	return c.result(p)
}
