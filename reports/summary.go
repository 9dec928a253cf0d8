package reports

import (
	"strings"

	"hhrecon/reconcile"
)

// summaryColumns is how many columns the Summary is wide.
const summaryColumns = 10

// chartColumn is the first column below the chart of outcomes, F.
const chartColumn = 6

// chartFoot is the first row below the chart of outcomes, which stands beside the facts.
const chartFoot = 22

// writeSummary fills the first sheet. It is small, so it is written cell by cell, after all else, when
// every figure is known.
func (b *book) writeSummary(done *Summary) error {
	if err := b.layOut(b.summary, 1); err != nil {
		return err
	}
	g := &grid{book: b, sheet: b.summary, row: 1}
	g.widths(30, 18, 18, 18, 18, 18, 18, 18, 18, 18)
	g.put(1, g.say("Payins reconciled with HighHelp"), titleStyle)
	g.next(2)
	g.facts(done)
	g.row = max(g.row, chartFoot)
	g.outcomeChart(g.outcomes(done))
	g.totals(done)
	g.breakPage()
	g.since()
	g.bridge(done)
	g.corrections(done)
	g.contents()
	g.runs()
	g.widenNames()
	return g.err
}

// facts is what was asked for, when, and how it went.
func (g *grid) facts(done *Summary) {
	r := g.book.about
	if r.run == nil {
		g.periodFacts(done)
		return
	}
	run := r.run
	g.edition()
	g.fact("Result", headline(r.say, run)+r.dryMark(), strongStyle)
	g.fact("", r.meaning(run), plainStyle)
	if run.DryRun {
		g.fact("DRY RUN", g.say("No row of the merchant's table was changed."), strongStyle)
	}
	g.fact("Run", run.ID, leftStyle)
	g.project(run.ProjectID)
	g.window("Payins created from, included", run.Window)
	g.fact("Started", run.StartedAt, momentStyle)
	g.fact("Closed", run.ClosedAt, momentStyle)
	g.fact("Payins selected", run.Selected, leftStyle)
	if !r.whole() {
		g.fact("Payins listed", done.Payins, leftStyle)
	}
	g.coverage(done)
	g.made()
	g.next(1)
	g.put(1, g.say("Control"), strongStyle)
	if g.book.about.whole() {
		g.put(2, g.control(run, done.Payins), strongStyle)
	} else {
		g.put(2, g.listed(done), strongStyle)
	}
	g.next(1)
	if run.Note != "" {
		g.row = max(g.row, chartFoot) // a note is long
		g.fact("Note", g.book.about.retold(OneLine(run.Note)), plainStyle)
	}
	g.next(1)
}

func (g *grid) periodFacts(done *Summary) {
	r := g.book.about
	g.edition()
	g.fact("Result", g.say("Period"), strongStyle)
	g.fact("", g.say("The last word on each payin in the closed runs that started within the period, dry runs aside."), plainStyle)
	if r.scope.ProjectID != "" {
		g.project(r.scope.ProjectID)
	} else {
		g.fact("Project", g.say("all projects"), plainStyle)
	}
	g.window("Runs started from, included", r.scope.Window)
	g.fact("Closed runs", len(r.runs), leftStyle)
	g.fact("Payins", done.Payins, leftStyle)
	if g.book.journey != nil {
		g.fact("… kept one word throughout", g.book.kept(), leftStyle)
	}
	g.coverage(done)
	g.made()
	g.next(1)
	g.put(1, g.say("Control"), strongStyle)
	g.put(2, g.listed(done), strongStyle)
	g.next(2)
}

// coverage is what came of asking, as the findings tell it, and what is left for people.
func (g *grid) coverage(done *Summary) {
	g.fact("… answered", done.Answered, leftStyle)
	g.fact("… asked without answer", done.Unanswered, leftStyle)
	g.fact("… not asked", done.NotAsked, leftStyle)
	g.fact("Waiting for a decision", done.Waiting, leftStyle)
	g.fact("Left the window while open", done.Unresolved, leftStyle)
}

