package sql

import (
	"context"
	_ "embed" // a file that is missing does not compile
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// The findings can be partitioned by month, in PostgreSQL. The key is run_id, in ranges that begin with a month's first run:
// runs are numbered in the order in which they are opened, so a range of them is a span of time, and run_id stands in the primary
// key, in the index of payins and in nearly all questions, which so reach only the months that they are about. A month of dates would
// be in none of these. The latest partition has no upper end, so no finding is ever without a place: a
// month that could not be begun is told with the one before it.
//
// A unique index cannot span partitions without the key in it, so that of (project_id, chain_seq) is each month's own. That no two
// entries of different months have one place rests on what it rests on between findings and actions, which are in two tables: whoever
// writes an entry has locked the project's row of hhrecon_chain and takes the place after it, and Verify names an entry that is there twice.

var (
	//go:embed queries/finding_table.postgres.sql
	findingTablePostgres string
	//go:embed queries/months.postgres.sql
	monthsPostgres string
	//go:embed queries/months_of_runs.postgres.sql
	monthsOfRunsPostgres string
	//go:embed queries/next_run.postgres.sql
	nextRunPostgres string
	//go:embed queries/unpartitionable.postgres.sql
	unpartitionablePostgres string
)

var (
	findingTableQuery    = query{postgres: mustParse("finding_table", findingTablePostgres, postgres)}
	monthsQuery          = query{postgres: mustParse("months", monthsPostgres, postgres)}
	monthsOfRunsQuery    = query{postgres: mustParse("months_of_runs", monthsOfRunsPostgres, postgres)}
	nextRunQuery         = query{postgres: mustParse("next_run", nextRunPostgres, postgres)}
	unpartitionableQuery = query{postgres: mustParse("unpartitionable", unpartitionablePostgres, postgres)}
)

var errPartitionSQLite = faultf("findings are partitioned in PostgreSQL only: set HHRECON_DATABASE_URL to postgres://…")

// monthRow is a partition: the findings of the runs from first on, below beyond.
type monthRow struct {
	Schema      string `db:"schema"` // quoted, as owner
	Owner       string `db:"owner"`
	Partitioned bool   `db:"partitioned"`
	Able        bool   `db:"able"` // this user may make partitions
	Name        string `db:"name"`
	First       int64  `db:"first"`
	Beyond      int64  `db:"beyond"`
	Guarded     bool   `db:"guarded"`
}

const (
	findingTable = "hhrecon_finding"
	monthPrefix  = findingTable + "_"
	noEnd        = math.MaxInt64 // beyond which there is no run
)

func monthName(at time.Time) string { return monthPrefix + at.UTC().Format("2006_01") }

// table is the partition's name for statements.
func (m *monthRow) table() string { return m.Schema + "." + pq.QuoteIdentifier(m.Name) }

// bounds are the partition's, for statements.
func (m *monthRow) bounds() string {
	bound := func(n int64) string {
		switch n {
		case math.MinInt64:
			return "minvalue"
		case noEnd:
			return "maxvalue"
		}
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("for values from (%s) to (%s)", bound(m.First), bound(m.Beyond))
}

// months lists the findings' partitions; none where they are one table.
func (s *Store) months(ctx context.Context, db sqlx.QueryerContext) (table monthRow, months []monthRow, err error) {
	if err := s.list(ctx, db, &months, monthsQuery.postgres, nil); err != nil {
		return monthRow{}, nil, err
	}
	if len(months) == 0 {
		return monthRow{}, nil, faultf(`the database has no tables of hhrecon's; run "hhrecon migrate"`)
	}
	table = months[0]
	if table.Name == "" {
		months = nil
	}
	return table, months, nil
}

// lockFindings keeps everybody from the findings until the transaction ends, and from the runs, which they refer to: whoever writes
// locks a run first.
func (s *Store) lockFindings(ctx context.Context, tx *sqlx.Tx, wait time.Duration) error {
	if err := do(ctx, tx, fmt.Sprintf("set local lock_timeout = %d", wait.Milliseconds()),
		"lock table hhrecon_run, hhrecon_finding in access exclusive mode"); err != nil {
		var pe *pq.Error
		if errors.As(err, &pe) && pe.Code == "55P03" {
			return faultf("the findings are in use, by a report or a run say, and were not free for %v: try again later", wait)
		}
		return err
	}
	return nil
}

// do runs statements that have no parameters.
func do(ctx context.Context, tx *sqlx.Tx, statements ...string) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// partitionWait is how long Partition waits for others to let go of the findings; meanwhile nobody else gets to them.
const partitionWait = 10 * time.Second

// Partition splits the findings by month, or begins the present month where they are split. It is one transaction: where it fails, all
// is as it was. While it works nobody gets to the findings or the runs. It is refused while a run is running.
func (s *Store) Partition(ctx context.Context, now time.Time) error {
	if s.dialect != postgres {
		return errPartitionSQLite
	}
	return s.explain(ctx, s.tries(ctx, passing, func() error {
		return s.whileLocked(ctx, func(tx *sqlx.Tx) error {
			if err := s.lockFindings(ctx, tx, partitionWait); err != nil {
				return err
			}
			table, months, err := s.months(ctx, tx)
			if err != nil {
				return err
			}
			if table.Partitioned {
				return s.beginMonth(ctx, tx, months, now)
			}
			var why string
			if err := s.get(ctx, tx, &why, unpartitionableQuery.postgres, nil); err != nil {
				return err
			}
			if why != "" {
				return faultf("the findings were not partitioned: %s", why)
			}
			return s.split(ctx, tx, table, now)
		})
	}))
}

// split makes the partitioned table beside the one that there is, fills it, and puts it in its place.
func (s *Store) split(ctx context.Context, tx *sqlx.Tx, table monthRow, now time.Time) error {
	var rest []string
	if err := s.list(ctx, tx, &rest, findingTableQuery.postgres, nil); err != nil {
		return err
	}
	months, err := s.planMonths(ctx, tx, table, now)
	if err != nil {
		return err
	}
	old, fresh := table.Schema+"."+findingTable, table.Schema+"."+findingTable+"_new"
	if err := do(ctx, tx, fmt.Sprintf("create table %s (like %s including all excluding indexes) partition by range (run_id)", fresh, old),
		fmt.Sprintf("alter table %s owner to %s", fresh, table.Owner)); err != nil {
		return err
	}
	var all, moved int64
	if err := tx.GetContext(ctx, &all, "select count(*) from hhrecon_finding"); err != nil {
		return err
	}
	for i := range months {
		m := &months[i]
		start := time.Now()
		if err := do(ctx, tx, fmt.Sprintf("create table %s partition of %s %s", m.table(), fresh, m.bounds())); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, fmt.Sprintf("insert into %s select * from %s where run_id >= $1 and run_id < $2", m.table(), old), m.First, m.Beyond)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		moved += n
		s.log.InfoContext(ctx, "a month of findings was copied", "partition", m.Name, "findings", n, "duration", time.Since(start))
	}
	if moved != all {
		return faultf("%d findings were to be partitioned, and %d were copied: nothing was changed", all, moved)
	}
	// What else is the table's own goes with it, and what others rest on it, a view say, keeps it from going.
	if err := do(ctx, tx, "drop table "+old, fmt.Sprintf("alter table %s rename to %s", fresh, findingTable)); err != nil {
		return err
	}
	if err := do(ctx, tx, rest...); err != nil {
		return err
	}
	for i := range months {
		if err := months[i].guard(ctx, tx); err != nil {
			return err
		}
	}
	return do(ctx, tx, "analyze hhrecon_finding")
}

// planMonths says which months there were, from the first finding on, up to the present one.
func (s *Store) planMonths(ctx context.Context, tx *sqlx.Tx, table monthRow, now time.Time) ([]monthRow, error) {
	var runs []struct {
		Month string `db:"month"`
		First int64  `db:"first"`
	}
	if err := s.list(ctx, tx, &runs, monthsOfRunsQuery.postgres, nil); err != nil {
		return nil, err
	}
	var next int64
	if err := s.get(ctx, tx, &next, nextRunQuery.postgres, nil); err != nil {
		return nil, err
	}
	var months []monthRow
	add := func(name string, first int64) {
		if last := len(months) - 1; last >= 0 && months[last].First >= first {
			months = months[:last] // a clock was wrong: all of its runs are of later months too
		}
		m := table
		m.Name, m.First = name, first
		months = append(months, m)
	}
	for _, r := range runs {
		add(monthPrefix+r.Month, r.First)
	}
	if n := monthName(now); len(months) == 0 || months[len(months)-1].Name < n {
		add(n, next)
	}
	for i := range months {
		months[i].Beyond = noEnd
		if i+1 < len(months) {
			months[i].Beyond = months[i+1].First
		}
	}
	months[0].First = math.MinInt64
	return months, nil
}

// guard gives a partition what it does not inherit.
func (m *monthRow) guard(ctx context.Context, tx *sqlx.Tx) error {
	return do(ctx, tx,
		fmt.Sprintf("alter table %s owner to %s", m.table(), m.Owner),
		fmt.Sprintf("create unique index %s on %s (project_id, chain_seq)", pq.QuoteIdentifier(m.Name+"_chain"), m.table()),
		fmt.Sprintf("create trigger hhrecon_finding_whole before truncate on %s for each statement execute function %s.hhrecon_keep()", m.table(), m.Schema))
}

// beginMonth ends the latest partition before the next run and begins the month's, unless that has begun. The caller has locked the
// findings. PostgreSQL reads the partition that ends once, to see that none of its findings lies beyond.
func (s *Store) beginMonth(ctx context.Context, tx *sqlx.Tx, months []monthRow, at time.Time) error {
	if len(months) == 0 {
		return faultf("hhrecon_finding is partitioned and has no partition, so no run can keep a finding: create one, from minvalue to maxvalue")
	}
	last := months[len(months)-1]
	next := last
	next.Name = monthName(at)
	if next.Name <= last.Name {
		return nil
	}
	if err := s.get(ctx, tx, &next.First, nextRunQuery.postgres, nil); err != nil {
		return err
	}
	if next.First <= last.First { // no run was opened in it
		return do(ctx, tx, fmt.Sprintf("alter table %s rename to %s", last.table(), pq.QuoteIdentifier(next.Name)))
	}
	last.Beyond = next.First
	if err := do(ctx, tx,
		fmt.Sprintf("alter table hhrecon_finding detach partition %s", last.table()),
		fmt.Sprintf("alter table hhrecon_finding attach partition %s %s", last.table(), last.bounds()),
		fmt.Sprintf("create table %s partition of hhrecon_finding %s", next.table(), next.bounds())); err != nil {
		return err
	}
	return next.guard(ctx, tx)
}

// The limits of beginning a month before a run. All others wait for it, so it is given up soon, and the month before goes on.
const (
	monthWait  = 2 * time.Second
	monthLimit = 10 * time.Second // far from the silence after which a run is taken for dead
	monthAgain = time.Hour
)

// keepMonth begins the month in which a run starts, where the findings are partitioned and it has not begun. The run goes on without it.
func (s *Store) keepMonth(ctx context.Context, at time.Time) {
	if s.dialect != postgres || time.Since(time.Unix(s.monthTried.Load(), 0)) < monthAgain {
		return
	}
	table, months, err := s.months(ctx, s.db)
	if err != nil || len(months) == 0 || months[len(months)-1].Name >= monthName(at) {
		return // where something is wrong, the run says so better
	}
	if !table.Able {
		err = errors.New(unable(table))
	} else {
		err = s.inTx(ctx, func(tx *sqlx.Tx) error {
			if err := s.lockFindings(ctx, tx, monthWait); err != nil {
				return err
			}
			if _, months, err = s.months(ctx, tx); err != nil {
				return err
			}
			if err := do(ctx, tx, fmt.Sprintf("set local statement_timeout = %d", monthLimit.Milliseconds())); err != nil {
				return err
			}
			return s.beginMonth(ctx, tx, months, at)
		})
	}
	if err != nil && ctx.Err() == nil {
		s.monthTried.Store(time.Now().Unix())
		s.log.WarnContext(ctx, "the month's partition of findings was not begun; they go on into the one before", "partition", monthName(at), "reason", err)
	}
}

func unable(table monthRow) string {
	return fmt.Sprintf(`this user may not make partitions of hhrecon_finding: have "hhrecon migrate --partition" run as %s, once a month`, table.Owner)
}

// dropEmptyMonths drops the partitions of months of which no run is left, so that their room is the server's again. It can be done
// another day.
func (s *Store) dropEmptyMonths(ctx context.Context) {
	if s.dialect != postgres {
		return
	}
	empty, err := s.emptyMonths(ctx, s.db)
	if err == nil && len(empty) > 0 {
		err = s.inTx(ctx, func(tx *sqlx.Tx) error {
			if err := s.lockFindings(ctx, tx, monthWait); err != nil {
				return err
			}
			empty, err := s.emptyMonths(ctx, tx)
			for i := 0; i < len(empty) && err == nil; i++ {
				err = do(ctx, tx, "drop table "+empty[i].table())
			}
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "empty months of findings are not dropped; tried again the next time", "reason", err)
	}
}

// emptyMonths are those that have no finding and can get none, since their runs are gone; none where this user may not drop them. The
// latest is for runs to come.
func (s *Store) emptyMonths(ctx context.Context, db sqlx.QueryerContext) ([]monthRow, error) {
	table, months, err := s.months(ctx, db)
	if err != nil || !table.Able {
		return nil, err
	}
	var empty []monthRow
	for i := range months {
		m := &months[i]
		if m.Beyond == noEnd {
			continue
		}
		var none bool
		err := sqlx.GetContext(ctx, db, &none, "select not exists (select 1 from hhrecon_run where id >= $1 and id < $2) and not exists (select 1 from "+m.table()+")", m.First, m.Beyond)
		if err != nil {
			return nil, err
		}
		if none {
			empty = append(empty, *m)
		}
	}
	return empty, nil
}

// CheckMonths says how the findings are partitioned, or what is wrong about it; nothing for SQLite. Advice is what somebody may want
// to do.
func (s *Store) CheckMonths(ctx context.Context, now time.Time) (said, advice string, err error) {
	if s.dialect != postgres {
		return "", "", nil
	}
	table, months, err := s.months(ctx, s.db)
	if err != nil {
		return "", "", s.explain(ctx, err)
	}
	if !table.Partitioned {
		return "", `the findings are one table; "hhrecon migrate --partition" splits them by month`, nil
	}
	if len(months) == 0 || months[len(months)-1].Beyond != noEnd {
		return "", "", faultf("hhrecon_finding has no partition for the runs to come: attach one up to maxvalue")
	}
	for _, m := range months {
		if !m.Guarded {
			return "", "", faultf("the partition %s lacks a guard of the audit trail: the triggers hhrecon_finding_kept and hhrecon_finding_whole, enabled, or the unique index of project_id, chain_seq", m.Name)
		}
	}
	first, last := months[0].Name, months[len(months)-1].Name
	said = strings.TrimPrefix(first, monthPrefix)
	if len(months) > 1 {
		said = fmt.Sprintf("%d, %s to %s", len(months), said, strings.TrimPrefix(last, monthPrefix))
	}
	if !table.Able {
		advice = unable(table)
		if last < monthName(now) {
			advice += fmt.Sprintf("; until then the findings of %s go into %s", now.UTC().Format("2006_01"), last)
		}
	}
	return said, advice, nil
}
