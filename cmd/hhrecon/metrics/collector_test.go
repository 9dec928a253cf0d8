package metrics

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hhrecon/cmd/hhrecon/config"
	"hhrecon/reconcile"
	"hhrecon/sql/queue"
)

const project = "57aff4db-b45d-42bf-bc5f-b7a499a01782"

// fakeSource is a StatsSource that counts its calls. fakeSource can be slow or return errors.
type fakeSource struct {
	reads, totals int
	prunes        int
	slow          error         // the error of Verified, which reads the merchant's table
	wait          time.Duration // of Ping
	counting      time.Duration // how long CountRuns takes
	err           error
	run           reconcile.Run
}

func (s *fakeSource) Ping(ctx context.Context) error {
	s.reads++
	return after(ctx, s.wait, s.err)
}

// after waits, and then returns an error.
func after(ctx context.Context, wait time.Duration, err error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return err
	}
}

func (s *fakeSource) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	return []reconcile.RunCount{{ProjectID: project, State: reconcile.Complete, Count: 1}}, after(ctx, s.counting, nil)
}

func (s *fakeSource) CountAlerts(context.Context) ([]reconcile.AlertCount, error) {
	oldest := time.Now().Add(-time.Minute)
	return []reconcile.AlertCount{{ProjectID: project, State: reconcile.AlertWaiting, Count: 3, Oldest: oldest}}, nil
}

func (s *fakeSource) CountDeliveries(context.Context) ([]reconcile.DeliveryCount, error) {
	return []reconcile.DeliveryCount{{State: reconcile.DeliveryGivenUp, Count: 2}}, nil
}

func (s *fakeSource) CountJobs(context.Context) ([]queue.JobCount, error) {
	return []queue.JobCount{{Queue: "hhrecon_" + project, State: "available", Count: 4}}, nil
}

func (s *fakeSource) LastComplete(context.Context, string) (time.Time, error) {
	return time.Time{}, nil
}

func (s *fakeSource) Verified(context.Context, reconcile.Run, reconcile.Window) (reconcile.Verified, error) {
	return reconcile.Verified{Successes: 9, Confirmed: 6, NeverAsked: 2}, s.slow
}

func (s *fakeSource) Prune(_ context.Context, p reconcile.Retention) (reconcile.Pruning, error) {
	if s.prunes++; !p.DryRun || p.Before.IsZero() {
		return reconcile.Pruning{}, errors.New("the collector prunes")
	}
	return reconcile.Pruning{Blockers: []reconcile.Blocker{
		{RunID: 1, Kind: "unsent_letter"}, {RunID: 2, Kind: reconcile.BlockerUndecided}, {RunID: 3, Kind: "unsent_letter"},
	}}, nil
}

func (s *fakeSource) CountUndecided(context.Context) (map[string]int64, error) { return nil, nil }

func (s *fakeSource) LastWhole(context.Context, string) (reconcile.Run, error) {
	if s.run.ID == 0 {
		return s.run, reconcile.ErrNoRun
	}
	return s.run, nil
}

func (s *fakeSource) Totals(context.Context, reconcile.ReportScope) ([]reconcile.Total, error) {
	s.totals++
	return []reconcile.Total{{Outcome: reconcile.Timeout, Count: 7}}, nil
}

// TestCollector checks that the database is read at most once in cacheTime. A scrape must also succeed if the database
// is unavailable or does not answer.
func TestCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &fakeSource{}
		g := newDBCollector(r, func() []config.Project {
			return []config.Project{config.NewProject(config.ProjectEntry{ID: project}, "", "")}
		}, slog.New(slog.DiscardHandler))
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(g)
		value := func(name string) float64 {
			t.Helper()
			families, err := registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range families {
				if f.GetName() == name {
					return f.GetMetric()[0].GetGauge().GetValue()
				}
			}
			return -1
		}
		want := func(name string, want float64) {
			t.Helper()
			if got := value(name); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		want("hhrecon_up", 1)
		want("hhrecon_alert_oldest_waiting_seconds", 60)
		want("hhrecon_last_run_payins", -1)
		if r.reads != 1 {
			t.Errorf("read %d times within a second", r.reads)
		}
		r.err = errors.New("no database")
		want("hhrecon_up", 1)
		time.Sleep(cacheTime)
		want("hhrecon_up", 0)
		want("hhrecon_alerts", -1)
		r.err, r.wait = nil, time.Hour
		time.Sleep(cacheTime)
		began := time.Now()
		want("hhrecon_up", 0)
		if took := time.Since(began); took > queryTime {
			t.Errorf("a scrape waited %s for the database", took)
		}
		r.wait, r.counting = 0, time.Hour
		time.Sleep(cacheTime)
		began = time.Now()
		want("hhrecon_up", 1)
		want("hhrecon_runs", -1)
		want("hhrecon_alert_oldest_waiting_seconds", 60)
		want("hhrecon_deliveries", 2)
		if took := time.Since(began); took > queryTime {
			t.Errorf("a scrape waited %s for a count", took)
		}
		r.counting, r.run = 0, reconcile.Run{ID: 1, ProjectID: project, State: reconcile.Complete, ClosedAt: time.Now()}
		for range 3 {
			time.Sleep(cacheTime)
			want("hhrecon_up", 1)
		}
		if r.totals != 1 {
			t.Errorf("the totals of one run were read %d times", r.totals)
		}
		want("hhrecon_last_run_successes", 6)
		r.run.ID, r.slow = 2, errors.New("the merchant's table is slow")
		time.Sleep(cacheTime)
		want("hhrecon_up", 1)
		want("hhrecon_last_run_successes", -1)
	})
}

// TestBlocked checks the labels of the metric of runs that block pruning. A scrape must use the stored count
// if it is recent.
func TestBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &fakeSource{}
		p := config.NewProject(config.ProjectEntry{ID: project, Name: "Som", Retention: "400d"}, "", "")
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(newDBCollector(r, func() []config.Project { return []config.Project{p} },
			slog.New(slog.DiscardHandler)))
		blocked := func() map[string]float64 {
			families, err := registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]float64{}
			for _, f := range families {
				for _, m := range f.GetMetric() {
					if f.GetName() != "hhrecon_prune_blocked_runs" {
						continue
					}
					label := map[string]string{}
					for _, l := range m.GetLabel() {
						label[l.GetName()] = l.GetValue()
					}
					if label["project"] != "Som" || label["project_id"] != project {
						t.Errorf("labels %v", label)
					}
					found[label["reason"]] = m.GetGauge().GetValue()
				}
			}
			return found
		}
		for range 3 {
			got := blocked()
			if got["unsent_letter"] != 2 || got["undecided_payin"] != 1 || len(got) != len(reconcile.BlockerKinds()) {
				t.Errorf("%v", got)
			}
			time.Sleep(cacheTime)
		}
		time.Sleep(blockersKept)
		blocked()
		if r.prunes != 2 {
			t.Errorf("read %d times", r.prunes)
		}
	})
}
