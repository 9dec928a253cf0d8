package reconcile

import (
	"fmt"
	"math"
	"slices"
)

// HoldLimits say when a run's harmful corrections are too many to be written without a person.
type HoldLimits struct {
	Count      int64   // fewer harmful corrections than this never hold a run by number
	Share      float64 // of the answered open payins
	TimesUsual float64 // of the project's usual share
	Sum        int64   // minor units of the harmful corrections' payins; 0: no limit
}

// Usual is how many complete runs make a project's usual share, and how few are too few for one.
const (
	usualRuns    = 14
	usualMinimum = 5
)

// Weight is what a run's verdicts come to. A sum beyond int64 stands as its largest value.
type Weight struct {
	Answered   int64 // payins with an answer, whatever it says
	Open       int64 // those of them that a correction could change: an open row, and an answer to go by
	Changes    int64 // corrections to be written
	Harmful    int64 // those into decline, error or dispute
	HarmfulSum int64 // the merchant's amounts of the harmful ones, in minor units

	Left    int64 // payins without a verdict yet; 0 once all are judged
	LeftSum int64 // the most that they can add to HarmfulSum: their amounts above zero
}

// Share is the part of the answered open payins that would be corrected harmfully. Final payins that were
// asked about again are no part of it: they would make harm look small.
func (w Weight) Share() float64 {
	if w.Open == 0 {
		return 0
	}
	return float64(w.Harmful) / float64(w.Open)
}

// Exceeds tells why a run must be held; the zero Reason: it need not be. The
// usual shares are those of the project's last complete runs.
func (l HoldLimits) Exceeds(w Weight, usual []float64) Reason {
	if l.Sum > 0 && w.HarmfulSum > l.Sum {
		return Because("hold.sum", w.HarmfulSum, l.Sum)
	}
	if w.Harmful < l.Count {
		return Reason{}
	}
	if w.Share() > l.Share {
		return Because("hold.share", w.Harmful, w.Open, fmt.Sprintf("%.0f", l.Share*100))
	}
	if len(usual) < usualMinimum {
		return Reason{}
	}
	if m := median(usual); w.Share() > l.TimesUsual*m {
		return Because("hold.times_usual", fmt.Sprintf("%.1f", w.Share()*100), fmt.Sprint(l.TimesUsual), fmt.Sprintf("%.1f", m*100))
	}
	return Reason{}
}

// Certain tells whether nothing that the payins without a verdict can still come to would hold the run: it is not
// held even if all of them turn out harmful. That is the worst, whatever becomes of them, because each of the
// limits is only ever passed upwards:
//
//   - A payin adds its amount to the sum if it is harmful, and nothing otherwise; LeftSum has no amount below zero.
//   - A payin adds one to the harmful ones, or nothing; fewer than Count of them hold no run by number.
//   - A harmful payin adds one to Harmful and to Open, another answered one to Open alone, and one that ends without
//     an answer to go by, or whose row was final already, to neither. Since Harmful is part of Open,
//     (Harmful+k)/(Open+k+j) grows with k and shrinks with j: it is largest with k = Left and j = 0.
//
// So once it is true it stays true, with the same limits and usual shares, up to the run's end.
func (l HoldLimits) Certain(w Weight, usual []float64) bool {
	if w.Harmful > w.Open {
		return false // no weight of a run's verdicts
	}
	return l.Exceeds(Weight{
		Open: plus(w.Open, w.Left), Harmful: plus(w.Harmful, w.Left), HarmfulSum: plus(w.HarmfulSum, w.LeftSum),
	}, usual).IsZero()
}

// Judged moves a payin from those that are left to those that have a verdict. The finding's row and verdict are
// what counts.
func (w *Weight) Judged(f *Finding, r *Rules) {
	switch w.Left--; {
	case w.Left == 0:
		w.LeftSum = 0
	case w.LeftSum != math.MaxInt64: // of which nobody knows how much more it is
		w.LeftSum -= max(0, f.Amount)
	}
	if f.Answered() {
		w.Answered++
	}
	if f.Outcome.Trusted() && f.Outcome != NotFound && !r.isFinal(f.Status) {
		w.Open++
	}
	if f.Changes {
		w.Changes++
	}
	if f.Harmful {
		w.Harmful++
		w.HarmfulSum = plus(w.HarmfulSum, f.Amount)
	}
}

// plus adds up to the largest or smallest number there is. The largest stands for more than can be said, so what it is
// part of is no less.
func plus(a, b int64) int64 {
	switch {
	case a == math.MaxInt64 || b == math.MaxInt64 || a > 0 && b > math.MaxInt64-a:
		return math.MaxInt64
	case a < 0 && b < math.MinInt64-a:
		return math.MinInt64
	}
	return a + b
}

func median(shares []float64) float64 {
	s := slices.Sorted(slices.Values(shares))
	half := len(s) / 2
	if len(s)%2 == 1 {
		return s[half]
	}
	return (s[half-1] + s[half]) / 2
}
