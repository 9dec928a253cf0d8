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

// One transaction locks a batch of corrections, writes it, and reads it back with the merchant's own queries. It does
// not wait for rows that another transaction has locked. If a row cannot be written, or is not read back as written,
// the transaction is rolled back and repeated in small groups of rows. Each group has a savepoint. If a group fails,
// the transaction tries smaller groups. Therefore each row has its own result, and every row that stays written was
// read back.

// These constants limit a transaction, because the merchant's own writers wait until the transaction ends.
const (
	startRows = 1000        // rows of the first batch
	rowsTime  = time.Second // time limit after which no further row is tried
	rowTries  = 3           // attempts after a deadlock or a serialization failure
	partRows  = 32          // number of rows in one statement, after the statement for the whole batch has failed
)

// PlannedCorrection is a row of the selection with a correction to write.
type PlannedCorrection struct {
	Seq     int64
	Changes bool
	Before  CurrentRow // the values that were read
	After   CurrentRow // the values to write; null in updated_at means the time of writing
}

// Result is the result of a correction.
type Result struct {
	Correction reconcile.Correction
	Reason     reconcile.Reason // why the row is not written
	UpdatedAt  string           // the value that was read back
}

// CorrectionBatch writes a batch of the selection into the merchant's rows in one transaction.
type CorrectionBatch struct {
	Store     *Queries
	ProjectID string
	Statuses  []string // all statuses of the project
	RunID     int64    // the run_id in the selection
	Now       string
	Rows      []PlannedCorrection // in the order of seq
	Check     *reconcile.QueryCheck

	Start   time.Time // the time just before the first row was locked
	Tried   int       // number of rows that were tried, in order; the next transaction tries the other rows
	Results map[int64]Result
}

// statementError is an error of the merchant's statements, not of the connection.
type statementError struct{ err error }

func (e *statementError) Error() string { return e.err.Error() }

func (e *statementError) Unwrap() error { return e.err }

// errNotKept means that the values read back from a row differ from the written values.
var errNotKept = &statementError{errors.New("the values read back from a row differ from the written values")}

// errSplit means that the rows must be written again in smaller groups.
var errSplit = errors.New("one of the rows cannot be written")

// WriteRows runs f in a transaction that writes the merchant's rows. If f fails, WriteRows runs f again with rowByRow.
func (s *Queries) WriteRows(ctx context.Context, policy db.RetryPolicy, runID int64,
	f func(tx *sqlx.Tx, rowByRow bool) error) error {
	if s.err != nil {
		return s.err
	}
	err := s.WithTx(ctx, policy, func(tx *sqlx.Tx) error { return f(tx, false) })
	if _, refused := db.Refusal(err); refused || reconcile.IsType[*statementError](err) {
		s.Log.WarnContext(ctx, "a batch of corrections was not written; its rows are written one by one",
			"run", runID, "reason", s.Describe(err))
		err = s.WithTx(ctx, policy, func(tx *sqlx.Tx) error { return f(tx, true) })
	}
	return s.WrapError(ctx, err)
}

// AdaptRows adapts the size of the next batch to the duration of a transaction with row locks.
func (s *Queries) AdaptRows(rows int, took time.Duration) {
	switch size := s.BatchRows.Load(); {
	case took > rowsTime:
		s.BatchRows.Store(int64(max(1, rows/2)))
	case took < rowsTime/4 && int64(rows) >= size:
		s.BatchRows.Store(min(MaxBatch, 2*size))
	}
}

