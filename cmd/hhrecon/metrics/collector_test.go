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

// records are a database for figures: counted, slow or down.
type records struct {
	reads, totals int
	prunes        int
	slow          error // the merchant's table does not answer
	wait          time.Duration
	err           error
	run           reconcile.Run
}

func (r *records) CountRuns(ctx context.Context) ([]reconcile.RunCount, error) {
	r.reads++
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(r.wait):
		return nil, r.err
	}
}

func (r *records) CountAlerts(context.Context) ([]reconcile.AlertCount, error) {
	oldest := time.Now().Add(-time.Minute)
	return []reconcile.AlertCount{{ProjectID: project, State: reconcile.AlertWaiting, Count: 3, Oldest: oldest}}, nil
}

func (r *records) CountDeliveries(context.Context) ([]reconcile.DeliveryCount, error) {
	return []reconcile.DeliveryCount{{State: reconcile.DeliveryGivenUp, Count: 2}}, nil
}

func (r *records) CountJobs(context.Context) ([]queue.JobCount, error) {
	return []queue.JobCount{{Queue: "hhrecon_" + project, State: "available", Count: 4}}, nil
}

func (r *records) LastComplete(context.Context, string) (time.Time, error) { return time.Time{}, nil }

func (r *records) Verified(context.Context, reconcile.Run, reconcile.Window) (reconcile.Verified, error) {
	return reconcile.Verified{Successes: 9, Confirmed: 6, NeverAsked: 2}, r.slow
}

func (r *records) Prune(_ context.Context, p reconcile.Retention) (reconcile.Pruning, error) {
	if r.prunes++; !p.DryRun || p.Before.IsZero() {
		return reconcile.Pruning{}, errors.New("a scrape prunes")
	}
	return reconcile.Pruning{Blockers: []reconcile.Blocker{
		{RunID: 1, Kind: "unsent_letter"}, {RunID: 2, Kind: reconcile.BlockerUndecided}, {RunID: 3, Kind: "unsent_letter"},
	}}, nil
}

func (r *records) CountUndecided(context.Context, string) (int64, error) { return 0, nil }

func (r *records) LastWhole(context.Context, string) (reconcile.Run, error) {
	if r.run.ID == 0 {
		return r.run, reconcile.ErrNoRun
	}
	return r.run, nil
}

func (r *records) Totals(context.Context, reconcile.ReportScope) ([]reconcile.Total, error) {
	r.totals++
	return []reconcile.Total{{Outcome: reconcile.Timeout, Count: 7}}, nil
}

// TestGauges: the database is read at most once every few seconds, and one that is down or does not answer breaks
// nothing.
func TestGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &records{}
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
		r.wait, r.run = 0, reconcile.Run{ID: 1, ProjectID: project, State: reconcile.Complete, ClosedAt: time.Now()}
		for range 3 {
			time.Sleep(cacheTime)
			want("hhrecon_up", 1)
		}
		if r.totals != 1 {
			t.Errorf("the same night was added up %d times", r.totals)
		}
		want("hhrecon_last_run_successes", 6)
		r.run.ID, r.slow = 2, errors.New("the merchant's table is slow")
		time.Sleep(cacheTime)
		want("hhrecon_up", 1)
		want("hhrecon_last_run_successes", -1)
	})
}

// TestBlocked: what keeps old runs from being pruned is named with the project's name, and is not read at each scrape.
func TestBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &records{}
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
			t.Errorf("looked %d times", r.prunes)
		}
	})
}
