package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Policy says what a success with another amount does to the merchant's row.
type Policy string

// The policies. Hold is the default: a row that said plain success would credit M when A arrived.
const (
	Hold   Policy = "hold"   // dispute / different_amount with settled amount A; a person decides
	Accept Policy = "accept" // success with settled amount A
)

// Project is one HighHelp cash register with the rules and limits of its runs.
type Project struct {
	ID              string
	Name            string
	DifferentAmount Policy
	AcceptWithin    *AcceptWithin     // what the policy accept accepts; nil: the default
	Window          time.Duration     // how far back open payins are asked about
	MinAge          time.Duration     // younger ones are still being paid
	Grace           time.Duration     // after expiry, before a payin counts as overdue
	Recheck         time.Duration     // how far back final payins are asked about again; 0 is not at all
	RecheckLimit    int64             // at most so many of them
	Concurrency     int               // payins asked about at once
	StatusMap       map[string]string // HighHelp's word to the merchant's word
	Open            []string          // the merchant's words for open payins beside those of corrections; nil: the default
	Hold            HoldLimits
	HoldClasses     map[Class]HoldLimits // of single classes, in place of Hold
	Zone            *time.Location       // of local dates; nil is UTC
	Outage          BreakerLimits

	SuccessSubStatuses []string // that a success may have, beside none
}

// DefaultProject returns the settings of a project about which nothing else is said.
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

// Rules returns what Judge needs to know of the project for a run that started at the given moment.
func (p Project) Rules(startedAt time.Time) Rules {
	return Rules{
		Now: startedAt, Grace: p.Grace, DifferentAmount: p.DifferentAmount, StatusMap: p.StatusMap,
		SuccessSubStatuses: p.SuccessSubStatuses, AcceptWithin: p.AcceptWithin, OpenStatuses: p.Open,
	}
}

// HoldLimits are the limits of a class of corrections.
func (p *Project) HoldLimits(c Class) HoldLimits {
	if limits, ok := p.HoldClasses[c]; ok {
		return limits
	}
	return p.Hold
}

// openWords and finalWords are the words of the merchant's table.
var (
	openWords  = []string{"new", "pending", "processing", "dispute", "error"}
	finalWords = []string{"success", "decline"}
)

// OpenStatuses lists the merchant's words under which a payin is open: those of the settings, or of the default table,
// and what the status map makes of HighHelp's words that are not final.
func (p Project) OpenStatuses() []string {
	final, words := p.FinalStatuses(), p.Open
	if words == nil {
		words = openWords
	}
	return p.statuses(words, []string{"processing", "dispute", "error"}, func(word string) bool {
		return !slices.Contains(final, word)
	})
}

// FinalStatuses lists the merchant's words under which a payin is final.
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

// BreakerLimits say when HighHelp counts as down, and how long a run waits for it.
type BreakerLimits struct {
	Share   float64       // of the last Of payins without a usable answer
	Sample  int           // fewer tell nothing
	Pause   time.Duration // before HighHelp is tried again, with one payin
	MaxWait time.Duration // the run asks no more, once it has waited so long
}