// Write writes all changes. Write writes unlocked rows in one statement and locked rows one by one. If rowByRow is
// true, it writes all rows in small groups.
func (c *CorrectionBatch) Write(ctx context.Context, tx *sqlx.Tx, rowByRow bool) error {
	c.Start, c.Tried, c.Results = time.Now(), len(c.Rows), make(map[int64]Result)
	rest := slices.DeleteFunc(slices.Clone(c.Rows), func(p PlannedCorrection) bool { return !p.Changes })
	rest, err := c.refuse(ctx, tx, rest)
	if err != nil || len(rest) == 0 {
		return err
	}
	if c.Store.Dialect == db.Postgres {
		// Check deferred constraints with each row, not at the end of the transaction.
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
	now, err := c.currentRows(ctx, tx, unlocked)
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

// refuse removes the corrections that failed the test of the merchant's queries, and returns the remaining corrections.
func (c *CorrectionBatch) refuse(ctx context.Context, tx *sqlx.Tx,
	plan []PlannedCorrection) (rest []PlannedCorrection, err error) {
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

// writeInParts writes rows with statements for a few rows each. The number of rows grows after a success and shrinks
// after a failure. Locked rows are skipped and tried again at the end of the run.
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

// limit limits how long the transaction waits for a lock, and the duration of its statements.
func (c *CorrectionBatch) limit(ctx context.Context, tx *sqlx.Tx, lockWait string, statement bool) error {
	if c.Store.Dialect == db.SQLite {
		return nil
	}
	_, err := c.Store.Exec(ctx, tx, query("limit_wait").Postgres, db.Args{"lock_wait": lockWait, "statement": statement})
	return err
}

// lock locks the rows that are not locked by another transaction and still have the values that were read. It hides the
// other rows from the merchant's statement. Some rows cannot be locked, for example those of a grouped view. The
// merchant's statement then waits for all rows.
func (c *CorrectionBatch) lock(ctx context.Context, tx *sqlx.Tx,
	plan []PlannedCorrection) (locked, unlocked []PlannedCorrection, err error) {
	s := c.Store
	if err := c.limit(ctx, tx, "2s", true); err != nil || s.Dialect == db.SQLite || s.noRowLocks.Load() {
		return plan, nil, err
	}
	_, statuses := c.keys(plan)
	found := make(map[int64]bool, len(plan))
	for _, payins := range s.AllPayins(c.ProjectID, statuses) {
		var seqs []int64
		a := db.Args{"payins": payins, "run_id": c.RunID, "first": plan[0].Seq, "last": plan[len(plan)-1].Seq}
		if err := s.List(ctx, tx, &seqs, query("lock_rows").Postgres, a); err != nil {
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

// setChanges sets the column changes of some rows of the selection. The merchant's statement writes only rows for which
// this column is true.
func (c *CorrectionBatch) setChanges(ctx context.Context, tx *sqlx.Tx, rows []PlannedCorrection, changes bool) error {
	if len(rows) == 0 {
		return nil
	}
	seqs := db.Int64s(db.Column(rows, func(p *PlannedCorrection) int64 { return p.Seq }))
	_, err := c.Store.Exec(ctx, tx, query("set_changes").In(c.Store.Dialect),
		db.Args{"run_id": c.RunID, "changes": changes, "seqs": seqs})
	return err
}

// writePart sets a savepoint and writes rows. If one of several rows cannot be written, writePart writes no row and
// returns errSplit. For a single row it saves the reason in the row's result.
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
		if _, ok := errors.AsType[*statementError](err); !ok {
			return err
		}
		if _, err := tx.ExecContext(ctx, "rollback to savepoint hhrecon_row"); err != nil {
			return err
		}
		message, refused := db.Refusal(err)
		switch {
		case len(rows) > 1:
			return errSplit
		case errors.Is(err, errNotKept): // writeRows has set the result
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

// failed returns a statementError that wraps the error. If the connection is lost, failed returns the error unchanged.
func (c *CorrectionBatch) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil || db.IsConnLost(err) {
		return err
	}
	return &statementError{err}
}

// writeRows writes rows in one statement, and reads them back. writeRows returns errNotKept if a row is not read back
// as written.
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
			return &statementError{db.Errorf("%s: the query returned payin %q, which is not in the batch, or returned it twice",
				s.correct.Name, row.PaymentID)}
		}
		delete(unwritten, row.PaymentID)
	}
	return c.readBack(ctx, tx, rows, unwritten)
}

// readBack compares each row with the written values and saves the results. readBack returns errNotKept if a row
// differs.
func (c *CorrectionBatch) readBack(ctx context.Context, tx *sqlx.Tx, rows []PlannedCorrection,
	unwritten map[string]bool) error {
	now, err := c.currentRows(ctx, tx, rows)
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

// currentRows reads the current rows with the merchant's own queries.
func (c *CorrectionBatch) currentRows(ctx context.Context, tx *sqlx.Tx,
	rows []PlannedCorrection) (map[string]CurrentRow, error) {
	ids, statuses := c.keys(rows)
	now, err := c.Store.CurrentRows(ctx, tx, c.ProjectID, ids, statuses)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	return now, nil
}

// keys returns the payment IDs of rows, and all statuses that the rows can have. With all statuses, a planner with poor
// statistics uses the primary key, not an index on the few open payins.
func (c *CorrectionBatch) keys(rows []PlannedCorrection) (ids, statuses []string) {
	ids, statuses = make([]string, len(rows)), slices.Clone(c.Statuses)
	for i, p := range rows {
		ids[i], statuses = p.Before.PaymentID, append(statuses, p.Before.Status.Text(), p.After.Status.Text())
	}
	return ids, statuses
}

// Result returns the result of a row.
func (c *CorrectionBatch) Result(p *PlannedCorrection) reconcile.Correction {
	if !p.Changes {
		return reconcile.CorrectionNone
	}
	return c.Results[p.Seq].Correction
}
