package mail

import (
	"fmt"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports/i18n"
)

// toDo lists what a person must do, the most urgent first.
func (o *occasion) toDo(l *letter) []step {
	var steps []step
	texts, _ := i18n.For(l.language)
	run := o.summary.Run
	if run != nil && run.State == reconcile.Held {
		steps = append(steps, o.heldStep(l.catalogue, run))
	}
	for _, held := range o.summary.Runs {
		if held.State == reconcile.Held {
			steps = append(steps, o.heldStep(l.catalogue, &held))
		}
	}
	if n := o.summary.Waiting; n > 0 {
		s := step{Text: l.number("do decide", n, texts.T("sheet.different_amounts")), Command: "hhrecon decide --from FILE.xlsx --by NAME"}
		if o.options.PageURL != "" {
			s.Link, s.Command = o.options.PageURL+"/waiting", ""
		}
		steps = append(steps, s)
	}
	if n := sumOf(o.summary.Totals).Refused; n > 0 {
		steps = append(steps, step{Text: l.number("do refused", n, texts.T("sheet.corrections"))})
	}
	if n := o.summary.Support; n > 0 {
		steps = append(steps, step{Text: l.number("do support", n, texts.T("sheet.support"))})
	}
	if n := o.summary.Unresolved; n > 0 {
		steps = append(steps, step{Text: l.number("do left", n, texts.T("sheet.unresolved"))})
	}
	if len(steps) == 0 {
		steps = append(steps, step{Text: l.say("nothing to do")})
	}
	return steps
}

func (o *occasion) heldStep(c *catalogue, run *reconcile.Run) step {
	s := step{Text: c.say("do hold", run.ID), Link: o.options.pageOf(run.ID, "")}
	if s.Link == "" {
		s.Command = c.say("release or discard", run.ID)
	}
	return s
}

// page is the address of what the report is about.
func (o *occasion) page() string { return o.options.pageOf(o.delivery.Report.Scope.RunID, "") }

// attachment says where the workbook is.
func (o *occasion) attachment(c *catalogue) step {
	w := o.workbook
	switch {
	case w.content != nil:
		return step{Text: c.say("attached", w.name)}
	case o.options.PageURL != "":
		rest := "/workbook"
		if o.correction() {
			rest = "" // the page's workbook is the whole run's
		}
		return step{Text: c.say("too large", w.name, c.megabytes(w.size)), Link: o.options.pageOf(o.delivery.Report.Scope.RunID, rest)}
	}
	return step{Text: c.say("too large here", w.name, c.megabytes(w.size)), Command: o.options.reportCommand(&o.delivery.Report.Scope, c.language)}
}

// reportCommand makes the same workbook by hand.
func (o *Options) reportCommand(s *reconcile.Scope, language string) string {
	command := fmt.Sprintf("hhrecon report --run %d", s.RunID)
	if s.RunID == 0 {
		command = "hhrecon report --from " + s.Window.From.In(o.zone()).Format(time.RFC3339) + " --to " + s.Window.To.In(o.zone()).Format(time.RFC3339)
		if s.ProjectID != "" {
			command += " --project " + s.ProjectID
		}
	}
	if language != "en" {
		command += " --language " + language
	}
	return command
}

func (c *catalogue) megabytes(size int64) string {
	tenths := (size*10 + 999_999) / 1_000_000 // rounded up: it is too large
	return c.say("megabytes", tenths/10, tenths%10)
}

// facts is what was asked for, when, and how it went. What is 0 and need not be said is left out.
func (o *occasion) facts(c *catalogue) []fact {
	var facts []fact
	add := func(key, value string) { facts = append(facts, fact{c.say(key), value}) }
	count := func(key string, n int64, always bool) {
		if n > 0 || always {
			add(key, grouped(n))
		}
	}
	if run := o.summary.Run; run != nil {
		add("project", o.options.project(run.ProjectID, c))
		add("run", fmt.Sprint(run.ID))
		add("started", o.options.moment(run.StartedAt))
		add("closed", o.options.moment(run.ClosedAt))
		add("created", o.span(run.Window, c))
		count("selected", run.Selected, true)
	} else {
		add("project", o.options.project(o.delivery.Report.Scope.ProjectID, c))
		count("runs", int64(len(o.summary.Runs)), true)
	}
	if o.summary.Run == nil || o.correction() {
		count("listed", o.summary.Payins, true)
	}
	count("answered", o.summary.Answered, true)
	count("unanswered", o.summary.Unanswered, false)
	count("not asked", o.summary.NotAsked, false)
	sum := sumOf(o.summary.Totals)
	count("corrected", sum.Applied, true)
	count("superseded", sum.Superseded, false)
	count("refused", sum.Refused, false)
	count("held count", sum.Held, false)
	count("left", o.summary.Unresolved, false)
	if run := o.summary.Run; run != nil && run.Note != "" {
		in := o.options.Reports
		in.Language = o.delivery.Recipient.Language
		add("note", in.NoteOf(run.Note))
	}
	return facts
}

func (o *occasion) span(w reconcile.Window, c *catalogue) string {
	if w.From.Year() <= 1970 {
		return c.say("until", o.options.moment(w.To))
	}
	return c.say("from to", o.options.moment(w.From), o.options.moment(w.To))
}
