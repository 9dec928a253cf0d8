package mail

import (
	"fmt"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// occasion is all that a letter is written from.
type occasion struct {
	delivery reconcile.Delivery
	summary  reports.Summary
	base     *reconcile.Run // the run of the report that is corrected; nil where it is a period
	answers  string         // the Message-ID of the report that is corrected; "" for none
	workbook *workbook
	options  *Options
}

// letter is what the templates show. Every text in it is of one line.
type letter struct {
	*catalogue
	zone     string // of all its times
	period   bool   // it is about a period
	Subject  string
	Kind     string // complete, partial or held: the colour
	Headline string
	Title    string // what the report is about
	Heading  string // the same, and which edition
	Meaning  string
	Above    []string // what must be read first
	ToDo     []step
	Outcomes string // heading
	Tables   []table
	Listed   string // heading
	Largest  []difference
	Facts    []fact
	Workbook step
	Page     string // address of the report's page; "" where there is none
}

// step is something for the reader to do or to know, and how.
type step struct{ Text, Link, Command string }

type fact struct{ Name, Value string }

// Say and Number are for the templates.
func (l *letter) Say(key string, args ...any) string { return l.say(key, args...) }

// write makes the letter.
func (o *occasion) write() *letter {
	l := &letter{
		catalogue: catalogueOf(o.delivery.Recipient.Language), zone: o.options.zone().String(), period: o.summary.Run == nil,
	}
	l.Kind = o.kind()
	l.Headline, l.Title, l.Meaning = l.say(o.headline(l.Kind)), o.title(l.catalogue), o.meaning(l)
	l.Heading = l.Title
	if o.correction() {
		l.Heading = l.say("correction", o.delivery.Report.Edition, l.Title)
	}
	l.Subject = o.subject(l)
	l.Above = o.above(l)
	l.ToDo = o.toDo(l)
	l.Outcomes = l.say("outcomes")
	if o.correction() {
		l.Outcomes = l.say("outcomes of changes")
	}
	l.Tables = o.tables(l.catalogue)
	l.Listed, l.Largest = o.largest(l.catalogue)
	l.Facts = o.facts(l.catalogue)
	l.Workbook, l.Page = o.attachment(l.catalogue), o.page()
	return l
}

func (o *occasion) correction() bool { return o.delivery.Report.Edition > 0 }

// kind is the headline of a run, or of a period: the worst of what its runs and its answers come to.
func (o *occasion) kind() string {
	if run := o.summary.Run; run != nil {
		switch {
		case run.State == reconcile.Held:
			return "held"
		case run.Headline() == reconcile.HeadlinePartial:
			return "partial"
		}
		return "complete"
	}
	for _, run := range o.summary.Runs {
		if run.State == reconcile.Held {
			return "held"
		}
	}
	if o.unanswered() > 0 {
		return "partial"
	}
	return "complete"
}

func (o *occasion) unanswered() int64 { return o.summary.Unanswered + o.summary.NotAsked }

// headline is the key of the headline: what a person did to a held run stands in it.
func (o *occasion) headline(kind string) string {
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

func (o *occasion) meaning(l *letter) string {
	run := o.summary.Run
	switch key := o.headline(l.Kind); {
	case key == "held" && run == nil:
		return l.say("held run means")
	case key == "partial" && run != nil:
		return l.number("partial means", run.Selected-run.Weight.Answered)
	case key == "partial":
		return l.number("partial means", o.unanswered())
	default:
		return l.say(key + " means")
	}
}

// title says what the report is about: "Som widget, night of 2026-11-23". A correction is named after what it corrects.
func (o *occasion) title(c *catalogue) string {
	scope := o.delivery.Report.Scope
	if run := o.summary.Run; run != nil {
		if o.base != nil {
			run = o.base
		}
		return o.options.project(run.ProjectID, c) + ", " + o.whenOf(run, c)
	}
	return o.options.project(scope.ProjectID, c) + ", " +
		c.say("period", o.options.day(scope.Window.From), o.options.day(scope.Window.To.Add(-time.Nanosecond)))
}

// whenOf names a run by its day; a run of the small hours is that of the night.
func (o *occasion) whenOf(run *reconcile.Run, c *catalogue) string {
	day := o.options.day(run.StartedAt)
	switch {
	case !run.Whole:
		return c.say("chosen", day)
	case run.StartedAt.In(o.options.zone()).Hour() < 12:
		return c.say("night", day)
	}
	return c.say("day", day)
}

// subject shouts first where a person must look: "HELD: Som widget, night of 2026-11-23: 260 corrections held back".
func (o *occasion) subject(l *letter) string {
	title := l.Heading
	if !o.correction() || l.Kind != "complete" {
		title = l.Headline + ": " + title
	}
	return reports.OneLine(title + ": " + o.count(l))
}

// count is what the subject counts.
func (o *occasion) count(l *letter) string {
	sum := sumOf(o.summary.Totals)
	different := l.number("different", countOf(o.summary.Totals, reconcile.DifferentAmount))
	switch {
	case o.correction():
		return l.number("changed", o.summary.Payins)
	case l.Kind == "held" && sum.Held > 0:
		return l.number("payins", o.summary.Payins) + ", " + l.number("held back", sum.Held)
	case l.Kind == "partial":
		return l.number("answered of", o.summary.Answered, grouped(o.summary.Payins)) + ", " + different
	}
	return l.number("payins", o.summary.Payins) + ", " + different
}

// above is what must be read before all else.
func (o *occasion) above(l *letter) []string {
	var lines []string
	d := &o.delivery
	if d.Doubtful {
		lines = append(lines, l.say("repeated", messageID(d)))
	}
	if d.By != "" {
		lines = append(lines, l.say("sent again", reports.OneLine(d.By)))
	}
	if o.correction() {
		if run := o.summary.Run; run != nil {
			lines = append(lines, l.say("correction means", l.Title, run.ID))
		} else {
			lines = append(lines, l.say("correction period", l.Title))
		}
	}
	return lines
}

func (o *Options) day(t time.Time) string    { return t.In(o.zone()).Format(time.DateOnly) }
func (o *Options) moment(t time.Time) string { return t.In(o.zone()).Format("2006-01-02 15:04") }

func (o *Options) zone() *time.Location {
	if o.Reports.Zone == nil {
		return time.UTC
	}
	return o.Reports.Zone
}

// project is what people call a project.
func (o *Options) project(id string, c *catalogue) string {
	switch name := o.Reports.Projects[id]; {
	case id == "":
		return c.say("all projects")
	case name != "":
		return reports.OneLine(name)
	}
	return reports.OneLine(id)
}

// pageOf is the address of a run's page, or of the page itself; "" where there is none.
func (o *Options) pageOf(runID int64, rest string) string {
	if o.PageURL == "" || runID == 0 {
		return o.PageURL
	}
	return fmt.Sprintf("%s/runs/%d%s", o.PageURL, runID, rest)
}
