package sql_test

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql"
	"hhrecon/sql/sqltest"
)

// oldPayins fills the merchant's table. One payin in 200 is open.
const oldPayins = `insert into payins
select '` + project + `', 'old-' || i, 1000, 'KGS', case when i %% 200 = 0 then 'pending' else 'success' end,
       null, null, 600,
       cast('2026-11-01' as timestamptz) - i * 31536000.0 / %[1]d * interval '1 second',
       cast('2026-11-01' as timestamptz) - i * 31536000.0 / %[1]d * interval '1 second'
from generate_series(1, %[1]d) as i`

// oldRuns and oldFindings create a history of 400 nightly runs. The hashes in this history are not valid.
const (
	oldRuns = `insert into hhrecon_run (project_id, state, dry_run, whole, window_from, window_to, rules,
  started_at, closed_at, owner_token, owner_host, owner_pid, owner_process, beat_at, selected, answered, open, decision)
select '` + project + `', 'complete', false, true, at - interval '30 days', at, '{}', at, at,
       't', 'h', 1, 'p', at, %[1]d, %[1]d, %[1]d, 'applied'
from (select cast('2026-11-01' as timestamptz) - (401 - n) * interval '1 day' as at
      from generate_series(1, 400) as n) as night
order by at`
	oldFindings = `insert into hhrecon_finding (run_id, seq, project_id, payment_id, outcome, causes, merchant_amount,
  initial_amount, old_amount, amount, currency, status_before, created_at, updated_at, provider_status,
  request_id, status_after, correction, harmful, result,
  answer, reason, checked_at, chain_seq, hash)
select r, n, '` + project + `', 'found-' || (r - 1) * %[1]d + n,
       case when n %% 50 = 2 then 'rejected' when r > 300 and n %% 500 = 3 then 'different_amount' else 'confirmed' end,
       '', 1000, 1000, 1000, 1000, 'KGS', 'pending', now(), now(), 'success', 'req',
       case when n %% 500 = 3 then 'dispute' else 'success' end, 'applied', false,
       'answered', repeat('{"status":"success"}', 15), 'Paid as asked.', now(), (r - 1) * %[1]d + n,
       md5(cast((r - 1) * %[1]d + n as text))
from generate_series(1, 400) as r, generate_series(1, %[1]d) as n`
	oldChain = `insert into hhrecon_chain values ('` + project + `', 400 * %[1]d, md5(cast(400 * %[1]d as text)))`
)

// BenchmarkGrowth measures a nightly run of 1 000 payins and the page's queries with different numbers of final payins
// and old findings. The times should be similar for all numbers. It also measures the time of pruning half of the
// history, divided by the number of entries.
func BenchmarkGrowth(b *testing.B) {
	for _, many := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			url := sqltest.PostgresURL(b)
			s, db := sqltest.Open(b, url), sqltest.DB(b, url)
			db.MustExec(fmt.Sprintf(oldPayins, many))
			db.MustExec(fmt.Sprintf(oldRuns, many/400))
			db.MustExec(fmt.Sprintf(oldFindings, many/400))
			db.MustExec(fmt.Sprintf(oldChain, many/400))
			db.MustExec("vacuum analyze")
			check := func(err error) {
				b.Helper()
				if err != nil {
					b.Fatal(err)
				}
			}
			took := make(map[string]time.Duration)
			step := func(name string, do func() error) {
				b.Helper()
				start := time.Now()
				check(do())
				took[name] += time.Since(start)
			}
			const fresh = 1_000
			_, err := s.SavePayins(b.Context(), slices.Values(payins(fresh)))
			check(err)
			nights := 0
			for b.Loop() {
				nights++
				var run reconcile.Run
				step("open", func() (err error) { run, err = s.OpenRun(b.Context(), nightly("a")); return err })
				l := lease(run)
				all, err := s.UnjudgedPayins(b.Context(), run.ID, reconcile.Span{}, fresh)
				check(err)
				for i := range all {
					all[i] = unchanged(all[i])
				}
				check(s.SaveVerdicts(b.Context(), l, all))
				var w reconcile.ImpactSummary
				step("weigh", func() (err error) { w, err = s.Summarise(b.Context(), run.ID, time.Time{}, false); return err })
				check(s.SaveCorrectionMode(b.Context(), l, reconcile.CorrectionApplied, w, reconcile.Reason{}))
				step("settle", func() error {
					_, _, err := s.Settle(b.Context(), l, reconcile.CorrectionApplied, closing, 0, 2*fresh)
					return err
				})
				step("close", func() error {
					_, err := s.CloseRun(b.Context(), l, reconcile.Complete, closing)
					return err
				})
				step("runs", func() error { _, err := s.FindRuns(b.Context(), reconcile.RunFilter{Limit: 50}); return err })
				step("waiting", func() error { _, err := s.CountUndecided(b.Context()); return err })
				step("support", func() error {
					_, err := s.FindingsOf(b.Context(),
						reconcile.ReportScope{Window: reconcile.Window{From: midnight.AddDate(0, 0, -90)}},
						[]reconcile.Outcome{reconcile.Rejected, reconcile.Disputed, reconcile.NotFound})
					return err
				})
			}
			for name, all := range took {
				b.ReportMetric(float64(all.Microseconds())/float64(nights)/1000, "ms/"+name)
			}
			start := time.Now()
			p, err := s.Prune(b.Context(), reconcile.Retention{ProjectID: project, Before: midnight.AddDate(0, 0, -200),
				Setting: "200d", Now: closing})
			check(err)
			b.ReportMetric(float64(time.Since(start).Microseconds())/float64(max(p.Entries, 1)), "µs/pruned")
			b.ReportMetric(float64(p.Entries), "pruned")
		})
	}
}

