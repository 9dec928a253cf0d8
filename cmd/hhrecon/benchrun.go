package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/pprof/profile"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// measure does the run, and tells how it went.
func (b *bench) measure(ctx context.Context) (*benchResult, error) {
	p := b.settings.projects[0]
	signing, err := p.signing()
	if err != nil {
		return nil, err
	}
	server, err := b.store.Server(ctx)
	if err != nil {
		return nil, err
	}
	before := signingRate(ctx, signing)
	run, err := b.run(ctx)
	if err != nil {
		return nil, err
	}
	signed := (before + signingRate(ctx, signing)) / 2

	payins := run.result.Selected
	r := &benchResult{
		Payins: payins, Latency: b.Latency.String(), Concurrency: b.Concurrency, Rate: b.Rate, Signing: b.Signing,
		Version: version, Go: runtime.Version(), CPUs: runtime.GOMAXPROCS(0), Database: server,
		Seconds: run.wall.total().Seconds(), SigningPerSecond: signed, Corrected: run.result.Corrections.Applied,
		Wall: run.wall.stages(), CPU: run.cpu(payins), CPUSeconds: run.used.Seconds(),
		PeakMemory: run.peak, RoundTrips: run.trips, RoundTripsPerThousand: float64(run.trips) * 1000 / float64(payins),
	}
	for i := range r.Wall {
		r.Wall[i].MicrosPerPayin = r.Wall[i].Seconds * 1e6 / float64(payins)
	}
	r.PerSecond = float64(payins) / r.Seconds
	r.Ideal, r.IdealBy = b.ideal(signed)
	r.Percent = 100 * r.PerSecond / r.Ideal
	if b.Keep {
		r.Workbook = run.result.Workbook
	}
	return r, b.want.check(run.result)
}

// benchRun is what one run took.
type benchRun struct {
	result  *runResult
	wall    benchWall
	profile *profile.Profile
	used    time.Duration // of the processors, by this process
	peak    int64
	trips   int64
}

// run does one whole run as `hhrecon run` does.
func (b *bench) run(ctx context.Context) (*benchRun, error) {
	out := &benchRun{}
	n := &night{app: b.app, settings: b.settings, store: b.store, out: resultFunc(func(r *runResult) { out.result = r })}
	w, err := n.project(b.settings.projects[0])
	if err != nil {
		return nil, err
	}
	defer w.client.Close()
	w.runner.Opened = func(reconcile.Run) { out.wall.opened = time.Now() }
	shown := w.runner.Progress
	w.runner.Progress = func(p reconcile.Progress) {
		if p.Stage == "ask" {
			out.wall.asked = time.Now()
		}
		shown(p)
	}
	runtime.GC()
	var profiled bytes.Buffer
	if err := pprof.StartCPUProfile(&profiled); err != nil {
		return nil, err
	}
	used, trips := cpuTime(), b.store.RoundTrips()
	out.wall.began = time.Now()
	err = (&runCmd{NoEmail: true}).reconcile(ctx, w)
	out.wall.ended = time.Now()
	out.used, out.trips, out.peak = cpuTime()-used, b.store.RoundTrips()-trips, peakMemory()
	pprof.StopCPUProfile()
	if code := codeOf(err); code != exitOK && code != exitUntrusted { // some samples are unverifiable
		return nil, err
	}
	if out.result == nil || out.result.ClosedAt == nil {
		return nil, errors.New("the run has no result")
	}
	out.wall.closed = *out.result.ClosedAt
	return out, b.readProfile(out, profiled.Bytes())
}

func (b *bench) readProfile(out *benchRun, profiled []byte) (err error) {
	if b.CPUProfile != "" {
		if err := os.WriteFile(b.CPUProfile, profiled, 0o600); err != nil {
			return fmt.Errorf("--cpuprofile: %w", err)
		}
	}
	if out.profile, err = profile.ParseData(profiled); err != nil {
		return fmt.Errorf("CPU profile: %w", err)
	}
	return nil
}

// resultFunc takes a run's result where others print it.
type resultFunc func(*runResult)

func (f resultFunc) write(r *runResult) error { f(r); return nil }

// signTime is how long signing alone is measured, before the run and after it: the machine may not be the same all
// the time.
const signTime = time.Second

// signingRate is how many requests a second this machine can sign with all its processors and nothing else to do.
func signingRate(ctx context.Context, signing highhelp.Signing) float64 {
	body := fmt.Appendf(nil, `{"general":{"project_id":%q,"payment_id":"KG-20261122-000123"}}`, demoProject)
	ctx, cancel := context.WithTimeout(ctx, signTime)
	defer cancel()
	var signed atomic.Int64
	var workers sync.WaitGroup
	began := time.Now()
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			n := int64(0)
			for ; ctx.Err() == nil; n++ {
				if _, err := signing.Sign(body, began.Unix()+n); err != nil {
					n = math.MinInt32 // keys that the client took before
					break
				}
			}
			signed.Add(n)
		})
	}
	workers.Wait()
	return float64(signed.Load()) / time.Since(began).Seconds()
}
