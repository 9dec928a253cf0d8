package workbook

import (
	"cmp"
	"slices"

	"hhrecon/reconcile"
)

// MostLargest is how many of the largest differences a summary names.
const MostLargest = 10

// largest keeps the findings whose A is furthest from M, the furthest first. Two that are equally far stand in
// the order of the findings.
type largest []reconcile.Finding

func (l *largest) add(f *reconcile.Finding) {
	if distance(f) == 0 {
		return
	}
	place, _ := slices.BinarySearchFunc(*l, distance(f), func(kept reconcile.Finding, d int64) int {
		return cmp.Or(cmp.Compare(d, distance(&kept)), -1)
	})
	if place < MostLargest {
		*l = slices.Insert(*l, place, *f)
		*l = (*l)[:min(len(*l), MostLargest)]
	}
}

// distance is how far A is from M, in thousandths of the currency's major unit, so that decimals do not
// make one currency look larger than another; 0 where the amounts were not compared.
func distance(f *reconcile.Finding) int64 {
	if !f.Compared() {
		return 0
	}
	d := max(f.PaidAmount-f.Amount, f.Amount-f.PaidAmount) // amounts are at most 10^13, see the rules
	exponent, _ := reconcile.Exponent(f.Currency)
	for ; exponent < 3; exponent++ {
		d *= 10
	}
	return d
}
