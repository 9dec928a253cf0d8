package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"hhrecon/reconcile"
)

// memory is a store of one run, which fails the test if the run uses the store incorrectly.
type memory struct {
	Store
	t      testing.TB
	dryRun bool
	rules  reconcile.Rules
	payins []reconcile.Payin // by position, from 0

	mu       sync.Mutex
	verdicts map[int64]reconcile.Finding // by position
	settled  map[int64]reconcile.Correction
	decided  []reconcile.Correction
	weights  []reconcile.ImpactSummary // the saved impacts, one for each saved mode
	note     reconcile.Reason
	state    reconcile.RunState
	closed   time.Time
	settling func(judged int) error // called before a batch is settled; may be nil
}

func newMemory(t testing.TB, payins int) *memory {
	m := &memory{t: t, rules: sampleRules(), verdicts: make(map[int64]reconcile.Finding),
		settled: make(map[int64]reconcile.Correction), state: reconcile.Running}
	for i := range payins {
		p := samplePayin()
		p.PaymentID = strconv.Itoa(i + 1)
		m.payins = append(m.payins, p)
	}
	return m
}

func (m *memory) run() reconcile.Run {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := reconcile.Run{
		ID: 1, ProjectID: testProject, State: m.state, DryRun: m.dryRun, Rules: m.rules, Selected: int64(len(m.payins)),
		Judged: int64(len(m.verdicts)), Settled: int64(len(m.settled)), Note: m.note, ClosedAt: m.closed,
	}
	if last := len(m.decided) - 1; last >= 0 {
		r.CorrectionMode, r.Impact = m.decided[last], m.weights[last]
	}
	return r
}

func (m *memory) OpenRun(context.Context, reconcile.NewRun) (reconcile.Run, error) {
	return m.run(), nil
}

func (m *memory) AcquireRun(context.Context, int64, reconcile.Owner, time.Time,
	func(reconcile.Run) bool) (reconcile.Run, error) {
	return m.run(), nil
}

func (m *memory) Heartbeat(context.Context, reconcile.Lease) error { return nil }

func (m *memory) Usual(context.Context, string, string, int) (u reconcile.ProjectUsual, err error) {
	return u, nil
}

func (m *memory) UnjudgedPayins(
	_ context.Context, _ int64, span reconcile.Span, limit int,
) ([]reconcile.Finding, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []reconcile.Finding
	for seq := span.After + 1; seq <= int64(len(m.payins)) && len(page) < limit; seq++ {
		if _, judged := m.verdicts[seq]; !judged {
			page = append(page, reconcile.Finding{Seq: seq, Payin: m.payins[seq-1]})
		}
	}
	return page, nil
}

func (m *memory) SaveVerdicts(_ context.Context, _ reconcile.Lease, findings []reconcile.Finding) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range findings {
		if _, judged := m.verdicts[f.Seq]; judged {
			m.t.Errorf("payin %d is judged twice", f.Seq)
		}
		m.verdicts[f.Seq] = f
	}
	return nil
}

func (m *memory) Summarise(context.Context, int64, time.Time, bool) (reconcile.ImpactSummary, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := reconcile.ImpactSummary{Left: int64(len(m.payins))}
	for seq, f := range m.verdicts {
		if m.dryRun && m.settled[seq] != "" {
			f.Classes = 0 // the findings of a dry run are not in the totals of the classes
		}
		w.Judged(&f, &m.rules)
	}
	w.Corrected = w.Changes
	return w, nil
}

func (m *memory) SaveCorrectionMode(_ context.Context, _ reconcile.Lease, d reconcile.Correction,
	w reconcile.ImpactSummary, note reconcile.Reason) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.decided) > 0 && m.decided[0] != d {
		m.t.Errorf("decided on %s after %s", d, m.decided[0])
	}
	m.decided, m.weights, m.note = append(m.decided, d), append(m.weights, w), note
	return nil
}

func (m *memory) Settle(
	_ context.Context, _ reconcile.Lease, mode reconcile.Correction, _ time.Time, after int64, limit int,
) (int, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.settling != nil {
		if err := m.settling(len(m.verdicts)); err != nil {
			return 0, after, err
		}
	}
	if len(m.decided) == 0 || m.decided[len(m.decided)-1] != mode {
		m.t.Errorf("settled as %s, decided was on %s", mode, m.decided)
	}
	n := 0
	for seq := after + 1; seq <= int64(len(m.payins)) && n < limit; seq++ {
		_, judged := m.verdicts[seq]
		if judged && m.settled[seq] == "" {
			m.settled[seq] = mode
			if mode == reconcile.CorrectionHeld && !m.holds(m.verdicts[seq].Classes) {
				m.settled[seq] = reconcile.CorrectionApplied
			}
			after = seq
			n++
		}
	}
	return n, after, nil
}

