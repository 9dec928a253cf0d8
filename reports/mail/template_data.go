package mail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/totals"
	"hhrecon/reports/workbook"
)

// templateData is everything that a message is written from.
type templateData struct {
	i18n.Printer // in the recipient's language
	delivery     reconcile.Delivery
	summary      workbook.Summary
	base         *reconcile.Run // the run of the report that is corrected; nil where it is a period
	inReplyTo    string         // the Message-ID of the report that is corrected; "" for none
	workbook     *cachedWorkbook
	options      *Options
}

// message is what the templates show. Each text in it has one line.
type message struct {
	i18n.Printer
	Subject    string
	Kind       string // complete, partial, held or failed: the colour
	Headline   string
	Title      string // what the report is about
	Heading    string // the same, with the report version
	Meaning    string
	Above      []string // what must be read first
	ToDo       []action
	Outcomes   string // heading
	Tables     []table
	Listed     string // heading
	Largest    []difference
	Facts      []field
	FactsTitle string
	Footer     string
	Workbook   action
	Page       string // address of the report's page; "" if there is none
}

// action is something that the reader should do or know, and how.
type action struct{ Text, Link, Command string }

type field struct{ Name, Value string }

// write makes the letter.
func (o *templateData) write() *message {
	l := &message{Printer: o.Printer, Kind: o.kind()}
	l.Headline, l.Title, l.Meaning = o.T("mail.headline_"+o.headline(l.Kind)), o.title(), o.meaning(l)
	l.Heading = l.Title
	if o.correction() {
		l.Heading = o.T("mail.correction", o.delivery.Report.Version, l.Title)
	}
	l.Subject = o.subject(l)
	l.Above = o.above(l)
	l.ToDo = o.toDo()
	l.Outcomes = o.T("summary.outcomes")
	if o.correction() {
		l.Outcomes = o.T("mail.outcomes_changed")
	}
	l.Tables = o.tables()
	l.Listed, l.Largest = o.largest()
	l.FactsTitle, l.Facts = o.T("mail.facts"), o.facts()
	if o.summary.Run == nil {
		l.FactsTitle = o.T("mail.facts_period")
	}
	l.Workbook, l.Page = o.attachment(), o.options.pageOf(o.delivery.Report.Scope.RunID, "")
	l.Footer = o.T("mail.times", o.options.zone().String()) + " " + o.T("mail.automatic")
	return l
}

func (o *templateData) correction() bool { return o.delivery.Report.Version > 0 }

// kind is the result of a run; of a period, the worst result of its runs.
func (o *templateData) kind() string {
	run := o.summary.Run
	switch {
	case run != nil && !run.ClosedAt.IsZero():
		return strings.ToLower(string(run.ResultStatus()))
	case len(o.heldRuns()) > 0:
		return "held"
	case o.unanswered() > 0:
		return "partial"
	}
	return "complete"
}

// heldRuns are those whose holds wait for a person, of a run's report that which holds its corrections.
func (o *templateData) heldRuns() (held []int64) {
	runs := o.summary.Runs
	if run := o.summary.Run; run != nil {
		runs = []reconcile.Run{*run}
	}
	for i := range runs {
		if by := runs[i].HeldBy(); by != 0 && !slices.Contains(held, by) {
			held = append(held, by)
		}
	}
	return held
}

func (o *templateData) unanswered() int64 { return o.summary.Unanswered + o.summary.NotAsked }

// headline is the last part of the headline's key; it includes what a person did to a held run.
func (o *templateData) headline(kind string) string {
	if run := o.summary.Run; run != nil && kind != "held" {
		switch run.State {
		case reconcile.Released:
			return "released"
		case reconcile.Discarded:
			return "discarded"
		}
	}
	return kind
}

