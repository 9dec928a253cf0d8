package totals

import (
	"fmt"

	"hhrecon/reconcile"
)

// Compare compares the totals of a report with the totals of the database. The error names the kind of report and the
// first figure that differs.
func Compare(kind string, ours, theirs []reconcile.Total) error {
	left := make(map[Key]reconcile.Total)
	for _, total := range theirs {
		left[KeyOf(&total)] = total
	}
	for _, total := range ours {
		if err := compare(kind, total, left[KeyOf(&total)]); err != nil {
			return err
		}
		delete(left, KeyOf(&total))
	}
	for _, total := range InOrder(theirs) {
		if missing, ok := left[KeyOf(&total)]; ok {
			if err := compare(kind, reconcile.Total{Outcome: missing.Outcome, Currency: missing.Currency}, missing); err != nil {
				return err
			}
		}
	}
	return nil
}

func compare(kind string, ours, theirs reconcile.Total) error {
	count := func(n int64) reconcile.Sum { return reconcile.SumOf(n) }
	for _, figure := range [...]struct {
		name         string
		ours, theirs reconcile.Sum
		money        bool
	}{
		{"payins", count(ours.Count), count(theirs.Count), false},
		{"the sum of the merchant's amounts", ours.Amount, theirs.Amount, true},
		{"compared payins", count(ours.Compared), count(theirs.Compared), false},
		{"the sum of the compared merchant's amounts", ours.ComparedAmount, theirs.ComparedAmount, true},
		{"the sum of the initial amounts", ours.InitialAmount, theirs.InitialAmount, true},
		{"the sum of the old amounts", ours.OldAmount, theirs.OldAmount, true},
		{"the sum of the paid amounts", ours.PaidAmount, theirs.PaidAmount, true},
		{"applied corrections", count(ours.Applied), count(theirs.Applied), false},
		{"superseded corrections", count(ours.Superseded), count(theirs.Superseded), false},
		{"held corrections", count(ours.Held), count(theirs.Held), false},
		{"refused corrections", count(ours.Refused), count(theirs.Refused), false},
		{"locked corrections", count(ours.Locked), count(theirs.Locked), false},
		{"corrections of a dry run", count(ours.DryRun), count(theirs.DryRun), false},
		{"the sum of the corrections of a dry run", ours.DryRunAmount, theirs.DryRunAmount, true},
	} {
		if figure.ours == figure.theirs {
			continue
		}
		one, other := figure.ours.String(), figure.theirs.String()
		if figure.money {
			one, other = reconcile.FormatSum(figure.ours, ours.Currency), reconcile.FormatSum(figure.theirs, ours.Currency)
		}
		return fmt.Errorf("the totals of the %s do not agree: %s in %s: %s: %s in the findings, %s in the database's totals",
			kind, ours.Outcome, ours.Currency, figure.name, one, other)
	}
	return nil
}
