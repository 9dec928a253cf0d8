package sql_test

import (
	"errors"
	"testing"

	"hhrecon/reconcile"
)

// A project has one run for one due time, whoever asks and however that run ended; another project, and another due
// time, have their own.
func TestOneRunForADueTime(t *testing.T) {
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
		again(first.ID) // while it runs
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

// A stop that a person asks for reaches the owner with its next sign of life, and is forgotten when the run is resumed.
func TestAskStop(t *testing.T) {
	conform(t, func(f *fixture) {
		run, l := f.open(nightly("a"))
		f.must(f.s.Heartbeat(f.ctx, l))
		f.must(f.s.RequestStop(f.ctx, run.ID, "aida"))
		var stop *reconcile.StopError
		if err := f.s.Heartbeat(f.ctx, l); !errors.As(err, &stop) || stop.By != "aida" {
			f.Fatalf("KeepAlive = %v, not a stop by aida", err)
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
