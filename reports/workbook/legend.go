package workbook

import (
	"strings"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

const legendTitle = "sheet.legend"

// explained contains the terms of the legend. The field subject is the prefix of the keys of the texts
// that explain these terms.
var explained = [...]struct {
	kind, subject string
	words         []string
}{
	{"legend.amount", "amount", []string{"M", "I", "O", "A"}},
	{reports.ColOutcome.Title, "outcome", names(reconcile.Outcomes...)},
	{"legend.cause", "cause", causesLegend},
	{reports.ColCorrection.Title, "correction", names(
		reconcile.CorrectionNone, reconcile.CorrectionApplied, reconcile.CorrectionSuperseded,
		reconcile.CorrectionRefused, reconcile.CorrectionLocked, reconcile.CorrectionHeld, reconcile.CorrectionDryRun)},
	{sinceTitle, "step", names(reconcile.TransitionKinds...)},
	{reports.ColDecision.Title, "decision", names(reconcile.ChoiceAccept, reconcile.ChoiceDecline, reconcile.ChoiceKeep)},
	{reports.ColState.Title, "state", names(reconcile.SupportStates...)},
}

var causesLegend = reconcile.Causes(0xff).Names()

func names[W ~string](words ...W) []string {
	return reconcile.Map(words, func(word W) string { return string(word) })
}

var legendHeadings = []heading{{"column.kind", reports.KindWord}, {"column.word", reports.KindWord},
	{"column.meaning", reports.KindRemark}}

// writeLegend explains the terms of the other sheets.
func (b *workbook) writeLegend() error {
	for _, of := range explained {
		for _, word := range of.words {
			if err := b.addLegendRow(of.kind, word, of.subject+"."+strings.ToLower(word)); err != nil {
				return err
			}
		}
	}
	for _, mark := range [...]struct{ name, meaning string }{
		{"mark.grey", "mark.grey_meaning"}, {"mark.red", "mark.red_meaning"}, {"mark.yellow", "mark.yellow_meaning"},
	} {
		if err := b.addLegendRow("legend.mark", b.report.T(mark.name), mark.meaning); err != nil {
			return err
		}
	}
	return nil
}

func (b *workbook) addLegendRow(kind, word, meaning string) error {
	return b.legend.addRow(func(r *rowCells) {
		r.Text(b.report.T(kind))
		r.Text(word)
		r.Text(b.report.T(meaning))
	})
}
