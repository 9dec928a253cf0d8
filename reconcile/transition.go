package reconcile

import "time"

// TransitionKind is how a payin's standing changed from one whole run to the next.
type TransitionKind string

// The steps, in the order in which reports show them.
const (
	TransitionNew       TransitionKind = "new"        // open now, and never seen before
	TransitionStillOpen TransitionKind = "still_open" // open, or reversed and to be decided, after both runs
	TransitionCameBack  TransitionKind = "came_back"  // open or reversed now, after it was final or out of sight
	TransitionSettled   TransitionKind = "settled"    // was open, and is final after this run
	TransitionOvertaken TransitionKind = "overtaken"  // was open, and somebody else changed it before this run did
)

// TransitionKinds lists every step in that order.
var TransitionKinds = []TransitionKind{TransitionNew, TransitionStillOpen, TransitionCameBack, TransitionSettled,
	TransitionOvertaken}

// Transition is how a payin stands after a run, beside how it stood after the project's whole run before.
type Transition struct {
	PaymentID   string
	Currency    string
	Amount      int64 // M, in minor units
	CreatedAt   time.Time
	Outcome     Outcome // of the later run that asked about it
	Correction  Correction
	Status      string  // of the row after this run; "" where this run did not ask about it
	StatusThen  string  // of the row after the run before; "" where that did not ask about it
	OutcomeThen Outcome // of the run before
	Decided     bool    // a person decided about a reversed payin
	Earlier     bool    // an earlier run than that asked about it
}

// TransitionKind tells what happened between the runs, by this run's rules; "" where nothing is to be told, as of
// a payin that was settled at first sight.
func (r *Rules) TransitionKind(p *Transition) TransitionKind {
	wasOpen := p.StatusThen != "" && !r.isFinal(p.StatusThen)
	wasReversed := p.OutcomeThen == Reversed && !p.Decided // it waited for a person then
	isOpen := p.Status != "" && (!r.isFinal(p.Status) || p.Outcome == Reversed && !p.Decided)
	switch {
	case wasOpen && (p.Status == "" || p.Correction == CorrectionSuperseded):
		return TransitionOvertaken
	case (wasOpen || wasReversed) && isOpen:
		return TransitionStillOpen
	case wasOpen || wasReversed && p.Status != "":
		return TransitionSettled
	case isOpen && (p.StatusThen != "" || p.Earlier):
		return TransitionCameBack
	case isOpen:
		return TransitionNew
	}
	return ""
}
