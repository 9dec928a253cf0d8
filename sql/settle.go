package sql

import (
	"context"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
)

// maxBatch bounds how many payins are settled in one transaction, whatever the caller asks for: rows
// that were left alone are parameters of their own.
const maxBatch = 5000

// Settle makes findings of the next verdicts, at most limit, in one transaction: where mode is
// CorrectionApplied it writes their corrections, each only while the row is as it was read; otherwise
// the corrections stand in the findings as mode. It returns how many it settled; 0 means that nothing is
// left. Where the merchant's table refuses a correction, the batch is tried again row by row, and the
// rows that are refused have it in their findings: one sick payin does not stop a night.
func (s *Store) Settle(ctx context.Context, l reconcile.Lease, mode reconcile.Correction, now time.Time, limit int) (int, error) {
	if !settles(mode) {
		return 0, faultf("%q is no decision", mode)
	}
	if mode == reconcile.CorrectionApplied && s.merchant.err != nil {
		return 0, s.merchant.err
	}
	b := batch{store: s, lease: l, mode: mode, now: stamp(now), limit: min(limit, maxBatch)}
	err := s.write(ctx, func(tx *sqlx.Tx) error { return b.settle(ctx, tx, b.correctAll) })
	if message, refused := refusal(err); refused && mode == reconcile.CorrectionApplied {
		s.log.WarnContext(ctx, "the merchant's table refused a batch; it is written row by row", "run", l.RunID, "reason", message)
		err = s.write(ctx, func(tx *sqlx.Tx) error { return b.settle(ctx, tx, b.correctEach) })
	}
	if err != nil {
		return 0, s.explain(ctx, err)
	}
	return len(b.verdicts), nil
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
	limit int

	verdicts            []verdictRow
	superseded, refused []int64 // by seq
}

type verdictRow struct {
	Seq       int64  `db:"seq"`
	PaymentID string `db:"payment_id"`
	Changes   bool   `db:"changes"`
	Reason    string `db:"reason"`
}

func (b *batch) settle(ctx context.Context, tx *sqlx.Tx, correct func(context.Context, *sqlx.Tx) error) error {
	s := b.store
	b.verdicts, b.superseded, b.refused = nil, nil, nil
	if err := s.fence(ctx, tx, b.lease); err != nil {
		return err
	}
	err := s.list(ctx, tx, &b.verdicts, nextVerdictsQuery.in(s.dialect), args{"run_id": b.lease.RunID, "limit": b.limit})
	if err != nil || len(b.verdicts) == 0 {
		return err
	}
	if b.mode == reconcile.CorrectionApplied {
		if err := correct(ctx, tx); err != nil {
			return err
		}
	}
	a := args{
		"run_id": b.lease.RunID, "first": b.verdicts[0].Seq, "last": b.verdicts[len(b.verdicts)-1].Seq,
		"mode": string(b.mode), "now": b.now, "superseded": numbers(b.superseded), "refused": numbers(b.refused),
	}
	written, err := s.exec(ctx, tx, saveFindingsQuery.in(s.dialect), a)
	if err != nil {
		return s.noRefusal(err)
	}
	dropped, err := s.exec(ctx, tx, dropVerdictsQuery.in(s.dialect), a)
	if err != nil {
		return err
	}
	if n := int64(len(b.verdicts)); written != n || dropped != n {
		return faultf("%d verdicts became %d findings, and %d left the selection", n, written, dropped)
	}
	return nil
}

// noRefusal keeps a refusal by our own tables from being taken for one by the merchant's.
func (s *Store) noRefusal(err error) error {
	if _, refused := refusal(err); refused {
		return faultf("hhrecon_finding: %s", s.describe(err))
	}
	return err
}

// correctAll writes a batch's corrections with one statement. A row that was planned and not written had
// changed since it was read.
func (b *batch) correctAll(ctx context.Context, tx *sqlx.Tx) error {
	planned := make(map[string]int64)
	for _, v := range b.verdicts {
		if v.Changes {
			planned[v.PaymentID] = v.Seq
		}
	}
	if len(planned) == 0 {
		return nil
	}
	ids, err := b.store.correct(ctx, tx, b.lease.RunID, b.verdicts[0].Seq, b.verdicts[len(b.verdicts)-1].Seq, b.now)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, ok := planned[id]; !ok {
			return faultf("%s: it returned payin %q, which it was not to correct, or returned it twice", b.store.merchant.correct.name, id)
		}
		delete(planned, id)
	}
	for _, v := range b.verdicts {
		if _, left := planned[v.PaymentID]; left {
			b.superseded = append(b.superseded, v.Seq)
		}
	}
	return nil
}

// correctEach writes a batch's corrections one by one, each behind a savepoint, and notes those that the
// merchant's table refuses.
func (b *batch) correctEach(ctx context.Context, tx *sqlx.Tx) error {
	if b.store.dialect == postgres {
		// So that a constraint that waits for the end of the transaction speaks up with its row.
		if _, err := tx.ExecContext(ctx, "set constraints all immediate"); err != nil {
			return err
		}
	}
	for _, v := range b.verdicts {
		if !v.Changes {
			continue
		}
		if err := b.correctOne(ctx, tx, v); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) correctOne(ctx context.Context, tx *sqlx.Tx, v verdictRow) error {
	if _, err := tx.ExecContext(ctx, "savepoint hhrecon_row"); err != nil {
		return err
	}
	ids, err := b.store.correct(ctx, tx, b.lease.RunID, v.Seq, v.Seq, b.now)
	if message, refused := refusal(err); refused {
		if _, err := tx.ExecContext(ctx, "rollback to savepoint hhrecon_row"); err != nil {
			return err
		}
		b.refused = append(b.refused, v.Seq)
		reason := strings.TrimRight(v.Reason, ".") + "; the merchant's table refused the correction: " + clean(message) + "."
		_, err := b.store.exec(ctx, tx, noteRefusalQuery.in(b.store.dialect), args{"run_id": b.lease.RunID, "seq": v.Seq, "reason": reason})
		return err
	}
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		b.superseded = append(b.superseded, v.Seq)
	} else if len(ids) > 1 || ids[0] != v.PaymentID {
		return faultf("%s: it returned the payins %q, where it was to correct %q only", b.store.merchant.correct.name, ids, v.PaymentID)
	}
	_, err = tx.ExecContext(ctx, "release savepoint hhrecon_row")
	return err
}

// correct runs the merchant's statement that writes corrections, and returns whose rows it wrote.
func (s *Store) correct(ctx context.Context, tx *sqlx.Tx, runID, first, last int64, now string) ([]string, error) {
	st := s.merchant.correct
	text, values, err := st.bind(s.dialect, correctArgs(runID, first, last, now))
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, text, values...)
	if err != nil {
		return nil, s.correctFault(err, text)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	if len(columns) != 1 || !strings.EqualFold(columns[0], "payment_id") {
		return nil, faultf("%s: it must end in returning payment_id and nothing else, which says whose rows it wrote; it returns %q", st.name, columns)
	}
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, faultf("%s: %v", st.name, err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, s.correctFault(err, text)
	}
	return ids, nil
}

// correctFault leaves alone what is tried again or noted, and explains the rest.
func (s *Store) correctFault(err error, sent string) error {
	if _, refused := refusal(err); refused || passing(err) {
		return err
	}
	return s.describeMerchant(s.merchant.correct, err, sent, 0)
}
