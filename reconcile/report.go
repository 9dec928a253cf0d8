package reconcile

import (
	"context"
	"iter"
	"time"
)

// Change contains the earlier finding and the new finding about a payin in a corrected report.
type Change struct {
	ProjectID string
	PaymentID string
	Was, Is   Reported // Was.RunID is 0 if no earlier report contains the payin
}

// Reported has the data that a report shows about a payin. All amounts are in minor units of Currency.
type Reported struct {
	RunID         int64
	Currency      string
	Amount        int64 // the merchant's amount
	Outcome       Outcome
	PaidAmount    int64 // the amount that the customer paid; 0 if unknown
	SettledAmount int64 // the row's settled amount after the run; 0 if there is none
}

// DailyTotals counts the findings of one local day, from runs over all open payins. If a project had several such runs
// that day, each payin counts once, by its latest finding. The counts of several projects are added.
type DailyTotals struct {
	Day    time.Time // midnight at the start of the day
	Runs   int64
	Counts map[Outcome]int64 // number of payins by outcome; an outcome without payins is missing
}

// Payins returns the number of payins of the day.
func (n *DailyTotals) Payins() int64 {
	var all int64
	for _, count := range n.Counts {
		all += count
	}
	return all
}

// Report is one version of a report that is sent to people. A report is the base report, or a corrected report with the
// differences from the earlier versions.
type Report struct {
	ID      int64
	BaseID  int64 // the report that this version corrects; equal to ID if Version is 0
	Version int   // 0 for the base report, n for the nth corrected report
	// Scope is one run or one period. In a corrected report, Scope.Correction is the report's own ID.
	Scope  ReportScope
	Job    string // for a period, the job in schedules.yaml; empty otherwise
	MadeAt time.Time
}

// Publication describes a report to publish. PublishReport may find that the report has nothing new.
type Publication struct {
	Scope ReportScope // a closed run that is not a dry run, or a period
	Job   string      // for a period, the job that reports the period
	// CorrectSince makes a run's report a corrected version of the project's latest base report, if the base report's run
	// started at or after this time. Otherwise the report is a base report. A period's report is a corrected report if the
	// same job has already reported the same period.
	CorrectSince time.Time
	// Amendments selects later runs by start time. The findings of these runs correct the report on a period. The
	// correction includes a finding if the outcome or an amount differs. If the payin was reported as open (pending,
	// disputed or without a trusted answer), only a change of HighHelp's amount counts as a difference. The corrected
	// report contains only these findings. The zero value selects no runs. Without a base report Amendments has no
	// effect.
	Amendments Window
	Recipients []Recipient
	Now        time.Time
}

// PayinHistory is the sequence of different findings about one payin in a period. All amounts are in minor units.
type PayinHistory struct {
	ProjectID string
	PaymentID string
	Currency  string
	Amount    int64          // the merchant's amount, as the latest run read it
	Runs      int64          // the number of the period's runs that queried the payin
	Entries   []HistoryEntry // at least two entries, oldest first; each differs from the previous entry
	Applied   int64          // number of written corrections, including corrections of released runs
	Actions   []Action
}

// HistoryEntry is a finding of one run, or the same finding of several consecutive runs.
type HistoryEntry struct {
	RunID      int64 // the first of these runs
	StartedAt  time.Time
	Outcome    Outcome
	PaidAmount int64 // the amount that the customer paid; 0 if unknown
}

// Last returns the latest entry.
func (j *PayinHistory) Last() *HistoryEntry { return &j.Entries[len(j.Entries)-1] }

// ReportScope selects the findings of one run or of a period. A period has the closed runs of one project, or of all
// projects, that started in the interval Window. A period counts a payin only if one of the period's runs was the first
// run with the payin's final verdict of the period. The counts of consecutive periods therefore add up. A missing or
// untrusted answer counts only if there is no other verdict.
type ReportScope struct {
	RunID     int64
	ProjectID string
	Window    Window
	// Correction is the ID of a corrected report. If Correction is set, the scope has only new or changed findings,
	// compared with the report's earlier versions. Unresolved payins are not included. 0 means all findings.
	Correction int64
	Answers    bool // also read HighHelp's answers, which only Replay needs
}

