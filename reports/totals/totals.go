// Package totals adds up findings by outcome and currency, and compares such totals. Sums do not overflow.
//
// Totals.Add adds one finding to the totals. Compare compares the result with the totals of the database.
package totals

import (
	"cmp"
	"slices"

	"hhrecon/reconcile"
)

// Key identifies a total. There is one total for each outcome and currency.
type Key struct {
	Outcome  reconcile.Outcome
	Currency string
}

// KeyOf returns the key of a total, which is its outcome and currency.
func KeyOf(t *reconcile.Total) Key { return Key{t.Outcome, t.Currency} }

// Totals adds up findings by outcome and currency.
type Totals map[Key]*reconcile.Total

// Add adds a finding to the totals.
func (t Totals) Add(f *reconcile.Finding) {
	key := Key{f.Outcome, f.Currency}
	sum, ok := t[key]
	if !ok {
		sum = &reconcile.Total{Outcome: f.Outcome, Currency: f.Currency}
		t[key] = sum
	}
	sum.Count++
	sum.Amount.Add(f.Amount)
	if f.Compared() {
		sum.Compared++
		sum.ComparedAmount.Add(f.Amount)
		sum.InitialAmount.Add(f.InitialAmount)
		sum.OldAmount.Add(f.OldAmount)
		sum.PaidAmount.Add(f.PaidAmount)
	}
	countCorrection(sum, f.Correction)
	if f.Correction == reconcile.CorrectionDryRun {
		sum.DryRunAmount.Add(f.Amount)
	}
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
	case reconcile.CorrectionLocked:
		sum.Locked++
	}
}

// List returns the totals sorted by InOrder.
func (t Totals) List() []reconcile.Total {
	all := make([]reconcile.Total, 0, len(t))
	for _, sum := range t {
		all = append(all, *sum)
	}
	return InOrder(all)
}

// Count returns the number of findings in all totals.
func (t Totals) Count() int64 {
	var n int64
	for _, sum := range t {
		n += sum.Count
	}
	return n
}

// InOrder sorts totals for tables, by outcome and then by currency. Unknown outcomes come last.
func InOrder(all []reconcile.Total) []reconcile.Total {
	place := func(o reconcile.Outcome) int {
		if i := slices.Index(reconcile.Outcomes, o); i >= 0 {
			return i
		}
		return len(reconcile.Outcomes)
	}
	return slices.SortedFunc(slices.Values(all), func(a, b reconcile.Total) int {
		return cmp.Or(cmp.Compare(place(a.Outcome), place(b.Outcome)),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Currency, b.Currency))
	})
}

// Counts adds up the counts of totals, but not the amounts, because their currencies may differ.
func Counts(all []reconcile.Total) (sum reconcile.Total) {
	for i := range all {
		addCounts(&sum, &all[i])
	}
	return sum
}

func addCounts(sum, t *reconcile.Total) {
	sum.Count += t.Count
	sum.Compared += t.Compared
	sum.Applied += t.Applied
	sum.Superseded += t.Superseded
	sum.Held += t.Held
	sum.DryRun += t.DryRun
	sum.Refused += t.Refused
	sum.Locked += t.Locked
}

// ByCurrency adds up totals by currency, sorted by currency.
func ByCurrency(all []reconcile.Total) []reconcile.Total {
	return by(all, func(t *reconcile.Total) Key { return Key{Currency: t.Currency} })
}

// ByName replaces the currencies of totals with names, and adds up totals with the same outcome and name.
func ByName(all []reconcile.Total, name func(currency string) string) []reconcile.Total {
	return by(all, func(t *reconcile.Total) Key { return Key{t.Outcome, name(t.Currency)} })
}

func by(all []reconcile.Total, keyOf func(*reconcile.Total) Key) []reconcile.Total {
	sums := make(Totals)
	for i := range all {
		t, key := &all[i], keyOf(&all[i])
		sum, ok := sums[key]
		if !ok {
			sum = &reconcile.Total{Outcome: key.Outcome, Currency: key.Currency}
			sums[key] = sum
		}
		addCounts(sum, t)
		sum.Amount = sum.Amount.Plus(t.Amount)
		sum.ComparedAmount = sum.ComparedAmount.Plus(t.ComparedAmount)
		sum.InitialAmount = sum.InitialAmount.Plus(t.InitialAmount)
		sum.OldAmount = sum.OldAmount.Plus(t.OldAmount)
		sum.PaidAmount = sum.PaidAmount.Plus(t.PaidAmount)
		sum.DryRunAmount = sum.DryRunAmount.Plus(t.DryRunAmount)
	}
	return sums.List()
}

// CountByOutcome counts the payins of each outcome.
func CountByOutcome(all []reconcile.Total) map[reconcile.Outcome]int64 {
	counts := make(map[reconcile.Outcome]int64)
	for _, t := range all {
		counts[t.Outcome] += t.Count
	}
	return counts
}

// Heads lists the audit log heads of the runs with the project IDs, without duplicates and empty logs.
func Heads(runs []reconcile.Run) (heads []string) {
	for i := range runs {
		head := runs[i].ProjectID + " " + runs[i].Head.String()
		if runs[i].Head.Entries > 0 && !slices.Contains(heads, head) {
			heads = append(heads, head)
		}
	}
	return heads
}
