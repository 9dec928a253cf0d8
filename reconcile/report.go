package reconcile

import (
	"context"
	"iter"
	"time"
)

// Change is what a correction says of a payin, beside what its readers were told before.
type Change struct {
	ProjectID string
	PaymentID string
	Was, Is   Reported // Was.RunID is 0 where they were told nothing
}

// Reported is what a report told of a payin. All amounts are minor units of Currency.
type Reported struct {
	RunID         int64
	Currency      string
	Amount        int64 // M
	Outcome       Outcome
	PaidAmount    int64 // A; 0 where there was none
	SettledAmount int64 // of the row as the run leaves it; 0 where there is none
}

// DailyTotals is what the whole runs of one local day found. Where a project had several that day, a payin counts once,
// with the last word on it; where several projects had one, their payins are added up.
type DailyTotals struct {
	Day    time.Time // the midnight at which it began
	Runs   int64
	Counts map[Outcome]int64 // payins; an outcome that did not occur is not there
}

// Payins is how many payins the night has.
func (n *DailyTotals) Payins() int64 {
	var all int64
	for _, count := range n.Counts {
		all += count
	}
	return all
}

// Report is what people are sent, in one edition: the report itself, or a correction to it that has the
// differences only. What editions of one base cover together is what its readers have been told.
type Report struct {
	ID      int64
	BaseID  int64 // the report that it corrects; its own ID where Edition is 0
	Version int   // 0: the report itself; n: Correction n
	// Scope is one run, or a period. In a correction Scope.Correction is the report's own ID, so that the scope's findings
	// are those that say something else than the editions before.
	Scope  ReportScope
	Job    string // of schedules.yaml, for a period; "" otherwise
	MadeAt time.Time
}

// Publication is what might have to be sent.
type Publication struct {
	Scope ReportScope // one closed run that was no dry run, or a period
	Job   string      // whose period it is
	// CorrectSince makes a run's report a correction to the project's latest base report, where that report's run started
	// at or after it; zero makes it a base of its own. A period is a correction where the same job reported the same scope
	// before.
	CorrectSince time.Time
	// Amendments are the runs after a period, by when they started, whose word corrects its report where they contradict
	// what its readers were told: a verdict by another outcome or amount; what was told as open (pending, disputed,
	// without a trusted answer) by another amount of HighHelp's only. Such a correction has their word only. The zero
	// value is no runs; it is of no account where there is no base yet.
	Amendments Window
	Recipients []Recipient
	Now        time.Time
}

// PayinHistory is how a payin got to its last word within a period: what its runs said of it, one after another. All
// amounts are minor units.
type PayinHistory struct {
	ProjectID string
	PaymentID string
	Currency  string
	Amount    int64          // M, as the last run read it
	Runs      int64          // that asked about it within the period
	Entries   []HistoryEntry // at least two, the oldest first; no two neighbours say the same
	Applied   int64          // corrections that were written, those of a released run among them
	Actions   []Action
}

// HistoryEntry is a word that one run or several on end had on a payin.
type HistoryEntry struct {
	RunID      int64 // the first of them
	StartedAt  time.Time
	Outcome    Outcome
	PaidAmount int64 // A; 0 where there was none
}

// Last is the payin's last word within the period.
func (j *PayinHistory) Last() *HistoryEntry { return &j.Entries[len(j.Entries)-1] }

// ReportScope names findings: those of one run, or those by which a period counts its payins. The period has the closed
// runs that started within a window (From inside, To not), of one project or of all. It counts a payin once, if one of
// its runs was the first to reach the verdict that stands at its end; an answer that is missing or cannot be trusted is
// no verdict if there is one. So periods that follow one another add up.
type ReportScope struct {
	RunID     int64
	ProjectID string
	Window    Window
	// Correction is a report's ID: of the scope's findings only those that say something else than the last word of the
	// report's earlier editions, or that those have none of. What left the window is no part of it. 0: all findings.
	Correction int64
	Answers    bool // with HighHelp's answers, which only Replay needs
}

// Archive is the reading side of what runs have left: what reports are made of.
type Archive interface {
	Run(ctx context.Context, id int64) (Run, error)
	// Runs lists runs, newest first; projectID "" is all projects.
	Runs(ctx context.Context, projectID string, limit int) ([]Run, error)
	// Totals adds up the scope's findings by outcome and currency, in the database.
	Totals(ctx context.Context, s ReportScope) ([]Total, error)
	// Findings streams the scope's findings in the order of their selection (by run, then by Seq).
	Findings(ctx context.Context, s ReportScope) iter.Seq2[Finding, error]
	// FindingsOf lists those of the scope's findings that have one of the outcomes, in the same order, without HighHelp's
	// answers: it reads no others. A correction's findings are not asked for so.
	FindingsOf(ctx context.Context, s ReportScope, outcomes []Outcome) ([]Finding, error)
	// Changes streams a correction's findings in their order, each beside what its readers were told before. Another
	// scope has none.
	Changes(ctx context.Context, s ReportScope) iter.Seq2[Change, error]
	// Unresolved streams the open payins that left the window with the scope's runs.
	Unresolved(ctx context.Context, s ReportScope) iter.Seq2[Payin, error]
	// WholeRunBefore is the project's last whole run that was closed before a run, dry runs aside, or ErrNoRun.
	WholeRunBefore(ctx context.Context, runID int64) (Run, error)
	// Transitions streams how payins stand after a run, beside how they stood after the run before: those of
	// this run in the order of their selection, and those that only the run before asked about.
	Transitions(ctx context.Context, before, run Run) iter.Seq2[Transition, error]
	// DailyTotals are the last n local days, in a zone, on which whole runs began that were closed, the oldest first; dry
	// runs aside. They end with the scope's run, or before the end of its window.
	DailyTotals(ctx context.Context, s ReportScope, zone *time.Location, n int) ([]DailyTotals, error)
	// PayinHistories streams the payins about which a period's runs said more than one thing, an outcome or an amount A,
	// in the order of Findings. A run or a correction has none.
	PayinHistories(ctx context.Context, s ReportScope) iter.Seq2[PayinHistory, error]
}

// Total is the control total of one outcome in one currency.
type Total struct {
	Outcome  Outcome
	Currency string
	Count    int64
	Amount   Sum // of M over all its payins

	// The rest is over the payins whose amounts were compared.
	Compared       int64 // how many
	ComparedAmount Sum   // of M
	InitialAmount  Sum   // of I
	OldAmount      Sum   // of O
	PaidAmount     Sum   // of A

	Applied, Superseded, Held, DryRun, Refused, Locked int64 // corrections
}

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