// Archive reads the stored results of runs, for reports.
type Archive interface {
	Run(ctx context.Context, id int64) (Run, error)
	// Runs lists runs, newest first; an empty projectID means all projects.
	Runs(ctx context.Context, projectID string, limit int) ([]Run, error)
	// Totals adds up the scope's findings by outcome and currency, in the database.
	Totals(ctx context.Context, s ReportScope) ([]Total, error)
	// Findings streams the scope's findings by run and then by Seq.
	Findings(ctx context.Context, s ReportScope) iter.Seq2[Finding, error]
	// FindingsOf lists the scope's findings with one of the outcomes, in the order of Findings, without HighHelp's
	// answers. FindingsOf does not support corrected reports.
	FindingsOf(ctx context.Context, s ReportScope, outcomes []Outcome) ([]Finding, error)
	// Changes streams the findings of a corrected report in the order of Findings, each with its earlier version. For any
	// other scope, Changes returns nothing.
	Changes(ctx context.Context, s ReportScope) iter.Seq2[Change, error]
	// Unresolved streams the payins that are still open but became too old to be queried by the scope's runs.
	Unresolved(ctx context.Context, s ReportScope) iter.Seq2[Payin, error]
	// WholeRunBefore returns the project's latest run over all open payins that closed before the given run, or
	// ErrNoRun. Dry runs do not count.
	WholeRunBefore(ctx context.Context, runID int64) (Run, error)
	// Transitions streams the states of payins after two runs. The payins of the later run come first, in the order of
	// its selection. The payins that only the earlier run queried follow.
	Transitions(ctx context.Context, before, run Run) iter.Seq2[Transition, error]
	// DailyTotals returns the latest n local days with closed runs over all open payins, oldest first, without dry
	// runs. The last day is the day of the scope's run, or the end of the scope's period.
	DailyTotals(ctx context.Context, s ReportScope, zone *time.Location, n int) ([]DailyTotals, error)
	// PayinHistories streams the payins with different outcomes or paid amounts within a period, in the order of Findings.
	// For a run or a corrected report, PayinHistories returns nothing.
	PayinHistories(ctx context.Context, s ReportScope) iter.Seq2[PayinHistory, error]
}

// Total is the control total of one outcome in one currency.
type Total struct {
	Outcome  Outcome
	Currency string
	Count    int64
	Amount   Sum // sum of the merchant's amounts of all payins

	// The next five fields include only payins with compared amounts.
	Compared       int64 // number of payins
	ComparedAmount Sum   // sum of the merchant's amounts
	InitialAmount  Sum   // sum of HighHelp's initial amounts
	OldAmount      Sum   // sum of HighHelp's old amounts
	PaidAmount     Sum   // sum of the amounts that customers paid

	Applied, Superseded, Held, DryRun, Refused, Locked int64 // number of corrections by state

	DryRunAmount Sum // sum of the merchant's amounts of the corrections that a dry run would write
}

// TransitionKind is the kind of change of a payin's state between two consecutive runs over all open payins.
type TransitionKind string

// Kinds of transitions, in the order of reports.
const (
	TransitionNew       TransitionKind = "new"        // open after this run, and never queried in an earlier run
	TransitionStillOpen TransitionKind = "still_open" // open, or reversed and undecided, after both runs
	TransitionCameBack  TransitionKind = "came_back"  // open or reversed now; final or not selected in the earlier run
	TransitionSettled   TransitionKind = "settled"    // open after the earlier run, final after this run
	TransitionOvertaken TransitionKind = "overtaken"  // open after the earlier run, then changed by another program
)

// TransitionKinds lists the kinds in the order of reports.
var TransitionKinds = []TransitionKind{TransitionNew, TransitionStillOpen, TransitionCameBack, TransitionSettled,
	TransitionOvertaken}

// Transition is a payin's state after a run and after the previous run over all open payins.
type Transition struct {
	PaymentID   string
	Currency    string
	Amount      int64 // the merchant's amount, in minor units
	CreatedAt   time.Time
	Outcome     Outcome // the outcome in this run, or in the previous run if this run did not query the payin
	Correction  Correction
	Status      string  // the row's status after this run; empty if this run did not query the payin
	StatusThen  string  // the row's status after the previous run; empty if that run did not query the payin
	OutcomeThen Outcome // the outcome in the previous run
	Decided     bool    // a person decided about a reversed payin
	Earlier     bool    // a run before both runs queried the payin
}

// TransitionKind returns the kind of a transition by the later run's rules. The result is empty if reports do not list
// the payin, for example because the payin was settled in its first run.
func (r *Rules) TransitionKind(p *Transition) TransitionKind {
	wasOpen := p.StatusThen != "" && !r.isFinal(p.StatusThen)
	wasReversed := p.OutcomeThen == Reversed && !p.Decided // undecided at the end of the earlier run
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
