package sql

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/audit"
	"hhrecon/sql/db"
	"hhrecon/sql/hold"
	"hhrecon/sql/merchant"
)

// Settle turns at most limit verdicts after a position of the selection into findings. Mode CorrectionApplied writes
// all their corrections. Mode CorrectionHeld writes the corrections that have no held class. Other corrections are
// saved in the findings with the mode as their state. A row is written only if it still has the values that were read.
//
// Settle returns the number of settled payins and the position of the last settled payin. If the number is less than
// limit, no verdict remains. Callers start after the last position, so rows that earlier batches have deleted are not
// read.
//
// A transaction locks the merchant's rows for at most about 2 s. If a row cannot be written, its finding contains the
// reason, and other rows are still written. If another transaction has locked a row, its verdict stays in the selection
// for a second attempt.
func (s *runStore) Settle(ctx context.Context, l reconcile.Lease, mode reconcile.Correction, now time.Time, after int64,
	limit int) (n int, last int64, err error) {
	if !isCorrectionMode(mode) {
		return 0, after, db.Errorf("%q is not a correction mode", mode)
	}
	if limit > merchant.MaxBatch {
		return 0, after, db.Errorf("%d payins in one batch; the limit is %d", limit, merchant.MaxBatch)
	}
	b := batch{store: s, lease: l, mode: mode, now: db.FormatTime(now), last: after}
	// The settings of the run do not change while the caller has a valid lease on the run.
	if b.run = s.settling.Load(); b.run == nil || b.run.ID != l.RunID || b.run.Owner.Token != l.Token {
		err = s.Retry(ctx, db.RetryLost, func() error { // safe to repeat, because the function only reads
			run, err := s.run(ctx, s.Conn, l.RunID)
			b.run = &run
			return err
		})
		if err != nil {
			return 0, after, s.WrapError(ctx, err)
		}
		s.settling.Store(b.run)
	}
	for n < limit && b.more() {
		// If the answer to a commit was lost, a retry settles the next batch and counts only that batch.
		b.after, b.limit = b.last, limit-n
		if mode != reconcile.CorrectionDryRun {
			b.limit = min(b.limit, int(s.BatchRows.Load()))
			if !b.run.Queries.Unproved.IsZero() && b.after == 0 { // settle only the first row, as a test of the queries
				b.limit = 1
			}
			err = s.WriteRows(ctx, db.RetryLost, l.RunID, func(tx *sqlx.Tx, rowByRow bool) error {
				return b.settle(ctx, tx, rowByRow)
			})
			s.AdaptRows(b.read, time.Since(b.start))
		} else {
			err = s.Write(ctx, db.RetryLost, func(tx *sqlx.Tx) error { return b.settle(ctx, tx, false) })
		}
		if err != nil {
			return n, b.after, err
		}
		n += len(b.verdicts)
	}
	return n, b.last, nil
}

// more reports whether the selection may contain further verdicts to settle.
func (b *batch) more() bool { return b.limit == 0 || b.cut || b.read == b.limit }

// batch has the payins of a run that one transaction settles.
type batch struct {
	store *runStore
	lease reconcile.Lease
	mode  reconcile.Correction
	now   string
	after int64
	limit int

	run      *reconcile.Run
	verdicts []verdictRow
	part     hold.Batch
	read     int   // verdicts that were read, including those that stay in the selection
	last     int64 // the position of the last verdict that was tried
	cut      bool  // the batch has read verdicts that it did not try
	start    time.Time
}

// verdictRow is a verdict that becomes a finding.
type verdictRow struct {
	merchant.PlannedCorrection
	locked   bool // an earlier attempt found the row locked
	classes  reconcile.Class
	held     bool // the correction is not written, because its class is held
	sentence string
	code     string // the reason's code; data has its arguments
	data     string
	facts    db.RawValue
	evidence []db.RawValue // the first values from which the finding's hash is computed
}

// leading is the number of columns of next_verdicts.sql before the columns from which the hash is computed.
const leading = 9

func (b *batch) settle(ctx context.Context, tx *sqlx.Tx, rowByRow bool) error {
	s := b.store
	b.verdicts, b.read, b.cut, b.start = nil, 0, false, time.Now()
	if err := s.RequireLease(ctx, tx, b.lease); err != nil {
		return err
	}
	if err := b.readVerdicts(ctx, tx); err != nil || len(b.verdicts) == 0 {
		return err
	}
	trail, err := s.LockLog(ctx, tx, b.lease.ProjectID)
	if err != nil {
		return err
	}
	costly, err := b.markHeld(ctx, tx)
	if err != nil {
		return err
	}
	c := merchant.CorrectionBatch{
		Store: s.Queries, ProjectID: b.lease.ProjectID, Statuses: statusesOf(*b.run), RunID: b.lease.RunID, Now: b.now,
		Check: &b.run.Queries,
		Rows:  db.Column(b.verdicts, func(v *verdictRow) merchant.PlannedCorrection { return v.PlannedCorrection }),
	}
	if b.mode != reconcile.CorrectionDryRun && !b.part.All {
		if err := c.Write(ctx, tx, rowByRow); err != nil {
			return err
		}
		b.start, b.cut = c.Start, c.Tried < len(b.verdicts)
		b.verdicts = b.verdicts[:c.Tried]
	}
	b.last = b.verdicts[len(b.verdicts)-1].Seq
	aside, err := b.setAside(ctx, tx, &c)
	if err != nil || len(b.verdicts) == 0 {
		return err
	}
	if err := b.noteReasons(ctx, tx, &c); err != nil {
		return err
	}
	written, err := b.save(ctx, tx, &c, trail)
	if err != nil {
		return s.OwnTableError("hhrecon_finding", err)
	}
	if b.mode != reconcile.CorrectionDryRun {
		if err := b.part.Save(ctx, s.DB, tx, costly); err != nil {
			return err
		}
	}
	dropped, err := s.Exec(ctx, tx, query("run/drop_verdicts").In(s.Dialect),
		db.Args{"run_id": b.lease.RunID, "first": b.verdicts[0].Seq, "last": b.last, "aside": aside})
	if err != nil {
		return err
	}
	if n := int64(len(b.verdicts)); written != n || dropped != n {
		return db.Errorf("%d verdicts added %d findings and removed %d rows from the selection: the three numbers "+
			"must be equal", n, written, dropped)
	}
	return s.SaveLog(ctx, tx, trail)
}

