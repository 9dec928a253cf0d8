package sql_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hhrecon/reconcile"
	engine "hhrecon/reconcile/run"
	"hhrecon/sql/sqltest"
)

// queueing opens a store with a queue, and a run of n payins in batches of ten.
func queueing(t *testing.T, n int) (*fixture, reconcile.Run) {
	t.Helper()
	t.Parallel()
	url := sqltest.PostgresURL(t)
	f := &fixture{T: t, ctx: t.Context(), url: url, s: sqltest.Open(t, url), db: sqltest.DB(t, url)}
	f.must(f.s.MigrateQueue(f.ctx))
	f.must(f.s.CheckQueue(f.ctx))
	_, err := f.s.SavePayins(f.ctx, slices.Values(payins(n)))
	f.must(err)
	return f, f.enqueue("shared")
}

func workers(token string) reconcile.Owner {
	return reconcile.Owner{Token: token, Host: "host", PID: 42, BatchSize: 10}
}

func (f *fixture) enqueue(token string) reconcile.Run {
	f.Helper()
	run, err := f.s.OpenRun(f.ctx, reconcile.NewRun{
		Project: reconcile.DefaultProject(project),
		Request: reconcile.Request{Selection: reconcile.Selection{Window: window, Whole: true}},
		Owner:   workers(token), StartedAt: closing, Expired: alive,
	})
	f.must(err)
	return run
}

func (f *fixture) claimBatch(run reconcile.Run, number int64) engine.Claim {
	f.Helper()
	c, err := f.s.ClaimBatch(f.ctx, engine.Batch{RunID: run.ID, Number: number}, "me:1", alive)
	f.must(err)
	return c
}

// judgeBatch saves a verdict for each payin of a claim that has no verdict.
func (f *fixture) judgeBatch(c engine.Claim) {
	f.Helper()
	open, err := f.s.UnjudgedPayins(f.ctx, c.RunID, c.Span, 1000)
	f.must(err)
	for i := range open {
		open[i].Outcome, open[i].Result, open[i].CheckedAt = reconcile.Pending, reconcile.ResultAnswered, time.Now()
	}
	f.must(f.s.SaveVerdicts(f.ctx, c.Lease, open))
}

// jobs counts River's jobs of a batch.
func (f *fixture) jobs(number int64) int {
	return f.count(`select count(*) from river_job where kind = 'hhrecon_batch' and (args->>'number')::bigint = ?`, number)
}

// ageHeartbeats makes all heartbeats old.
func (f *fixture) ageHeartbeats(table string, ago time.Duration) {
	f.do("update "+table+" set beat_at = clock_timestamp() - make_interval(secs => ?)", ago.Seconds())
}

