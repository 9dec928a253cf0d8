package sql

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// The limits of a proof, which is worth no more waiting: it is repeated whenever a store is opened.
const (
	guardTimeout = 20 * time.Second // in all
	guardLock    = "set local lock_timeout = '2s'"
)

// errUnproved says why a guard could neither be proved nor found missing.
var errUnproved = errors.New("the guard is not proved")

// own tells whether any statement is the merchant's. The defaults are proved by our tests.
func (m *merchant) own(d db.Dialect) bool {
	return m.open != openPayinsQuery.In(d) || m.final != finalPayinsQuery.In(d) || m.correct != correctPayinsQuery.In(d)
}

// checkGuards proves for each project, on one of its rows, that correct_payins.sql writes what it is to write and
// nothing else. A statement that does not even name amount and currency is refused if there is no row to prove it on, too.
func (s *Store) checkGuards(ctx context.Context, projects []reconcile.Project) error {
	if st := s.merchant.correct; !st.Mentions("amount") || !st.Mentions("currency") {
		return db.Errorf("%s: it writes a row whose amount or currency has changed since it was read; "+
			"where p is the merchant's table and s is hhrecon_selection, add these two lines:\n"+
			"  and p.amount is not distinct from s.amount\n  and p.currency is not distinct from s.currency", st.Name)
	}
	if len(projects) == 0 {
		var err error
		if projects, err = s.knownProjects(ctx); err != nil {
			return err
		}
	}
	for i := range projects {
		err := s.checkGuard(ctx, &projects[i])
		if errors.Is(err, errUnproved) {
			s.Log.WarnContext(ctx, "the guard of "+correctPayinsFile+" is not proved", "project", projects[i].ID, "reason", err)
			err = nil
		}
		if err != nil {
			return err // the statement is the same for all projects
		}
	}
	return nil
}

// knownProjects are those that have runs, as far as a guard needs to know them.
func (s *Store) knownProjects(ctx context.Context) ([]reconcile.Project, error) {
	var rows []struct{ ProjectID, Rules string }
	if err := s.List(ctx, s.Conn, &rows, knownProjectsQuery.In(s.Dialect), nil); err != nil {
		return nil, err
	}
	projects := make([]reconcile.Project, len(rows))
	for i, row := range rows {
		var rules reconcile.Rules
		if err := json.Unmarshal([]byte(row.Rules), &rules); err != nil {
			return nil, db.Errorf("the rules of project %s: %v", row.ProjectID, err)
		}
		projects[i] = reconcile.Project{ID: row.ProjectID, StatusMap: rules.StatusMap}
	}
	return projects, nil
}

// checkGuard proves the guard on one row.
func (s *Store) checkGuard(ctx context.Context, p *reconcile.Project) error {
	g := guard{store: s, project: p}
	return g.onRow(ctx, g.prove)
}

// onRow finds a row and calls f, in a transaction that is rolled back and waits at most guardTimeout.
func (g *guard) onRow(ctx context.Context, f func(context.Context, *sqlx.Tx) error) error {
	limited, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	err := g.store.WithTx(limited, db.RetryConflict, func(tx *sqlx.Tx) error {
		if err := g.find(limited, tx); err != nil {
			return err
		}
		return cmp.Or(f(limited, tx), errUndo)
	})
	switch {
	case ctx.Err() != nil:
		return err
	case len(g.faults) > 0: // whatever came after them
		return errors.Join(g.faults...)
	case errors.Is(err, errUndo):
		return nil
	case limited.Err() != nil:
		return fmt.Errorf("%w: it takes longer than %v", errUnproved, guardTimeout)
	case errors.Is(err, db.ErrLocked):
		return fmt.Errorf("%w: another transaction keeps payin %q locked", errUnproved, g.row.PaymentID)
	}
	return err
}

// guard is the proof of correct_payins.sql on one row of a project's.
type guard struct {
	store   *Store
	project *reconcile.Project
	runID   int64
	row     rowNow
	faults  []error
	took    time.Duration // by the last try's statement
}

