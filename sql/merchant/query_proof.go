package merchant

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// These constants limit a test of the merchant's queries on real rows.
const (
	proofSample = 50               // maximum number of rows that the test reads
	proofRows   = 6                // maximum number of rows that the test tries to write, one after the other
	proofTime   = 20 * time.Second // time limit for all rows
	proofAge    = time.Minute      // how long the result of a test is valid, because alerts may start many runs in a row

	// These settings limit each wait for a lock to 100 ms, and make PostgreSQL check deferred constraints immediately.
	proofSession = "set local lock_timeout = '100ms'; set constraints all immediate"
)

// proofs stores the latest test result of each project's queries.
type proofs struct {
	mu   sync.Mutex
	last map[string]*Proof
}

// LastCheck returns the result of the latest test of a project's queries.
func (p *proofs) LastCheck(projectID string) *reconcile.QueryCheck {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := p.last[projectID]; last != nil {
		return &last.QueryCheck
	}
	return &reconcile.QueryCheck{}
}

// Proof is the result of running the merchant's queries on real rows of a project.
type Proof struct {
	reconcile.QueryCheck
	unguarded bool // a guard of amount or currency is missing, so no run may start

	at              time.Time
	statusMap       map[string]string
	paymentID       string        // ID of the row that could be written
	correct, lookup time.Duration // durations of writing one row and of reading one payin
}

