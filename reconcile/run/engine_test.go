package run

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// script is a store whose methods each test defines. A test fails if the engine calls a method that the
// test did not define.
type script struct {
	Store
	keepAlive func() error
	settle    func(context.Context) (int, error)
	payins    int // number of payins in the selection
	judged    atomic.Int64
	ended     string // the reason of the interruption
}

func (s *script) OpenRun(_ context.Context, n reconcile.NewRun) (reconcile.Run, error) {
	return reconcile.Run{ID: 1, ProjectID: n.Project.ID, State: reconcile.Running, Rules: n.Project.Rules(n.StartedAt),
		Selected: int64(s.payins)}, nil
}

func (s *script) UnjudgedPayins(
	_ context.Context, _ int64, span reconcile.Span, limit int,
) ([]reconcile.Finding, error) {
	var page []reconcile.Finding
	for seq := span.After + 1; seq <= int64(s.payins) && len(page) < limit; seq++ {
		page = append(page, reconcile.Finding{Seq: seq, Payin: samplePayin()})
	}
	return page, nil
}

func (s *script) SaveVerdicts(_ context.Context, _ reconcile.Lease, findings []reconcile.Finding) error {
	s.judged.Add(int64(len(findings)))
	return nil
}

func (s *script) Heartbeat(context.Context, reconcile.Lease) error {
	if s.keepAlive == nil {
		return nil
	}
	return s.keepAlive()
}

func (s *script) Summarise(context.Context, int64, time.Time, bool) (reconcile.ImpactSummary, error) {
	return reconcile.ImpactSummary{Left: int64(s.payins)}, nil
}

func (s *script) Usual(context.Context, string, string, int) (u reconcile.ProjectUsual, err error) {
	return u, nil
}

func (s *script) SaveCorrectionMode(context.Context, reconcile.Lease, reconcile.Correction, reconcile.ImpactSummary,
	reconcile.Reason) error {
	return nil
}

func (s *script) Settle(
	ctx context.Context, _ reconcile.Lease, _ reconcile.Correction, _ time.Time, after int64, _ int,
) (int, int64, error) {
	n, err := s.settle(ctx)
	return n, after + int64(n), err
}

func (s *script) InterruptRun(_ context.Context, _ reconcile.Lease, note reconcile.Reason) (reconcile.Run, error) {
	s.ended = note.String()
	return reconcile.Run{ID: 1, State: reconcile.Interrupted}, nil
}

// slowGateway answers after a second.
type slowGateway struct{ asked atomic.Int64 }

func (g *slowGateway) PayinInfo(ctx context.Context, _ string) (*highhelp.PayinInfo, error) {
	g.asked.Add(1)
	select {
	case <-time.After(time.Second):
		return sampleInfo("success", ""), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func runner(s Store, g Gateway) *Engine {
	return &Engine{
		Project: reconcile.DefaultProject(testProject), Store: s, Gateway: g, Owner: reconcile.ThisProcess(),
		Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	}
}

// TestLostRunStops checks that an owner stops querying and writing after another process has acquired the run.
func TestLostRunStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &script{payins: 100_000, keepAlive: func() error { return reconcile.ErrRunLost }}
		gateway := &slowGateway{}
		_, err := runner(store, gateway).Run(t.Context(), reconcile.Request{})
		if !errors.Is(err, reconcile.ErrRunLost) {
			t.Errorf("ended with %v", err)
		}
		if store.ended != "" {
			t.Errorf("gave up a run of another process: %s", store.ended)
		}
		if most := int64(32 * 11); gateway.asked.Load() > most {
			t.Errorf("asked %d times, at most %d in the ten seconds before the first heartbeat", gateway.asked.Load(), most)
		}
	})
}

// TestStopWaitsForTheBatch checks that a stop lets the current batch complete, starts no further batch, and interrupts
// the run.
func TestStopWaitsForTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		batches := 0
		store := &script{payins: 3, settle: func(batch context.Context) (int, error) {
			batches++
			stop()
			time.Sleep(time.Second)
			return settleSize, batch.Err()
		}}
		run, err := runner(store, &slowGateway{}).Run(ctx, reconcile.Request{})
		if !errors.Is(err, context.Canceled) || run.State != reconcile.Interrupted || batches != 1 || store.ended == "" {
			t.Errorf("%v, %s, %d batches, given up with %q", err, run.State, batches, store.ended)
		}
	})
}

// TestStopDoesNotWaitForEver checks that a stop cancels a batch that waits for a lock, after a short time.
func TestStopDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		store := &script{payins: 3, settle: func(batch context.Context) (int, error) {
			stop()
			<-batch.Done()
			return 0, batch.Err()
		}}
		began := time.Now()
		if _, err := runner(store, &slowGateway{}).Run(ctx, reconcile.Request{}); !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(began); took > graceTime+5*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// TestStopKeepsWhatWasJudged checks that all answers from before the stop are stored.
func TestStopKeepsWhatWasJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second+time.Millisecond)
		defer stop()
		store := &script{payins: 100_000}
		gateway := &slowGateway{}
		if _, err := runner(store, gateway).Run(ctx, reconcile.Request{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		if came := int64(5 * workerCount(32)); store.judged.Load() != came { // the gateway answers all workers concurrently
			t.Errorf("%d verdicts kept of the %d answers that came", store.judged.Load(), came)
		}
	})
}

// TestStopByAPerson checks that the run is interrupted, with the name of the person who stopped it.
func TestStopByAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &script{payins: 100_000, keepAlive: func() error { return &reconcile.StopError{By: "aida"} }}
		run, err := runner(store, &slowGateway{}).Run(t.Context(), reconcile.Request{})
		var stop *reconcile.StopError
		if !errors.As(err, &stop) || run.State != reconcile.Interrupted ||
			!strings.Contains(store.ended, `stopped_by "aida"`) {
			t.Errorf("%v, %s, given up with %q", err, run.State, store.ended)
		}
	})
}

// TestShadow checks that runs for alerts of a project in shadow are dry runs, and that interrupted runs that write are
// not resumed.
func TestShadow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alert := reconcile.Origin{Trigger: reconcile.TriggerAlert}
		for _, shadow := range []bool{true, false} {
			b := &alertBooks{alerts: waitingAlerts("a"), broken: []reconcile.Run{{ID: 7, Origin: alert},
				{ID: 8, DryRun: true, Rules: reconcile.Rules{Shadow: true}, Origin: alert}}}
			d := b.processor(silentAbout(""))
			d.Engine.Project.Shadow = shadow
			runs, _, err := d.Work(t.Context())
			if err != nil || b.dry != shadow || (runs[0].ID == 8) != shadow {
				t.Errorf("shadow %t: dry run %t, %+v, %v", shadow, b.dry, runs, err)
			}
		}
	})
}