func (g *guard) prove(ctx context.Context, tx *sqlx.Tx) error {
	g.faults = nil
	probes, err := g.probes()
	if err != nil {
		return err
	}
	for i, p := range probes {
		if err := g.try(ctx, tx, int64(i+1), p); err != nil {
			return err
		}
	}
	return nil
}

// find looks for a row, an open one first: of late, which is quick, and then of all times.
func (g *guard) find(ctx context.Context, tx *sqlx.Tx) error {
	// Below zero, as no run's number is, and unlike those of other proofs at the same time, whose lines it would else
	// have to wait for. It fits an integer, to which a merchant's statement may cast it.
	g.runID = -1<<30 - rand.Int64N(1<<30)
	if g.store.Dialect == db.Postgres {
		if _, err := tx.ExecContext(ctx, guardLock); err != nil {
			return err
		}
	}
	m, id := g.store.merchant, g.project.ID
	for _, from := range []string{db.FormatTime(time.Now().AddDate(0, -1, 0)), db.FormatTime(beginOfTime)} {
		for _, payins := range []db.Subquery{
			m.open.With(openArgs(id, from, db.FormatTime(endOfTime), g.project.OpenStatuses())),
			m.final.With(finalArgs(id, from, g.project.FinalStatuses())),
		} {
			err := g.store.Get(ctx, tx, &g.row, probeRowQuery.In(g.store.Dialect), db.Args{"payins": payins, "project_id": id})
			switch {
			case err == nil:
				return nil
			case errors.Is(err, stdsql.ErrNoRows):
			case ctx.Err() != nil, db.IsConnLost(err), db.IsTransient(err):
				return err
			default: // of a row that may be in no run's window
				return fmt.Errorf("%w: %s: %s", errUnproved, payins.Statement.Name, g.store.Describe(err))
			}
		}
	}
	return fmt.Errorf("%w: the project has no payin to prove it on", errUnproved)
}

// probe is a line of the selection that the statement must heed, or leave alone.
type probe struct {
	change db.Args // in the line for the row as it is
	writes string  // what the statement does that it must not; "" where it must write
	cure   string
}

func (g *guard) probes() ([]probe, error) {
	var updated db.Timestamp
	if err := updated.Scan(g.row.UpdatedAt.Value); err != nil {
		return nil, fmt.Errorf("%w: payin %q: updated_at is %s", errUnproved, g.row.PaymentID, g.row.UpdatedAt.Quote())
	}
	same := "is not distinct from"
	if g.store.Dialect == db.SQLite {
		same = "is"
	}
	guarded := func(column string, other any) probe {
		return probe{db.Args{column: other}, "a row whose " + column + " is no longer as it was read",
			"and p." + column + " " + same + " s." + column}
	}
	return []probe{
		// The row is later than the line, which a guard may also test by "<=".
		guarded("updated_at", db.FormatTime(updated.Add(-time.Millisecond))),
		guarded("status", g.otherStatus()),
		guarded("sub_status", g.row.SubStatus.Text()+"?"),
		guarded("settled_amount", g.row.SettledAmount.Int64()+1),
		guarded("amount", g.row.Amount.Int64()+1),
		guarded("currency", g.otherCurrency()),
		{db.Args{"project_id": nobody}, "a row of another project", "and p.project_id = s.project_id"},
		{db.Args{"changes": false}, "a row that is to stay as it is", "and s.changes"},
		{},
	}, nil
}

// otherStatus is another word than the row's, and one that corrections write: so it is in the merchant's enum.
func (g *guard) otherStatus() string {
	for _, word := range []string{"decline", "success"} {
		if word = cmp.Or(g.project.StatusMap[word], word); word != g.row.Status.Text() {
			return word
		}
	}
	return "none" // the map makes one word of the two
}

// otherCurrency is another code than the row's.
func (g *guard) otherCurrency() string {
	if g.row.Currency.Text() == "XXX" {
		return "XTS"
	}
	return "XXX"
}

