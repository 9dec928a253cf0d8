package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"hhrecon/highhelp"
)

// Policy decides what is written into the merchant's row for a success with a different amount.
type Policy string

// Policies for a different amount. M is the amount in the merchant's row, and A is the amount that the customer paid.
// The default is Hold, because a plain success would credit M although A was paid.
const (
	Hold   Policy = "hold"   // writes dispute / different_amount and the settled amount A until a person decides
	Accept Policy = "accept" // writes success and the settled amount A
)

// Project is a HighHelp project with the rules and limits of its runs.
type Project struct {
	ID              string
	Name            string
	DifferentAmount Policy
	AcceptWithin    *AcceptWithin     // limits of the policy "accept"; nil means the default
	Window          time.Duration     // maximum age of the open payins that a run queries
	MinAge          time.Duration     // payins younger than this are skipped, because their customers may still be paying
	Grace           time.Duration     // time after expiry until a payin counts as overdue
	Recheck         time.Duration     // maximum age of final payins to check again; 0 means none
	RecheckLimit    int64             // the largest number of final payins that a run checks again
	Concurrency     int               // number of concurrent requests
	StatusMap       map[string]string // maps HighHelp's statuses to the merchant's statuses
	// the merchant's statuses of open payins, in addition to those of the status map; nil means the default
	Open        []string
	Final       FinalStatuses
	Shadow      bool // all runs are dry runs that are reported like other runs, and actions are refused
	Hold        HoldLimits
	HoldClasses map[Class]HoldLimits // limits of single classes of corrections, which replace Hold
	Zone        *time.Location       // for local dates; nil means UTC
	Outage      BreakerLimits

	SuccessSubStatuses []string // allowed sub-statuses of a success; a success without a sub-status is always allowed
}

// Label is the project's name, or its id if it has no name.
func (p *Project) Label() string { return cmp.Or(p.Name, p.ID) }

// DefaultProject returns a project with the default settings.
func DefaultProject(id string) Project {
	return Project{
		ID:              id,
		DifferentAmount: Hold,
		AcceptWithin:    &AcceptWithin{BasisPoints: 1000},
		Window:          720 * time.Hour,
		MinAge:          15 * time.Minute,
		Grace:           15 * time.Minute,
		Recheck:         24 * time.Hour,
		RecheckLimit:    50_000,
		Concurrency:     32,
		Hold:            HoldLimits{Count: 10, Share: 0.5, TimesUsual: 3},
		Outage:          BreakerLimits{Share: 0.5, Sample: 50, Pause: 30 * time.Second, MaxWait: 30 * time.Minute},
	}
}

// Rules returns the rules for a run that starts at a given time.
func (p Project) Rules(startedAt time.Time) Rules {
	return Rules{Now: startedAt, Grace: p.Grace, DifferentAmount: p.DifferentAmount, StatusMap: p.StatusMap,
		SuccessSubStatuses: p.SuccessSubStatuses, AcceptWithin: p.AcceptWithin, OpenStatuses: p.Open,
		FinalStatuses: p.Final, Shadow: p.Shadow}
}

// HoldLimits returns the limits of a class of corrections.
func (p *Project) HoldLimits(c Class) HoldLimits {
	if limits, ok := p.HoldClasses[c]; ok {
		return limits
	}
	return p.Hold
}

// The default statuses of the merchant's table.
var (
	defaultOpen  = []string{"new", "pending", "processing", "dispute", "error"}
	defaultFinal = []string{"success", "decline"}
)

// OpenStatuses lists the merchant's statuses of open payins. The statuses come from the settings or the defaults, and
// from the status map.
func (p Project) OpenStatuses() []string {
	final, open := p.FinalStatuses(), p.Open
	if open == nil {
		open = defaultOpen
	}
	return p.statuses(open, []string{"processing", "dispute", "error"}, func(status string) bool {
		return !slices.Contains(final, status)
	})
}

// FinalStatuses lists the merchant's statuses of final payins.
func (p Project) FinalStatuses() []string {
	final := slices.Concat(defaultFinal, p.Final.Success, p.Final.Decline)
	return p.statuses(final, defaultFinal, func(string) bool { return true })
}

// SuccessStatuses lists the merchant's statuses that mean HighHelp's success.
func (p Project) SuccessStatuses() []string {
	success := slices.Concat(defaultFinal[:1], p.Final.Success)
	return p.statuses(success, defaultFinal[:1], func(string) bool { return true })
}

// FinalStatuses lists statuses of the merchant's table that also stand for HighHelp's success or decline. Corrections
// write only the statuses of the status map.
type FinalStatuses struct {
	Success []string `json:"success,omitempty" yaml:"success"`
	Decline []string `json:"decline,omitempty" yaml:"decline"`
}

// Of returns the list for a status of HighHelp. The list is nil for all statuses except success and decline.
func (f *FinalStatuses) Of(theirs string) []string {
	switch theirs {
	case highhelp.StatusSuccess:
		return f.Success
	case highhelp.StatusDecline:
		return f.Decline
	}
	return nil
}

func (p Project) statuses(ours, theirs []string, keep func(string) bool) []string {
	set := make(map[string]struct{})
	for _, status := range ours {
		set[status] = struct{}{}
	}
	for _, status := range theirs {
		set[cmp.Or(p.StatusMap[status], status)] = struct{}{}
	}
	statuses := slices.Sorted(maps.Keys(set))
	return slices.DeleteFunc(statuses, func(status string) bool { return !keep(status) })
}

// BreakerLimits are the limits of the circuit breaker, which stops the queries of a run while HighHelp is unavailable.
type BreakerLimits struct {
	Share   float64       // if this share of the latest payins has no usable answer, the breaker opens
	Sample  int           // number of latest payins that Share applies to; with fewer payins the breaker stays closed
	Pause   time.Duration // time until HighHelp is probed again with one payin
	MaxWait time.Duration // time after which the run stops querying
}