func (g *grid) project(id string) {
	if name := g.book.about.Projects[id]; name != "" {
		g.fact("Project", name, plainStyle)
	}
	g.fact("Project ID", id, plainStyle)
}

func (g *grid) window(from string, w reconcile.Window) {
	g.fact(from, w.From, momentStyle)
	g.fact("… to, not included", w.To, momentStyle)
	g.fact("All times in", g.book.about.zone().String(), plainStyle)
}

func (g *grid) made() {
	g.fact("Report made", g.book.about.Now, momentStyle)
	g.fact("Made by", strings.TrimSpace("hhrecon "+g.book.about.Version), plainStyle)
}

// control holds the payins that were selected against the findings. For a closed run they were tied
// before this was written.
func (g *grid) control(run *reconcile.Run, payins int64) string {
	if payins == run.Selected {
		return g.say("Selected %s = sum of outcomes %s ✓", grouped(run.Selected), grouped(payins))
	}
	return g.say("Selected %s, of which %s have an outcome so far", grouped(run.Selected), grouped(payins))
}

// listed is the control of a report that has not all findings of a run.
func (g *grid) listed(done *Summary) string {
	return g.say("Payins listed %s = sum of outcomes %s ✓", grouped(done.Payins), grouped(sumOf(done.Totals).Count))
}

// contents leads to the other sheets.
func (g *grid) contents() {
	g.together(len(contents) + 2)
	g.heading("Sheets")
	g.header("Sheet", ">Rows", "What it lists")
	for _, s := range g.book.sheets() {
		g.content(s.key, s.rows)
		if n := len(g.book.about.nights); s == g.book.control && n > 0 {
			g.content(nightsTitle, int64(n))
		}
	}
	g.next(1)
}

func (g *grid) content(sheet string, rows int64) {
	g.link(1, g.say(sheet))
	g.put(2, rows, countStyle)
	g.put(3, g.say(contents[sheet]), plainStyle)
	g.next(1)
}

var contents = map[string]string{
	controlTitle:     "Proves this report: the database's own totals, the same from the sheets by formulas, and the difference.",
	nightsTitle:      "Payins by outcome, night by night, as a chart and a table: the last 30 nights.",
	sinceTitle:       "What happened since the run before: new, still open, come back, settled, overtaken; with the age of what is open.",
	journeyTitle:     "Payins on which the period's runs had more than one word, by outcome or amount A: run by run, with the corrections and what people did.",
	changesTitle:     "What was told of these payins before, beside what is told now: outcome, amounts and what is settled.",
	differentTitle:   "Payins for which HighHelp has another amount than the merchant's row, and reversed ones; its column Decision is for you to fill in.",
	timeoutsTitle:    "Payins that were not paid or confirmed in time, or that HighHelp never closed.",
	supportTitle:     "What to send to HighHelp's support, with the question to ask.",
	correctionsTitle: "What was, or would have been, changed in the merchant's rows; superseded and refused ones first.",
	unresolvedTitle:  "Open payins that left the window, then those without a trusted answer.",
	allTitle:         "Every payin of this report.",
	legendTitle:      "Explains every word of the other sheets.",
}

// runs lists the runs of a period.
func (g *grid) runs() {
	const most = 200
	runs := g.book.about.runs
	if len(runs) == 0 {
		return
	}
	g.heading("Runs of the period, newest first")
	g.header("Run", "Result", ">Selected", "Started", "Project")
	for i, run := range runs {
		if i == most {
			g.put(1, g.say("… and %s earlier ones", number(int64(len(runs)-most))), plainStyle)
			g.next(1)
			break
		}
		g.put(1, run.ID, leftStyle)
		g.put(2, brief(&run), plainStyle)
		g.put(3, run.Selected, countStyle)
		g.put(4, run.StartedAt, momentStyle)
		g.put(5, g.book.about.project(run.ProjectID), plainStyle)
		g.next(1)
	}
}
