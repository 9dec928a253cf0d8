package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
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
	engine "hhrecon/reconcile/run"
	"hhrecon/reports"
	"hhrecon/reports/workbook"
)

// measure executes a run and returns the measured values.
func (b *bench) measure(ctx context.Context) (*benchResult, error) {
	signing, err := b.signing()
	if err != nil {
		return nil, err
	}
	server, err := databaseVersion(ctx, b.url)
	if err != nil {
		return nil, err
	}
	before := signingRate(ctx, signing)
	run, err := b.run(ctx, signing)
	if err != nil {
		return nil, err
	}
	signed := (before + signingRate(ctx, signing)) / 2

	payins := run.outcome.run.Selected
	r := &benchResult{
		Payins: payins, Latency: b.Latency.String(), Concurrency: b.Concurrency, Rate: b.Rate, Signing: b.Signing,
		Go: runtime.Version(), CPUs: runtime.GOMAXPROCS(0), Database: server,
		Seconds: run.wall.total().Seconds(), SigningPerSecond: signed,
		Wall: run.wall.stages(), CPU: run.cpu(payins), CPUSeconds: run.used.Seconds(),
		PeakMemory: run.peak, RoundTrips: run.trips,
		RoundTripsPerThousand: float64(run.trips) * 1000 / float64(payins),
	}
	for i := range r.Wall {
		r.Wall[i].MicrosPerPayin = r.Wall[i].Seconds * 1e6 / float64(payins)
	}
	r.PerSecond = float64(payins) / r.Seconds
	r.Ideal, r.IdealBy = b.ideal(signed)
	r.Percent = 100 * r.PerSecond / r.Ideal
	if b.Keep {
		r.Workbook = run.outcome.workbook
	}
	for _, t := range run.outcome.totals {
		r.Corrected += t.Applied
	}
	return r, b.want.check(&run.outcome)
}

// benchRun has the measurements of one run.
type benchRun struct {
	outcome runOutcome
	wall    benchWall
	profile *profile.Profile
	used    time.Duration // CPU time of this process
	peak    int64
	trips   int64
}

// run executes one run in the same way as `hhrecon run`.
func (b *bench) run(ctx context.Context, signing highhelp.Signing) (*benchRun, error) {
	client, err := highhelp.New(highhelp.Config{
		BaseURL: b.apiURL, ProjectID: benchProject, Signing: signing, Rate: b.limit(), Concurrency: b.Concurrency,
		Logger: b.log,
	})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	out := &benchRun{}
	project := reconcile.DefaultProject(benchProject)
	project.Name, project.Recheck, project.Concurrency = "Bench", project.Window, b.Concurrency
	runner := &engine.Engine{
		Project: project, Store: b.store, Gateway: client, Owner: reconcile.ThisProcess(), Logger: b.log, Now: time.Now,
		Opened: func(reconcile.Run) { out.wall.opened = time.Now() },
		Progress: func(p engine.Progress) {
			if p.Stage == "ask" {
				out.wall.asked = time.Now()
			}
		},
	}
	runtime.GC()
	var profiled bytes.Buffer
	if err := pprof.StartCPUProfile(&profiled); err != nil {
		return nil, err
	}
	used, trips := cpuTime(), b.store.RoundTrips()
	out.wall.began = time.Now()
	out.outcome, err = b.reconcile(ctx, runner)
	out.wall.ended = time.Now()
	out.used, out.trips, out.peak = cpuTime()-used, b.store.RoundTrips()-trips, peakMemory()
	pprof.StopCPUProfile()
	if err != nil {
		return nil, err
	}
	out.wall.closed = out.outcome.run.ClosedAt
	return out, b.readProfile(out, profiled.Bytes())
}

// reconcile executes the run and writes its workbook.
func (b *bench) reconcile(ctx context.Context, runner *engine.Engine) (o runOutcome, err error) {
	now := time.Now()
	o.run, err = runner.Run(ctx, reconcile.Request{Selection: reconcile.Selection{
		Window:      reconcile.Window{From: now.Add(-runner.Project.Window), To: now.Add(-runner.Project.MinAge)},
		RecheckFrom: now.Add(-runner.Project.Recheck), Whole: true,
	}})
	if err != nil {
		return o, err
	}
	scope := reconcile.ReportScope{RunID: o.run.ID}
	if o.totals, err = b.store.Totals(ctx, scope); err != nil {
		return o, err
	}
	options := reports.Options{
		Zone: time.UTC, Projects: map[string]string{benchProject: runner.Project.Name}, Now: now, KeepIn: b.dir,
		Support: b.store,
	}
	o.workbook, err = reports.Save(b.dir, reports.FileName(o.run, options, "xlsx"), func(out io.Writer) error {
		_, err := workbook.Write(ctx, out, b.store, scope, options)
		return err
	})
	return o, err
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

// signTime is the duration of each measurement of the signing speed. The speed is measured before and after the run,
// because the load of the machine varies.
const signTime = time.Second

// signingRate returns the number of requests per second that this machine can sign with all processors.
func signingRate(ctx context.Context, signing highhelp.Signing) float64 {
	body := fmt.Appendf(nil, `{"general":{"project_id":%q,"payment_id":"KG-20261122-000123"}}`, benchProject)
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
					n = math.MinInt32 // cannot happen, because the client has accepted the keys
					break
				}
			}
			signed.Add(n)
		})
	}
	workers.Wait()
	return float64(signed.Load()) / time.Since(began).Seconds()
}
