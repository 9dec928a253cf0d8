package actions

import (
	"fmt"
	"io"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/web"
)

// WriteFinding prints a finding, the actions on its run, and optionally HighHelp's answer.
func WriteFinding(out io.Writer, f *reconcile.Finding, actions []reconcile.Action, zone *time.Location, answer bool) {
	line := func(label, format string, args ...any) {
		fmt.Fprintf(out, "  %-18s %s\n", label, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(out, "%q: %s\n", f.PaymentID, f.Outcome)
	line("reason", "%s", i18n.English().Sentence(f.Reason))
	if f.Causes != 0 {
		line("causes", "%s", strings.ReplaceAll(f.Causes.String(), ",", ", "))
	}
	if !f.CreatedAt.IsZero() {
		line("created", "%s", f.CreatedAt.In(zone).Format(time.RFC3339))
	}
	line("merchant amount", "%s %s", reconcile.FormatAmount(f.Amount, f.Currency), f.Currency)
	if f.ProviderStatus != "" {
		state := reconcile.State{Status: f.ProviderStatus, SubStatus: f.ProviderSubStatus}
		line("HighHelp says", "%s", StateText(state, f.Currency))
	}
	if f.PaidAmount != 0 {
		line("initial amount", "%s", reconcile.FormatAmount(f.InitialAmount, f.Currency))
		line("old amount", "%s", reconcile.FormatAmount(f.OldAmount, f.Currency))
		line("amount", "%s", reconcile.FormatAmount(f.PaidAmount, f.Currency))
	}
	if f.RequestID != "" {
		line("request_id", "%s", f.RequestID)
	}
	before := reconcile.State{Status: f.Status, SubStatus: f.SubStatus, SettledAmount: f.SettledAmount}
	line("row before", "%s", StateText(before, f.Currency))
	line("row after", "%s", StateText(f.After, f.Currency))
	line("correction", "%s", f.Correction)
	line("checked", "%s", f.CheckedAt.In(zone).Format(time.RFC3339))
	for i := range actions {
		if a := &actions[i]; a.RunID == f.RunID {
			line(string(a.Kind), "%s", actionText(a, zone))
		}
	}
	switch {
	case answer && f.Answered() && f.Answer == "":
		line("answer", "%s", "erased (see \"hhrecon help personal-data\")")
	case answer:
		line("answer", "%s", f.Answer)
	}
	fmt.Fprintln(out)
}

// actionText returns the person, the time, the reason and the result of an action as text.
func actionText(a *reconcile.Action, zone *time.Location) string {
	text := fmt.Sprintf("by %s at %s", a.Author(), a.At.In(zone).Format(time.RFC3339))
	if f := a.Facts; f.ApprovedBy != nil {
		text += fmt.Sprintf(", approved by %s (action %d)", f.ApprovedBy.Name, f.Proposal)
	} else if f.Proposes != nil {
		text += fmt.Sprintf(", action %d: %s", a.ID, web.Proposed(a))
	}
	if a.Result == reconcile.CorrectionApplied {
		text += "; the row became " + StateText(a.After, a.Currency)
	} else if !a.Reason.IsZero() {
		text += "; the row was not changed: " + i18n.English().Sentence(a.Reason)
	}
	if a.Note != "" {
		text += "; " + a.Note
	}
	return text
}

// StateText describes the state of a row.
func StateText(s reconcile.State, currency string) string {
	text := s.Status
	if s.SubStatus != "" {
		text += ": " + s.SubStatus
	}
	if s.SettledAmount != 0 {
		text += ", settled " + reconcile.FormatAmount(s.SettledAmount, currency)
	}
	return text
}

// WriteProposals prints the proposals about a run and its findings.
func WriteProposals(out io.Writer, proposals []reconcile.Proposal, runID int64) {
	for i := range proposals {
		if proposals[i].RunID == runID {
			fmt.Fprintln(out, ProposalText(&proposals[i].Action))
		}
	}
}

// ProposalText describes a proposal that awaits a second person's approval, and how to approve it.
func ProposalText(a *reconcile.Action) string {
	return fmt.Sprintf("Nothing is written yet: %s proposes to %s. Another person must approve it within 24 hours, "+
		"on the page or with \"hhrecon approve %d\".", a.Author(), web.Proposed(a), a.ID)
}
