package workbook

import (
	"cmp"
	"context"
	"fmt"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

const changesTitle = "sheet.changes"

func (b *workbook) changesSheet() *sheet {
	s := b.table(changesTitle, "empty.changes", 1, []heading{
		{reports.ColPayment.Title, reports.KindID}, {reports.ColCurrency.Title, reports.KindCode},
		{"column.outcome_was", reports.KindWord}, {reports.ColOutcome.Title, reports.KindWord},
		{"column.paid_amount_was", reports.KindAmount},
		{reports.ColPaid.Title, reports.KindAmount},
		{"column.settled_was", reports.KindAmount}, {reports.ColSettledAfter.Title, reports.KindAmount},
		{"column.settled_difference", reports.KindChange},
		{"column.merchant_amount_was", reports.KindAmount}, {reports.ColAmount.Title, reports.KindAmount},
		{"column.reported_by_run", reports.KindCount},
		{reports.ColRun.Title, reports.KindCount},
	})
	if b.report.Run == nil {
		s.fixed, s.columns = 2, append([]reports.Column{b.report.ProjectColumn()}, s.columns...)
	}
	s.mark = b.all.mark
	return s
}

// streamChanges lists the payins of a correction. Each row has the finding in the earlier report and the current
// finding.
func (b *workbook) streamChanges(ctx context.Context, a reconcile.Archive) error {
	if b.changes == nil {
		return nil
	}
	if err := reports.Each("read the earlier reports", a.Changes(ctx, b.report.Scope), b.addChange); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if rows := b.changes.rows; rows != b.sums.Count() {
		return fmt.Errorf("the totals do not agree: the earlier reports have %d of %d payins: write the report again", rows,
			b.sums.Count())
	}
	return nil
}

func (b *workbook) addChange(c *reconcile.Change) error {
	return b.changes.addRow(func(r *rowCells) {
		if b.report.Run == nil {
			r.Text(b.report.ProjectName(c.ProjectID))
		}
		r.Text(c.PaymentID)
		otherCurrency := c.Was.RunID != 0 && c.Was.Currency != c.Is.Currency
		if otherCurrency {
			r.Text(reports.CurrencyName(c.Was.Currency) + " → " + reports.CurrencyName(c.Is.Currency))
		} else {
			r.Currency(c.Is.Currency)
		}
		r.Text(cmp.Or(string(c.Was.Outcome), "–"))
		r.Text(string(c.Is.Outcome))
		reports.AmountIfAny(r, c.Was.PaidAmount, c.Was.Currency)
		reports.AmountIfAny(r, c.Is.PaidAmount, c.Is.Currency)
		reports.AmountIfAny(r, c.Was.SettledAmount, c.Was.Currency)
		reports.AmountIfAny(r, c.Is.SettledAmount, c.Is.Currency)
		if otherCurrency { // amounts in two currencies cannot be subtracted
			r.Blank()
		} else {
			r.Change(c.Is.SettledAmount-c.Was.SettledAmount, c.Is.Currency)
		}
		reports.AmountIfAny(r, c.Was.Amount, c.Was.Currency)
		r.Amount(c.Is.Amount, c.Is.Currency)
		if c.Was.RunID != 0 {
			r.Count(c.Was.RunID)
		} else {
			r.Blank()
		}
		r.Count(c.Is.RunID)
	})
}
