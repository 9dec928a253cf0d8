package config

import (
	"fmt"

	"hhrecon/reconcile"
)

// ChangedDefaults describes the defaults that have changed since the last run, if an earlier version of hhrecon
// executed that run. ChangedDefaults omits defaults that the project overrides.
func (p Project) ChangedDefaults(last *reconcile.Run) (changed []string) {
	if last.Rules.AcceptWithin != nil { // runs of this version always store AcceptWithin
		return nil
	}
	note := func(setting string, set bool, was, is any) {
		if !set && fmt.Sprint(was) != fmt.Sprint(is) {
			changed = append(changed, fmt.Sprintf("%s was %v and is %v", setting, was, is))
		}
	}
	hold := p.Entry.HoldAbove
	note("hold_above count", hold.Count != nil, 100, p.Hold.Count)
	note("hold_above share", hold.Share != nil, 0.5, p.Hold.Share)
	note("hold_above times_usual", hold.TimesUsual != nil, 3, p.Hold.TimesUsual)
	note("recheck", p.Entry.Recheck != "", "0s", p.Recheck)
	if within := p.AcceptWithin; within != nil {
		note("accept_within", p.Entry.AcceptWithin != (AcceptEntry{}), "without limit",
			fmt.Sprintf("%d.%02d %% of the merchant's amount", within.BasisPoints/100, within.BasisPoints%100))
	}
	return changed
}
