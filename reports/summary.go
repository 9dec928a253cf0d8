package reports

import (
	"fmt"

	"hhrecon/reconcile"
)

// summaryColumns is how many columns the Summary is wide.
const summaryColumns = 10

// writeSummary fills the first sheet. It is small, so it is written cell by cell, after all else, when
// every figure is known.
func (b *book) writeSummary(done *Summary) error {
	if err := b.layOut(summaryTitle, 1); err != nil {
		return err
	}
	g := &grid{book: b, row: 1}
	g.widths(30, 18, 18, 18, 18, 18, 18, 18, 18, 18)
	g.put(1, "Payins reconciled with HighHelp", titleStyle)
	g.next(2)
	g.facts(done)
	g.row = max(g.row, 22) // the chart's foot
	g.outcomeChart(g.outcomes(done))
	g.totals(done)
	g.keep(b.file.InsertPageBreak(summaryTitle, g.cell(1)))
	g.bridge(done)
	g.corrections(done)
	g.contents(done)
	g.runs()
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
	result, meaning := headline(run)
	g.fact("Result", result, strongStyle)
	g.fact("", meaning, plainStyle)
	if run.DryRun {
		g.fact("DRY RUN", "No row of the merchant's table was changed.", strongStyle)
	}
	g.fact("Run", run.ID, leftStyle)
	g.project(run.ProjectID)
	g.window("Payins created from, included", run.Window)
	g.fact("Started", run.StartedAt, momentStyle)
	g.fact("Closed", run.ClosedAt, momentStyle)
	g.fact("Payins selected", run.Selected, leftStyle)
	g.fact("Payins answered", run.Weight.Answered, leftStyle)
	g.fact("Left the window while open", done.Unresolved, leftStyle)
	g.fact("Note", run.Note, plainStyle)
	g.made()
	g.next(1)
	g.put(1, "Control", strongStyle)
	g.put(2, control(run, done.Payins), strongStyle)
	g.next(2)
}

func (g *grid) periodFacts(done *Summary) {
	r := g.book.about
	g.fact("Result", "Period", strongStyle)
	g.fact("", "The last word on each payin in the closed runs that started within the period, dry runs aside.", plainStyle)
	if r.scope.ProjectID != "" {
		g.project(r.scope.ProjectID)
	} else {
		g.fact("Project", "all projects", plainStyle)
	}
	g.window("Runs started from, included", r.scope.Window)
	g.fact("Closed runs", len(r.runs), leftStyle)
	g.fact("Payins", done.Payins, leftStyle)
	g.fact("Left the window while open", done.Unresolved, leftStyle)
	g.made()
	g.next(1)
	g.put(1, "Control", strongStyle)
	g.put(2, fmt.Sprintf("Payins listed %s = sum of outcomes %s ✓", grouped(done.Payins), grouped(sumOf(done.Totals).Count)), strongStyle)
	g.next(2)
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
	g.fact("hhrecon", g.book.about.Version, plainStyle)
}

// headline says how a run ended, in its one word and in a sentence.
func headline(run *reconcile.Run) (word, meaning string) {
	word = string(run.Headline())
	switch run.Headline() {
	case reconcile.HeadlineComplete:
		meaning = "Every selected payin was answered."
	case reconcile.HeadlinePartial:
		meaning = fmt.Sprintf("%s of the selected payins were not answered.", grouped(run.Selected-run.Weight.Answered))
	case reconcile.HeadlineHeld:
		meaning = "No row was changed: the corrections are so many that a person must look first."
	default:
		word += " (" + string(run.State) + ")"
		meaning = "The run is not closed: this report is not final."
	}
	if run.DryRun {
		word += " · DRY RUN"
	}
	return word, meaning
}

// control holds the payins that were selected against the findings. For a closed run they were tied
// before this was written.
func control(run *reconcile.Run, payins int64) string {
	if payins == run.Selected {
		return fmt.Sprintf("Selected %s = sum of outcomes %s ✓", grouped(run.Selected), grouped(payins))
	}
	return fmt.Sprintf("Selected %s, of which %s have an outcome so far", grouped(run.Selected), grouped(payins))
}

// contents leads to the other sheets.
func (g *grid) contents(done *Summary) {
	g.heading("Sheets")
	g.header("Sheet", ">Rows", "What it lists")
	for _, s := range done.Sheets {
		g.link(1, s.Name)
		g.put(2, s.Rows, countStyle)
		g.put(3, contents[s.Name], plainStyle)
		g.next(1)
	}
	g.next(1)
}

var contents = map[string]string{
	differentTitle:   "Payins for which HighHelp has another amount than the merchant's row, and reversed ones.",
	timeoutsTitle:    "Payins that were not paid or confirmed in time, or that HighHelp never closed.",
	supportTitle:     "What to send to HighHelp's support, with the question to ask.",
	correctionsTitle: "What was, or would have been, changed in the merchant's rows; superseded and refused ones first.",
	unresolvedTitle:  "Open payins that left the window, then those without a trusted answer.",
	allTitle:         "Every payin of this report.",
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
			g.put(1, fmt.Sprintf("… and %d earlier ones", len(runs)-most), plainStyle)
			g.next(1)
			break
		}
		word, _ := headline(&run)
		g.put(1, run.ID, leftStyle)
		g.put(2, word, plainStyle)
		g.put(3, run.Selected, countStyle)
		g.put(4, run.StartedAt, momentStyle)
		g.put(5, g.book.about.project(run.ProjectID), plainStyle)
		g.next(1)
	}
}