func (f *fixture) wantErr(what string, got, want error) {
	f.Helper()
	if !errors.Is(got, want) {
		f.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestQueueRun(t *testing.T) {
	f, run := queueing(t, 25)
	equal(f, "batches", f.word(`select string_agg(
		concat_ws(' ', number, after_seq, to_seq, state, (job_id is not null)::text), ', ' order by number)
		from hhrecon_batch`),
		"0 0 0 later false, 1 0 10 queued true, 2 10 20 queued true, 3 20 30 queued true")
	equal(f, "jobs", f.word(`select string_agg(distinct concat_ws(' ', queue, state, max_attempts), ', ') from river_job`),
		"hhrecon_"+project+" available 1")

	var claims []engine.Claim
	for number := int64(1); number <= 3; number++ {
		claims = append(claims, f.claimBatch(run, number))
	}
	equal(f, "first span", claims[0].Span, reconcile.Span{After: 0, To: 10})
	f.wantErr("a batch without all verdicts is not done", f.s.EndBatch(f.ctx, claims[0]), reconcile.ErrRunLost)
	for _, c := range claims {
		f.judgeBatch(c)
	}
	var all sync.WaitGroup
	for _, c := range claims {
		all.Go(func() {
			if err := f.s.EndBatch(f.ctx, c); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	equal(f, "jobs about the run's end", f.jobs(0), 1)
	f.wantErr("a batch ends once", f.s.EndBatch(f.ctx, claims[0]), reconcile.ErrRunLost)
	_, err := f.s.ClaimBatch(f.ctx, claims[0].Batch, "me:1", alive)
	f.wantErr("what is done", err, engine.ErrNoBatch)

	last := f.claimBatch(run, engine.LastBatch)
	f.must(f.s.SaveCorrectionMode(f.ctx, last.Lease, reconcile.CorrectionApplied, reconcile.ImpactSummary{Answered: 25},
		reconcile.Reason{}))
	for n := 1; n > 0; {
		n, _, err = f.s.Settle(f.ctx, last.Lease, reconcile.CorrectionApplied, closing, 0, 100)
		f.must(err)
	}
	_, err = f.s.CloseRun(f.ctx, last.Lease, reconcile.Complete, closing)
	f.must(err)
	f.must(f.s.HeartbeatBatch(f.ctx, last)) // the report is still missing
	f.ageHeartbeats("hhrecon_batch", time.Minute)
	f.free(1)
	again := f.claimBatch(run, engine.LastBatch)
	equal(f, "closed before", again.Closed, true)
	f.wantErr("the first to close", f.s.HeartbeatBatch(f.ctx, last), reconcile.ErrRunLost)
	f.must(f.s.EndBatch(f.ctx, again))
	equal(f, "batches left", f.count(`select count(*) from hhrecon_batch where state <> 'done'`), 0)
}

func (f *fixture) free(want int) {
	f.Helper()
	n, err := f.s.RequeueStale(f.ctx, project, engine.BatchLeaseTime)
	f.must(err)
	equal(f, "batches of silent workers", n, want)
}

func TestQueueNothingToAsk(t *testing.T) {
	f, _ := queueing(t, 0)
	equal(f, "batches", f.word(`select string_agg(concat_ws(' ', number, state), ', ') from hhrecon_batch`), "0 queued")
	equal(f, "jobs", f.jobs(0), 1)
	f.do(`delete from hhrecon_run`) // deletes the runs, as prune does
	equal(f, "batches of a run that is no more", f.count(`select count(*) from hhrecon_batch`), 0)
}

// If opening a run fails, the database contains no batches and no jobs.
func TestQueueRefused(t *testing.T) {
	f, _ := queueing(t, 5)
	_, err := f.s.OpenRun(f.ctx, reconcile.NewRun{
		Project: reconcile.DefaultProject(project),
		Request: reconcile.Request{Selection: reconcile.Selection{Window: window, Whole: true}},
		Owner:   workers("other"), StartedAt: closing, Expired: alive,
	})
	var held *reconcile.HeldError
	if !errors.As(err, &held) {
		t.Errorf("two runs of a project: %v", err)
	}
	equal(f, "jobs", f.count(`select count(*) from river_job`), 1)
	equal(f, "batches", f.count(`select count(*) from hhrecon_batch`), 2)
}

func TestClaimOnce(t *testing.T) {
	f, run := queueing(t, 5)
	var won atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := f.s.ClaimBatch(f.ctx, engine.Batch{RunID: run.ID, Number: 1}, fmt.Sprintf("host:%d", i), alive)
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, engine.ErrNoBatch) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	equal(f, "workers who have the batch", won.Load(), 1)
}

// If a worker sends no heartbeat, its batch is requeued, and the worker can no longer change the batch.
func TestWorkerWithoutHeartbeats(t *testing.T) {
	f, run := queueing(t, 15)
	first := f.claimBatch(run, 1)
	f.free(0)
	f.ageHeartbeats("hhrecon_batch", 19*time.Second)
	f.free(0)
	f.ageHeartbeats("hhrecon_batch", 21*time.Second)
	f.free(1)
	f.free(0)
	equal(f, "jobs about it", f.jobs(1), 2)
	second := f.claimBatch(run, 1)
	equal(f, "attempt", second.Attempt, 2)
	f.wantErr("beat", f.s.HeartbeatBatch(f.ctx, first), reconcile.ErrRunLost)
	f.judgeBatch(second)
	f.wantErr("end", f.s.EndBatch(f.ctx, first), reconcile.ErrRunLost)
	f.must(f.s.ReleaseBatch(f.ctx, first, true))
	equal(f, "whose it is", f.word(`select claim from hhrecon_batch where number = 1`), second.ID)
	f.must(f.s.HeartbeatBatch(f.ctx, second))
	f.must(f.s.EndBatch(f.ctx, second))
}

func TestGiveBack(t *testing.T) {
	f, run := queueing(t, 5)
	f.must(f.s.ReleaseBatch(f.ctx, f.claimBatch(run, 1), false))
	c := f.claimBatch(run, 1)
	equal(f, "attempt after a stop", c.Attempt, 1)
	f.must(f.s.ReleaseBatch(f.ctx, c, true))
	equal(f, "attempt after a failure", f.claimBatch(run, 1).Attempt, 2)
	equal(f, "jobs", f.jobs(1), 3)
}

// A batch is queued again if its job is missing in River, or if the machine that ran the job disappeared.
func TestLostJob(t *testing.T) {
	f, run := queueing(t, 25)
	f.do(`delete from river_job where (args->>'number')::bigint = 1`)
	f.do(`update river_job set state = 'running', attempted_at = now() where (args->>'number')::bigint = 2`)
	f.free(0)
	equal(f, "jobs at first", f.jobs(1), 0)
	f.ageHeartbeats("hhrecon_batch", time.Minute)
	f.free(0)
	equal(f, "jobs", fmt.Sprint(f.jobs(1), f.jobs(2), f.jobs(3)), "1 2 1")
	f.claimBatch(run, 1)
}

// A run whose workers are all dead can be acquired by one process or by other workers.
func TestReclaimQueuedRun(t *testing.T) {
	f, run := queueing(t, 25)
	first, second := f.claimBatch(run, 1), f.claimBatch(run, 2)
	f.judgeBatch(first)
	f.must(f.s.EndBatch(f.ctx, first))
	_, err := f.s.AcquireRun(f.ctx, run.ID, workers("others"), time.Now(), reconcile.LeaseExpired)
	var held *reconcile.HeldError
	if !errors.As(err, &held) {
		t.Errorf("acquired a running run: %v", err)
	}
	f.ageHeartbeats("hhrecon_run", 2*time.Minute)
	ids, err := f.s.ExpiredRuns(f.ctx, project)
	f.must(err)
	equal(f, "silent runs", fmt.Sprint(ids), fmt.Sprint([]int64{run.ID}))
	_, err = f.s.ClaimBatch(f.ctx, engine.Batch{RunID: run.ID, Number: 3}, "me:1", reconcile.LeaseExpired)
	f.wantErr("a batch of a run without workers", err, engine.ErrRunExpired)

	_, err = f.s.AcquireRun(f.ctx, run.ID, workers("others"), time.Now(), reconcile.LeaseExpired)
	f.must(err)
	equal(f, "what is left", f.word(`select string_agg(
		concat_ws(' ', number, state), ', ' order by number) from hhrecon_batch`), "0 later, 2 queued, 3 queued")
	f.wantErr("a worker of before", f.s.HeartbeatBatch(f.ctx, second), reconcile.ErrRunLost)
	f.wantErr("its verdicts", f.s.SaveVerdicts(f.ctx, second.Lease, nil), reconcile.ErrRunLost)
	c := f.claimBatch(run, 2)
	equal(f, "lease", c.Lease.Token, "others")

	f.ageHeartbeats("hhrecon_run", 2*time.Minute)
	_, err = f.s.AcquireRun(f.ctx, run.ID, owner("alone"), time.Now(), reconcile.LeaseExpired)
	f.must(err)
	equal(f, "batches of one process's run", f.count(`select count(*) from hhrecon_batch`), 0)
	_, err = f.s.ClaimBatch(f.ctx, engine.Batch{RunID: run.ID, Number: 3}, "me:1", alive)
	f.wantErr("a job that is left", err, engine.ErrNoBatch)
}

func TestStopQueuedRun(t *testing.T) {
	f, run := queueing(t, 15)
	c := f.claimBatch(run, 1)
	f.must(f.s.RequestStop(f.ctx, run.ID, "Aida"))
	var stop *reconcile.StopError
	if err := f.s.HeartbeatBatch(f.ctx, c); !errors.As(err, &stop) || stop.By != "Aida" {
		t.Errorf("a requested stop: %v", err)
	}
	f.ageHeartbeats("hhrecon_run", 2*time.Minute)
	later, err := f.s.ClaimBatch(f.ctx, engine.Batch{RunID: run.ID, Number: 2}, "me:1", reconcile.LeaseExpired)
	if !errors.As(err, &stop) || stop.By != "Aida" || later.Lease != c.Lease {
		t.Errorf("after all workers have ended: %+v, %v", later.Lease, err)
	}
	unanswered, err := f.s.ExpiredRuns(f.ctx, project)
	f.must(err)
	equal(f, "runs to be taken over", len(unanswered), 0)
	_, err = f.s.InterruptRun(f.ctx, c.Lease, reconcile.Words("stopped by Aida"))
	f.must(err)
	_, err = f.s.ClaimBatch(f.ctx, engine.Batch{RunID: run.ID, Number: 2}, "me:1", alive)
	f.wantErr("a batch of a run that was stopped", err, engine.ErrNoBatch)
	f.wantErr("its worker", f.s.HeartbeatBatch(f.ctx, c), reconcile.ErrRunLost)
}

// If River's tables are missing, no run is opened, and the error contains the remedy.
func TestQueueNeedsRiver(t *testing.T) {
	conform(t, func(f *fixture) {
		want := "River's tables, which distribute batches to workers, are missing or out of date; " +
			`run "hhrecon migrate --queue"`
		if !f.postgres() {
			want = "queued runs need PostgreSQL: set HHRECON_DATABASE_URL to postgres://…"
			equal(f, "migrating", f.s.MigrateQueue(f.ctx).Error(), want)
		}
		equal(f, "checking", f.s.CheckQueue(f.ctx).Error(), want)
		_, err := f.s.OpenRun(f.ctx, reconcile.NewRun{
			Project: reconcile.DefaultProject(project),
			Request: reconcile.Request{Selection: reconcile.Selection{Window: window, Whole: true}},
			Owner:   workers("shared"), StartedAt: closing, Expired: alive,
		})
		equal(f, "queueing", fmt.Sprint(err), want)
		equal(f, "runs", f.count(`select count(*) from hhrecon_run`), 0)
	})
}

// No slot is reserved twice. Slots that were reserved before the clock was set back are discarded.
func TestRateReserved(t *testing.T) {
	f, _ := queueing(t, 0)
	const each = 20
	var mu sync.Mutex
	taken := map[int64]bool{}
	var all sync.WaitGroup
	for range 4 {
		rate := f.s.Rate(project, 1000)
		all.Go(func() {
			for range each {
				got, err := rate.Reserve(f.ctx, 10)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for i := range 10 {
					at := got.FirstAt.Add(time.Duration(i) * rate.Space).UnixMicro()
					if taken[at] {
						t.Errorf("the slot %d is reserved twice", at)
					}
					taken[at] = true
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	f.do(`update hhrecon_rate set next_at = now() + interval '1 hour'`)
	got, err := f.s.Rate(project, 1000).Reserve(f.ctx, 1)
	f.must(err)
	if ahead := got.FirstAt.Sub(got.ReadAt); ahead > time.Second {
		t.Errorf("the next request is in %s", ahead)
	}
}