// history is SQL that creates a history of some projects and nights.
//
//go:embed testdata/history.sql
var history string

// historyCost is the cost of a query in a database with a history.
type historyCost struct {
	shown int              // the results
	rows  map[string]int64 // the rows and index entries that it read, by table
	took  time.Duration
}

// TestHistoryGrows checks that the queries of the page and of the metrics read only the payins that wait for a
// decision, and not those that people decided long ago. HHRECON_HISTORY contains two numbers: of projects and of
// nights. If it is set, the test also compares times.
func TestHistoryGrows(t *testing.T) {
	if testing.Short() {
		t.Skip("creates a long history")
	}
	projects, nights := 10, 920
	given := os.Getenv("HHRECON_HISTORY")
	if given != "" {
		if _, err := fmt.Sscanf(given, "%d %d", &projects, &nights); err != nil {
			t.Fatal(err)
		}
	}
	tenth, whole := historyCosts(t, projects, nights/10), historyCosts(t, projects, nights)
	for name, cost := range whole {
		before := tenth[name]
		var all, allBefore int64
		for table, rows := range cost.rows {
			all += rows
			allBefore += before.rows[table]
			few := 2 * max(cost.shown, projects)
			if name == "waiting" { // the view hhrecon_finding_answer reads each finding once more
				few += cost.shown
			}
			// The few runs are looked up for each finding, and the project's log for each run.
			if rows > int64(few+20) && table != "hhrecon_run" && table != "hhrecon_chain" {
				t.Errorf("%s reads %d rows of %s to show %d", name, rows, table, cost.shown)
			}
		}
		t.Logf("%s: shown %d, rows %d, %v; at a tenth %d, %v", name, cost.shown, all, cost.took, allBefore, before.took)
		if cost.shown != before.shown || all > allBefore+allBefore/10+20 {
			t.Errorf("%s shows %d and reads %d rows, and %d and %d at a tenth", name, cost.shown, all, before.shown, allBefore)
		}
		if given != "" && cost.took > before.took*13/10+20*time.Millisecond {
			t.Errorf("%s takes %v, and %v at a tenth", name, cost.took, before.took)
		}
	}
}

