package mail

import (
	"fmt"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
)

// toDo lists the actions that the reader must take, urgent actions first.
func (d *templateData) toDo() []action {
	steps := reconcile.Map(d.heldRuns(), d.heldAction)
	if n := d.summary.Waiting; n > 0 {
		s := action{Text: d.T("mail.to_do_decide", i18n.Count(n), d.T("sheet.different_amounts")),
			Command: "hhrecon decide --from FILE.xlsx --by NAME"}
		if d.options.PageURL != "" {
			s.Link, s.Command = d.options.PageURL+"/waiting", ""
		}
		steps = append(steps, s)
	}
	if sum := totals.Counts(d.summary.Totals); sum.Refused+sum.Locked > 0 {
		steps = append(steps,
			action{Text: d.T("mail.to_do_refused", i18n.Count(sum.Refused+sum.Locked), d.T("sheet.corrections"))})
	}
	if n := d.summary.Support; n > 0 {
		steps = append(steps, action{Text: d.T("mail.to_do_support", i18n.Count(n), d.T("sheet.support"))})
	}
	if n := d.summary.Unresolved; n > 0 {
		steps = append(steps, action{Text: d.T("mail.to_do_left_window", i18n.Count(n), d.T("sheet.unresolved"))})
	}
	if len(steps) == 0 {
		steps = append(steps, action{Text: d.T("mail.to_do_nothing")})
	}
	return steps
}

func (d *templateData) heldAction(run int64) action {
	s := action{Text: d.T("mail.to_do_held", run), Link: d.options.pageOf(run, "")}
	if s.Link == "" {
		s.Command = d.T("mail.release_or_discard", run)
	}
	return s
}

// attachment returns a text that says how the reader gets the workbook: as an attachment, by a link or by a command.
func (d *templateData) attachment() action {
	w := d.workbook
	switch {
	case w.content != nil:
		return action{Text: d.T("mail.attached", w.name)}
	case d.options.PageURL != "":
		rest := "/workbook"
		if d.correction() {
			rest = "" // the page offers only the workbook with all payins of a run
		}
		return action{Text: d.T("mail.too_large", w.name, d.megabytes(w.size)),
			Link: d.options.pageOf(d.delivery.Report.Scope.RunID, rest)}
	}
	return action{Text: d.T("mail.too_large_command", w.name, d.megabytes(w.size)),
		Command: d.options.reportCommand(&d.delivery.Report.Scope, d.Language())}
}

// reportCommand returns the command that writes the same workbook.
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

func (d *templateData) megabytes(size int64) string {
	tenths := (size*10 + 999_999) / 1_000_000 // rounded up, because the message says that this size exceeds a limit
	return d.T("mail.megabytes", tenths/10, tenths%10)
}

// facts lists the details of the report. Some counts are listed only if they are not zero.
func (d *templateData) facts() []field {
	var facts []field
	add := func(key, value string) { facts = append(facts, field{d.T(key), value}) }
	count := func(key string, n int64, always bool) {
		if n > 0 || always {
			add(key, i18n.Count(n).String())
		}
	}
	if run := d.summary.Run; run != nil {
		add("column.project", d.project(run.ProjectID))
		add("column.run", fmt.Sprint(run.ID))
		add("column.started", d.options.formatTime(run.StartedAt))
		add("fact.closed", d.options.formatTime(run.ClosedAt))
		add("mail.created", d.span(run.Window))
		count("fact.selected", run.Selected, true)
	} else {
		add("column.project", d.project(d.delivery.Report.Scope.ProjectID))
		count("fact.closed_runs", int64(len(d.summary.Runs)), true)
	}
	if d.summary.Run == nil || d.correction() {
		count("fact.listed", d.summary.Payins, true)
	}
	count("mail.answered", d.summary.Answered, true)
	count("mail.unanswered", d.summary.Unanswered, false)
	count("mail.not_asked", d.summary.NotAsked, false)
	sum := totals.Counts(d.summary.Totals)
	count("mail.corrected", sum.Applied, true)
	for _, t := range totals.ByCurrency(d.summary.Totals) {
		if t.DryRun > 0 {
			facts = append(facts, field{d.T("mail.would_write", reports.CurrencyName(t.Currency)),
				d.T("mail.would_write_rows", i18n.Count(t.DryRun), reconcile.FormatSum(t.DryRunAmount, t.Currency))})
		}
	}
	count("mail.superseded", sum.Superseded, false)
	count("mail.refused", sum.Refused, false)
	count("mail.locked", sum.Locked, false)
	count("mail.held", sum.Held, false)
	count("fact.left_window", d.summary.Unresolved, false)
	runs := d.summary.Runs
	if run := d.summary.Run; run != nil {
		runs = []reconcile.Run{*run}
		if !run.Note.IsZero() {
			add("column.note", d.Clauses(run.Note))
		}
	}
	for _, head := range totals.Heads(runs) {
		add("fact.audit_head", head)
	}
	return facts
}

func (d *templateData) span(w reconcile.Window) string {
	if w.From.Year() <= 1970 {
		return d.T("mail.until", d.options.formatTime(w.To))
	}
	return d.T("mail.from_to", d.options.formatTime(w.From), d.options.formatTime(w.To))
}