// Prove tests whether the merchant's queries read back the values that they write, for one project. Prove changes
// nothing, and returns an error if a statement cannot be used at all.
func (s *Queries) Prove(ctx context.Context, p *reconcile.Project) (*Proof, error) {
	if s.err != nil {
		return nil, s.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.last[p.ID]
	if last == nil || last.Unproved.Code == "proof.no_row" || time.Since(last.at) > proofAge ||
		!maps.Equal(last.statusMap, p.StatusMap) {
		var err error
		if last, err = newProof(ctx, s, p); err != nil {
			return nil, s.WrapError(ctx, err)
		}
		if s.last == nil {
			s.last = make(map[string]*Proof)
		}
		s.last[p.ID] = last
	}
	if last.unguarded {
		return nil, s.unguarded()
	}
	return last, nil
}

// unguarded returns an error if correct_payins.sql writes rows whose amount or currency has changed since they were
// read.
func (m *statements) unguarded() error {
	return db.Errorf("%s: the query writes a row although the amount or currency has changed since the row was read; "+
		"if p is the merchant's table and s is hhrecon_selection, add these two lines:\n"+
		"  and p.amount is not distinct from s.amount\n  and p.currency is not distinct from s.currency", m.correct.Name)
}

// newProof tests the queries in a transaction, and then rolls the transaction back.
func newProof(ctx context.Context, s *Queries, project *reconcile.Project) (*Proof, error) {
	limited, cancel := context.WithTimeout(ctx, proofTime)
	defer cancel()
	var p *prover
	err := s.WithTx(limited, db.RetryLost, func(tx *sqlx.Tx) error {
		p = &prover{
			store: s, project: project, tx: tx, found: make(map[string]bool), now: time.Now().Truncate(time.Microsecond),
			// No run has a negative number. The number is random, so simultaneous tests do not wait for each other's
			// rows. The number fits into an integer, because a merchant's statement may cast the number to that type.
			runID: -1<<30 - rand.Int64N(1<<30),
		}
		return cmp.Or(p.prove(limited), ErrRollback)
	})
	switch {
	case errors.Is(err, ErrRollback):
		err = nil
	case limited.Err() != nil && ctx.Err() == nil:
		p.Unproved, err = reconcile.Because("proof.slow", proofTime), nil
	}
	if err != nil {
		return nil, err
	}
	p.at, p.statusMap = time.Now(), maps.Clone(project.StatusMap)
	for _, fault := range p.Faults {
		s.Log.ErrorContext(ctx, "the proof of the merchant's queries failed", "project", project.ID, "reason", fault.Reason)
	}
	if !p.Unproved.IsZero() {
		s.Log.WarnContext(ctx, "the proof of the merchant's queries failed", "project", project.ID, "reason", p.Unproved)
	}
	return &p.Proof, nil
}

// prover tests the merchant's queries on real rows.
type prover struct {
	Proof
	store   *Queries
	project *reconcile.Project
	tx      *sqlx.Tx
	now     time.Time // the value for updated_at
	runID   int64     // the run_id in the selection
	seq     int64
	row     payinRow // the row that the test writes, with the values that the test has read
	taken   db.Args  // the parameters of a correction that the test has written
	found   map[string]bool
}

// payinRow is a merchant's row as a query returns it. The keys are the names of the columns.
type payinRow map[string]db.RawValue

// prove tests one row, and tests another row if an error occurs with the first row. An error that occurs with
// only one row is not an error of the queries. A run detects this error when it reads the row back, and can
// still correct other rows.
func (p *prover) prove(ctx context.Context) error {
	if p.store.Dialect == db.Postgres {
		if _, err := p.tx.ExecContext(ctx, proofSession); err != nil {
			return err
		}
	}
	rows, err := p.candidates(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		p.Unproved = reconcile.Because("proof.no_row")
		return nil
	}
	for i := range rows {
		on := *p
		on.Proof, on.found, on.taken = Proof{}, make(map[string]bool), nil
		if err := on.proveOn(ctx, rows[i:]); err != nil {
			return err
		}
		if i == 0 || len(on.Faults) == 0 && on.Unproved.IsZero() {
			p.Proof = on.Proof
		}
		if len(p.Faults) == 0 || slices.ContainsFunc(p.Faults, isOfStatement) {
			return nil
		}
		p.seq = on.seq
	}
	return nil
}

// isOfStatement reports whether an error that occurred with one row is an error of correct_payins.sql for all rows.
func isOfStatement(fault reconcile.QueryFault) bool {
	return fault.Reason.Code == "proof.guard" || fault.Reason.Code == "proof.other_rows"
}

// proveOn tries rows until one row has accepted all corrections.
func (p *prover) proveOn(ctx context.Context, rows []payinRow) (err error) {
	left := make(map[string]reconcile.Reason) // why no row could be written, by HighHelp's status
	for i, row := range rows {
		p.row = row
		for _, column := range []string{"created_at", "updated_at"} {
			if !row[column].IsTime() {
				p.fault(column, "", reconcile.Because("proof.no_time", row["query"].Text(), column, row[column].Quote()))
			}
		}
		for _, t := range p.trials() {
			if _, again := left[t.theirs]; i > 0 && !again {
				continue
			}
			if left[t.theirs], err = p.try(ctx, &t); err != nil {
				return err
			}
		}
		maps.DeleteFunc(left, func(_ string, why reconcile.Reason) bool { return why.IsZero() })
		if p.taken != nil && p.paymentID == "" {
			p.paymentID = row["payment_id"].Text()
			if err := p.guards(ctx); err != nil {
				return err
			}
		}
		if len(left) == 0 {
			return nil
		}
	}
	for _, t := range p.trials() {
		why, ok := left[t.theirs]
		if ok && why.Code == "proof.not_written" && p.taken == nil && !p.found["rows"] {
			causes, err := p.misread(ctx)
			if err != nil {
				return err
			}
			why = why.With(causes...)
		}
		if ok {
			p.leftOver(t.word, why)
		}
	}
	return nil
}

// leftOver adds an error for a correction that no row accepted.
func (p *prover) leftOver(word string, why reconcile.Reason) {
	switch taken := p.taken != nil; {
	case why.Code == "proof.not_written" && !taken:
		p.fault("rows", "", why)
	case (why.Code == "proof.refused" || why.Code == "proof.left_alone") && taken: // another correction was written
		p.fault("status "+word, word, why.With(reconcile.Because("cause.status", word)))
	case why.Code == "proof.not_written":
		p.fault("status "+word, word, why)
	default:
		p.Unproved = why
	}
}

// candidates returns the rows to try. Recent open rows come first, because reading them is fast. Rows of all times
// follow. candidates omits rows that share a payment_id, unless all rows share it.
func (p *prover) candidates(ctx context.Context) ([]payinRow, error) {
	m, id := p.store, p.project.ID
	for _, from := range []time.Time{p.now.AddDate(0, -1, 0), BeginOfTime} {
		for _, payins := range []db.Subquery{
			m.OpenQuery(id, reconcile.Window{From: from, To: EndOfTime}, p.project.OpenStatuses()),
			m.FinalQuery(id, from, p.project.FinalStatuses()),
		} {
			rows, err := p.read(ctx, query("probe_rows"),
				db.Args{"payins": payins, "query": payins.Statement.Name, "limit": proofSample})
			if err != nil {
				return nil, err
			}
			single, err := p.single(ctx, rows)
			if err != nil || len(rows) > 0 {
				return single[:min(len(single), proofRows)], err
			}
		}
	}
	return nil, nil
}

// single returns the rows whose payment_id is unique, or all rows if no payment_id is unique.
func (p *prover) single(ctx context.Context, rows []payinRow) ([]payinRow, error) {
	copies := make(map[string]int)
	for _, row := range rows {
		copies[row["payment_id"].Text()]++
	}
	now, err := p.store.CurrentRows(ctx, p.tx, p.project.ID, slices.Collect(maps.Keys(copies)),
		slices.Concat(p.project.OpenStatuses(), p.project.FinalStatuses()))
	if err != nil {
		return nil, p.store.OwnTableError(OpenPayinsFile+" or "+FinalPayinsFile, err)
	}
	single := slices.DeleteFunc(slices.Clone(rows), func(row payinRow) bool {
		id := row["payment_id"].Text()
		return copies[id] > 1 || now[id].Twice
	})
	if len(single) == 0 {
		return rows, nil
	}
	return single, nil
}

// read reads complete rows, and skips rows that cannot be read.
func (p *prover) read(ctx context.Context, q db.Query, a db.Args) ([]payinRow, error) {
	text, values, err := q.In(p.store.Dialect).Bind(p.store.Dialect, a)
	if err != nil {
		return nil, err
	}
	rows, err := p.tx.QueryxContext(ctx, text, values...)
	if err != nil {
		return nil, p.store.OwnTableError(OpenPayinsFile+" or "+FinalPayinsFile, err)
	}
	defer func() { _ = rows.Close() }()
	var all []payinRow
	var unreadable error // returned only if no row can be read
next:
	for rows.Next() {
		values, row := make(map[string]any), make(payinRow)
		if err := rows.MapScan(values); err != nil {
			return nil, err
		}
		for column, value := range values {
			var raw db.RawValue
			if err := raw.Scan(value); err != nil {
				unreadable = db.Errorf("column %s of the merchant's queries: %v", column, err)
				continue next
			}
			row[column] = raw
		}
		all = append(all, row)
	}
	if len(all) > 0 {
		unreadable = nil
	}
	return all, cmp.Or(p.store.OwnTableError(OpenPayinsFile+" or "+FinalPayinsFile, rows.Err()), unreadable)
}

// seen reads the row with open_payins.sql and final_payins.sql. The parameters of the queries contain only one status.
func (p *prover) seen(ctx context.Context, word string, from, to, finalFrom time.Time) (map[string][]payinRow, error) {
	m, id, words := p.store, p.project.ID, []string{word}
	rows, err := p.read(ctx, query("proof_rows"), db.Args{
		"open_payins":  m.OpenQuery(id, reconcile.Window{From: from, To: to}, words),
		"final_payins": m.FinalQuery(id, finalFrom, words),
		"payment_id":   p.row["payment_id"].Value,
	})
	byFile := make(map[string][]payinRow)
	for _, row := range rows {
		file := row["query"].Text()
		byFile[file] = append(byFile[file], row)
	}
	return byFile, err
}

// The tested time windows begin and end at these distances from a row's time.
const (
	nearby  = time.Second
	faraway = 7 * 24 * time.Hour
)

// windows checks that a merchant's query returns a row only for time windows that contain the row's time.
func (p *prover) windows(ctx context.Context, t *trial, row payinRow) error {
	file, column, params := row["query"].Text(), "created_at", ":from and :to"
	if file == FinalPayinsFile {
		column, params = "updated_at", ":from"
	}
	var at db.Timestamp
	if p.found[file] || column == "updated_at" && p.store.timeless || at.Scan(row[column].Value) != nil {
		return nil //nolint:nilerr // reading the row reports a time that cannot be read
	}
	for _, window := range [][2]time.Duration{{-nearby, nearby}, {-faraway, -nearby}, {nearby, faraway}} {
		from, to := at.Add(window[0]), at.Add(window[1])
		rows, err := p.seen(ctx, t.word, from, to, from)
		if err != nil {
			return err
		}
		inside := window[0] < 0 && (window[1] > 0 || file == FinalPayinsFile) // final_payins.sql has no :to
		if !p.found[file] && inside != (len(rows[file]) > 0) {
			p.fault(file, "", reconcile.Because("proof.window", file, column, params))
		}
	}
	p.found[file] = true
	return nil
}

// fault adds an error of the merchant's queries to the result, unless the result already has an error with this
// subject. The subject is the name of a file or column. The parameter word is the only status with the error, or
// "" for all corrections.
func (p *prover) fault(subject, word string, why reconcile.Reason) {
	if !p.found[subject] {
		p.found[subject] = true
		p.Faults = append(p.Faults, reconcile.QueryFault{Reason: why, Status: word})
	}
}