// historyCosts creates a database with a history, and measures queries.
func historyCosts(t *testing.T, projects, nights int) map[string]historyCost {
	t.Helper()
	url := sqltest.PostgresURL(t)
	db := sqltest.DB(t, url)
	db.SetMaxOpenConns(1)
	db.MustExec(fmt.Sprintf(history, projects, nights))
	db.MustExec("vacuum analyze")
	// rows returns how many rows were read so far, after all other connections have ended.
	rows := func() map[string]int64 {
		for others := 1; others > 0; time.Sleep(10 * time.Millisecond) {
			if err := db.Get(&others, `select count(*) from pg_stat_activity
				where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`); err != nil {
				t.Fatal(err)
			}
		}
		var read []struct {
			Relname string
			Rows    int64
		}
		if err := db.Select(&read, `select relname, coalesce(seq_tup_read, 0) + coalesce((
				select sum(idx_tup_read) from pg_stat_user_indexes as i where i.relid = t.relid), 0) as rows
			from pg_stat_user_tables as t where relname like 'hhrecon%'`); err != nil {
			t.Fatal(err)
		}
		all := make(map[string]int64, len(read))
		for _, r := range read {
			all[r.Relname] = r.Rows
		}
		return all
	}
	costs := make(map[string]historyCost)
	for name, do := range historyQueries(projects) {
		c := historyCost{rows: make(map[string]int64), took: time.Hour}
		for _, times := range []int{1, 6} { // the first call prepares statements and caches
			before := rows()
			s := sqltest.Open(t, url)
			for range times {
				start := time.Now()
				n, err := do(t.Context(), s)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				c.shown, c.took = n, min(c.took, time.Since(start))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for table, n := range rows() {
				if c.rows[table] = n - before[table] - c.rows[table]; times > 1 {
					c.rows[table] /= 5
				}
			}
		}
		costs[name] = c
	}
	return costs
}

// historyQueries returns the queries of the front page, of /waiting, of /support and of /metrics. Each returns the
// number of results.
func historyQueries(projects int) map[string]func(ctx context.Context, s *sql.Store) (int, error) {
	since := reconcile.ReportScope{Window: reconcile.Window{From: time.Now().AddDate(0, 0, -90)}}
	asked := []reconcile.Outcome{reconcile.Rejected, reconcile.Disputed, reconcile.NotFound}
	key := func(f reconcile.Finding) reconcile.SupportKey {
		return reconcile.SupportKey{ProjectID: f.ProjectID, PaymentID: f.PaymentID}
	}
	return map[string]func(ctx context.Context, s *sql.Store) (int, error){
		"decisions": func(ctx context.Context, s *sql.Store) (n int, err error) {
			count, err := s.CountUndecided(ctx)
			for _, waiting := range count {
				n += int(waiting)
			}
			return n, err
		},
		"waiting": func(ctx context.Context, s *sql.Store) (int, error) {
			found, err := s.FindFindings(ctx, reconcile.FindingFilter{Undecided: true})
			return len(found), err
		},
		"held": func(ctx context.Context, s *sql.Store) (int, error) {
			held, err := s.HeldRuns(ctx, "")
			return len(held), err
		},
		"proposals": func(ctx context.Context, s *sql.Store) (int, error) {
			open, err := s.Proposals(ctx, "", time.Now())
			return len(open), err
		},
		"projects": func(ctx context.Context, s *sql.Store) (int, error) {
			ids, err := s.AuditLogProjects(ctx)
			return len(ids), err
		},
		"latest runs": func(ctx context.Context, s *sql.Store) (n int, err error) {
			for i := 1; i <= projects && err == nil; i++ {
				id := "project-" + strconv.Itoa(i)
				if _, err = s.LastWhole(ctx, id); err == nil {
					var runs []reconcile.Run
					runs, err = s.FindRuns(ctx, reconcile.RunFilter{ProjectID: id, NoAlerts: true, Limit: 20})
					n += len(runs)
				}
			}
			return n, err
		},
		"count of runs": func(ctx context.Context, s *sql.Store) (int, error) {
			count, err := s.CountRuns(ctx)
			return len(count), err
		},
		"support": func(ctx context.Context, s *sql.Store) (int, error) {
			found, err := s.FindingsOf(ctx, since, asked)
			if err == nil {
				_, err = s.SupportCasesOf(ctx, reconcile.Map(found, key))
			}
			return len(found), err
		},
	}
}
