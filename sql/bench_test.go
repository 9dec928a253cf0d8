package sql_test

import (
	"slices"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// BenchmarkRun opens, judges and settles runs of 10 000 payins, in batches of 1 000, and reports the time
// that each step takes for a payin.
func BenchmarkRun(b *testing.B) {
	for dialect, fresh := range map[string]func(testing.TB) string{"sqlite": sqltest.SQLiteURL, "postgres": sqltest.PostgresURL} {
		b.Run(dialect, func(b *testing.B) {
			const many, batch = 10_000, 1_000
			s := sqltest.Open(b, fresh(b))
			check := func(err error) {
				b.Helper()
				if err != nil {
					b.Fatal(err)
				}
			}
			all := payins(many)
			var open, save, settle time.Duration
			for b.Loop() {
				n := nightly("a")
				n.Project.ID = "project-" + time.Now().Format(time.RFC3339Nano)
				for i := range all {
					all[i].ProjectID = n.Project.ID
				}
				_, err := s.SavePayins(b.Context(), slices.Values(all))
				check(err)

				start := time.Now()
				run, err := s.OpenRun(b.Context(), n)
				check(err)
				open += time.Since(start)
				l := lease(run)
				for beyond := int64(0); beyond < many; beyond += batch {
					some, err := s.OpenPayins(b.Context(), run.ID, beyond, batch)
					check(err)
					for i := range some {
						some[i] = verdict(some[i])
					}
					start = time.Now()
					check(s.SaveVerdicts(b.Context(), l, some))
					save += time.Since(start)
				}
				start = time.Now()
				for settled := batch; settled == batch; {
					settled, err = s.Settle(b.Context(), l, reconcile.CorrectionApplied, closing, batch)
					check(err)
				}
				settle += time.Since(start)
				_, err = s.CloseRun(b.Context(), l, reconcile.Complete, closing)
				check(err)
			}
			for step, took := range map[string]time.Duration{"open": open, "verdict": save, "settle": settle} {
				b.ReportMetric(float64(took.Microseconds())/float64(b.N*many), "µs/"+step)
			}
		})
	}
}
