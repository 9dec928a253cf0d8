package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// timelineEntry is one event of a payin. Consecutive runs with the same result share an entry.
type timelineEntry struct {
	At       time.Time
	Kind     string // "asked", "person" or "alert"
	Heading  string
	Lines    []string
	RunID    int64 // 0 if the event belongs to no run
	Dry      bool
	Repeated []repetition // later runs with the same result
}

// repetition is a run with the same result as the payin's previous run.
type repetition struct {
	At    time.Time
	RunID int64
}

// timelineOf returns the events of a payin together with the given entries, oldest first.
func timelineOf(s *reconcile.PayinTimeline, more ...timelineEntry) []timelineEntry {
	list := slices.Clone(more)
	for _, f := range s.Findings {
		if released(&f, s.Actions) {
			f.Correction = reconcile.CorrectionHeld // the state after the run; a person's release has a separate entry
		}
		list = append(list, findingEntry(&f))
	}
	for i := range s.Actions {
		list = append(list, actionEntry(&s.Actions[i]))
	}
	for i := range s.Alerts {
		list = append(list, alertEntry(&s.Alerts[i]))
	}
	slices.SortStableFunc(list, func(a, b timelineEntry) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	var entries []timelineEntry
	for _, c := range list {
		if n := len(entries); n > 0 && c.Kind == "asked" && sameEntry(&entries[n-1], &c) {
			entries[n-1].Repeated = append(entries[n-1].Repeated, repetition{c.At, c.RunID})
			continue
		}
		entries = append(entries, c)
	}
	return entries
}

func sameEntry(a, b *timelineEntry) bool {
	return a.Kind == b.Kind && a.Heading == b.Heading && a.Dry == b.Dry && slices.Equal(a.Lines, b.Lines)
}

// released reports whether the finding's correction was written by a person's release of the run.
func released(f *reconcile.Finding, actions []reconcile.Action) bool {
	return slices.ContainsFunc(actions, func(a reconcile.Action) bool {
		return a.Kind == reconcile.ActionRelease && a.RunID == f.RunID && a.Seq == f.Seq
	})
}

// findingEntry returns the entry for the finding of one run.
func findingEntry(f *reconcile.Finding) timelineEntry {
	c := timelineEntry{At: f.CheckedAt, Kind: "asked", RunID: f.RunID, Heading: answerText(f),
		Dry: f.Correction == reconcile.CorrectionDryRun}
	outcome := "Outcome: " + word(f.Outcome) + "."
	if f.Compared() {
		c.Lines = append(c.Lines, amounts(f))
	}
	if f.Outcome != reconcile.DifferentAmount && f.Outcome != reconcile.Confirmed || !hasStep(f) &&
		f.Outcome == reconcile.DifferentAmount {
		outcome += " " + reason(f.Reason) // the steps between the amounts do not explain the outcome
	}
	c.Lines = append(c.Lines, outcome, rowSentence(f))
	if f.RequestID != "" && f.Outcome != reconcile.Confirmed {
		c.Lines = append(c.Lines, "request_id, for HighHelp's support: "+f.RequestID)
	}
	return c
}

// answerText describes HighHelp's answer in a few words.
func answerText(f *reconcile.Finding) string {
	switch f.Result {
	case reconcile.ResultNotFound:
		return "HighHelp does not know this payin"
	case reconcile.ResultUnreachable:
		return "HighHelp gave no usable answer"
	case reconcile.ResultNotAsked:
		if f.Outcome == reconcile.Unverifiable {
			return "HighHelp was not queried, because the merchant's row is invalid"
		}
		return "HighHelp was not queried, because the run ended before it reached this payin"
	case reconcile.ResultRefused:
		return "HighHelp gave no answer that can be trusted"
	}
	if f.ProviderStatus == "" {
		return "HighHelp's answer cannot be trusted"
	}
	return "HighHelp says " + word(pair(f.ProviderStatus, f.ProviderSubStatus))
}

// hasStep reports whether one of the steps from M to A is not zero.
func hasStep(f *reconcile.Finding) bool {
	record, reprice, appeal := f.Steps()
	return record != 0 || reprice != 0 || appeal != 0
}

// amounts explains each step from the merchant's amount to the paid amount.
func amounts(f *reconcile.Finding) string {
	sum := func(minor int64) string { return money(minor, f.Currency) }
	record, reprice, appeal := f.Steps()
	text := "Created for " + sum(f.InitialAmount)
	if record != 0 {
		text = fmt.Sprintf("The merchant's row says %s, but the payin was created at HighHelp for %s",
			sum(f.Amount), sum(f.InitialAmount))
	}
	if reprice != 0 {
		text += fmt.Sprintf("; then changed to %s by an earlier transfer or price change", sum(f.OldAmount))
	}
	paid := f.ProviderStatus == "success"
	switch {
	case appeal != 0 && paid:
		text += fmt.Sprintf("; after an appeal it was changed to the %s that the customer paid", sum(f.PaidAmount))
	case appeal != 0:
		text += fmt.Sprintf("; after an appeal it was changed to %s", sum(f.PaidAmount))
	case paid:
		text += fmt.Sprintf("; customer paid %s", sum(f.PaidAmount))
	}
	return text + "."
}

// rowSentence describes what happened to the merchant's row.
func rowSentence(f *reconcile.Finding) string {
	before, after := stateText(rowOf(f), f.Currency), stateText(f.After, f.Currency)
	switch f.Correction {
	case reconcile.CorrectionApplied:
		return fmt.Sprintf("The merchant's row was changed from %s to %s.", before, after)
	case reconcile.CorrectionSuperseded:
		return fmt.Sprintf("The merchant's row (%s) changed while hhrecon queried HighHelp, "+
			"so hhrecon did not correct it.", before)
	case reconcile.CorrectionHeld:
		return fmt.Sprintf("The correction was held, so the merchant's row stayed %s. The planned state was %s.",
			before, after)
	case reconcile.CorrectionDryRun:
		return fmt.Sprintf("This was a dry run. The merchant's row stayed %s. The planned state was %s.", before, after)
	case reconcile.CorrectionRefused:
		return fmt.Sprintf("The merchant's table refused to change the row from %s to %s.", before, after)
	case reconcile.CorrectionLocked:
		return fmt.Sprintf("Another transaction locked the merchant's row, so the row stayed %s. The planned state was %s.",
			before, after)
	}
	return "The merchant's row stayed as it was: " + before + "."
}

var actionVerbs = map[reconcile.ActionKind]string{
	reconcile.ActionRelease: "released the run", reconcile.ActionDiscard: "discarded the run",
	reconcile.ActionUndo: "undid the changes of the run", reconcile.ActionDecide: "decided",
	reconcile.ActionUndoDecision: "undid the decision",
	reconcile.ActionAbandon:      "abandoned the run",
	reconcile.ActionPropose:      "proposed to",
}

// actionEntry describes an action of a person.
func actionEntry(a *reconcile.Action) timelineEntry {
	c := timelineEntry{At: a.At, Kind: "person", RunID: a.RunID, Heading: a.Author() + " " + actionVerbs[a.Kind]}
	if a.Facts.ApprovedBy != nil {
		c.Heading += ", approved by " + a.Facts.ApprovedBy.Name
	}
	before, after := stateText(a.Before, a.Currency), stateText(a.After, a.Currency)
	switch {
	case a.Kind == reconcile.ActionPropose && !a.Result.Failed():
		c.Heading += " " + Proposed(a)
		c.Lines = append(c.Lines, "Nothing is written until another person approves it.")
	case a.Kind == reconcile.ActionAbandon:
		c.Lines = append(c.Lines, "Rows that the run has written are kept. The run writes no more rows.")
	case a.Seq == 0: // an action on a run
		c.Lines = append(c.Lines, "The held corrections of the run were discarded.")
	case a.Result == reconcile.CorrectionApplied:
		c.Lines = append(c.Lines, fmt.Sprintf("The merchant's row was changed from %s to %s.", before, after))
	case a.Result.Failed():
		c.Lines = append(c.Lines, "The merchant's row was not changed: "+i18n.English().Sentence(a.Reason))
	default:
		c.Lines = append(c.Lines, "The merchant's row stayed as it was: "+before+".")
	}
	if a.Note != "" {
		c.Lines = append(c.Lines, "Note: "+a.Note)
	}
	return c
}

// alertEntry describes an alert.
func alertEntry(a *reconcile.Alert) timelineEntry {
	c := timelineEntry{At: a.ReceivedAt, Kind: "alert", RunID: a.RunID,
		Heading: "HighHelp sent an alert: " + word(pair(a.Status, a.SubStatus))}
	switch a.State {
	case reconcile.AlertWaiting:
		c.Lines = append(c.Lines, "hhrecon will query HighHelp about this payin. An alert alone changes nothing.")
	case reconcile.AlertDone:
		c.Lines = append(c.Lines, "hhrecon then queried HighHelp about this payin. An alert alone changes nothing.")
	case reconcile.AlertNoPayin:
		c.Lines = append(c.Lines, "The merchant's table does not have this payin.")
	}
	return c
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