// readVerdicts reads the next verdicts as raw values, including nulls, because the hashes of findings are
// computed from these values.
func (b *batch) readVerdicts(ctx context.Context, tx *sqlx.Tx) error {
	d := b.store.Dialect
	rows, err := db.OpenRows(ctx, d, tx, query("run/next_verdicts").In(d),
		db.Args{"run_id": b.lease.RunID, "after": b.after, "limit": b.limit, "version": audit.Version})
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	columns = columns[leading:]
	for rows.Next() {
		v := verdictRow{evidence: make([]db.RawValue, len(columns), len(columns)+leading)}
		dest := []any{&v.Seq, &v.Before.PaymentID, &v.Changes, &v.locked, &v.classes, &v.sentence, &v.code, &v.data, &v.facts}
		for i := range v.evidence {
			dest = append(dest, &v.evidence[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		of := func(column string) db.RawValue { return v.evidence[slices.Index(columns, column)] }
		v.Before = merchant.CurrentRow{PaymentID: v.Before.PaymentID, Amount: of("amount"), Currency: of("currency"),
			Status: of("status"), SubStatus: of("sub_status"), SettledAmount: of("settled_amount"), UpdatedAt: of("updated_at")}
		v.After = merchant.CurrentRow{Status: of("status_after"), SubStatus: of("sub_status_after"),
			SettledAmount: of("settled_amount_after")}
		b.verdicts = append(b.verdicts, v)
	}
	b.read = len(b.verdicts)
	return rows.Err()
}

// setAside leaves a verdict in the selection for a later attempt if its row is locked and was not found locked before.
func (b *batch) setAside(ctx context.Context, tx *sqlx.Tx, c *merchant.CorrectionBatch) (aside db.List, err error) {
	b.verdicts = slices.DeleteFunc(b.verdicts, func(v verdictRow) bool {
		again := c.Results[v.Seq].Correction == reconcile.CorrectionLocked && !v.locked
		if again {
			aside = append(aside, v.Seq)
		}
		return again
	})
	if len(aside) > 0 {
		_, err = b.store.Exec(ctx, tx, query("run/mark_locked").In(b.store.Dialect),
			db.Args{"run_id": b.lease.RunID, "seqs": aside})
	}
	return aside, err
}

// noteReasons adds to each finding's reason why its row was not written.
func (b *batch) noteReasons(ctx context.Context, tx *sqlx.Tx, c *merchant.CorrectionBatch) error {
	for i := range b.verdicts {
		v := &b.verdicts[i]
		why := c.Results[v.Seq].Reason
		if why.IsZero() {
			continue
		}
		reason := reconcile.ParseReason(v.code, v.data, v.sentence).With(why)
		v.sentence, v.data = db.CleanText(b.store.sentence(reason)), db.CleanText(reason.Data())
		_, err := b.store.Exec(ctx, tx, query("run/save_refusal").In(b.store.Dialect),
			db.Args{"run_id": b.lease.RunID, "seq": v.Seq, "reason": v.sentence, "reason_args": v.data})
		if err != nil {
			return err
		}
	}
	return nil
}

// save saves the findings, each with its position in the audit log.
func (b *batch) save(ctx context.Context, tx *sqlx.Tx, c *merchant.CorrectionBatch,
	trail *audit.Appender) (int64, error) {
	corrections := db.Column(b.verdicts, func(v *verdictRow) string { return string(b.correction(c, v)) })
	places := trail.AddAll(audit.Finding, len(b.verdicts), func(i int) []db.RawValue {
		v := &b.verdicts[i]
		correctedAt := db.RawValue{}
		if at := c.Results[v.Seq].UpdatedAt; at != "" {
			correctedAt.Value = at
		}
		return append(v.evidence,
			db.RawValues(v.sentence, v.code, v.data, v.facts, trail.Key(), corrections[i], correctedAt)...)
	})
	places["seq"] = db.Column(b.verdicts, func(v *verdictRow) int64 { return v.Seq })
	places["correction"] = corrections
	places["corrected_at"] = db.Column(b.verdicts, func(v *verdictRow) string { return c.Results[v.Seq].UpdatedAt })
	common := db.Args{"run_id": b.lease.RunID, "version": audit.Version, "key_id": trail.KeyID}
	return b.store.SaveEach(ctx, tx, query("finding/save_findings"), common, len(b.verdicts), places)
}

func (b *batch) correction(c *merchant.CorrectionBatch, v *verdictRow) reconcile.Correction {
	switch {
	case v.held:
		return reconcile.CorrectionHeld
	case v.Changes && b.mode == reconcile.CorrectionDryRun:
		return b.mode
	}
	return c.Result(&v.PlannedCorrection)
}
