package merchant

import (
	"embed"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

//go:embed queries
var queryFiles embed.FS

var query = db.Queries(queryFiles)

// The merchant can replace each default statement with a file of the same name.
const (
	OpenPayinsFile    = "open_payins.sql"
	FinalPayinsFile   = "final_payins.sql"
	correctPayinsFile = "correct_payins.sql"
	payinStatusesFile = "payin_statuses.sql" // optional; without this file, unknown statuses are not counted
)

// merchantFile lists the parameters that a merchant's statement gets, and the parameters that the statement must use.
type merchantFile struct {
	name  string
	given []string
	must  []string
}

var merchantFiles = []merchantFile{
	{OpenPayinsFile, []string{"project_id", "from", "to", "open_statuses"}, []string{"project_id", "from", "to"}},
	{FinalPayinsFile, []string{"project_id", "from", "final_statuses"}, []string{"project_id", "from"}},
	{payinStatusesFile, []string{"project_id", "from", "to"}, []string{"project_id", "from", "to"}},
	{correctPayinsFile, []string{"run_id", "first", "last", "now"}, []string{"run_id", "first", "last"}},
}

// MaxBatch is the maximum number of payins that one transaction settles. All these payins are in memory to compute the
// hashes, and the project's audit log is locked until the end of the batch.
const MaxBatch = 5000

// Queries runs the merchant's statements in a database.
type Queries struct {
	*db.DB
	statements
	proofs

	BatchRows  atomic.Int64 // the number of merchant's rows that one transaction writes
	noRowLocks atomic.Bool  // the rows of the merchant's queries cannot be locked
	timeless   bool         // updated_at is null or the row's version (xmin), because the table has no such column
}

// New reads the merchant's statements from a folder. An empty folder name means the defaults. CheckQueries reports
// errors in the statements.
func New(conn *db.DB, dir string) *Queries {
	s := &Queries{DB: conn, statements: readStatements(dir, conn.Dialect)}
	s.BatchRows.Store(startRows)
	s.timeless = s.open.Mentions("xmin") || s.cannotStore(s.open, "updated_at")
	return s
}

// statements contains the statements that use the merchant's tables.
type statements struct {
	open, final, correct *db.Statement
	statuses             *db.Statement // nil if the merchant's own queries have no payin_statuses.sql
	err                  error         // the errors of all files
}

// readStatements reads the default statements, and replaces the statements for which the folder has a file.
// readStatements saves the errors of the files. CheckQueries and every use of the statements return these errors.
func readStatements(dir string, d db.Dialect) statements {
	m := statements{open: query("open_payins").In(d), final: query("final_payins").In(d),
		correct: query("correct_payins").In(d), statuses: query("payin_statuses").In(d)}
	if dir == "" {
		return m
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		m.err = db.Errorf("the folder HHRECON_SQL_DIR cannot be read: %v", err)
		return m
	}
	var faults []error
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".sql" {
			continue
		}
		st, err := readMerchantFile(dir, entry.Name(), d)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		switch entry.Name() {
		case OpenPayinsFile:
			m.open, m.statuses = st, nil // the default counts rows of another table; payin_statuses.sql is read later
		case payinStatusesFile:
			m.statuses = st
		case FinalPayinsFile:
			m.final = st
		case correctPayinsFile:
			m.correct = st
		}
	}
	m.err = errors.Join(faults...)
	return m
}

func readMerchantFile(dir, name string, d db.Dialect) (*db.Statement, error) {
	i := slices.IndexFunc(merchantFiles, func(f merchantFile) bool { return f.name == name })
	if i < 0 {
		return nil, db.Errorf("%s: unknown file; the folder HHRECON_SQL_DIR may contain %s, %s, %s and %s",
			name, OpenPayinsFile, FinalPayinsFile, correctPayinsFile, payinStatusesFile)
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, db.Errorf("%s: %v", name, err)
	}
	st, err := db.Parse(name, strings.TrimPrefix(string(text), "\ufeff"), d)
	if err != nil {
		return nil, db.Errorf("%v", err)
	}
	return st, merchantFiles[i].check(st)
}

// check compares the parameters of a statement with the parameters that its file must and may use.
func (f merchantFile) check(st *db.Statement) error {
	var faults []error
	for _, param := range slices.Compact(slices.Sorted(slices.Values(st.Params))) {
		if !slices.Contains(f.given, param) {
			faults = append(faults, db.Errorf("%s: unknown parameter :%s; the parameters are :%s", f.name, param,
				strings.Join(f.given, ", :")))
		}
	}
	for _, param := range f.must {
		if !st.Uses(param) {
			faults = append(faults, db.Errorf("%s: the query must use :%s%s", f.name, param, whyMust[param]))
		}
	}
	return errors.Join(faults...)
}

// cannotStore reports whether the merchant's table does not store a column. A query returns null for such a column, and
// correct_payins.sql does not write it.
func (m *statements) cannotStore(query *db.Statement, column string) bool {
	return !m.correct.Mentions(column+"_after") && query.Mentions(`null\b[^,]*\bas\s+"?`+column)
}

var whyMust = map[string]string{
	"project_id": ", so it returns only rows of this project",
	"from":       ": created_at >= :from (updated_at >= :from in " + FinalPayinsFile + ")",
	"to":         ": created_at < :to",
	"run_id":     ": join hhrecon_selection as s, with s.run_id = :run_id and s.seq between :first and :last",
	"first":      ": s.seq between :first and :last",
	"last":       ": s.seq between :first and :last",
}

// BeginOfTime is earlier and EndOfTime later than the times of all payins.
var (
	BeginOfTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	EndOfTime   = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// OpenQuery returns a subquery of a project's open payins that were created in a time window.
func (m *statements) OpenQuery(projectID string, w reconcile.Window, statuses []string) db.Subquery {
	return m.open.With(db.Args{
		"project_id": projectID, "from": db.FormatTime(w.From), "to": db.FormatTime(w.To),
		"open_statuses": db.Strings(statuses),
	})
}

// FinalQuery returns a subquery of a project's final payins that changed at or after from.
func (m *statements) FinalQuery(projectID string, from time.Time, statuses []string) db.Subquery {
	return m.final.With(db.Args{
		"project_id": projectID, "from": db.FormatTime(from), "final_statuses": db.Strings(statuses),
	})
}