func (m *memory) CloseRun(
	_ context.Context, _ reconcile.Lease, state reconcile.RunState, at time.Time,
) (reconcile.Run, error) {
	if len(m.settled) != len(m.payins) {
		m.t.Errorf("closed with %d of %d payins settled", len(m.settled), len(m.payins))
	}
	m.state, m.closed = state, at
	return m.run(), nil
}

func (m *memory) InterruptRun(context.Context, reconcile.Lease, reconcile.Reason) (reconcile.Run, error) {
	m.state = reconcile.Interrupted
	return m.run(), nil
}

func TestSettlesBesideAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(t, 4000)
		earliest := 0
		m.settling = func(judged int) error {
			if earliest == 0 {
				earliest = judged
			}
			return nil
		}
		r := runner(m, always("success"))
		r.Project.Concurrency = 100
		stages, at := map[string]int64{}, map[string]time.Time{}
		r.Progress = func(p Progress) {
			if p.Done < stages[p.Stage] || p.Done > p.Total {
				t.Errorf("%s went from %d to %d of %d", p.Stage, stages[p.Stage], p.Done, p.Total)
			}
			stages[p.Stage], at[p.Stage] = p.Done, time.Now()
		}
		run, err := r.Run(t.Context(), reconcile.Request{})
		if err != nil || run.State != reconcile.Complete {
			t.Fatalf("%s, %v", run.State, err)
		}
		if earliest < 2000 || earliest > 2500 {
			t.Errorf("the first corrections were written with %d of 4000 payins judged: half of them may be harmful", earliest)
		}
		if stages["ask"] != 4000 || stages["settle"] != 4000 || at["settle"].Sub(at["ask"]) > time.Millisecond {
			t.Errorf("progress ended as %v, %v", stages, at)
		}
		want := reconcile.ImpactSummary{Answered: 4000, Trusted: 4000, Open: 4000, Changes: 4000, Corrected: 4000,
			Day: m.weights[1].Day}
		if !slices.Equal(m.decided,
			[]reconcile.Correction{reconcile.CorrectionApplied, reconcile.CorrectionApplied}) || m.weights[1] != want ||
			m.weights[0].Left == 0 {
			t.Errorf("decided %v with %+v", m.decided, m.weights)
		}
	})
}

// TestHeldClassIsNotWritten checks that corrections of a class that may be held are settled only after all payins are
// judged. The other corrections are then written.
func TestHeldClassIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(t, 3000)
		m.settling = func(judged int) error {
			if judged < len(m.payins) {
				t.Errorf("settled with %d judged", judged)
			}
			return nil
		}
		// The class exceeds its limit only after the answers about the last payins.
		run, err := runner(m, statusFunc(func(n int) (string, time.Duration) {
			if n >= 1500 {
				return "decline", time.Second
			}
			return "success", time.Second
		})).Run(t.Context(), reconcile.Request{})
		if err != nil || run.State != reconcile.Held || run.Note.IsZero() || run.Impact.Harmful != 1501 {
			t.Errorf("%v: %+v", err, run)
		}
		for seq, correction := range m.settled {
			want := reconcile.CorrectionApplied
			if seq >= 1500 {
				want = reconcile.CorrectionHeld
			}
			if correction != want {
				t.Fatalf("payin %d is %s", seq, correction)
			}
		}
	})
}

// TestSlowAnswerHoldsNothingUp checks that the run stores and settles later payins while the query of
// one payin is slow.
func TestSlowAnswerHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(t, 2000)
		r := runner(m, statusFunc(func(n int) (string, time.Duration) {
			if n == 7 {
				return "success", 45 * time.Second
			}
			return "success", 10 * time.Millisecond
		}))
		before := 0
		r.Progress = func(p Progress) {
			if p.Stage == "settle" && p.Done == 1999 {
				before++
			}
		}
		began := time.Now()
		if _, err := r.Run(t.Context(), reconcile.Request{}); err != nil {
			t.Fatal(err)
		}
		if before == 0 || time.Since(began) > 46*time.Second {
			t.Errorf("the others were settled before it %d times; all took %s", before, time.Since(began))
		}
	})
}

