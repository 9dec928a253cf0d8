package merchant

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/reconcile"
	"hhrecon/sql/db"
)

// noProject is an ID that no project has.
const noProject = "00000000-0000-0000-0000-000000000000"

// CheckQueries tests the merchant's statements, or the defaults, on the live database. CheckQueries changes nothing.
// CheckQueries returns the errors of all files, each with the file's name and a remedy.
//
// If all statements can be used, CheckQueries tests them on a real row of each project, in a transaction that is rolled
// back. In this test, only a missing guard of amount or currency is an error. ProveQueries returns the other errors,
// for which a run refuses corrections.
func (s *Queries) CheckQueries(ctx context.Context, projects ...reconcile.Project) error {
	statuses, faults := []string{"none"}, []error{s.err}
	for _, payins := range []db.Subquery{
		s.OpenQuery(noProject, reconcile.Window{From: EndOfTime, To: EndOfTime}, statuses),
		s.FinalQuery(noProject, EndOfTime, statuses),
	} {
		faults = append(faults, s.Read(ctx, func(tx *sqlx.Tx) error { return s.CheckSelect(ctx, tx, payins) }))
	}
	faults = append(faults, s.checkCorrect(ctx))
	if c := s.correct; errors.Join(faults...) == nil && (!c.Mentions("amount") || !c.Mentions("currency")) {
		faults = append(faults, s.unguarded())
	}
	for i := range projects {
		if errors.Join(faults...) == nil {
			_, err := s.Prove(ctx, &projects[i])
			faults = append(faults, err)
		}
	}
	for i, err := range faults {
		faults[i] = s.WrapError(ctx, err) // each error separately, because some errors are already for users
	}
	return errors.Join(faults...)
}

// ReadBack is the value of QueryTime.File for reading one payin with open_payins.sql and final_payins.sql.
const ReadBack = "open_payins.sql and final_payins.sql for one payment_id"

// QueryTime is the duration of one of the merchant's queries for a project.
type QueryTime struct {
	File, ProjectID string
	Rows            int
	Took            time.Duration
}

// ProveQueries tests the merchant's queries for each project on real rows. A correction into each of HighHelp's
// statuses must be read back as written. A row that has changed must not be written. ProveQueries also counts the
// payins in each project's time window whose status is neither open nor final. It returns an error if queries cannot be
// used or use times without a time zone. It changes nothing.
func (s *Queries) ProveQueries(ctx context.Context, projects ...reconcile.Project) ([]reconcile.QueryCheck, error) {
	if s.err != nil {
		return nil, s.err
	}
	checks, faults := make([]reconcile.QueryCheck, len(projects)), []error{checkParameters(ctx, s)}
	for i := range projects {
		proof, err := s.Prove(ctx, &projects[i])
		if err != nil {
			return nil, err
		}
		now := time.Now()
		checks[i] = proof.QueryCheck
		window := reconcile.Window{From: now.Add(-projects[i].Window), To: now}
		checks[i].Statuses, err = s.CountStatuses(ctx, &projects[i], window)
		checks[i].Unknown = unknownStatuses(&projects[i], checks[i].Statuses)
		faults = append(faults, err)
	}
	return checks, errors.Join(faults...)
}

// UnknownStatuses counts a project's payins in a time window whose status is neither open nor final.
func (s *Queries) UnknownStatuses(ctx context.Context, p *reconcile.Project,
	w reconcile.Window) (map[string]int64, error) {
	counts, err := s.CountStatuses(ctx, p, w)
	return unknownStatuses(p, counts), err
}

func unknownStatuses(p *reconcile.Project, counts map[string]int64) map[string]int64 {
	known := slices.Concat(p.OpenStatuses(), p.FinalStatuses())
	unknown := maps.Clone(counts)
	maps.DeleteFunc(unknown, func(word string, _ int64) bool { return slices.Contains(known, word) })
	return unknown
}

