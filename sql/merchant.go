package sql

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hhrecon/sql/db"
)

// The files that a merchant may put in place of the defaults.
const (
	openPayinsFile    = "open_payins.sql"
	finalPayinsFile   = "final_payins.sql"
	correctPayinsFile = "correct_payins.sql"
	payinStatusesFile = "payin_statuses.sql" // may be missing: words that no setting covers are not counted then
)

// merchantFile says what a merchant's statement is given and what it must use.
type merchantFile struct {
	name  string
	given []string
	must  []string
}

var merchantFiles = []merchantFile{
	{openPayinsFile, []string{"project_id", "from", "to", "open_statuses"}, []string{"project_id", "from", "to"}},
	{finalPayinsFile, []string{"project_id", "from", "final_statuses"}, []string{"project_id", "from"}},
	{payinStatusesFile, []string{"project_id", "from", "to"}, []string{"project_id", "from", "to"}},
	{correctPayinsFile, []string{"run_id", "first", "last", "now"}, []string{"run_id", "first", "last"}},
}

// merchant has the statements that know the merchant's tables.
type merchant struct {
	open, final, correct *db.Statement
	statuses             *db.Statement // nil: the merchant has queries, and none that counts words
	err                  error         // all faults of the files
}

// readMerchant takes the defaults, and in their place what the folder holds. Faults of the files are
// kept for CheckQueries, and for whoever would run a statement that is not there.
func readMerchant(dir string, d db.Dialect) merchant {
	m := merchant{
		open: openPayinsQuery.In(d), final: finalPayinsQuery.In(d), correct: correctPayinsQuery.In(d),
		statuses: payinStatusesQuery.In(d),
	}
	if dir == "" {
		return m
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		m.err = db.Errorf("the folder of HHRECON_SQL_DIR cannot be read: %v", err)
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
		case openPayinsFile:
			m.open, m.statuses = st, nil // of another table; the file for that comes later
		case payinStatusesFile:
			m.statuses = st
		case finalPayinsFile:
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
		return nil, db.Errorf("%s: hhrecon knows no such file; the folder of HHRECON_SQL_DIR may hold %s, %s, %s and %s",
			name, openPayinsFile, finalPayinsFile, correctPayinsFile, payinStatusesFile)
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

// check compares the parameters of a statement with those of its file.
func (f merchantFile) check(st *db.Statement) error {
	var faults []error
	for _, param := range slices.Compact(slices.Sorted(slices.Values(st.Params))) {
		if !slices.Contains(f.given, param) {
			faults = append(faults, db.Errorf("%s: there is no parameter :%s; it is given :%s", f.name, param,
				strings.Join(f.given, ", :")))
		}
	}
	for _, param := range f.must {
		if !st.Uses(param) {
			faults = append(faults, db.Errorf("%s: it does not use :%s, which it must%s", f.name, param, whyMust[param]))
		}
	}
	return errors.Join(faults...)
}

// cannotStore tells whether the merchant's table has no place for a column: a query returns null in its place, and
// correct_payins.sql does not write it.
func (m *merchant) cannotStore(query *db.Statement, column string) bool {
	return !m.correct.Mentions(column+"_after") && query.Mentions(`null\b[^,]*\bas\s+"?`+column)
}

var whyMust = map[string]string{
	"project_id": ": the rows of one project are not another's",
	"from":       ": created_at >= :from (updated_at >= :from in " + finalPayinsFile + ")",
	"to":         ": created_at < :to",
	"run_id":     ": join hhrecon_selection as s, with s.run_id = :run_id and s.seq between :first and :last",
	"first":      ": s.seq between :first and :last",
	"last":       ": s.seq between :first and :last",
}

// beginOfTime is earlier than any payin, endOfTime later.
var (
	beginOfTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	endOfTime   = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// openArgs and its like are what the merchant's statements are given.
func openArgs(projectID string, from, to string, statuses []string) db.Args {
	return db.Args{"project_id": projectID, "from": from, "to": to, "open_statuses": db.Words(statuses)}
}

func finalArgs(projectID string, from string, statuses []string) db.Args {
	return db.Args{"project_id": projectID, "from": from, "final_statuses": db.Words(statuses)}
}

func correctArgs(runID, first, last int64, now string) db.Args {
	return db.Args{"run_id": runID, "first": first, "last": last, "now": now}
}
