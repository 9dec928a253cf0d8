package reconcile

import (
	"fmt"
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

// Weight is what a run's corrections come to, before any is written.
type Weight struct {
	Answered   int64 // payins with an answer, whatever it says
	Open       int64 // those of them that a correction could change: an open row, and an answer to go by
	Changes    int64 // corrections to be written
	Harmful    int64 // those into decline, error or dispute
	HarmfulSum int64 // the merchant's amounts of the harmful ones, in minor units
}

// Share is the part of the answered open payins that would be corrected harmfully. Final payins that were
// asked about again are no part of it: they would make harm look small.
func (w Weight) Share() float64 {
	if w.Open == 0 {
		return 0
	}
	return float64(w.Harmful) / float64(w.Open)
}

// Exceeds tells why a run must be held, in one sentence, or returns "" where it need not be. The
// usual shares are those of the project's last complete runs.
func (l HoldLimits) Exceeds(w Weight, usual []float64) string {
	if l.Sum > 0 && w.HarmfulSum > l.Sum {
		return fmt.Sprintf("the payins to be declined, rejected or disputed sum up to %d minor units, above hold_above_sum %d", w.HarmfulSum, l.Sum)
	}
	if w.Harmful < l.Count {
		return ""
	}
	if w.Share() > l.Share {
		return fmt.Sprintf("%d of %d answered open payins would be declined, rejected or disputed, more than the share of %.0f %%",
			w.Harmful, w.Open, l.Share*100)
	}
	if len(usual) < usualMinimum {
		return ""
	}
	if m := median(usual); w.Share() > l.TimesUsual*m {
		return fmt.Sprintf("%.1f %% of the answered open payins would be declined, rejected or disputed, more than %g times the usual %.1f %%",
			w.Share()*100, l.TimesUsual, m*100)
	}
	return ""
}

func median(shares []float64) float64 {
	s := slices.Sorted(slices.Values(shares))
	half := len(s) / 2
	if len(s)%2 == 1 {
		return s[half]
	}
	return (s[half-1] + s[half]) / 2
}
