package reconcile

import "time"

// Step is how a payin's standing changed from one whole run to the next.
type Step string

// The steps, in the order in which reports show them.
const (
	StepNew       Step = "new"        // open now, and never seen before
	StepStillOpen Step = "still_open" // open, or reversed and to be decided, after both runs
	StepCameBack  Step = "came_back"  // open or reversed now, after it was final or out of sight
	StepSettled   Step = "settled"    // was open, and is final after this run
	StepOvertaken Step = "overtaken"  // was open, and somebody else changed it before this run did
)

// Steps lists every step in that order.
var Steps = []Step{StepNew, StepStillOpen, StepCameBack, StepSettled, StepOvertaken}

// Standing is how a payin stands after a run, beside how it stood after the project's whole run before.
type Standing struct {
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

// Step tells what happened between the runs, by this run's rules; "" where nothing is to be told, as of
// a payin that was settled at first sight.
func (r *Rules) Step(p *Standing) Step {
	wasOpen := p.StatusThen != "" && !r.isFinal(p.StatusThen)
	wasReversed := p.OutcomeThen == Reversed && !p.Decided // it waited for a person then
	isOpen := p.Status != "" && (!r.isFinal(p.Status) || p.Outcome == Reversed && !p.Decided)
	switch {
	case wasOpen && (p.Status == "" || p.Correction == CorrectionSuperseded):
		return StepOvertaken
	case (wasOpen || wasReversed) && isOpen:
		return StepStillOpen
	case wasOpen || wasReversed && p.Status != "":
		return StepSettled
	case isOpen && (p.StatusThen != "" || p.Earlier):
		return StepCameBack
	case isOpen:
		return StepNew
	}
	return ""
}
