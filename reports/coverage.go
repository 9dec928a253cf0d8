package reports

import (
	"fmt"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// Coverage counts payins with and without an answer from HighHelp. Each payin is counted once.
type Coverage struct {
	Answered   int64 // HighHelp answered; "not found" is also an answer
	Unanswered int64 // payins that were queried but got no usable answer
	NotAsked   int64
}

// Add counts a finding.
func (c *Coverage) Add(f *reconcile.Finding) {
	switch {
	case f.Answered():
		c.Answered++
	case f.Result == reconcile.ResultNotAsked:
		c.NotAsked++
	default:
		c.Unanswered++
	}
}

// Reconcile compares the counts with the counts that the database stored when the run was closed.
func (c *Coverage) Reconcile(s *Report) error {
	if run := s.Run; run != nil && IsClosed(run) && s.HasAllFindings() && run.Impact.Answered != c.Answered {
		return fmt.Errorf("the totals of the workbook do not agree: run %d was closed with %s answered payins, "+
			"but its findings have %s", run.ID, FormatCount(run.Impact.Answered), FormatCount(c.Answered))
	}
	return nil
}

// FormatResult returns a run's result with its counts, for example "PARTIAL: 9 995 of 9 999 payins answered (99.9 %)".
func FormatResult(in i18n.Printer, run *reconcile.Run) string {
	if word := run.ResultStatus(); word == reconcile.ResultPartial && heldOnce(run) == "" {
		return in.T("headline.partial", string(word), FormatCount(run.Impact.Answered), FormatCount(run.Selected),
			Percent(run.Impact.Answered, run.Selected))
	}
	return BriefResult(run)
}

// BriefResult returns a short form of a run's result.
func BriefResult(run *reconcile.Run) string {
	if held := heldOnce(run); held != "" {
		return held
	}
	switch word := run.ResultStatus(); word {
	case reconcile.ResultPartial:
		return fmt.Sprintf("%s, %s", word, Percent(run.Impact.Answered, run.Selected))
	case reconcile.ResultOpen:
		return fmt.Sprintf("%s (%s)", word, run.State)
	default:
		return string(word)
	}
}

// heldOnce returns the result of a held run that a person has released or discarded. For other
// runs, heldOnce returns "".
func heldOnce(run *reconcile.Run) string {
	if run.State == reconcile.Released || run.State == reconcile.Discarded {
		return fmt.Sprintf("%s, %s", reconcile.ResultHeld, run.State)
	}
	return ""
}

// Percent returns n as a percentage of all. The percentage is rounded down, so an incomplete run never shows 100 %.
func Percent(n, all int64) string {
	if all <= 0 {
		return "0.0 %"
	}
	tenths := n * 1000 / all // cannot overflow: counts of payins are far below 2^63 / 1000
	return fmt.Sprintf("%d.%d %%", tenths/10, tenths%10)
}

// DescribeResult explains a run's result in one sentence. The sentence must be short, because the workbook shows a
// chart next to the sentence.
func (r *Report) DescribeResult(run *reconcile.Run) string {
	held := map[reconcile.RunState]string{reconcile.Held: "headline.held_meaning",
		reconcile.Released: "headline.released_meaning", reconcile.Discarded: "headline.discarded_meaning"}[run.State]
	lacks := run.Shortfall()
	switch {
	case held != "" && lacks.IsZero():
		return r.T(held)
	case held != "":
		return r.T(held) + " " + r.Sentence(lacks)
	case run.ClosedAt.IsZero():
		return r.T("headline.open_meaning")
	case run.ResultStatus() == reconcile.ResultComplete:
		return r.T("headline.complete_meaning")
	}
	return r.Sentence(lacks)
}

// unwritten returns a sentence about a correction that was not written. The sentence contains the reason and the values
// of the correction.
func (l *Row) unwritten() string {
	if !l.Correction.Failed() {
		return ""
	}
	after := reconcile.StatusText(l.After.Status, l.After.SubStatus)
	if l.After.SettledAmount != 0 {
		after = l.Report.T("correction.settled", after, l.money(l.After.SettledAmount)+" "+l.Currency)
	}
	return l.Report.T("correction."+string(l.Correction)) + " " + l.Report.T("correction.would_have_written", after)
}

// DescribeHeld returns a sentence about what happened to the held corrections.
func (r *Report) DescribeHeld() string {
	if r.Run != nil {
		switch r.Run.State {
		case reconcile.Released:
			return r.T("correction.held_released")
		case reconcile.Discarded:
			return r.T("correction.held_discarded")
		}
	}
	return r.T("correction.held")
}
