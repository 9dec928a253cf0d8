package reconcile

import (
	"context"
	"iter"
	"time"
)

// Change is the difference that a correction reports about a payin: the earlier finding and the new one.
type Change struct {
	ProjectID string
	PaymentID string
	Was, Is   Reported // Was.RunID is 0 if the payin was not reported before
}

// Reported is what a report says about a payin. All amounts are in minor units of Currency.
type Reported struct {
	RunID         int64
	Currency      string
	Amount        int64 // M
	Outcome       Outcome
	PaidAmount    int64 // A; 0 if there is none
	SettledAmount int64 // of the row after the run; 0 if there is none
}

// DailyTotals counts what the whole runs of one local day found. If a project had several runs that day, each payin
// counts once, by its latest finding. Several projects are added up.
type DailyTotals struct {
	Day    time.Time // the midnight at which the day starts
	Runs   int64
	Counts map[Outcome]int64 // payins by outcome; an outcome without payins is missing
}

// Payins returns the number of payins of the day.
func (n *DailyTotals) Payins() int64 {
	var all int64
	for _, count := range n.Counts {
		all += count
	}
	return all
}

// Report is one version of what is sent to people: the base report, or a correction with the differences from its
// earlier versions.
type Report struct {
	ID      int64
	BaseID  int64 // the report that it corrects; its own ID if Version is 0
	Version int   // 0: the base report; n: correction n
	// Scope is one run or a period. In a correction Scope.Correction is the report's own ID.
	Scope  ReportScope
	Job    string // the job in schedules.yaml of a period; empty otherwise
	MadeAt time.Time
}

// Publication describes a report that may have to be sent.
type Publication struct {
	Scope ReportScope // a closed run that is not a dry run, or a period
	Job   string      // the job that the period belongs to
	// CorrectSince makes the run's report a correction to the project's latest base report, if that report's run
	// started at or after this time. Otherwise the report is a base report. A period is a correction if the same job
	// already reported the same scope.
	CorrectSince time.Time
	// Amendments is the window of later runs, by start time, whose findings correct the report on a period. A finding
	// corrects it if the outcome or an amount differs; for a payin that was reported as open (pending, disputed or
	// without a trusted answer) only if HighHelp's amount differs. Such a correction has only these findings. The zero
	// value means no runs. It has no effect without a base report.
	Amendments Window
	Recipients []Recipient
	Now        time.Time
}

// PayinHistory is the sequence of different findings about a payin within a period. All amounts are in minor units.
type PayinHistory struct {
	ProjectID string
	PaymentID string
	Currency  string
	Amount    int64          // M, as the latest run read it
	Runs      int64          // runs of the period that queried it
	Entries   []HistoryEntry // at least two, oldest first; neighbours differ
	Applied   int64          // corrections that were written, including those of released runs
	Actions   []Action
}

// HistoryEntry is a finding that one or several consecutive runs repeated.
type HistoryEntry struct {
	RunID      int64 // the first of these runs
	StartedAt  time.Time
	Outcome    Outcome
	PaidAmount int64 // A; 0 if there is none
}

// Last returns the latest entry.
func (j *PayinHistory) Last() *HistoryEntry { return &j.Entries[len(j.Entries)-1] }

// ReportScope selects findings: those of one run, or those of a period. A period has the closed runs that started
// within a window (From inclusive, To exclusive), of one project or of all. It counts a payin once, if one of its runs
// was the first to reach the verdict that stands at its end. A missing or untrusted answer counts only if there is no
// other verdict. Consecutive periods therefore add up.
type ReportScope struct {
	RunID     int64
	ProjectID string
	Window    Window
	// Correction is a report's ID. It limits the scope to findings that differ from the latest finding in the report's
	// earlier versions, or that those versions do not have. Payins that left the window are not included. 0: all
	// findings.
	Correction int64
	Answers    bool // read HighHelp's answers too, which only Replay needs
}

