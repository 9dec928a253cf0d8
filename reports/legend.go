package reports

import "hhrecon/reconcile"

const legendTitle = "Legend"

// legendEntry explains a word.
type legendEntry struct{ word, meaning string }

var amountsLegend = [...]legendEntry{
	{"M", "Merchant amount: the amount in the merchant's own row."},
	{"I", "Initial amount: what the payin's creation asked HighHelp for; it never changes."},
	{"O", "Old amount: what the application was for before an appeal."},
	{"A", "Amount: what the customer really paid, as far as HighHelp knows."},
}

var causesLegend = [...]legendEntry{
	{"appeal", "A ≠ O: the customer transferred another sum; the application was changed to it."},
	{"reprice", "O ≠ I: the application's amount was changed after creation, before any appeal."},
	{"record", "I ≠ M: the merchant's own row is not what HighHelp was asked for."},
	{"provider", "HighHelp itself disputes the payin for its amount."},
	{"no_payment", "The customer did not pay within the lifetime."},
	{"confirm_timeout", "The time to confirm the payment ran out."},
	{"overdue", "HighHelp never closed the payin, though its time ran out."},
}

var correctionMeanings = [...]struct {
	word    reconcile.Correction
	meaning string
}{
	{reconcile.CorrectionNone, "There was nothing to change."},
	{reconcile.CorrectionApplied, "Written into the merchant's row."},
	{reconcile.CorrectionSuperseded, "The row had changed since it was read, and was left alone."},
	{reconcile.CorrectionRefused, "The merchant's table would not take it; the reason says why."},
	{reconcile.CorrectionHeld, "Not written, because the run was held for a person to look."},
	{reconcile.CorrectionDryRun, "Would have been written; this was a dry run."},
}

var decisionsLegend = [...]legendEntry{
	{"accept", "HighHelp is right: the row takes over what it says."},
	{"decline", "The payin is declined in the merchant's row."},
	{"keep", "The row stays as it is."},
}

var statesLegend = [...]legendEntry{
	{"new", "HighHelp's support was not asked about the payin yet."},
	{"sent", "The question was sent to HighHelp's support."},
	{"answered", "HighHelp's support answered; the payin is not settled yet."},
	{"settled", "There is nothing more to ask."},
}

var marksLegend = [...]legendEntry{
	{"Bold on grey", "A person should look at it."},
	{"Bold on red", "It does not tie: do not use the workbook."},
	{"Framed on yellow", "To be filled in by a person."},
}

func (b *book) legendSheet() *sheet {
	s := &sheet{
		book: b, key: legendTitle, title: b.about.say(legendTitle), fixed: 1,
		row: rowCells{styles: b.styles},
	}
	for _, c := range [...]column{{title: "Kind", kind: word}, {title: "Word", kind: word}, {title: "What it means", kind: remark}} {
		s.columns = append(s.columns, c)
	}
	return s
}

// writeLegend explains every word that stands in the other sheets.
func (b *book) writeLegend() error {
	for _, e := range amountsLegend {
		if err := b.explain("Amount", e.word, e.meaning); err != nil {
			return err
		}
	}
	for _, outcome := range reconcile.Outcomes {
		if err := b.explain("Outcome", string(outcome), meanings[outcome]); err != nil {
			return err
		}
	}
	for _, e := range causesLegend {
		if err := b.explain("Cause", e.word, e.meaning); err != nil {
			return err
		}
	}
	for _, e := range correctionMeanings {
		if err := b.explain("Correction", string(e.word), e.meaning); err != nil {
			return err
		}
	}
	for _, step := range reconcile.Steps {
		if err := b.explain("Since last night", string(step), stepMeanings[step]); err != nil {
			return err
		}
	}
	for _, e := range decisionsLegend {
		if err := b.explain(decisionTitle, e.word, e.meaning); err != nil {
			return err
		}
	}
	for _, e := range statesLegend {
		if err := b.explain(stateTitle, e.word, e.meaning); err != nil {
			return err
		}
	}
	for _, e := range marksLegend {
		if err := b.explain("Mark", b.about.say(e.word), e.meaning); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) explain(kind, word, meaning string) error {
	p, err := b.legend.next()
	if err != nil {
		return err
	}
	r := &b.legend.row
	r.text(b.about.say(kind))
	r.text(word)
	r.text(b.about.say(meaning))
	return p.write(r.height())
}
