package sql_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"hhrecon/reconcile"
	"hhrecon/sql/sqltest"
)

func TestNothingIsWrittenWithoutTheLease(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(3)...)
		run, l := f.open(nightly("a"))
		f.judge(l, verdict)
		taken, err := f.s.AcquireRun(f.ctx, run.ID, owner("b"), closing, dead)
		f.must(err)
		equal(f, "owner", taken.Owner, owner("b"))
		all, err := f.s.UnjudgedPayins(f.ctx, run.ID, reconcile.Span{}, 10)
		f.must(err)
		lost := map[string]error{
			"KeepAlive":    f.s.Heartbeat(f.ctx, l),
			"SaveVerdicts": f.s.SaveVerdicts(f.ctx, l, all),
			"Decide": f.s.SaveCorrectionMode(f.ctx, l, reconcile.CorrectionApplied, reconcile.ImpactSummary{},
				reconcile.Reason{}),
		}
		_, _, lost["Settle"] = f.s.Settle(f.ctx, l, reconcile.CorrectionApplied, closing, 0, 10)
		_, lost["CloseRun"] = f.s.CloseRun(f.ctx, l, reconcile.Complete, closing)
		_, lost["InterruptRun"] = f.s.InterruptRun(f.ctx, l, reconcile.Words(""))
		for call, err := range lost {
			if !errors.Is(err, reconcile.ErrRunLost) {
				f.Errorf("%s: %v", call, err)
			}
		}
		equal(f, "pending rows", f.count("select count(*) from payins where status = 'pending'"), 3)
		end := f.end(lease(taken), reconcile.CorrectionApplied)
		equal(f, "state", end.State, reconcile.Complete)
		if err := f.s.Heartbeat(f.ctx, lease(taken)); !errors.Is(err, reconcile.ErrRunLost) {
			f.Errorf("heartbeat of a closed run: %v", err)
		}
	})
}

func TestOneRunOfAProject(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(5)...)
		const racers = 10
		var wins, held int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range racers {
			s := sqltest.Open(f.T, f.url)
			all.Go(func() {
				_, err := s.OpenRun(f.ctx, nightly("a"))
				mu.Lock()
				defer mu.Unlock()
				var other *reconcile.HeldError
				switch {
				case err == nil:
					wins++
				case errors.As(err, &other) && other.Run.ProjectID == project && other.Run.Owner.Host == "host":
					held++
				default:
					f.Error(err)
				}
			})
		}
		all.Wait()
		equal(f, "wins and refusals", []int{wins, held}, []int{1, racers - 1})
		equal(f, "runs", f.count("select count(*) from hhrecon_run"), 1)
		equal(f, "selection", f.count("select count(*) from hhrecon_selection"), 5)

		n := nightly("b")
		n.Project.ID = "another"
		f.open(n) // another project has no running run
	})
}

func TestDeadOwner(t *testing.T) {
	conform(t, func(f *fixture) {
		f.save(payins(2)...)
		first, l := f.open(nightly("a"))
		f.judge(l, verdict)
		if broken, err := f.s.ResumableRuns(f.ctx, project, alive); err != nil || len(broken) != 0 {
			f.Errorf("expired runs %v, %v", broken, err)
		}
		var asked reconcile.Run
		n := nightly("b")
		n.Expired = func(r reconcile.Run) bool { asked = r; return true }
		second, l2 := f.open(n)
		equal(f, "asked about", asked.ID, first.ID)
		now, err := f.s.Run(f.ctx, first.ID)
		f.must(err)
		equal(f, "state", now.State, reconcile.Interrupted)
		if !strings.Contains(now.Note.String(), `run.owner_gone "42" "host"`) {
			f.Errorf("note %q", now.Note)
		}
		broken, err := f.s.ResumableRuns(f.ctx, project, dead)
		f.must(err)
		equal(f, "broken", []int64{broken[0].ID, broken[1].ID}, []int64{first.ID, second.ID})

		var held *reconcile.HeldError
		if _, err := f.s.AcquireRun(f.ctx, first.ID, owner("c"), closing, alive); !errors.As(err, &held) ||
			held.Run.ID != second.ID {
			f.Errorf("acquired a held project: %v", err)
		}
		if _, err := f.s.AcquireRun(f.ctx, second.ID, owner("c"), closing, alive); !errors.As(err, &held) ||
			held.Run.ID != second.ID {
			f.Errorf("acquired a held run: %v", err)
		}
		interrupted, err := f.s.InterruptRun(f.ctx, l2, reconcile.Words("stopped\x00 by hand"))
		f.must(err)
		equal(f, "note", interrupted.Note, reconcile.Words("stopped\uFFFD by hand"))
		taken, err := f.s.AcquireRun(f.ctx, first.ID, owner("c"), closing, alive)
		f.must(err)
		equal(f, "judged", taken.Judged, 2)
		equal(f, "note", taken.Note, reconcile.Reason{})
		f.end(lease(taken), reconcile.CorrectionApplied)
		if _, err := f.s.AcquireRun(f.ctx, first.ID, owner("d"), closing, dead); !errors.Is(err, reconcile.ErrRunClosed) {
			f.Errorf("acquired a closed run: %v", err)
		}
		if _, err := f.s.AcquireRun(f.ctx, 99, owner("d"), closing, dead); !errors.Is(err, reconcile.ErrNoRun) {
			f.Errorf("acquired a missing run: %v", err)
		}
		if _, err := f.s.Run(f.ctx, 99); !errors.Is(err, reconcile.ErrNoRun) {
			f.Errorf("read a missing run: %v", err)
		}
	})
}

