package reconcile

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHold(t *testing.T) {
	limits := DefaultProject(testProject).Hold
	quiet := []float64{0.01, 0.02, 0.02, 0.03, 0.02}
	for _, tt := range []struct {
		name   string
		limits HoldLimits
		weight Weight
		usual  []float64
		why    string // a part of it; "" is not held
	}{
		{name: "an empty run", limits: limits},
		{name: "few, though all of them", limits: limits, weight: Weight{Open: 99, Harmful: 99}},
		{name: "many, and more than half", limits: limits, weight: Weight{Open: 199, Harmful: 100}, why: "hold.share 100 199"},
		{name: "many, and exactly half", limits: limits, weight: Weight{Open: 200, Harmful: 100}},
		{name: "many, far above the usual", limits: limits, weight: Weight{Open: 1000, Harmful: 100}, usual: quiet, why: `"3" "2.0"`},
		{name: "exactly three times the usual", limits: limits, weight: Weight{Open: 10000, Harmful: 600}, usual: quiet},
		{name: "too few nights for a usual share", limits: limits, weight: Weight{Open: 1000, Harmful: 100}, usual: quiet[:4]},
		{name: "few, though far above the usual", limits: limits, weight: Weight{Open: 500, Harmful: 99}, usual: quiet},
		{name: "nights without any", limits: limits, weight: Weight{Open: 1000000, Harmful: 100}, usual: make([]float64, 14), why: `"0.0"`},
		{name: "no limit to the sum unless set", limits: limits, weight: Weight{Open: 10, Harmful: 1, HarmfulSum: 1 << 60}},
		{
			name:   "a sum above the limit",
			limits: HoldLimits{Count: 100, Share: 0.5, TimesUsual: 3, Sum: 1000},
			weight: Weight{Open: 10, Harmful: 1, HarmfulSum: 1001},
			why:    "hold.sum 1001 1000",
		},
		{
			name:   "a sum at the limit",
			limits: HoldLimits{Count: 100, Share: 0.5, TimesUsual: 3, Sum: 1000},
			weight: Weight{Open: 10, Harmful: 1, HarmfulSum: 1000},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.limits.Exceeds(tt.weight, tt.usual)
			if got.IsZero() != (tt.why == "") || !strings.Contains(got.String(), tt.why) {
				t.Errorf("got %q, want %q", got, tt.why)
			}
		})
	}
}

// rests are payins that are left without a verdict, each as it comes to end: harmful, without harm, without an answer
// to go by, unknown to HighHelp, or final already when it was asked about.
func rests(t *rapid.T, most int) []Finding {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Finding {
		f := Finding{Payin: Payin{Status: "pending", Amount: rapid.OneOf(
			rapid.Int64Range(1, 2000), rapid.Int64Range(-50, 50), rapid.Just(int64(math.MaxInt64)),
		).Draw(t, "amount")}}
		f.Outcome = rapid.SampledFrom([]Outcome{
			Declined, Declined, Confirmed, Pending, Unreachable, Unverifiable, NotFound, Reversed,
		}).Draw(t, "outcome")
		f.Changes = f.Outcome == Declined || f.Outcome == Confirmed
		f.Harmful = f.Outcome == Declined
		if f.Outcome == Reversed {
			f.Status = "success"
		}
		return f
	}), 0, most).Draw(t, "rest")
}

func holdLimits(t *rapid.T) HoldLimits {
	share := rapid.OneOf(rapid.SampledFrom([]float64{0, 0.1, 0.25, 1.0 / 3, 0.5, 2.0 / 3, 1}), rapid.Float64Range(0, 1))
	return HoldLimits{
		Count: rapid.Int64Range(0, 20).Draw(t, "count"), Share: share.Draw(t, "share"),
		TimesUsual: rapid.Float64Range(0, 4).Draw(t, "times"),
		Sum:        rapid.SampledFrom([]int64{0, 0, 100, 5000, math.MaxInt64 - 1, math.MaxInt64}).Draw(t, "sum"),
	}
}