// try runs the statement on one line, and undoes it before the next.
func (g *guard) try(ctx context.Context, tx *sqlx.Tx, seq int64, p probe) error {
	s, r := g.store, &g.row
	line := db.Args{
		"run_id": g.runID, "seq": seq, "project_id": g.project.ID, "payment_id": r.PaymentID,
		"amount": r.Amount.Value, "currency": r.Currency.Value, "status": r.Status.Value,
		"sub_status": r.SubStatus.Value, "settled_amount": r.SettledAmount.Value, "updated_at": r.UpdatedAt.Value,
		// The row's own, which no constraint refuses. Only updated_at becomes now, so that a trigger that drops
		// updates which change nothing does not hide the row.
		"status_after": r.Status.Value, "sub_status_after": r.SubStatus.Value, "settled_amount_after": r.SettledAmount.Value,
		"changes": true,
	}
	for name, value := range p.change {
		line[name] = value
	}
	if _, err := tx.ExecContext(ctx, "savepoint hhrecon_probe"); err != nil {
		return err
	}
	if _, err := s.Exec(ctx, tx, planProbeQuery.In(s.Dialect), line); err != nil {
		return s.noRefusal("hhrecon_selection", err)
	}
	start := time.Now()
	written, err := s.correct(ctx, tx, g.runID, seq, seq, db.FormatTime(start))
	g.took = time.Since(start)
	message, refused := db.Refusal(err)
	if err != nil && !refused {
		return err
	}
	if _, err := tx.ExecContext(ctx, "rollback to savepoint hhrecon_probe"); err != nil {
		return err
	}
	if p.writes == "" {
		return g.right(ctx, tx, written, message)
	}
	// What the table refuses was about to be written; a value that cannot be cast was not.
	if len(written) > 0 || refused && !uncast(err) {
		g.faults = append(g.faults, db.Errorf("%s: it writes %s, seen on payin %q of project %s (and undone); where p is the merchant's table and s is hhrecon_selection, add: %s",
			s.merchant.correct.Name, p.writes, r.PaymentID, g.project.ID, p.cure))
	}
	return nil
}

// uncast tells whether PostgreSQL refused a value, and no table did.
func uncast(err error) bool {
	var pe *pq.Error
	return errors.As(err, &pe) && pe.Code.Class() == "22"
}

// right judges what the statement has done with a row that is as it was read.
func (g *guard) right(ctx context.Context, tx *sqlx.Tx, written []writtenRow, refused string) error {
	file, id := g.store.merchant.correct.Name, g.row.PaymentID
	switch {
	case refused != "":
		return fmt.Errorf("%w: the merchant's table refuses payin %q: %s", errUnproved, id, refused)
	case len(written) == 1 && written[0].PaymentID == id:
		return nil
	case len(written) > 0:
		ids := make([]string, 0, 3)
		for _, row := range written[:min(len(written), cap(ids))] {
			ids = append(ids, fmt.Sprintf("%q", row.PaymentID))
		}
		g.faults = append(g.faults, db.Errorf("%s: asked to correct payin %q of project %s alone, it returned %d rows, of %s (and was undone); add: and p.payment_id = s.payment_id, and returning p.payment_id as the select statements have it",
			file, id, g.project.ID, len(written), strings.Join(ids, ", ")))
		return nil
	}
	now, err := g.store.rowsNow(ctx, tx, g.project.ID, []string{id}, []string{g.row.Status.Text()})
	if err != nil {
		return err
	}
	if now[id] != g.row {
		return fmt.Errorf("%w: payin %q has changed meanwhile", errUnproved, id)
	}
	g.faults = append(g.faults, db.Errorf("%s: it does not write payin %q of project %s, which is as it was read; compare it with s as %s and %s return it, and null with null: p.sub_status is not distinct from s.sub_status",
		file, id, g.project.ID, openPayinsFile, finalPayinsFile))
	return nil
}
