package merchant

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// How rows of the merchant's are corrected. In one transaction a batch is locked, without waiting for a row that
// another transaction has locked; written; and read back by the merchant's own queries. If one of its rows cannot be
// written, or does not read as it was to be written, the transaction is rolled back and done again in small parts, each
// behind a savepoint and halved while it fails. So each row has its own result, and what stays written was read.

// The limits of such a transaction. The merchant's writers wait for it.
const (
	startRows = 1000        // a batch has at first
	rowsTime  = time.Second // after which no further row is tried
	rowTries  = 3           // after a deadlock or a serialization failure
	partRows  = 32          // at most with one statement, after the batch has failed
)

// PlannedCorrection is a row of the selection whose correction is to be written.
type PlannedCorrection struct {
	Seq     int64
	Changes bool
	Before  CurrentRow // as it was read
	After   CurrentRow // status, sub_status, settled_amount, and updated_at if it is not to be the time of writing
}

// Result is what became of a row that was to change.
type Result struct {
	Correction reconcile.Correction
	Reason     reconcile.Reason // why it is not written
	UpdatedAt  string           // as it was read back
}

// CorrectionBatch writes a batch of the selection into the merchant's rows, in one transaction.
type CorrectionBatch struct {
	Store     *Queries
	ProjectID string
	Statuses  []string // that rows of the project can have
	RunID     int64    // in the selection
	Now       string
	Rows      []PlannedCorrection // in the order of seq
	Check     *reconcile.QueryCheck

	Start   time.Time // no row was locked before
	Tried   int       // how many rows, from the first; the others are left to the next transaction
	Results map[int64]Result
}

// statementError is an error of the merchant's statements about a batch, and none of the connection's.
type statementError struct{ err error }

func (e *statementError) Error() string { return e.err.Error() }

func (e *statementError) Unwrap() error { return e.err }

// errNotKept says that a row does not read as it was to be written.
var errNotKept = &statementError{errors.New("a row does not read as it was written")}

// errSplit says that rows are to be written in smaller parts.
var errSplit = errors.New("one of the rows cannot be written")

// WriteRows runs f in a transaction that writes rows of the merchant's: with one statement, or row by row if that
// fails.
func (s *Queries) WriteRows(ctx context.Context, policy db.RetryPolicy, runID int64,
	f func(tx *sqlx.Tx, rowByRow bool) error,
) error {
	if s.err != nil {
		return s.err
	}
	err := s.WithTx(ctx, policy, func(tx *sqlx.Tx) error { return f(tx, false) })
	var failed *statementError
	if _, refused := db.Refusal(err); refused || errors.As(err, &failed) {
		s.Log.WarnContext(ctx, "a batch of corrections was not written; it is written row by row",
			"run", runID, "reason", s.Describe(err))
		err = s.WithTx(ctx, policy, func(tx *sqlx.Tx) error { return f(tx, true) })
	}
	return s.WrapError(ctx, err)
}

// AdaptRows notes how long a transaction with row locks took, for the size of the next.
func (s *Queries) AdaptRows(rows int, took time.Duration) {
	switch size := s.BatchRows.Load(); {
	case took > rowsTime:
		s.BatchRows.Store(int64(max(1, rows/2)))
	case took < rowsTime/4 && int64(rows) >= size:
		s.BatchRows.Store(min(MaxBatch, 2*size))
	}
}

