package mail

import (
	"fmt"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
)

// toDo lists what a person must do, the most urgent first.
func (o *templateData) toDo() []action {
	var steps []action
	for _, run := range o.heldRuns() {
		steps = append(steps, o.heldAction(run))
	}
	if n := o.summary.Waiting; n > 0 {
		s := action{Text: o.T("mail.to_do_decide", i18n.Count(n), o.T("sheet.different_amounts")),
			Command: "hhrecon decide --from FILE.xlsx --by NAME"}
		if o.options.PageURL != "" {
			s.Link, s.Command = o.options.PageURL+"/waiting", ""
		}
		steps = append(steps, s)
	}
	if sum := totals.Counts(o.summary.Totals); sum.Refused+sum.Locked > 0 {
		steps = append(steps,
			action{Text: o.T("mail.to_do_refused", i18n.Count(sum.Refused+sum.Locked), o.T("sheet.corrections"))})
	}
	if n := o.summary.Support; n > 0 {
		steps = append(steps, action{Text: o.T("mail.to_do_support", i18n.Count(n), o.T("sheet.support"))})
	}
	if n := o.summary.Unresolved; n > 0 {
		steps = append(steps, action{Text: o.T("mail.to_do_left_window", i18n.Count(n), o.T("sheet.unresolved"))})
	}
	if len(steps) == 0 {
		steps = append(steps, action{Text: o.T("mail.to_do_nothing")})
	}
	return steps
}

func (o *templateData) heldAction(run int64) action {
	s := action{Text: o.T("mail.to_do_held", run), Link: o.options.pageOf(run, "")}
	if s.Link == "" {
		s.Command = o.T("mail.release_or_discard", run)
	}
	return s
}

// attachment says how to get the workbook.
func (o *templateData) attachment() action {
	w := o.workbook
	switch {
	case w.content != nil:
		return action{Text: o.T("mail.attached", w.name)}
	case o.options.PageURL != "":
		rest := "/workbook"
		if o.correction() {
			rest = "" // the page's workbook is the whole run's
		}
		return action{Text: o.T("mail.too_large", w.name, o.megabytes(w.size)),
			Link: o.options.pageOf(o.delivery.Report.Scope.RunID, rest)}
	}
	return action{Text: o.T("mail.too_large_command", w.name, o.megabytes(w.size)),
		Command: o.options.reportCommand(&o.delivery.Report.Scope, o.Language())}
}

// reportCommand makes the same workbook by hand.
func (o *Options) reportCommand(s *reconcile.ReportScope, language string) string {
	command := fmt.Sprintf("hhrecon report --run %d", s.RunID)
	if s.RunID == 0 {
		command = "hhrecon report --from " + s.Window.From.In(o.zone()).Format(time.RFC3339) + " --to " +
			s.Window.To.In(o.zone()).Format(time.RFC3339)
		if s.ProjectID != "" {
			command += " --project " + s.ProjectID
		}
	}
	if language != "en" {
		command += " --language " + language
	}
	return command
}

func (o *templateData) megabytes(size int64) string {
	tenths := (size*10 + 999_999) / 1_000_000 // rounded up: it is too large
	return o.T("mail.megabytes", tenths/10, tenths%10)
}

// facts are the details of the report; zeros that do not matter are left out.
func (o *templateData) facts() []field {
	var facts []field
	add := func(key, value string) { facts = append(facts, field{o.T(key), value}) }
	count := func(key string, n int64, always bool) {
		if n > 0 || always {
			add(key, i18n.Count(n).String())
		}
	}
	if run := o.summary.Run; run != nil {
		add("column.project", o.project(run.ProjectID))
		add("column.run", fmt.Sprint(run.ID))
		add("column.started", o.options.moment(run.StartedAt))
		add("fact.closed", o.options.moment(run.ClosedAt))
		add("mail.created", o.span(run.Window))
		count("fact.selected", run.Selected, true)
	} else {
		add("column.project", o.project(o.delivery.Report.Scope.ProjectID))
		count("fact.closed_runs", int64(len(o.summary.Runs)), true)
	}
	if o.summary.Run == nil || o.correction() {
		count("fact.listed", o.summary.Payins, true)
	}
	count("mail.answered", o.summary.Answered, true)
	count("mail.unanswered", o.summary.Unanswered, false)
	count("mail.not_asked", o.summary.NotAsked, false)
	sum := totals.Counts(o.summary.Totals)
	count("mail.corrected", sum.Applied, true)
	count("mail.superseded", sum.Superseded, false)
	count("mail.refused", sum.Refused, false)
	count("mail.locked", sum.Locked, false)
	count("mail.held", sum.Held, false)
	count("fact.left_window", o.summary.Unresolved, false)
	runs := o.summary.Runs
	if run := o.summary.Run; run != nil {
		runs = []reconcile.Run{*run}
		if !run.Note.IsZero() {
			add("column.note", o.Clauses(run.Note))
		}
	}
	for _, head := range totals.Heads(runs) {
		add("fact.audit_head", head)
	}
	return facts
}

func (o *templateData) span(w reconcile.Window) string {
	if w.From.Year() <= 1970 {
		return o.T("mail.until", o.options.moment(w.To))
	}
	return o.T("mail.from_to", o.options.moment(w.From), o.options.moment(w.To))
}
