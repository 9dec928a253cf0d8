package sql_test

import (
	"errors"
	"slices"
	"testing"

	"hhrecon/reconcile"
)

// CountRuns counts runs by state and trigger. LastWhole returns the last closed run over all open payins.
func TestCountRuns(t *testing.T) {
	conform(t, func(f *fixture) {
		if _, err := f.s.LastWhole(f.ctx, project); !errors.Is(err, reconcile.ErrNoRun) {
			f.Errorf("LastWhole without runs = %v", err)
		}
		alert := func(n *reconcile.NewRun) {
			n.Selection.Whole, n.Origin.Trigger = false, reconcile.TriggerAlert
			n.Selection.Window.To = n.Selection.Window.From // the run's time window contains no held payin
		}
		run := func(change func(*reconcile.NewRun)) reconcile.Run {
			f.Helper()
			n := nightly("a")
			change(&n)
			opened, l := f.open(n)
			mode := reconcile.CorrectionApplied
			if n.DryRun {
				mode = reconcile.CorrectionDryRun
			}
			if n.Origin.By == "held" {
				mode = reconcile.CorrectionHeld
			}
			f.judge(l, declined)
			closed := f.end(l, mode)
			if closed.ID != opened.ID {
				f.Fatal("closed the wrong run")
			}
			return closed
		}
		run(func(*reconcile.NewRun) {})
		f.save(payins(1)...)
		last := run(func(n *reconcile.NewRun) { n.Origin = reconcile.Origin{Trigger: reconcile.TriggerSchedule, By: "held"} })
		run(func(n *reconcile.NewRun) { n.DryRun = true })
		run(alert)
		run(alert)
		_, open := f.open(nightly("a"))
		_, err := f.s.InterruptRun(f.ctx, open, reconcile.Words("stopped"))
		f.must(err)

		got, err := f.s.LastWhole(f.ctx, project)
		f.must(err)
		if got.ID != last.ID || got.State != reconcile.Held {
			f.Errorf("the last whole run is %d, %s; want %d, held", got.ID, got.State, last.ID)
		}
		counts, err := f.s.CountRuns(f.ctx)
		f.must(err)
		want := []reconcile.RunCount{
			{ProjectID: project, State: reconcile.Complete, Trigger: reconcile.TriggerAlert, Count: 2},
			{ProjectID: project, State: reconcile.Complete, Trigger: reconcile.TriggerCommand, Count: 1},
			{ProjectID: project, State: reconcile.Held, Trigger: reconcile.TriggerSchedule, Count: 1},
			{ProjectID: project, State: reconcile.Interrupted, Trigger: reconcile.TriggerCommand, Count: 1},
		}
		if !slices.Equal(counts, want) {
			f.Errorf("counted %+v, want %+v", counts, want)
		}
	})
}