// Archive reads what runs have stored. Reports are made from it.
type Archive interface {
	Run(ctx context.Context, id int64) (Run, error)
	// Runs lists runs, newest first; an empty projectID means all projects.
	Runs(ctx context.Context, projectID string, limit int) ([]Run, error)
	// Totals adds up the scope's findings by outcome and currency, in the database.
	Totals(ctx context.Context, s ReportScope) ([]Total, error)
	// Findings streams the scope's findings by run and then by Seq.
	Findings(ctx context.Context, s ReportScope) iter.Seq2[Finding, error]
	// FindingsOf lists the scope's findings with one of the outcomes, in the same order, without HighHelp's answers. It
	// does not support corrections.
	FindingsOf(ctx context.Context, s ReportScope, outcomes []Outcome) ([]Finding, error)
	// Changes streams a correction's findings in order, each with what was reported before. Another scope has none.
	Changes(ctx context.Context, s ReportScope) iter.Seq2[Change, error]
	// Unresolved streams the open payins that left the window with the scope's runs.
	Unresolved(ctx context.Context, s ReportScope) iter.Seq2[Payin, error]
	// WholeRunBefore returns the project's latest whole run that closed before a run and is not a dry run, or ErrNoRun.
	WholeRunBefore(ctx context.Context, runID int64) (Run, error)
	// Transitions streams the states of payins after two runs: first the payins of the later run in the order of its
	// selection, then those that only the earlier run queried.
	Transitions(ctx context.Context, before, run Run) iter.Seq2[Transition, error]
	// DailyTotals returns the latest n local days with closed whole runs, oldest first, without dry runs. They end with
	// the scope's run, or with its window.
	DailyTotals(ctx context.Context, s ReportScope, zone *time.Location, n int) ([]DailyTotals, error)
	// PayinHistories streams the payins for which a period's runs found different outcomes or amounts A, in the order
	// of Findings. A run or a correction has none.
	PayinHistories(ctx context.Context, s ReportScope) iter.Seq2[PayinHistory, error]
}

// Total is the control total of one outcome in one currency.
type Total struct {
	Outcome  Outcome
	Currency string
	Count    int64
	Amount   Sum // of M, over all payins

	// The rest covers only the payins whose amounts were compared.
	Compared       int64 // how many
	ComparedAmount Sum   // of M
	InitialAmount  Sum   // of I
	OldAmount      Sum   // of O
	PaidAmount     Sum   // of A

	Applied, Superseded, Held, DryRun, Refused, Locked int64 // corrections
}

// TransitionKind is how a payin's state changed from one whole run to the next.
type TransitionKind string

// The kinds, in the order of reports.
const (
	TransitionNew       TransitionKind = "new"        // open now, and never seen before
	TransitionStillOpen TransitionKind = "still_open" // open, or reversed and undecided, after both runs
	TransitionCameBack  TransitionKind = "came_back"  // open or reversed now, but final or not selected before
	TransitionSettled   TransitionKind = "settled"    // open before, and final after this run
	TransitionOvertaken TransitionKind = "overtaken"  // open before, and changed by something else before this run could
)

// TransitionKinds lists the kinds in that order.
var TransitionKinds = []TransitionKind{TransitionNew, TransitionStillOpen, TransitionCameBack, TransitionSettled,
	TransitionOvertaken}

// Transition is a payin's state after a run and after the whole run before.
type Transition struct {
	PaymentID   string
	Currency    string
	Amount      int64 // M, in minor units
	CreatedAt   time.Time
	Outcome     Outcome // of the later run that queried it
	Correction  Correction
	Status      string  // of the row after this run; empty if this run did not query it
	StatusThen  string  // of the row after the run before; empty if that run did not query it
	OutcomeThen Outcome // of the run before
	Decided     bool    // a person decided about a reversed payin
	Earlier     bool    // a run before both queried it
}

// TransitionKind returns the kind of a transition by this run's rules. It is empty if there is nothing to report, such
// as for a payin that was settled in its first run.
func (r *Rules) TransitionKind(p *Transition) TransitionKind {
	wasOpen := p.StatusThen != "" && !r.isFinal(p.StatusThen)
	wasReversed := p.OutcomeThen == Reversed && !p.Decided // undecided at that time
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