// Write corrects all rows that are to change: those that can be locked at once with one statement, and each of the
// others alone; or all row by row.
func (c *CorrectionBatch) Write(ctx context.Context, tx *sqlx.Tx, rowByRow bool) error {
	c.Start, c.Tried, c.Results = time.Now(), len(c.Rows), make(map[int64]Result)
	rest := slices.DeleteFunc(slices.Clone(c.Rows), func(p PlannedCorrection) bool { return !p.Changes })
	rest, err := c.refuse(ctx, tx, rest)
	if err != nil || len(rest) == 0 {
		return err
	}
	if c.Store.Dialect == db.Postgres {
		// A constraint that waits for the end of the transaction speaks up with its row.
		if _, err := tx.ExecContext(ctx, "set constraints all immediate"); err != nil {
			return err
		}
	}
	if rowByRow {
		return c.writeInParts(ctx, tx, rest)
	}
	batch, unlocked, err := c.lock(ctx, tx, rest)
	if err != nil {
		return err
	}
	if len(batch) > 0 {
		err = c.writeRows(ctx, tx, batch)
	}
	if err != nil || len(unlocked) == 0 {
		return err
	}
	now, err := c.read(ctx, tx, unlocked)
	if err != nil {
		return err
	}
	unlocked = slices.DeleteFunc(unlocked, func(p PlannedCorrection) bool {
		superseded := SupersededBy(&p.Before, now)
		c.Results[p.Seq] = Result{Correction: reconcile.CorrectionSuperseded, Reason: superseded}
		return !superseded.IsZero() && !now[p.Before.PaymentID].Twice
	})
	if err := errors.Join(c.setChanges(ctx, tx, unlocked, true), c.limit(ctx, tx, "50ms", false)); err != nil {
		return err
	}
	for i, p := range unlocked {
		if len(batch) > 0 && time.Since(c.Start) > rowsTime {
			c.Results[p.Seq] = rowLocked
		} else if err := c.writePart(ctx, tx, unlocked[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// refuse keeps the corrections from the merchant's statement that the proof of the queries speaks against. It returns
// the others.
func (c *CorrectionBatch) refuse(
	ctx context.Context, tx *sqlx.Tx, plan []PlannedCorrection,
) (rest []PlannedCorrection, err error) {
	var refused []PlannedCorrection
	for _, p := range plan {
		why := c.Check.Refuses(p.After.Status.Text())
		if why.IsZero() {
			rest = append(rest, p)
			continue
		}
		c.Results[p.Seq] = refusedBecause(reconcile.Because("row.unproved", why))
		refused = append(refused, p)
	}
	return rest, c.setChanges(ctx, tx, refused, false)
}

// writeInParts writes rows by statements about few of them: more as long as it goes well, and fewer after one failed. A
// row that another transaction has locked is not waited for here: it is tried once more at the end of the run.
func (c *CorrectionBatch) writeInParts(ctx context.Context, tx *sqlx.Tx, rest []PlannedCorrection) error {
	if err := c.limit(ctx, tx, "10ms", false); err != nil {
		return err
	}
	for i, size := 0, 1; i < len(rest); {
		if i > 0 && time.Since(c.Start) > rowsTime {
			c.Tried = slices.IndexFunc(c.Rows, func(row PlannedCorrection) bool { return row.Seq == rest[i].Seq })
			return nil
		}
		part := rest[i:min(i+size, len(rest))]
		switch err := c.writePart(ctx, tx, part); {
		case errors.Is(err, errSplit):
			size = len(part) / 2
		case err != nil:
			return err
		default:
			i, size = i+len(part), min(2*size, partRows)
		}
	}
	return nil
}

// limit bounds how long the transaction waits for a lock, and how long one of its statements takes.
func (c *CorrectionBatch) limit(ctx context.Context, tx *sqlx.Tx, lockWait string, statement bool) error {
	if c.Store.Dialect == db.SQLite {
		return nil
	}
	_, err := c.Store.Exec(ctx, tx, limitWaitQuery.Postgres, db.Args{"lock_wait": lockWait, "statement": statement})
	return err
}

// lock locks the rows that are as they were read and that no other transaction has locked, and keeps the others from
// the merchant's statement. If the rows that the merchant's queries return cannot be locked, of a view that groups for
// example, the statement waits for all of them.
func (c *CorrectionBatch) lock(
	ctx context.Context, tx *sqlx.Tx, plan []PlannedCorrection,
) (locked, unlocked []PlannedCorrection, err error) {
	s := c.Store
	if err := c.limit(ctx, tx, "2s", true); err != nil || s.Dialect == db.SQLite || s.noRowLocks.Load() {
		return plan, nil, err
	}
	_, statuses := c.keys(plan)
	found := make(map[int64]bool, len(plan))
	for _, payins := range s.AllPayins(c.ProjectID, statuses) {
		var seqs []int64
		a := db.Args{"payins": payins, "run_id": c.RunID, "first": plan[0].Seq, "last": plan[len(plan)-1].Seq}
		if err := s.List(ctx, tx, &seqs, lockRowsQuery.Postgres, a); err != nil {
			s.noRowLocks.Store(s.noRowLocks.Load() || db.NotLockable(err))
			return nil, nil, c.failed(ctx, err)
		}
		for _, seq := range seqs {
			found[seq] = true
		}
		if len(found) >= len(plan) {
			break
		}
	}
	for _, p := range plan {
		if found[p.Seq] {
			locked = append(locked, p)
		} else {
			unlocked = append(unlocked, p)
		}
	}
	return locked, unlocked, c.setChanges(ctx, tx, unlocked, false)
}

var rowLocked = Result{Correction: reconcile.CorrectionLocked, Reason: reconcile.Because("row.locked")}

// setChanges makes the merchant's statement find rows of the selection, or not.
func (c *CorrectionBatch) setChanges(ctx context.Context, tx *sqlx.Tx, rows []PlannedCorrection, changes bool) error {
	if len(rows) == 0 {
		return nil
	}
	seqs := db.Int64s(db.Column(rows, func(p *PlannedCorrection) int64 { return p.Seq }))
	_, err := c.Store.Exec(ctx, tx, setChangesQuery.In(c.Store.Dialect),
		db.Args{"run_id": c.RunID, "changes": changes, "seqs": seqs})
	return err
}

// writePart writes rows behind a savepoint. If one of several cannot be written, none is, and it returns errSplit. It
// notes why a row alone is not written; another error is none of the row's.
func (c *CorrectionBatch) writePart(ctx context.Context, tx *sqlx.Tx, rows []PlannedCorrection) error {
	for try := 1; ; try++ {
		if _, err := tx.ExecContext(ctx, "savepoint hhrecon_row"); err != nil {
			return err
		}
		err := c.writeRows(ctx, tx, rows)
		if err == nil {
			_, err = tx.ExecContext(ctx, "release savepoint hhrecon_row")
			return err
		}
		var failed *statementError
		if !errors.As(err, &failed) {
			return err
		}
		if _, err := tx.ExecContext(ctx, "rollback to savepoint hhrecon_row"); err != nil {
			return err
		}
		message, refused := db.Refusal(err)
		switch {
		case len(rows) > 1:
			return errSplit
		case errors.Is(err, errNotKept): // writeRows has noted it
		case errors.Is(err, db.ErrLocked):
			c.Results[rows[0].Seq] = rowLocked
		case db.IsTransient(err) && try < rowTries:
			continue
		default:
			if !refused {
				message = c.Store.Describe(err)
			}
			c.Results[rows[0].Seq] = refusedBecause(reconcile.Because("row.refused", db.CleanText(message)))
		}
		return nil
	}
}

func refusedBecause(reason reconcile.Reason) Result {
	return Result{Correction: reconcile.CorrectionRefused, Reason: reason}
}

// failed tells an error of the merchant's statements from one of the connection's.
func (c *CorrectionBatch) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil || db.IsConnLost(err) {
		return err
	}
	return &statementError{err}
}

// writeRows writes rows with one statement, and reads them back. It returns errNotKept if one does not read as it was
// to be written.
func (c *CorrectionBatch) writeRows(ctx context.Context, tx *sqlx.Tx, rows []PlannedCorrection) error {
	s := c.Store
	written, err := s.writeCorrections(ctx, tx, c.RunID, rows[0].Seq, rows[len(rows)-1].Seq, c.Now)
	if err != nil {
		return c.failed(ctx, err)
	}
	unwritten := make(map[string]bool, len(rows))
	for _, p := range rows {
		unwritten[p.Before.PaymentID] = true
	}
	for _, row := range written {
		if !unwritten[row.PaymentID] {
			return &statementError{db.Errorf("%s: it returned payin %q, which it was not to correct, or returned it twice",
				s.correct.Name, row.PaymentID)}
		}
		delete(unwritten, row.PaymentID)
	}
	now, err := c.read(ctx, tx, rows)
	if err != nil {
		return err
	}
	for _, p := range rows {
		row, seen := now[p.Before.PaymentID]
		result := Result{Correction: reconcile.CorrectionApplied, UpdatedAt: row.UpdatedAt.Text()}
		switch {
		case row.Twice:
			result, err = refusedBecause(reconcile.Because("row.twice")), errNotKept
		case unwritten[p.Before.PaymentID] && row == p.Before:
			result = refusedBecause(reconcile.Because("row.not_written"))
		case unwritten[p.Before.PaymentID]:
			result = Result{Correction: reconcile.CorrectionSuperseded, Reason: SupersededBy(&p.Before, now)}
		case !seen:
			result, err = refusedBecause(reconcile.Because("row.not_shown", OpenPayinsFile, FinalPayinsFile)), errNotKept
		default:
			reason, fault := c.difference(ctx, tx, &p, &row)
			if fault != nil {
				return fault
			}
			if !reason.IsZero() {
				result, err = refusedBecause(reason), errNotKept
			}
		}
		c.Results[p.Seq] = result
	}
	return err
}

// read reads rows as they are, by the merchant's own queries.
func (c *CorrectionBatch) read(
	ctx context.Context, tx *sqlx.Tx, rows []PlannedCorrection,
) (map[string]CurrentRow, error) {
	ids, statuses := c.keys(rows)
	now, err := c.Store.CurrentRows(ctx, tx, c.ProjectID, ids, statuses)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	return now, nil
}

// keys are the payment_ids of rows, and the statuses that they can have: always all of them, so that a planner that
// knows the table badly does not prefer an index of the few open payins to the key.
func (c *CorrectionBatch) keys(rows []PlannedCorrection) (ids, statuses []string) {
	ids, statuses = make([]string, len(rows)), slices.Clone(c.Statuses)
	for i, p := range rows {
		ids[i], statuses = p.Before.PaymentID, append(statuses, p.Before.Status.Text(), p.After.Status.Text())
	}
	return ids, statuses
}

// Result is what became of a row.
func (c *CorrectionBatch) Result(p *PlannedCorrection) reconcile.Correction {
	if !p.Changes {
		return reconcile.CorrectionNone
	}
	return c.Results[p.Seq].Correction
}
