package reconcile

import (
	"strings"
	"testing"
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
		{name: "many, and more than half", limits: limits, weight: Weight{Open: 199, Harmful: 100}, why: "100 of 199"},
		{name: "many, and exactly half", limits: limits, weight: Weight{Open: 200, Harmful: 100}},
		{name: "many, far above the usual", limits: limits, weight: Weight{Open: 1000, Harmful: 100}, usual: quiet, why: "more than 3 times the usual 2.0 %"},
		{name: "exactly three times the usual", limits: limits, weight: Weight{Open: 10000, Harmful: 600}, usual: quiet},
		{name: "too few nights for a usual share", limits: limits, weight: Weight{Open: 1000, Harmful: 100}, usual: quiet[:4]},
		{name: "few, though far above the usual", limits: limits, weight: Weight{Open: 500, Harmful: 99}, usual: quiet},
		{name: "nights without any", limits: limits, weight: Weight{Open: 1000000, Harmful: 100}, usual: make([]float64, 14), why: "usual 0.0 %"},
		{name: "no limit to the sum unless set", limits: limits, weight: Weight{Open: 10, Harmful: 1, HarmfulSum: 1 << 60}},
		{name: "a sum above the limit", limits: HoldLimits{Count: 100, Share: 0.5, TimesUsual: 3, Sum: 1000}, weight: Weight{Open: 10, Harmful: 1, HarmfulSum: 1001}, why: "hold_above_sum 1000"},
		{name: "a sum at the limit", limits: HoldLimits{Count: 100, Share: 0.5, TimesUsual: 3, Sum: 1000}, weight: Weight{Open: 10, Harmful: 1, HarmfulSum: 1000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.limits.Exceeds(tt.weight, tt.usual)
			if (got == "") != (tt.why == "") || !strings.Contains(got, tt.why) {
				t.Errorf("got %q, want %q", got, tt.why)
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
