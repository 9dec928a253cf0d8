package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"hhrecon/highhelp/sandbox"
	"hhrecon/reconcile"
)

// runOutcome is the result of a closed run.
type runOutcome struct {
	run      reconcile.Run
	totals   []reconcile.Total
	workbook string // name of the workbook's file
}

// corrections counts corrections by result.
type corrections struct{ applied, others int64 }

// expectation is the expected result of a run over the sample payins.
type expectation struct {
	outcomes map[string]int64
	changes  int64 // number of corrected rows
}

func (e *expectation) add(s *sandbox.Sample, row *reconcile.Payin) {
	if s.Outcome == "" {
		return
	}
	e.outcomes[s.Outcome]++
	if after, corrected := after(s); corrected && after != (stateOf{row.Status, row.SubStatus, row.SettledAmount}) {
		e.changes++
	}
}

// stateOf contains the values of a merchant's row that a run may change.
type stateOf struct {
	status, subStatus string
	settled           int64
}

// after returns the expected state of a sample's row after the run, and whether the run may write the row.
func after(s *sandbox.Sample) (stateOf, bool) {
	g := s.Gateway
	switch reconcile.Outcome(s.Outcome) {
	case reconcile.NotFound, reconcile.Unverifiable, reconcile.Unreachable, reconcile.Reversed:
		return stateOf{}, false
	case reconcile.Confirmed:
		return stateOf{g.Status, g.SubStatus, g.Amount}, true
	case reconcile.DifferentAmount:
		if g.Status == "success" { // a person must decide about this row
			return stateOf{"dispute", "different_amount", g.Amount}, true
		}
	}
	settled := int64(0)
	if s.Merchant.SettledAmount != nil {
		settled = *s.Merchant.SettledAmount
	}
	return stateOf{g.Status, g.SubStatus, settled}, true
}

// check returns an error if the run differs from the expectation. The benchmark then prints no speed, because the speed
// of an incorrect run has no meaning.
func (e *expectation) check(r *runOutcome) error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("the run has a wrong result: "+format, args...))
		}
	}
	found, findings, selected := map[string]int64{}, int64(0), int64(0)
	var written corrections
	for _, t := range r.totals {
		found[string(t.Outcome)] += t.Count
		findings += t.Count
		written.applied += t.Applied
		written.others += t.Superseded + t.Refused + t.Locked + t.Held + t.DryRun
	}
	for n := range maps.Values(e.outcomes) {
		selected += n
	}
	expected := reconcile.ResultComplete
	if e.outcomes[string(reconcile.Unverifiable)]+e.outcomes[string(reconcile.Unreachable)] > 0 {
		expected = reconcile.ResultPartial
	}
	headline := r.run.ResultStatus()
	fault(headline != expected, "its state is %s: %s", headline, r.run.Shortfall())
	fault(r.run.Selected != selected || findings != selected,
		"of %d payins %d were selected, and %d have findings", selected, r.run.Selected, findings)
	for _, outcome := range slices.Sorted(maps.Keys(e.outcomes)) {
		fault(found[outcome] != e.outcomes[outcome],
			"%d payins are %s, want %d", found[outcome], outcome, e.outcomes[outcome])
	}
	fault(written != corrections{applied: e.changes}, "want %d corrected rows, got %+v", e.changes, written)
	fault(r.workbook == "", "no workbook")
	return errors.Join(faults...)
}
