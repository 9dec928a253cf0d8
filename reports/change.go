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
		{paymentTitle, id}, {colCurrency.title, code},
		{"column.outcome_was", word}, {colOutcome.title, word}, {"column.paid_amount_was", amount}, {colPaid.title, amount},
		{"column.settled_was", amount}, {colSettledAfter.title, amount}, {"column.settled_difference", change},
		{"column.merchant_amount_was", amount}, {colAmount.title, amount}, {"column.reported_by_run", count},
		{runTitle, count},
	})
	if b.about.run == nil {
		s.fixed, s.columns = 2, append([]column{b.about.projectColumn()}, s.columns...)
	}
	s.mark = b.all.mark
	return s
}

// streamChanges lists a correction's payins, each with what its readers were told before.
func (b *book) streamChanges(ctx context.Context, a reconcile.Archive) error {
	if b.changes == nil {
		return nil
	}
	if err := each("read what was told before", a.Changes(ctx, b.about.scope), b.addChange); err != nil {
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
		if b.about.run == nil {
			r.text(b.about.project(c.ProjectID))
		}
		r.text(c.PaymentID)
		recoined := c.Was.RunID != 0 && c.Was.Currency != c.Is.Currency
		if recoined {
			r.text(CurrencyName(c.Was.Currency) + " → " + CurrencyName(c.Is.Currency))
		} else {
			r.currency(c.Is.Currency)
		}
		r.text(cmp.Or(string(c.Was.Outcome), "–"))
		r.text(string(c.Is.Outcome))
		amountIfAny(r, c.Was.PaidAmount, c.Was.Currency)
		amountIfAny(r, c.Is.PaidAmount, c.Is.Currency)
		amountIfAny(r, c.Was.SettledAmount, c.Was.Currency)
		amountIfAny(r, c.Is.SettledAmount, c.Is.Currency)
		if recoined { // there is nothing to subtract
			r.blank()
		} else {
			r.change(c.Is.SettledAmount-c.Was.SettledAmount, c.Is.Currency)
		}
		amountIfAny(r, c.Was.Amount, c.Was.Currency)
		r.amount(c.Is.Amount, c.Is.Currency)
		if c.Was.RunID != 0 {
			r.count(c.Was.RunID)
		} else {
			r.blank()
		}
		r.count(c.Is.RunID)
	})
}
