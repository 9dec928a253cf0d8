package workbook

import (
	"context"
	"fmt"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

const historyTitle = "sheet.history"

// historySheet lists the payins whose finding changed during a period.
type historySheet struct {
	sheet *sheet
	last  map[totals.Key]int64 // number of histories, by outcome and currency of the latest finding
}

func (b *workbook) newHistorySheet() *sheet {
	s := b.table(historyTitle, "", 2, []heading{
		{reports.ColProject.Title, b.report.ProjectColumn().Kind}, {reports.ColPayment.Title, reports.KindID},
		{reports.ColCurrency.Title, reports.KindCode},
		{reports.ColAmount.Title, reports.KindAmount}, {"column.runs", reports.KindCount},
		{"column.first_run", reports.KindCount},
		{"column.first_asked", reports.KindTime},
		{historyTitle, reports.KindSentence}, {reports.ColOutcome.Title, reports.KindWord},
		{reports.ColPaid.Title, reports.KindAmount},
		{"column.corrections_written", reports.KindCount}, {"column.actions", reports.KindSentence},
	})
	s.mark = b.all.mark
	return s
}

// streamHistories writes the histories of the payins whose finding changed.
func (b *workbook) streamHistories(ctx context.Context, a reconcile.Archive) error {
	if b.history == nil {
		return nil
	}
	if err := reports.Each("read the payin histories", a.PayinHistories(ctx, b.report.Scope), b.history.add); err != nil {
		return err
	}
	if b.sums.Count() > 0 {
		b.history.sheet.empty = b.report.T("empty.history", reports.FormatCount(b.kept()))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.history.reconcile(b.report.Totals)
}

// kept returns the number of payins of the period whose finding did not change.
func (b *workbook) kept() int64 { return b.sums.Count() - b.history.sheet.rows }

// reconcile checks that no outcome has more payin histories than payins.
func (n *historySheet) reconcile(all []reconcile.Total) error {
	for _, t := range all {
		at := totals.KeyOf(&t)
		if n.last[at] > t.Count {
			return fmt.Errorf("the totals do not agree (histories that end as %s in %s: %d, payins: %d): write the report again",
				t.Outcome, t.Currency, n.last[at], t.Count)
		}
		delete(n.last, at)
	}
	for at, count := range n.last {
		return fmt.Errorf("the totals do not agree (histories that end as %s in %s: %d, payins: 0): write the report again",
			at.Outcome, at.Currency, count)
	}
	return nil
}

func (n *historySheet) add(j *reconcile.PayinHistory) error {
	last := j.Last()
	n.last[totals.Key{Outcome: last.Outcome, Currency: j.Currency}]++
	about := n.sheet.workbook.report
	return n.sheet.addRow(func(r *rowCells) {
		r.Text(about.ProjectName(j.ProjectID))
		r.Text(j.PaymentID)
		r.Currency(j.Currency)
		r.Amount(j.Amount, j.Currency)
		r.Count(j.Runs)
		r.Count(j.Entries[0].RunID)
		r.Time(j.Entries[0].StartedAt.In(about.Location()))
		r.Text(historyText(about, j))
		r.Text(string(last.Outcome))
		reports.AmountIfAny(r, last.PaidAmount, j.Currency)
		r.Count(j.Applied)
		r.Text(actionsText(about, j.Actions))
	})
}

// historyText returns one line for each run with its finding. A line shows the amount if the outcome is the same as in
// the previous line, or if the amount differs. The first line compares the amount with M.
func historyText(r *reports.Report, j *reconcile.PayinHistory) string {
	told, known := make([]string, len(j.Entries)), j.Amount
	for i, s := range j.Entries {
		word := string(s.Outcome)
		switch {
		case s.PaidAmount != 0 && s.PaidAmount != known:
			word += " " + r.FormatAmount(s.PaidAmount, j.Currency)
		case i > 0 && s.Outcome == j.Entries[i-1].Outcome && s.PaidAmount != 0:
			word += " " + r.FormatAmount(s.PaidAmount, j.Currency)
		case i > 0 && s.Outcome == j.Entries[i-1].Outcome:
			word = r.T("history.without_amount", word)
		}
		if s.PaidAmount != 0 {
			known = s.PaidAmount
		}
		told[i] = r.T("history.stage", word, r.Day(s.StartedAt), reports.Number(s.RunID))
	}
	return strings.Join(told, "\n→ ")
}

// actionsText lists the actions of people on a payin, with their results for the merchant's row.
func actionsText(r *reports.Report, all []reconcile.Action) string {
	told := make([]string, len(all))
	for i, a := range all {
		became := string(a.Result)
		if a.Result == reconcile.CorrectionApplied || a.Result == reconcile.CorrectionNone {
			became = a.After.Status
		}
		told[i] = r.T("history.action", string(a.Kind), r.Day(a.At), a.Author(), became)
	}
	return strings.Join(told, ";\n")
}
