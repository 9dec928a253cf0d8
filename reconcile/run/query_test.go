package run

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hhrecon/highhelp"
	"hhrecon/reconcile"
)

// refuser is a gateway. It answers queries about some payins as if the keys were wrong, and
// answers other queries normally.
type refuser struct {
	refuses func(payin int) bool
	slow    func(payin int) time.Duration
	asked   atomic.Int64
}

func (g *refuser) PayinInfo(ctx context.Context, paymentID string) (*highhelp.PayinInfo, error) {
	g.asked.Add(1)
	n, _ := strconv.Atoi(paymentID)
	delay := 10 * time.Millisecond
	if g.slow != nil {
		delay = g.slow(n)
	}
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if g.refuses(n) {
		return nil, &highhelp.Error{Kind: highhelp.ErrUnauthorized, StatusCode: 403}
	}
	return always("success").PayinInfo(ctx, paymentID)
}

// TestRefusedKeys checks that refused keys stop the queries, and that a refusal of a single payin does
// not stop other queries.
func TestRefusedKeys(t *testing.T) {
	among := func(first, last int) func(int) bool { return func(n int) bool { return n >= first && n <= last } }
	slowest := func(payin int) func(int) time.Duration {
		return func(n int) time.Duration {
			if n == payin {
				return 30 * time.Second
			}
			return 10 * time.Millisecond
		}
	}
	for _, tt := range []struct {
		name                              string
		payins, concurrency               int
		refuses                           func(int) bool
		slow                              func(int) time.Duration
		answered, unverifiable, mostAsked int
		keysError                         bool
	}{
		{"none", 20, 4, among(0, 0), nil, 20, 0, 20, false},
		{"one in the middle", 20, 4, among(9, 9), nil, 19, 1, 20, false},
		{"the first, which is answered first", 20, 4, among(1, 1), slowest(2), 19, 1, 20, false},
		{"the only one", 1, 4, among(1, 1), nil, 0, 0, 1, true},
		{"all", 2000, 8, among(1, 2000), nil, 0, 0, 12, true},
		{"all, one after the other", 2000, 1, among(1, 2000), nil, 0, 0, 2, true},
		{"all but one that comes late", 2000, 8, among(2, 2000), slowest(1), 0, 0, 13, true},
		{"four in a row", 20, 1, among(8, 11), nil, 16, 4, 20, false},
		{"every second", 200, 1, func(n int) bool { return n%2 == 0 }, nil, 100, 100, 200, false},
		{"all from the middle on", 2000, 1, among(1001, 2000), nil, 1000, 4, 1006, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory(t, tt.payins)
				g := &refuser{refuses: tt.refuses, slow: tt.slow}
				r := runner(m, g)
				r.Project.Concurrency = tt.concurrency
				run, err := r.Run(t.Context(), reconcile.Request{})
				if err != nil || run.ClosedAt.IsZero() {
					t.Fatalf("%+v, %v", run, err)
				}
				count := map[string]int{}
				for _, f := range m.verdicts {
					count[string(f.Outcome)]++
					count[f.Reason.Code]++
				}
				unreachable := tt.payins - tt.answered - tt.unverifiable
				if count["confirmed"] != tt.answered || count["unverifiable"] != tt.unverifiable ||
					count["unreachable"] != unreachable {
					t.Errorf("%v", count)
				}
				if unreachable != count["call.not_asked"]+count["payin.unreachable"] {
					t.Errorf("the reasons do not name the keys: %v", count)
				}
				if asked := int(g.asked.Load()); asked > tt.mostAsked {
					t.Errorf("asked %d times, at most %d are right", asked, tt.mostAsked)
				}
				if err := run.KeysError(); errors.Is(err, highhelp.ErrUnauthorized) != tt.keysError {
					t.Errorf("%v, note %v", err, run.Note)
				}
			})
		})
	}
}

// TestRefusedAfterAStop checks that a resumed run knows from its earlier answers that the keys are valid.
func TestRefusedAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(t, 2)
		ctx, stop := context.WithCancel(t.Context())
		waiting := func(payin int) time.Duration { return time.Duration(payin-1) * time.Minute }
		r := runner(m, &refuser{refuses: func(payin int) bool { return payin == 2 }, slow: waiting})
		time.AfterFunc(30*time.Second, stop)
		if _, err := r.Run(ctx, reconcile.Request{}); !errors.Is(err, context.Canceled) || len(m.verdicts) != 1 {
			t.Fatalf("%v, %d verdicts before the stop", err, len(m.verdicts))
		}
		run, err := r.Resume(t.Context(), 1)
		if err != nil || run.KeysError() != nil || m.verdicts[2].Outcome != reconcile.Unverifiable {
			t.Errorf("%v, %v, %s", err, run.KeysError(), m.verdicts[2].Outcome)
		}
	})
}

// long is a gateway whose answers have a given size. The gateway counts the answers that are in memory
// and not stored yet.
type long struct {
	*memory
	bytes      int
	inHand     atomic.Int64
	most       atomic.Int64
	mostAtOnce int
	fails      bool
}

func (g *long) PayinInfo(ctx context.Context, paymentID string) (*highhelp.PayinInfo, error) {
	info, err := always("success").PayinInfo(ctx, paymentID)
	if err == nil {
		info.Raw = make([]byte, g.bytes)
		if now := g.inHand.Add(int64(g.bytes)); now > g.most.Load() {
			g.most.Store(now)
		}
	}
	return info, err
}

func (g *long) SaveVerdicts(ctx context.Context, l reconcile.Lease, findings []reconcile.Finding) error {
	time.Sleep(10 * time.Second) // simulates a slow database
	g.inHand.Add(-int64(len(findings) * g.bytes))
	g.mostAtOnce = max(g.mostAtOnce, len(findings)*g.bytes)
	if g.fails {
		return errors.New("disk full")
	}
	for i := range findings {
		findings[i].Answer = ""
	}
	return g.memory.SaveVerdicts(ctx, l, findings)
}

// TestAnswersInHandAreBounded checks that the size of answers in memory is limited if the database is slower than
// HighHelp.
func TestAnswersInHandAreBounded(t *testing.T) {
	for bytes, payins := range map[int]int{1 << 10: 2000, 60_000: 2000, 1 << 20: 250} {
		synctest.Test(t, func(t *testing.T) {
			g := &long{memory: newMemory(t, payins), bytes: bytes}
			if _, err := runner(g, g).Run(t.Context(), reconcile.Request{}); err != nil {
				t.Fatal(err)
			}
			// each worker may have one answer that is not stored yet
			asking := int64(workerCount(reconcile.DefaultProject(testProject).Concurrency) * bytes)
			if most := g.most.Load(); most > maxAnswerBytes+asking || g.mostAtOnce > batchBytes+bytes {
				t.Errorf("answers of %d bytes: %d MiB in hand, %d MiB at once", bytes, most>>20, g.mostAtOnce>>20)
			}
			if len(g.verdicts) != payins || !answersInMemory.TryAcquire(maxAnswerBytes) {
				t.Fatalf("%d verdicts are kept, or not all answers are given back", len(g.verdicts))
			}
			answersInMemory.Release(maxAnswerBytes)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		g := &long{memory: newMemory(t, 2000), bytes: 60_000, fails: true}
		if _, err := runner(g, g).Run(t.Context(), reconcile.Request{}); err == nil ||
			!answersInMemory.TryAcquire(maxAnswerBytes) {
			t.Fatalf("%v, or not all answers are given back", err)
		}
		answersInMemory.Release(maxAnswerBytes)
	})
}
