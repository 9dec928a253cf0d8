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

// templateData is the data of a message.
type templateData struct {
	i18n.Printer // in the recipient's language
	delivery     reconcile.Delivery
	summary      workbook.Summary
	base         *reconcile.Run // the run of the report that is corrected; nil for a period
	inReplyTo    string         // the Message-ID of the report that is corrected; "" if unknown
	workbook     *cachedWorkbook
	options      *Options
}

// message is the input of the templates. Each of its texts is one line.
type message struct {
	i18n.Printer
	Subject    string
	Kind       string // complete, partial, held or failed; selects the colour of the headline
	Headline   string
	Title      string // the subject of the report
	Heading    string // Title with the version of the report
	Meaning    string
	Above      []string // notes at the top, for example that the report is a corrected report
	ToDo       []action
	Outcomes   string // heading of Tables
	Tables     []table
	Listed     string // heading of Largest
	Largest    []difference
	Facts      []field
	FactsTitle string
	Footer     string
	Workbook   action
	Page       string // address of the report's page; "" if there is none
}

// action is an action that the reader should take, with a link or a command.
type action struct{ Text, Link, Command string }

type field struct{ Name, Value string }

// write writes the texts of the message.
func (d *templateData) write() *message {
	l := &message{Printer: d.Printer, Kind: d.kind()}
	l.Headline, l.Title, l.Meaning = d.T("mail.headline_"+d.headline(l.Kind)), d.title(), d.meaning(l)
	if run := d.summary.Run; run != nil && run.DryRun {
		l.Headline += " · " + d.T("headline.dry_run")
	}
	l.Heading = l.Title
	if d.correction() {
		l.Heading = d.T("mail.correction", d.delivery.Report.Version, l.Title)
	}
	l.Subject = d.subject(l)
	l.Above = d.above(l)
	l.ToDo = d.toDo()
	l.Outcomes = d.T("summary.outcomes")
	if d.correction() {
		l.Outcomes = d.T("mail.outcomes_changed")
	}
	l.Tables = d.tables()
	l.Listed, l.Largest = d.largest()
	l.FactsTitle, l.Facts = d.T("mail.facts"), d.facts()
	if d.summary.Run == nil {
		l.FactsTitle = d.T("mail.facts_period")
	}
	l.Workbook, l.Page = d.attachment(), d.options.pageOf(d.delivery.Report.Scope.RunID, "")
	l.Footer = d.T("mail.times", d.options.zone().String()) + " " + d.T("mail.automatic")
	return l
}

func (d *templateData) correction() bool { return d.delivery.Report.Version > 0 }

// kind returns the result of the run, or the most serious result of the runs of a period.
func (d *templateData) kind() string {
	run := d.summary.Run
	switch {
	case run != nil && !run.ClosedAt.IsZero():
		return strings.ToLower(string(run.ResultStatus()))
	case len(d.heldRuns()) > 0:
		return "held"
	case d.unanswered() > 0:
		return "partial"
	}
	return "complete"
}

// heldRuns lists the runs that a person must release or discard. For the report of a run, heldRuns returns the
// run that holds the corrections.
func (d *templateData) heldRuns() (held []int64) {
	runs := d.summary.Runs
	if run := d.summary.Run; run != nil {
		runs = []reconcile.Run{*run}
	}
	for i := range runs {
		if by := runs[i].HeldBy(); by != 0 && !slices.Contains(held, by) {
			held = append(held, by)
		}
	}
	return held
}

func (d *templateData) unanswered() int64 { return d.summary.Unanswered + d.summary.NotAsked }

// headline returns the key of the headline. The headline of a held run says whether a person has released or discarded
// the run.
func (d *templateData) headline(kind string) string {
	if run := d.summary.Run; run != nil && kind != "held" {
		switch run.State {
		case reconcile.Released:
			return "released"
		case reconcile.Discarded:
			return "discarded"
		}
	}
	return kind
}

func (d *templateData) meaning(l *message) string {
	run, text := d.summary.Run, ""
	switch key := d.headline(l.Kind); {
	case run != nil && key == l.Kind && run.State != reconcile.Held && key != "complete":
		return d.Sentence(run.Shortfall())
	case key == "held" && run == nil:
		return d.T("mail.meaning_held_in_period")
	case key == "partial":
		return d.T("mail.meaning_partial", i18n.Count(d.unanswered()))
	default:
		text = d.T("mail.meaning_" + key)
	}
	if run != nil && !run.Shortfall().IsZero() {
		text += " " + d.Sentence(run.Shortfall())
	}
	return text
}

