package sql_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

// answerOf500 is about as long as HighHelp's answers.
var answerOf500 = `{"status":"success","request_id":"` + strings.Repeat("0123456789abcdef", 2) + `","payment_info":{` +
	strings.Repeat(`"initial_amount":500000,"old_amount":500000,"amount":500000,`, 7) + `"currency":"KGS"}}`

// BenchmarkRun opens, reads, judges and settles runs in batches of normal size. BenchmarkRun reports the duration and
// the processor time of each step, divided by the number of payins. HHRECON_BENCH_PAYINS sets the number of payins.
func BenchmarkRun(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if n, err := strconv.Atoi(os.Getenv("HHRECON_BENCH_PAYINS")); err == nil {
		sizes = []int{n}
	}
	for dialect, fresh := range map[string]func(testing.TB) string{"sqlite": sqltest.SQLiteURL,
		"postgres": sqltest.PostgresURL} {
		for _, many := range sizes {
			b.Run(fmt.Sprintf("%s/%d", dialect, many), func(b *testing.B) { benchmarkRun(b, fresh(b), many) })
		}
	}
}

func benchmarkRun(b *testing.B, url string, many int) {
	const page, keep, settle = 1000, 500, 1000
	s := sqltest.Open(b, url)
	steps := map[string]*step{"open": {}, "read": {}, "keep": {}, "settle": {}, "close": {}}
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	all := payins(many)
	for b.Loop() {
		n := nightly("a")
		n.Selection.Window.To = n.Selection.Window.From.AddDate(1, 0, 0)
		n.Project.ID = "project-" + time.Now().Format(time.RFC3339Nano)
		for i := range all {
			all[i].ProjectID = n.Project.ID
		}
		_, err := s.SavePayins(b.Context(), slices.Values(all))
		check(err)

		var run reconcile.Run
		steps["open"].took(func() { run, err = s.OpenRun(b.Context(), n) })
		check(err)
		l := lease(run)
		for after := int64(0); after < int64(many); after += page {
			var some []reconcile.Finding
			steps["read"].took(func() { some, err = s.UnjudgedPayins(b.Context(), run.ID, reconcile.Span{After: after}, page) })
			check(err)
			for i := range some {
				some[i] = verdict(some[i])
				some[i].Answer = answerOf500
			}
			for batch := range slices.Chunk(some, keep) {
				steps["keep"].took(func() { err = s.SaveVerdicts(b.Context(), l, batch) })
				check(err)
			}
		}
		place := int64(0)
		for settled := settle; settled == settle; {
			steps["settle"].took(func() {
				settled, place, err = s.Settle(b.Context(), l, reconcile.CorrectionApplied, closing, place, settle)
			})
			check(err)
		}
		steps["close"].took(func() {
			_, err = s.Summarise(b.Context(), run.ID, time.Time{}, false)
			check(err)
			_, err = s.CloseRun(b.Context(), l, reconcile.Complete, closing)
		})
		check(err)
	}
	for name, s := range steps {
		b.ReportMetric(float64(s.wall.Nanoseconds())/1000/float64(b.N*many), "µs/"+name)
		b.ReportMetric(float64(s.cpu.Nanoseconds())/1000/float64(b.N*many), "cpu-µs/"+name)
	}
	b.ReportMetric(0, "ns/op") // omits ns/op, which has no meaning for this benchmark
}

// step contains the total duration and processor time of a step.
type step struct{ wall, cpu time.Duration }

func (s *step) took(do func()) {
	began, used := time.Now(), processorTime()
	do()
	s.wall += time.Since(began)
	s.cpu += processorTime() - used
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
