package reports

import (
	"cmp"
	"context"
	"fmt"

	"hhrecon/reconcile"
)

const changesTitle = "sheet.changes"

func (b *book) changesSheet() *sheet {
	s := b.table(changesTitle, "empty.changes", 1, []heading{
		{ColPayment.Title, KindID}, {ColCurrency.Title, KindCode},
		{"column.outcome_was", KindWord}, {ColOutcome.Title, KindWord}, {"column.paid_amount_was", KindAmount},
		{ColPaid.Title, KindAmount},
		{"column.settled_was", KindAmount}, {ColSettledAfter.Title, KindAmount}, {"column.settled_difference", KindChange},
		{"column.merchant_amount_was", KindAmount}, {ColAmount.Title, KindAmount}, {"column.reported_by_run", KindCount},
		{ColRun.Title, KindCount},
	})
	if b.about.Run == nil {
		s.fixed, s.columns = 2, append([]Column{b.about.ProjectColumn()}, s.columns...)
	}
	s.mark = b.all.mark
	return s
}

// streamChanges lists a correction's payins, each with what its readers were told before.
func (b *book) streamChanges(ctx context.Context, a reconcile.Archive) error {
	if b.changes == nil {
		return nil
	}
	if err := Each("read what was told before", a.Changes(ctx, b.about.Scope), b.addChange); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if rows := b.changes.rows; rows != b.sums.Count() {
		return fmt.Errorf("what was told before does not tie: it is about %d payins, of %d: make the report again", rows,
			b.sums.Count())
	}
	return nil
}

func (b *book) addChange(c *reconcile.Change) error {
	return b.changes.addRow(func(r *rowCells) {
		if b.about.Run == nil {
			r.Text(b.about.ProjectName(c.ProjectID))
		}
		r.Text(c.PaymentID)
		recoined := c.Was.RunID != 0 && c.Was.Currency != c.Is.Currency
		if recoined {
			r.Text(CurrencyName(c.Was.Currency) + " → " + CurrencyName(c.Is.Currency))
		} else {
			r.Currency(c.Is.Currency)
		}
		r.Text(cmp.Or(string(c.Was.Outcome), "–"))
		r.Text(string(c.Is.Outcome))
		AmountIfAny(r, c.Was.PaidAmount, c.Was.Currency)
		AmountIfAny(r, c.Is.PaidAmount, c.Is.Currency)
		AmountIfAny(r, c.Was.SettledAmount, c.Was.Currency)
		AmountIfAny(r, c.Is.SettledAmount, c.Is.Currency)
		if recoined { // there is nothing to subtract
			r.Blank()
		} else {
			r.Change(c.Is.SettledAmount-c.Was.SettledAmount, c.Is.Currency)
		}
		AmountIfAny(r, c.Was.Amount, c.Was.Currency)
		r.Amount(c.Is.Amount, c.Is.Currency)
		if c.Was.RunID != 0 {
			r.Count(c.Was.RunID)
		} else {
			r.Blank()
		}
		r.Count(c.Is.RunID)
	})
}
