package reports

import (
	"context"
	"fmt"
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports/totals"
)

const journeyTitle = "sheet.journey"

// journey lists the payins on which a period had more than one word.
type journey struct {
	sheet *sheet
	last  map[totals.Key]int64 // how many there are, by the latest finding
}

// hasJourney tells whether the report is about a period. A correction lists what changed since its period was reported.
func (r *subject) hasJourney() bool { return r.run == nil && r.whole() }

func (b *book) journeySheet() *sheet {
	s := b.table(journeyTitle, "", 2, []heading{
		{colProject.title, b.about.projectColumn().kind}, {paymentTitle, id}, {colCurrency.title, code},
		{colAmount.title, amount}, {"column.runs", count}, {"column.first_run", count}, {"column.first_asked", moment},
		{journeyTitle, sentence}, {colOutcome.title, word}, {colPaid.title, amount},
		{"column.corrections_written", count}, {"column.actions", sentence},
	})
	s.mark = b.all.mark
	return s
}

// streamJourneys lists the payins that changed, and counts the others.
func (b *book) streamJourneys(ctx context.Context, a reconcile.Archive) error {
	if b.journey == nil {
		return nil
	}
	if err := each("read how payins got there", a.PayinHistories(ctx, b.about.scope), b.journey.add); err != nil {
		return err
	}
	if b.sums.Count() > 0 {
		b.journey.sheet.empty = b.about.T("empty.journey", grouped(b.kept()))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.journey.tie(b.about.totals)
}

// kept is how many payins of the period kept one word throughout.
func (b *book) kept() int64 { return b.sums.Count() - b.journey.sheet.rows }

// tie makes sure that no more payins came to a word than there are with it.
func (n *journey) tie(all []reconcile.Total) error {
	for _, t := range all {
		at := totals.KeyOf(&t)
		if n.last[at] > t.Count {
			return fmt.Errorf("how payins got there does not tie: %d came to %s in %s, of %d: make the report again", n.last[at],
				t.Outcome, t.Currency, t.Count)
		}
		delete(n.last, at)
	}
	for at, count := range n.last {
		return fmt.Errorf("how payins got there does not tie: %d came to %s in %s, of none: make the report again", count,
			at.Outcome, at.Currency)
	}
	return nil
}

func (n *journey) add(j *reconcile.PayinHistory) error {
	last := j.Last()
	n.last[totals.Key{Outcome: last.Outcome, Currency: j.Currency}]++
	about := n.sheet.book.about
	return n.sheet.addRow(func(r *rowCells) {
		r.text(about.project(j.ProjectID))
		r.text(j.PaymentID)
		r.currency(j.Currency)
		r.amount(j.Amount, j.Currency)
		r.count(j.Runs)
		r.count(j.Entries[0].RunID)
		r.moment(j.Entries[0].StartedAt.In(about.zone()))
		r.text(about.stages(j))
		r.text(string(last.Outcome))
		amountIfAny(r, last.PaidAmount, j.Currency)
		r.count(j.Applied)
		r.text(about.actions(j.Actions))
	})
}

// stages tells what runs said, one after another, each on a line of its own, so that no date or amount is broken in
// two. An amount is told where it is another than before, at first another than M, and where nothing else changed.
func (r *subject) stages(j *reconcile.PayinHistory) string {
	told, known := make([]string, len(j.Entries)), j.Amount
	for i, s := range j.Entries {
		word := string(s.Outcome)
		switch {
		case s.PaidAmount != 0 && s.PaidAmount != known:
			word += " " + r.amount(s.PaidAmount, j.Currency)
		case i > 0 && s.Outcome == j.Entries[i-1].Outcome && s.PaidAmount != 0:
			word += " " + r.amount(s.PaidAmount, j.Currency)
		case i > 0 && s.Outcome == j.Entries[i-1].Outcome:
			word = r.T("journey.without_amount", word)
		}
		if s.PaidAmount != 0 {
			known = s.PaidAmount
		}
		told[i] = r.T("journey.stage", word, r.day(s.StartedAt), number(s.RunID))
	}
	return strings.Join(told, "\n→ ")
}

// actions tells what people did about a payin, and what became of its row.
func (r *subject) actions(all []reconcile.Action) string {
	told := make([]string, len(all))
	for i, a := range all {
		became := string(a.Result)
		if a.Result == reconcile.CorrectionApplied || a.Result == reconcile.CorrectionNone {
			became = a.After.Status
		}
		told[i] = r.T("journey.action", string(a.Kind), r.day(a.At), a.Author(), became)
	}
	return strings.Join(told, ";\n")
}
