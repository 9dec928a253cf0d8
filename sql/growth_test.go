package sql_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hhrecon/reconcile"
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