// A project has at most one run for each scheduled time. It does not matter who opens the run or how the run ended.
// Other projects and scheduled times have other runs.
func TestOneRunForAnOccurrence(t *testing.T) {
	conform(t, func(f *fixture) {
		n := nightly("a")
		n.Origin = reconcile.Origin{Trigger: reconcile.TriggerSchedule,
			Occurrence: reconcile.OccurrenceName("nightly", window.To)}
		first, lease := f.open(n)
		if first.Origin != n.Origin {
			f.Errorf("the run's origin is %+v, not %+v", first.Origin, n.Origin)
		}
		again := func(wanted int64) {
			f.Helper()
			n.Owner = owner("b")
			_, err := f.s.OpenRun(f.ctx, n)
			var done *reconcile.DoneError
			if !errors.As(err, &done) || done.Run.ID != wanted {
				f.Fatalf("OpenRun = %v, not run %d again", err, wanted)
			}
		}
		again(first.ID) // while the run is running
		_, err := f.s.InterruptRun(f.ctx, lease, reconcile.Words("stopped"))
		f.must(err)
		again(first.ID)

		n.Origin.Occurrence = reconcile.OccurrenceName("nightly", closing)
		next, _ := f.open(n)
		other := n
		other.Project = reconcile.DefaultProject("0e0d8b1c-5f4e-4d6f-9d3a-1f0a5f3f2b11")
		if third, _ := f.open(other); third.ID == next.ID {
			f.Error("two projects share a run")
		}
	})
}

// A requested stop reaches the owner with its next heartbeat. The request is reset when the run resumes.
func TestAskStop(t *testing.T) {
	conform(t, func(f *fixture) {
		run, l := f.open(nightly("a"))
		f.must(f.s.Heartbeat(f.ctx, l))
		f.must(f.s.RequestStop(f.ctx, run.ID, "aida"))
		var stop *reconcile.StopError
		if err := f.s.Heartbeat(f.ctx, l); !errors.As(err, &stop) || stop.By != "aida" {
			f.Fatalf("Heartbeat = %v, not a stop by aida", err)
		}
		_, err := f.s.InterruptRun(f.ctx, l, reconcile.Words(stop.Error()))
		f.must(err)
		if err := f.s.RequestStop(f.ctx, run.ID, "aida"); !errors.Is(err, reconcile.ErrNotRunning) {
			f.Errorf("AskStop of an interrupted run = %v", err)
		}
		if err := f.s.RequestStop(f.ctx, 999, "aida"); !errors.Is(err, reconcile.ErrNoRun) {
			f.Errorf("AskStop of no run = %v", err)
		}
		taken, err := f.s.AcquireRun(f.ctx, run.ID, owner("b"), window.To, dead)
		f.must(err)
		f.must(f.s.Heartbeat(f.ctx, lease(taken)))
	})
}
