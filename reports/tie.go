package reports

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"hhrecon/reconcile"
)

// errOverflow is a sum beyond int64; a wrong one is never shown.
var errOverflow = errors.New("a sum of amounts is too large for 64 bits")

// part is what totals are kept apart by.
type part struct {
	outcome  reconcile.Outcome
	currency string
}

// tally adds up findings as they are streamed.
type tally map[part]*reconcile.Total

func (t tally) add(f *reconcile.Finding) error {
	key := part{f.Outcome, f.Currency}
	sum, ok := t[key]
	if !ok {
		sum = &reconcile.Total{Outcome: f.Outcome, Currency: f.Currency}
		t[key] = sum
	}
	sum.Count++
	fits := plus(&sum.Amount, f.Amount)
	if f.Compared() {
		sum.Compared++
		fits = fits && plus(&sum.ComparedAmount, f.Amount) && plus(&sum.InitialAmount, f.InitialAmount) &&
			plus(&sum.OldAmount, f.OldAmount) && plus(&sum.PaidAmount, f.PaidAmount)
	}
	if !fits {
		return fmt.Errorf("%s in %s: %w", f.Outcome, f.Currency, errOverflow)
	}
	countCorrection(sum, f.Correction)
	return nil
}

func countCorrection(sum *reconcile.Total, c reconcile.Correction) {
	switch c {
	case reconcile.CorrectionApplied:
		sum.Applied++
	case reconcile.CorrectionSuperseded:
		sum.Superseded++
	case reconcile.CorrectionHeld:
		sum.Held++
	case reconcile.CorrectionDryRun:
		sum.DryRun++
	case reconcile.CorrectionRefused:
		sum.Refused++
	}
}

// totals lists what was added up.
func (t tally) totals() []reconcile.Total {
	totals := make([]reconcile.Total, 0, len(t))
	for _, sum := range t {
		totals = append(totals, *sum)
	}
	return InOrder(totals)
}

func (t tally) count() int64 {
	var n int64
	for _, sum := range t {
		n += sum.Count
	}
	return n
}

func (t tally) tie(kind string, s *subject) error { return tie(kind, t.totals(), s.totals, s) }

// tie compares what was added up here with what the database added up by itself, and a closed run's
// findings with the payins that it selected. The kind of report goes into the error.
func tie(kind string, ours, theirs []reconcile.Total, s *subject) error {
	left := make(map[part]reconcile.Total)
	for _, total := range theirs {
		left[part{total.Outcome, total.Currency}] = total
	}
	for _, total := range ours {
		key := part{total.Outcome, total.Currency}
		if err := sameTotal(kind, total, left[key]); err != nil {
			return err
		}
		delete(left, key)
	}
	for _, missing := range InOrder(slices.Collect(maps.Values(left))) {
		if err := sameTotal(kind, reconcile.Total{Outcome: missing.Outcome, Currency: missing.Currency}, missing); err != nil {
			return err
		}
	}
	if run, count := s.run, Sum(ours).Count; run != nil && closed(run) && s.whole() && count != run.Selected {
		return fmt.Errorf("the %s does not tie: run %d selected %d payins, its findings are %d", kind, run.ID, run.Selected, count)
	}
	return nil
}

// sameTotal names the first figure of an outcome and currency that is not the same on both sides.
func sameTotal(kind string, ours, theirs reconcile.Total) error {
	for _, figure := range [...]struct {
		name         string
		ours, theirs int64
		money        bool
	}{
		{"payins", ours.Count, theirs.Count, false},
		{"the sum of the merchant's amounts", ours.Amount, theirs.Amount, true},
		{"compared payins", ours.Compared, theirs.Compared, false},
		{"the sum of the compared merchant's amounts", ours.ComparedAmount, theirs.ComparedAmount, true},
		{"the sum of the initial amounts", ours.InitialAmount, theirs.InitialAmount, true},
		{"the sum of the old amounts", ours.OldAmount, theirs.OldAmount, true},
		{"the sum of the paid amounts", ours.PaidAmount, theirs.PaidAmount, true},
		{"applied corrections", ours.Applied, theirs.Applied, false},
		{"superseded corrections", ours.Superseded, theirs.Superseded, false},
		{"held corrections", ours.Held, theirs.Held, false},
		{"refused corrections", ours.Refused, theirs.Refused, false},
		{"corrections of a dry run", ours.DryRun, theirs.DryRun, false},
	} {
		if figure.ours == figure.theirs {
			continue
		}
		one, other := fmt.Sprint(figure.ours), fmt.Sprint(figure.theirs)
		if figure.money {
			one, other = reconcile.FormatAmount(figure.ours, ours.Currency), reconcile.FormatAmount(figure.theirs, ours.Currency)
		}
		return fmt.Errorf("the %s does not tie: %s in %s: %s: %s in the findings, %s in the totals",
			kind, ours.Outcome, ours.Currency, figure.name, one, other)
	}
	return nil
}

// plus adds n to a sum and tells whether it fits.
func plus(sum *int64, n int64) bool {
	before := *sum
	*sum += n
	return (*sum > before) == (n > 0) || n == 0
}