// CountStatuses counts a project's payins in a time window by status. It returns nil if there is no query for it.
func (s *Queries) CountStatuses(ctx context.Context, p *reconcile.Project,
	w reconcile.Window) (map[string]int64, error) {
	if s.statuses == nil {
		return nil, nil
	}
	var rows []struct {
		Word  string
		Count int64
	}
	count := db.Args{"project_id": p.ID, "from": db.FormatTime(w.From), "to": db.FormatTime(w.To)}
	err := s.List(ctx, s.Conn, &rows, query("count_statuses").In(s.Dialect),
		db.Args{"payin_statuses": s.statuses.With(count)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", payinStatusesFile, s.WrapError(ctx, err))
	}
	counts := make(map[string]int64)
	for _, row := range rows {
		counts[row.Word] += row.Count
	}
	return counts, nil
}

// checkParameters checks that the merchant's queries use times with a time zone. A timestamp without time zone would
// shift every time window unless the zone is UTC. SQLite stores times as texts.
func checkParameters(ctx context.Context, s *Queries) error {
	if s.Dialect == db.SQLite {
		return nil
	}
	var faults []error
	args := db.Args{"open_statuses": db.Strings([]string{""}), "final_statuses": db.Strings([]string{""})}
	for _, name := range []string{"project_id", "from", "to", "run_id", "first", "last", "now"} {
		args[name] = name
	}
	for _, st := range []*db.Statement{s.open, s.final, s.correct} {
		text, names, err := st.Bind(s.Dialect, args)
		if err != nil {
			return err
		}
		var types []string
		err = s.Read(ctx, func(tx *sqlx.Tx) error {
			if _, err := tx.ExecContext(ctx, "prepare hhrecon_check as "+text); err != nil {
				return s.describe(ctx, st, err, text, 0)
			}
			err := tx.SelectContext(ctx, &types, "select cast(unnest(parameter_types) as text) "+
				"from pg_prepared_statements where name = 'hhrecon_check'")
			_, _ = tx.ExecContext(ctx, "deallocate hhrecon_check")
			return err
		})
		if err != nil {
			return s.WrapError(ctx, err)
		}
		for i, name := range names {
			if strings.HasPrefix(types[i], "timestamp without") || types[i] == "date" {
				faults = append(faults, db.Errorf("%s: PostgreSQL takes :%s as a %s, which has no time zone: "+
					"compare it with COLUMN at time zone 'ZONE', with the time zone of COLUMN, "+
					"or write cast(:%[2]s as timestamptz) at time zone 'ZONE'", st.Name, name, types[i]))
			}
		}
	}
	return errors.Join(faults...)
}

// TimeQueries measures the merchant's queries with the parameters of a run that starts now. If a row can be corrected,
// TimeQueries also measures the correction of one row and its reading back. TimeQueries rolls back all changes.
func (s *Queries) TimeQueries(ctx context.Context, projects ...reconcile.Project) ([]QueryTime, error) {
	var times []QueryTime
	for i := range projects {
		p, now := &projects[i], time.Now()
		window := reconcile.Window{From: now.Add(-p.Window), To: now}
		payins := []db.Subquery{s.OpenQuery(p.ID, window, p.OpenStatuses())}
		if p.Recheck > 0 {
			payins = append(payins, s.FinalQuery(p.ID, now.Add(-p.Recheck), p.FinalStatuses()))
		}
		proof, err := s.Prove(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, one := range payins {
			t := QueryTime{File: one.Statement.Name, ProjectID: p.ID}
			var row struct {
				Payins int
				Fault  string
			}
			start := time.Now()
			err := s.Get(ctx, s.Conn, &row, query("count_payins").In(s.Dialect), db.Args{"payins": one, "time": db.TimeGlob})
			if err == nil && row.Fault != "" {
				err = db.Errorf("%s", row.Fault)
			}
			if err != nil {
				return nil, fmt.Errorf("%s of project %s: %w", t.File, p.Label(), s.WrapError(ctx, err))
			}
			t.Took, t.Rows = time.Since(start), row.Payins
			times = append(times, t)
		}
		if proof.paymentID != "" {
			times = append(times, QueryTime{s.correct.Name, p.ID, 1, proof.correct}, QueryTime{ReadBack, p.ID, 1, proof.lookup})
		}
	}
	return times, nil
}

// CheckSelect runs a statement that selects payins, limited to zero rows, to check its columns.
func (s *Queries) CheckSelect(ctx context.Context, tx *sqlx.Tx, payins db.Subquery) error {
	st := payins.Statement
	text, values, err := st.Bind(s.Dialect, payins.Args)
	if err != nil {
		return err
	}
	text = "select * from (\n" + text + "\n) as q limit 0"
	rows, err := tx.QueryContext(ctx, text, values...)
	if err != nil {
		return s.describe(ctx, st, err, text, 1)
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	if err := checkColumns(st.Name, types, s.Dialect); err != nil {
		return err
	}
	for rows.Next() { // reads the whole result, because PostgreSQL may report an error at the end
	}
	if err := rows.Err(); err != nil {
		return s.describe(ctx, st, err, text, 1)
	}
	return nil
}

// ErrRollback rolls back a transaction that has succeeded.
var ErrRollback = errors.New("undo")

// checkCorrect runs correct_payins.sql for a run that does not exist, and rolls the transaction back.
func (s *Queries) checkCorrect(ctx context.Context) error {
	st := s.correct
	err := s.WithTx(ctx, db.RetryConflict, func(tx *sqlx.Tx) error {
		ids, err := s.writeCorrections(ctx, tx, -1, 0, -1, db.FormatTime(EndOfTime))
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			return db.Errorf("%s: the query writes rows that are not selected; join hhrecon_selection as s, with s.run_id = "+
				":run_id and s.seq between :first and :last", st.Name)
		}
		return ErrRollback
	})
	if errors.Is(err, ErrRollback) {
		return nil
	}
	return err
}

// kind is a required type of a column.
type kind struct {
	name  string
	types []string // PostgreSQL's names of the type
	cure  string   // remedy as a format; %[1]s is the column's name
}

var (
	kindText = kind{"text", []string{"TEXT", "VARCHAR", "BPCHAR", "CHAR", "NAME"}, "cast(%[1]s as text)"}
	// char(n) pads payment_id with blanks, and HighHelp does not know such a payin.
	kindID = kind{"text without trailing blanks", []string{"TEXT", "VARCHAR", "NAME"},
		"cast(rtrim(%[1]s) as text), or cast(%[1]s as text) for other types"}
	kindAmount = kind{"bigint in minor units", []string{"INT8", "INT4", "INT2"},
		"cast(%[1]s as bigint) for minor units, cast(round(%[1]s * 100) as bigint) for major units, " +
			"cast(null as bigint) if there is none"}
	kindNumber = kind{"an integer", []string{"INT8", "INT4", "INT2"}, "cast(%[1]s as integer)"}
	kindSpan   = kind{kindNumber.name, kindNumber.types, "cast(extract(epoch from %[1]s) as bigint)"} // for an interval
	kindTime   = kind{"timestamptz", []string{"TIMESTAMPTZ"}, "%[1]s at time zone 'UTC', or the column's time zone"}
)

// payinColumns are the columns that open_payins.sql and final_payins.sql return.
type payinColumn struct {
	name string
	kind kind
}

var payinColumns = []payinColumn{
	{"project_id", kindText}, {"payment_id", kindID}, {"amount", kindAmount}, {"currency", kindText},
	{"status", kindText}, {"sub_status", kindText}, {"settled_amount", kindAmount}, {"lifetime", kindNumber},
	{"created_at", kindTime}, {"updated_at", kindTime},
}

func checkColumns(file string, types []*stdsql.ColumnType, d db.Dialect) error {
	var faults []error
	for _, column := range payinColumns {
		i := slices.IndexFunc(types, func(t *stdsql.ColumnType) bool { return strings.EqualFold(t.Name(), column.name) })
		if i < 0 {
			faults = append(faults, db.Errorf("%s: column %s is missing; it must return %s", file, column.name, columnNames()))
			continue
		}
		has := types[i].DatabaseTypeName()
		if !column.kind.fits(has, d) {
			if has == "INTERVAL" && column.kind.name == kindNumber.name {
				column.kind = kindSpan
			}
			faults = append(faults, db.Errorf("%s: column %s is %s, must be %s: %s",
				file, column.name, typeName(has), column.kind.name, fmt.Sprintf(column.kind.cure, column.name)))
		}
	}
	return errors.Join(faults...)
}

// fits reports whether a column's type has the required kind. SQLite declares types only for plain columns, so the
// values are checked when a run opens.
func (k kind) fits(has string, d db.Dialect) bool {
	if d == db.Postgres {
		return slices.Contains(k.types, has)
	}
	return k.name != kindAmount.name || !inexact.MatchString(has)
}

// inexact matches SQLite's types of numbers with a fraction.
var inexact = regexp.MustCompile(`REAL|FLOA|DOUB|NUM|DEC`)

func typeName(has string) string {
	switch has {
	case "":
		return "of a special type, such as an enum"
	case "TIMESTAMP":
		return "timestamp without time zone"
	}
	return strings.ToLower(has)
}

func columnNames() string {
	return strings.Join(reconcile.Map(payinColumns, func(c payinColumn) string { return c.name }), ", ")
}

// describe explains why a merchant's statement failed, with the file and, if known, the line. The text sent has
// linesBefore lines before the merchant's statement.
func (s *Queries) describe(ctx context.Context, st *db.Statement, err error, sent string, linesBefore int) error {
	if ctx.Err() != nil {
		return db.ContextError(ctx) // the database's error is a consequence of the context's end
	}
	var pe *pq.Error
	if db.IsConnLost(err) || !errors.As(err, &pe) && db.SQLiteCode(err) == 0 {
		return err // the connection has failed, not the statement
	}
	where := st.Name
	if pe != nil {
		if at, e := strconv.Atoi(pe.Position); e == nil && at > 0 {
			before := []rune(sent)
			before = before[:min(at-1, len(before))]
			where += " line " + strconv.Itoa(1+strings.Count(string(before), "\n")-linesBefore)
		}
	}
	return &db.UserError{Text: where + ": " + s.Describe(err) + st.EnumCure(pe), Kind: db.Kind(err)}
}
