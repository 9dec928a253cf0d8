package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Policy is what a success with a different amount writes into the merchant's row.
type Policy string

// The policies. Hold is the default: a plain success would credit M although A arrived.
const (
	Hold   Policy = "hold"   // dispute / different_amount with settled amount A, until a person decides
	Accept Policy = "accept" // success with settled amount A
)

// Project is a HighHelp project with the rules and limits of its runs.
type Project struct {
	ID              string
	Name            string
	DifferentAmount Policy
	AcceptWithin    *AcceptWithin     // limits of the policy "accept"; nil means the default
	Window          time.Duration     // how far back open payins are queried
	MinAge          time.Duration     // younger payins are still being paid, and are skipped
	Grace           time.Duration     // time after expiry before a payin counts as overdue
	Recheck         time.Duration     // how far back final payins are checked again; 0: never
	RecheckLimit    int64             // the largest number of final payins that a run checks again
	Concurrency     int               // requests in flight at once
	StatusMap       map[string]string // from HighHelp's status to the merchant's
	// the merchant's statuses of open payins, in addition to those of the status map; nil means the default
	Open        []string
	Hold        HoldLimits
	HoldClasses map[Class]HoldLimits // limits of single classes, instead of Hold
	Zone        *time.Location       // of local dates; nil means UTC
	Outage      BreakerLimits

	SuccessSubStatuses []string // allowed sub-statuses of a success; none is always allowed
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
		SuccessSubStatuses: p.SuccessSubStatuses, AcceptWithin: p.AcceptWithin, OpenStatuses: p.Open}
}

// HoldLimits returns the limits of a class.
func (p *Project) HoldLimits(c Class) HoldLimits {
	if limits, ok := p.HoldClasses[c]; ok {
		return limits
	}
	return p.Hold
}

// openWords and finalWords are the default statuses of the merchant's table.
var (
	openWords  = []string{"new", "pending", "processing", "dispute", "error"}
	finalWords = []string{"success", "decline"}
)

// OpenStatuses lists the merchant's statuses of open payins: from the settings or the defaults, and what the status map
// makes of HighHelp's open statuses.
func (p Project) OpenStatuses() []string {
	final, words := p.FinalStatuses(), p.Open
	if words == nil {
		words = openWords
	}
	return p.statuses(words, []string{"processing", "dispute", "error"}, func(word string) bool {
		return !slices.Contains(final, word)
	})
}

// FinalStatuses lists the merchant's statuses of final payins.
func (p Project) FinalStatuses() []string {
	return p.statuses(finalWords, finalWords, func(string) bool { return true })
}

func (p Project) statuses(ours, theirs []string, keep func(string) bool) []string {
	set := make(map[string]struct{})
	for _, word := range ours {
		set[word] = struct{}{}
	}
	for _, word := range theirs {
		set[cmp.Or(p.StatusMap[word], word)] = struct{}{}
	}
	words := slices.Sorted(maps.Keys(set))
	return slices.DeleteFunc(words, func(word string) bool { return !keep(word) })
}

// BreakerLimits say when the circuit breaker opens, and how long a run waits for HighHelp.
type BreakerLimits struct {
	Share   float64       // the share of the last Sample payins without a usable answer that opens the breaker
	Sample  int           // with fewer payins the breaker stays closed
	Pause   time.Duration // time before HighHelp is probed again with one payin
	MaxWait time.Duration // time after which the run stops querying
}