// title returns the subject of the report, such as "Som widget, nightly run of 2026-11-23". A corrected report has the
// title of the corrected report.
func (d *templateData) title() string {
	scope := d.delivery.Report.Scope
	if run := d.summary.Run; run != nil {
		if d.base != nil {
			run = d.base
		}
		return d.project(run.ProjectID) + ", " + d.whenOf(run)
	}
	return d.project(scope.ProjectID) + ", " +
		d.T("mail.from_to", d.options.day(scope.Window.From), d.options.day(scope.Window.To.Add(-time.Nanosecond)))
}

// whenOf formats the day of a run. If the run started before noon, the text says "nightly run of".
func (d *templateData) whenOf(run *reconcile.Run) string {
	day := d.options.day(run.StartedAt)
	switch {
	case !run.Whole:
		return d.T("mail.chosen", day)
	case run.StartedAt.In(d.options.zone()).Hour() < 12:
		return d.T("mail.night", day)
	}
	return d.T("mail.day", day)
}

// subject returns the subject line of the message, such as "HELD: Som widget, nightly run of 2026-11-23: 9 corrections
// held". The subject of a corrected report with the result complete omits the result.
func (d *templateData) subject(l *message) string {
	title := l.Heading
	if !d.correction() || l.Kind != "complete" {
		title = l.Headline + ": " + title
	}
	return reports.OneLine(title + ": " + d.count(l))
}

// count returns the last part of the subject line, which contains the most important counts.
func (d *templateData) count(l *message) string {
	sum := totals.Counts(d.summary.Totals)
	different := d.T("mail.different", i18n.Count(totals.CountByOutcome(d.summary.Totals)[reconcile.DifferentAmount]))
	switch {
	case d.correction():
		return d.T("mail.changed", i18n.Count(d.summary.Payins))
	case l.Kind == "held" && sum.Held > 0:
		return d.T("mail.payins", i18n.Count(d.summary.Payins)) + ", " + d.T("mail.held_back", i18n.Count(sum.Held))
	case l.Kind == "partial", l.Kind == "failed":
		return d.T("mail.answered_of", i18n.Count(d.summary.Answered), i18n.Count(d.summary.Payins)) + ", " + different
	}
	return d.T("mail.payins", i18n.Count(d.summary.Payins)) + ", " + different
}

// above lists the notes at the top of the message.
func (d *templateData) above(l *message) []string {
	var lines []string
	if d.delivery.Doubtful {
		lines = append(lines, d.T("mail.repeated", messageID(&d.delivery)))
	}
	if d.delivery.By != "" {
		lines = append(lines, d.T("mail.sent_again", reports.OneLine(d.delivery.By)))
	}
	if run := d.summary.Run; run != nil && run.DryRun {
		lines = append(lines, reports.DryRunText(d.Printer, run))
	}
	if d.correction() {
		if run := d.summary.Run; run != nil {
			lines = append(lines, d.T("mail.corrects_run", l.Title, run.ID))
		} else {
			lines = append(lines, d.T("mail.corrects_period", l.Title))
		}
	}
	return lines
}

func (o *Options) day(t time.Time) string        { return t.In(o.zone()).Format(time.DateOnly) }
func (o *Options) formatTime(t time.Time) string { return t.In(o.zone()).Format("2006-01-02 15:04") }

func (o *Options) zone() *time.Location { return cmp.Or(o.Reports.Zone, time.UTC) }

// project returns the name of a project, or its ID.
func (d *templateData) project(id string) string {
	if id == "" {
		return d.T("fact.all_projects")
	}
	return reports.OneLine(cmp.Or(d.options.Reports.Projects[id], id))
}

// pageOf returns the address of a run's page, or of the overview if runID is 0. The result is ""
// if no page is configured.
func (o *Options) pageOf(runID int64, rest string) string {
	if o.PageURL == "" || runID == 0 {
		return o.PageURL
	}
	return fmt.Sprintf("%s/runs/%d%s", o.PageURL, runID, rest)
}