// TestDryRunForecastsHolds checks that a dry run reports the hold that a real run would have, also if the dry run was
// interrupted, and that it settles early if nothing can be held.
func TestDryRunForecastsHolds(t *testing.T) {
	const held = "hold.dry_run (hold.share (class.declines) 2000 2000 "
	for status, c := range map[string]struct {
		broken   bool // settling fails after the first batch
		note     string
		earliest int
	}{"decline": {false, held, 2000}, "decline of a broken run": {true, held, 2000}, "success": {false, "", 1000}} {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory(t, 2000)
			m.dryRun = true
			earliest, fails := 0, c.broken
			m.settling = func(judged int) error {
				if earliest = cmp.Or(earliest, judged); len(m.settled) == 0 || !fails {
					return nil
				}
				fails = false
				return errors.New("the connection broke")
			}
			r := runner(m, always(strings.Fields(status)[0]))
			run, err := r.Run(t.Context(), reconcile.Request{DryRun: true})
			if m.state = reconcile.Running; c.broken {
				run, err = r.Resume(t.Context(), 1)
			}
			if err != nil || fails || run.CorrectionMode != reconcile.CorrectionDryRun || run.Impact.Answered != 2000 ||
				earliest < c.earliest || earliest > c.earliest+2*batchSize ||
				!strings.HasPrefix(run.Note.String(), c.note) || c.note == "" && !run.Note.IsZero() {
				t.Errorf("%s: %v: settled from %d on: %+v", status, err, earliest, run)
			}
		})
	}
}

// TestSettlingThatFailsStopsAsking checks that an error of settling stops the queries, and an error of querying stops
// settling.
func TestSettlingThatFailsStopsAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(t, 100_000)
		m.dryRun = true
		broken := errors.New("the disk is full")
		m.settling = func(judged int) error {
			if judged > 55_000 {
				return broken
			}
			return nil
		}
		run, err := runner(m, always("success")).Run(t.Context(), reconcile.Request{DryRun: true})
		if !errors.Is(err,
			broken) || err.Error() != "settle: the disk is full" || run.State != reconcile.Interrupted ||
			len(m.verdicts) > 60_000 {
			t.Errorf("%v: %s with %d payins judged", err, run.State, len(m.verdicts))
		}
	})
}

// TestRunIsTheSameHoweverOftenItBreaksOff checks that interruptions and delays do not change the result of a run, and
// that a held correction is never written.
func TestRunIsTheSameHoweverOftenItBreaksOff(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		payins := rapid.IntRange(0, 1200).Draw(rt, "payins")
		harm := rapid.SampledFrom([]int{0, 10, 45, 50, 55, 100}).Draw(rt, "percent of declines")
		seed := rapid.Uint64().Draw(rt, "seed")
		stops := rapid.SliceOfN(rapid.IntRange(0, 40_000), 0, 3).Draw(rt, "stops in milliseconds")
		gateway := statusFunc(func(n int) (string, time.Duration) {
			x := (uint64(n)*0x9E3779B97F4A7C15 ^ seed) * 0xBF58476D1CE4E5B9 >> 33
			status := "success"
			if int(x%100) < harm {
				status = "decline"
			}
			return status, time.Duration(x%1500) * time.Millisecond
		})
		synctest.Test(t, func(t *testing.T) {
			m := newMemory(t, payins)
			r := runner(m, gateway)
			run, err := r.run(t.Context(), stops, m)
			if err != nil {
				rt.Fatal(err)
			}
			weight, _ := m.Summarise(t.Context(), 1, time.Time{}, true)
			state := reconcile.Complete
			if mode, _ := r.Project.ChooseMode(&reconcile.Run{ID: 1}, &weight,
				reconcile.ProjectUsual{}); mode == reconcile.CorrectionHeld {
				state = reconcile.Held
			}
			weight.Day = run.Impact.Day
			if run.State != state || run.Impact != weight {
				rt.Fatalf("%s with %+v, want %s with %+v", run.State, run.Impact, state, weight)
			}
			for seq, correction := range m.settled {
				want := reconcile.CorrectionApplied
				if state == reconcile.Held && m.verdicts[seq].Outcome == reconcile.Declined {
					want = reconcile.CorrectionHeld
				}
				if correction != want {
					rt.Fatalf("payin %d is %s, want %s", seq, correction, want)
				}
			}
		})
	})
}

// run executes a run, interrupts and resumes the run after each of the given times, and then waits for the end.
func (r *Engine) run(ctx context.Context, stops []int, m *memory) (run reconcile.Run, err error) {
	run, err = reconcile.Run{}, errors.New("not begun")
	for i := 0; err != nil && i <= len(stops); i++ {
		part, cancel := context.WithCancel(ctx)
		if i < len(stops) {
			time.AfterFunc(time.Duration(stops[i])*time.Millisecond, cancel)
		}
		m.state = reconcile.Running
		run, err = r.Resume(part, 1)
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			return run, fmt.Errorf("part %d: %w", i, err)
		}
	}
	return run, err
}

// holds reports whether the run holds at least one class.
func (m *memory) holds(classes reconcile.Class) bool {
	for i, c := range m.weights[len(m.weights)-1].Classes {
		if classes&reconcile.Classes[i] != 0 && c.Hold != 0 {
			return true
		}
	}
	return false
}