func (o *templateData) meaning(l *message) string {
	run, text := o.summary.Run, ""
	switch key := o.headline(l.Kind); {
	case run != nil && key == l.Kind && run.State != reconcile.Held && key != "complete":
		return o.Sentence(run.Shortfall())
	case key == "held" && run == nil:
		return o.T("mail.meaning_held_in_period")
	case key == "partial":
		return o.T("mail.meaning_partial", i18n.Count(o.unanswered()))
	default:
		text = o.T("mail.meaning_" + key)
	}
	if run != nil && !run.Shortfall().IsZero() {
		text += " " + o.Sentence(run.Shortfall())
	}
	return text
}

// title is what the report is about: "Som widget, night of 2026-11-23". A correction is named after the report that
// it corrects.
func (o *templateData) title() string {
	scope := o.delivery.Report.Scope
	if run := o.summary.Run; run != nil {
		if o.base != nil {
			run = o.base
		}
		return o.project(run.ProjectID) + ", " + o.whenOf(run)
	}
	return o.project(scope.ProjectID) + ", " +
		o.T("mail.from_to", o.options.day(scope.Window.From), o.options.day(scope.Window.To.Add(-time.Nanosecond)))
}

// whenOf names a run by its day; a run of the small hours is that of the night.
func (o *templateData) whenOf(run *reconcile.Run) string {
	day := o.options.day(run.StartedAt)
	switch {
	case !run.Whole:
		return o.T("mail.chosen", day)
	case run.StartedAt.In(o.options.zone()).Hour() < 12:
		return o.T("mail.night", day)
	}
	return o.T("mail.day", day)
}

// subject begins with the result if a person must look: "HELD: Som widget, night of 2026-11-23: 260 corrections
// held".
func (o *templateData) subject(l *message) string {
	title := l.Heading
	if !o.correction() || l.Kind != "complete" {
		title = l.Headline + ": " + title
	}
	return reports.OneLine(title + ": " + o.count(l))
}

// count is what the subject counts.
func (o *templateData) count(l *message) string {
	sum := totals.Counts(o.summary.Totals)
	different := o.T("mail.different", i18n.Count(totals.CountByOutcome(o.summary.Totals)[reconcile.DifferentAmount]))
	switch {
	case o.correction():
		return o.T("mail.changed", i18n.Count(o.summary.Payins))
	case l.Kind == "held" && sum.Held > 0:
		return o.T("mail.payins", i18n.Count(o.summary.Payins)) + ", " + o.T("mail.held_back", i18n.Count(sum.Held))
	case l.Kind == "partial", l.Kind == "failed":
		return o.T("mail.answered_of", i18n.Count(o.summary.Answered), i18n.Count(o.summary.Payins)) + ", " + different
	}
	return o.T("mail.payins", i18n.Count(o.summary.Payins)) + ", " + different
}

// above is what must be read before all else.
func (o *templateData) above(l *message) []string {
	var lines []string
	d := &o.delivery
	if d.Doubtful {
		lines = append(lines, o.T("mail.repeated", messageID(d)))
	}
	if d.By != "" {
		lines = append(lines, o.T("mail.sent_again", reports.OneLine(d.By)))
	}
	if o.correction() {
		if run := o.summary.Run; run != nil {
			lines = append(lines, o.T("mail.corrects_run", l.Title, run.ID))
		} else {
			lines = append(lines, o.T("mail.corrects_period", l.Title))
		}
	}
	return lines
}

func (o *Options) day(t time.Time) string    { return t.In(o.zone()).Format(time.DateOnly) }
func (o *Options) moment(t time.Time) string { return t.In(o.zone()).Format("2006-01-02 15:04") }

func (o *Options) zone() *time.Location { return cmp.Or(o.Reports.Zone, time.UTC) }

// project is what people call a project.
func (o *templateData) project(id string) string {
	if id == "" {
		return o.T("fact.all_projects")
	}
	return reports.OneLine(cmp.Or(o.options.Reports.Projects[id], id))
}

// pageOf is the address of a run's page, or of the page itself; "" if there is none.
func (o *Options) pageOf(runID int64, rest string) string {
	if o.PageURL == "" || runID == 0 {
		return o.PageURL
	}
	return fmt.Sprintf("%s/runs/%d%s", o.PageURL, runID, rest)
}
