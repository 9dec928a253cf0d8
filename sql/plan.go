package sql

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"hhrecon/reconcile"
)

// largeTable is how many rows a table has, at least, for an index to be worth a word.
const largeTable = 50_000

// wasteful is how many rows are read for each that is wanted, at least, for another index to be worth a word.
const wasteful = 10

// CheckIndexes asks PostgreSQL how it would carry the merchant's queries out, which it does not do, and returns, for
// people, which of them would read much of a large table for few rows, each with the index that serves it. Of
// SQLite it says nothing, which knows no sizes without counting.
func (s *Store) CheckIndexes(ctx context.Context, projects ...reconcile.Project) ([]string, error) {
	if s.dialect != postgres || s.merchant.err != nil {
		return nil, s.merchant.err
	}
	var advice []string
	err := s.read(ctx, func(tx *sqlx.Tx) error {
		advice = nil
		if _, err := tx.ExecContext(ctx, plannerShows); err != nil {
			return err
		}
		for i := range projects {
			for _, p := range s.plannings(&projects[i], time.Now()) {
				some, err := s.advise(ctx, tx, &p)
				if err != nil {
					return err
				}
				advice = append(advice, some...)
			}
		}
		return nil
	})
	slices.Sort(advice)
	return slices.Compact(advice), s.explain(ctx, err)
}

// plannerShows makes plans tell how many rows an index finds before others are thrown away, which PostgreSQL tells of
// bitmaps only; and those of a statement over an empty selection the plans that they will be over a full one.
const plannerShows = `set local jit = off; set local max_parallel_workers_per_gather = 0;
set local enable_indexscan = off; set local enable_indexonlyscan = off;
set local enable_hashjoin = off; set local enable_mergejoin = off`

// planning is a statement to be planned.
type planning struct {
	stmt   *statement
	file   string // the merchant's, for people
	args   args
	lookup bool // it finds single payins by their numbers
}

func (s *Store) plannings(p *reconcile.Project, now time.Time) []planning {
	from := func(age time.Duration) string { return stamp(now.Add(-age)) }
	some := []planning{{s.merchant.open, openPayinsFile, openArgs(p.ID, from(p.Window), stamp(now), p.OpenStatuses()), false}}
	if p.Recheck > 0 {
		some = append(some, planning{s.merchant.final, finalPayinsFile, finalArgs(p.ID, from(p.Recheck), p.FinalStatuses()), false})
	}
	statuses := slices.Concat(p.OpenStatuses(), p.FinalStatuses())
	return append(some,
		planning{rowsNowQuery.postgres, openPayinsFile + " and " + finalPayinsFile + ", for single payins", args{
			"payment_ids":  pq.Array([]string{nobody}),
			"open_payins":  splice{s.merchant.open, openArgs(p.ID, stamp(beginOfTime), stamp(endOfTime), statuses)},
			"final_payins": splice{s.merchant.final, finalArgs(p.ID, stamp(beginOfTime), statuses)},
		}, true},
		planning{s.merchant.correct, correctPayinsFile, correctArgs(1, 1, deedSize, stamp(now)), true})
}

// advise plans one statement.
func (s *Store) advise(ctx context.Context, tx *sqlx.Tx, p *planning) ([]string, error) {
	text, values, err := p.stmt.bind(s.dialect, p.args)
	if err != nil {
		return nil, err
	}
	var raw []byte
	if err := tx.QueryRowxContext(ctx, "explain (verbose, format json) "+text, values...).Scan(&raw); err != nil {
		return nil, s.describeMerchant(ctx, p.stmt, err, text, 0)
	}
	var plans []struct {
		Plan planNode `json:"Plan"`
	}
	if err := json.Unmarshal(raw, &plans); err != nil || len(plans) != 1 {
		return nil, faultf("%s: its plan cannot be read: %v", p.file, err)
	}
	var advice []string
	for _, scan := range plans[0].Plan.scans("") {
		table, err := s.tableOf(ctx, tx, scan.node)
		if err != nil {
			return nil, err
		}
		if one := p.weigh(&scan, table, p.stmt == openPayinsQuery.postgres); one != "" && !slices.Contains(advice, one) {
			advice = append(advice, one)
		}
	}
	return advice, nil
}

// weigh says which index a scan lacks; "" for none.
func (p *planning) weigh(scan *planScan, table *planTable, ownTable bool) string {
	read, wanted := scan.node.read(), max(scan.node.Rows, 1)
	if p.lookup { // what makes it one row may stand in a join above the scan
		wanted = 1
	}
	if scan.node.Type == "Seq Scan" {
		read = float64(table.Rows)
	}
	if table.Rows < largeTable || read < wasteful*wanted || read < largeTable/wasteful {
		return ""
	}
	columns := table.serving(scan, p.lookup)
	if len(columns) == 0 || table.has(columns) {
		return ""
	}
	index := fmt.Sprintf("create index concurrently on %s (%s)", table.Name, strings.Join(columns, ", "))
	if ownTable {
		index = "create index concurrently payins_open on payins (project_id, created_at) where status not in ('success', 'decline')"
	}
	if table.Partitioned {
		index = strings.Replace(index, " concurrently", "", 1) + " (a partitioned table's is made without concurrently: at a quiet hour)"
	}
	return fmt.Sprintf("%s reads %.0f of the %d rows of %s to find %.0f; this index serves it: %s", p.file, read, table.Rows, table.Name, wanted, index)
}
