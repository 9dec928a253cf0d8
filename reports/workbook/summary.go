package workbook

import (
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

// summaryColumns is the number of columns of the Summary.
const summaryColumns = 10

// chartColumn is the first column below the chart of outcomes, F.
const chartColumn = 6

// chartFoot is the first row below the chart of outcomes. The chart is to the right of the facts.
const chartFoot = 22

// summaryWriter writes the Summary.
type summaryWriter struct{ *cellWriter }

// writeSummary writes the first sheet. This sheet is written last, because all numbers are known only then.
func (b *workbook) writeSummary(done *Summary) error {
	if err := b.layOut(b.summary, 1); err != nil {
		return err
	}
	g := &summaryWriter{&cellWriter{workbook: b, sheet: b.summary, row: 1}}
	g.widths(30, 18, 18, 18, 18, 18, 18, 18, 18, 18)
	g.put(1, g.T("summary.title"), titleStyle)
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

// facts writes the result, the description of the run, and the main numbers of the run.
func (g *summaryWriter) facts(done *Summary) {
	r := g.workbook.report
	if r.Run == nil {
		g.periodFacts(done)
		return
	}
	run := r.Run
	g.correctionFacts()
	g.fact("column.result", reports.FormatResult(r.Printer, run)+r.DryRunMark(), strongStyle)
	g.fact("", r.DescribeResult(run), plainStyle)
	if run.DryRun {
		g.fact("headline.dry_run", reports.DryRunText(r.Printer, run), strongStyle)
	}
	g.fact("column.run", run.ID, leftStyle)
	g.project(run.ProjectID)
	g.window("fact.created_from", run.Window)
	g.fact("column.started", run.StartedAt, timeStyle)
	g.fact("fact.closed", run.ClosedAt, timeStyle)
	g.fact("fact.selected", run.Selected, leftStyle)
	if !r.HasAllFindings() {
		g.fact("fact.listed", done.Payins, leftStyle)
	}
	g.coverage(done)
	g.made()
	g.next(1)
	g.put(1, g.T("sheet.control"), strongStyle)
	if g.workbook.report.HasAllFindings() {
		g.put(2, g.control(run, done.Payins), strongStyle)
	} else {
		g.put(2, g.listed(done), strongStyle)
	}
	g.next(1)
	g.fact("fact.audit_head", run.Head.String(), plainStyle)
	if !run.Note.IsZero() {
		g.row = max(g.row, chartFoot) // notes are long, so they are below the chart
		in := r.Printer
		in.Figure = nil // amounts in notes have ordinary spaces
		g.fact("column.note", in.Clauses(run.Note), plainStyle)
	}
	g.next(1)
}

func (g *summaryWriter) periodFacts(done *Summary) {
	r := g.workbook.report
	g.correctionFacts()
	g.fact("column.result", g.T("fact.period"), strongStyle)
	g.fact("", g.T("fact.period_meaning"), plainStyle)
	if r.Scope.ProjectID != "" {
		g.project(r.Scope.ProjectID)
	} else {
		g.fact("column.project", g.T("fact.all_projects"), plainStyle)
	}
	g.window("fact.runs_from", r.Scope.Window)
	g.fact("fact.closed_runs", len(r.Runs), leftStyle)
	g.fact("column.payins", done.Payins, leftStyle)
	if g.workbook.history != nil {
		g.fact("fact.kept", g.workbook.kept(), leftStyle)
	}
	g.coverage(done)
	if v := done.Verified; v != nil {
		g.fact("fact.successes", v.Successes, leftStyle)
		g.fact("fact.confirmed", reports.FormatCount(v.Confirmed)+" ("+reports.Percent(v.Confirmed, v.Successes)+")",
			leftStyle)
		g.fact("fact.never_asked", v.NeverAsked, leftStyle)
	}
	g.fact("fact.audit_head", strings.Join(totals.Heads(r.Runs), ", "), plainStyle)
	g.made()
	g.next(1)
	g.put(1, g.T("sheet.control"), strongStyle)
	g.put(2, g.listed(done), strongStyle)
	g.next(2)
}

// coverage writes the number of payins with an answer of HighHelp, and the number of payins that wait for a person.
func (g *summaryWriter) coverage(done *Summary) {
	g.fact("fact.answered", done.Answered, leftStyle)
	g.fact("fact.unanswered", done.Unanswered, leftStyle)
	g.fact("fact.not_asked", done.NotAsked, leftStyle)
	g.fact("fact.waiting", done.Waiting, leftStyle)
	g.fact("fact.left_window", done.Unresolved, leftStyle)
}

// correctionFacts writes the number of a correction, and the name of the corrected report.
func (g *summaryWriter) correctionFacts() {
	r := g.workbook.report
	if r.HasAllFindings() {
		return
	}
	g.put(1, r.CorrectionTitle(), plainStyle)
	g.put(2, g.T("title.correction_to", r.CorrectedTitle()), strongStyle)
	g.next(1)
	g.fact("", g.T("title.correction_meaning"), plainStyle)
}

func (g *summaryWriter) project(id string) {
	g.fact("column.project", g.workbook.report.Projects[id], plainStyle)
	g.fact("fact.project_id", id, plainStyle)
}

func (g *summaryWriter) window(from string, w reconcile.Window) {
	g.fact(from, w.From, timeStyle)
	g.fact("fact.to", w.To, timeStyle)
	g.fact("fact.zone", g.workbook.report.Location().String(), plainStyle)
}

func (g *summaryWriter) made() {
	g.fact("fact.made", g.workbook.report.Now, timeStyle)
	g.fact("fact.made_by", strings.TrimSpace("hhrecon "+g.workbook.report.Version), plainStyle)
}

// control compares the selected payins with the findings. ReconcileTotals has checked that both numbers are equal if
// the run is closed.
func (g *summaryWriter) control(run *reconcile.Run, payins int64) string {
	if payins == run.Selected {
		return g.T("control.selected", reports.FormatCount(run.Selected), reports.FormatCount(payins))
	}
	return g.T("control.selected_so_far", reports.FormatCount(run.Selected), reports.FormatCount(payins))
}

// listed returns the text about the control totals of a report that does not have all findings of a run.
func (g *summaryWriter) listed(done *Summary) string {
	return g.T("control.listed", reports.FormatCount(done.Payins), reports.FormatCount(totals.Counts(done.Totals).Count))
}

// mostSheets is the maximum number of sheets in the table of contents.
const mostSheets = 12

// contents writes links to the other sheets.
func (g *summaryWriter) contents() {
	g.together(mostSheets + 2)
	g.heading("summary.sheets")
	g.header("column.sheet", ">column.rows", "column.contents")
	for _, s := range g.workbook.sheets() {
		g.content(s.key, s.rows)
		if n := len(g.workbook.dailyTotals); s == g.workbook.control && n > 0 {
			g.content(dailyTotalsTitle, int64(n))
		}
	}
	g.next(1)
}

func (g *summaryWriter) content(sheet string, rows int64) {
	g.link(1, g.T(sheet))
	g.put(2, rows, countStyle)
	g.put(3, g.T("contents"+strings.TrimPrefix(sheet, "sheet")), plainStyle)
	g.next(1)
}

// runs lists the runs of a period.
func (g *summaryWriter) runs() {
	const most = 200
	runs := g.workbook.report.Runs
	if len(runs) == 0 {
		return
	}
	g.heading("summary.runs")
	g.header("column.run", "column.result", ">column.selected", "column.started", "column.project")
	for i, run := range runs {
		if i == most {
			g.put(1, g.T("summary.earlier_runs", reports.Number(int64(len(runs)-most))), plainStyle)
			g.next(1)
			break
		}
		g.put(1, run.ID, leftStyle)
		g.put(2, reports.BriefResult(&run), plainStyle)
		g.put(3, run.Selected, countStyle)
		g.put(4, run.StartedAt, timeStyle)
		g.put(5, g.workbook.report.ProjectName(run.ProjectID), plainStyle)
		g.next(1)
	}
}