// TestCertainStaysCertain: whatever the payins that are left come to, one after the other, a run of which it was
// certain that it is not to be held is not to be held, and it stays certain.
func TestCertainStaysCertain(t *testing.T) {
	rules := DefaultProject(testProject).Rules(now)
	rapid.Check(t, func(t *rapid.T) {
		limits := holdLimits(t)
		usual := rapid.SliceOfN(rapid.Float64Range(0, 1), 0, usualRuns).Draw(t, "usual")
		harmful := rapid.Int64Range(0, 60).Draw(t, "harmful")
		w := Weight{
			Harmful: harmful, Open: harmful + rapid.Int64Range(0, 200).Draw(t, "open"),
			HarmfulSum: rapid.SampledFrom([]int64{0, 90, 4000, math.MaxInt64 - 100}).Draw(t, "sum"),
		}
		rest := rests(t, 40)
		for i := range rest {
			w.Left++
			w.LeftSum = plus(w.LeftSum, max(0, rest[i].Amount))
		}
		certain := limits.Certain(w, usual)
		for i := range rest {
			w.Judged(&rest[i], &rules)
			still := limits.Certain(w, usual)
			if certain && !still {
				t.Fatalf("no longer certain after %d of %d: %+v", i+1, len(rest), w)
			}
			certain = still
		}
		if why := limits.Exceeds(w, usual); certain != why.IsZero() {
			t.Fatalf("all are judged, certain is %v: %q, %+v", certain, why, w)
		}
	})
}

// TestCertainOfEveryEnding: for each split of what is left into harmful, harmless and neither; and where all of it may
// be harmful and would hold the run, nothing is certain.
func TestCertainOfEveryEnding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := holdLimits(t)
		usual := rapid.SliceOfN(rapid.Float64Range(0, 0.3), 0, usualRuns).Draw(t, "usual")
		harmful := rapid.Int64Range(0, 100_000).Draw(t, "harmful")
		w := Weight{
			Harmful:    harmful,
			Open:       harmful + rapid.Int64Range(0, 300_000).Draw(t, "open"),
			HarmfulSum: rapid.Int64Range(0, 6000).Draw(t, "sum"),
		}
		w.Left = rapid.Int64Range(0, 40).Draw(t, "left")
		w.LeftSum = rapid.Int64Range(w.Left, 20*w.Left).Draw(t, "left sum")
		certain := limits.Certain(w, usual)
		for k := range w.Left + 1 {
			for j := range w.Left - k + 1 {
				for _, sum := range []int64{0, k, w.LeftSum - w.Left + k, w.LeftSum} {
					end := Weight{Harmful: w.Harmful + k, Open: w.Open + k + j, HarmfulSum: w.HarmfulSum + min(sum, w.LeftSum)}
					why := limits.Exceeds(end, usual)
					if certain && !why.IsZero() {
						t.Fatalf("%d harmful and %d harmless of %d: %s", k, j, w.Left, why)
					}
					if k == w.Left && sum == w.LeftSum && !certain && why.IsZero() {
						t.Fatalf("the worst end holds nothing: %+v", end)
					}
				}
			}
		}
	})
}

func TestCertain(t *testing.T) {
	limits := DefaultProject(testProject).Hold
	for _, tt := range []struct {
		name    string
		limits  HoldLimits
		weight  Weight
		usual   []float64
		certain bool
	}{
		{name: "an empty run", limits: limits, certain: true},
		{name: "a run too small to be held", limits: limits, weight: Weight{Left: 99, LeftSum: math.MaxInt64}, certain: true},
		{name: "nothing is known yet", limits: limits, weight: Weight{Left: 100}},
		{name: "half of it may still be harmful", limits: limits, weight: Weight{Open: 100, Left: 100}, certain: true},
		{name: "more than half of it may still be harmful", limits: limits, weight: Weight{Open: 99, Left: 100}},
		{name: "more than three times the usual", limits: limits, weight: Weight{Open: 1000, Left: 100}, usual: make([]float64, usualMinimum)},
		{name: "the sum may pass the limit", limits: HoldLimits{Count: 100, Sum: 1000}, weight: Weight{HarmfulSum: 900, Left: 1, LeftSum: 101}},
		{
			name:    "the sum cannot pass the limit",
			limits:  HoldLimits{Count: 100, Sum: 1000},
			weight:  Weight{HarmfulSum: 900, Left: 1, LeftSum: 100},
			certain: true,
		},
		{
			name:   "a sum beyond all numbers",
			limits: HoldLimits{Count: 100, Sum: 1000},
			weight: Weight{HarmfulSum: 900, Left: 2, LeftSum: math.MaxInt64},
		},
		{name: "more harm than could be done", limits: limits, weight: Weight{Harmful: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.limits.Certain(tt.weight, tt.usual); got != tt.certain {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	if m := median([]float64{3, 1, 2}); m != 2 {
		t.Errorf("odd: %v", m)
	}
	if m := median([]float64{4, 1, 2, 3}); m != 2.5 {
		t.Errorf("even: %v", m)
	}
}
