package workbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// maxNote bounds a note, in characters.
const maxNote = 2000

// rowRange is a range of adjacent rows.
type rowRange struct{ first, last int }

// addOpenRow notes a row in which a person fills something in.
func (p *sheetPart) addOpenRow(row int) {
	if n := len(p.open); n > 0 && p.open[n-1].last == row-1 {
		p.open[n-1].last = row
		return
	}
	p.open = append(p.open, rowRange{row, row})
}

// The texts that a spreadsheet shows for a field; Excel takes at most 255 characters.
const (
	decisionPrompt  = "decision.prompt"
	decisionRefusal = "decision.refusal"
	noteRefusal     = "decision.note_refusal"
)

// stretchesAtOnce bounds one list of cells, since programs differ in how long a one they take.
const stretchesAtOnce = 500

// askForDecisions puts a drop-down into every Decision that waits, and bounds the notes beside them.
func (p *sheetPart) askForDecisions() error {
	for open := range slices.Chunk(p.open, stretchesAtOnce) {
		decision := p.validation(reports.ColDecision.Title, open)
		if err := decision.SetDropList([]string{
			string(reconcile.ChoiceAccept), string(reconcile.ChoiceDecline), string(reconcile.ChoiceKeep),
		}); err != nil {
			return err
		}
		decision.SetInput(p.workbook.report.T(reports.ColDecision.Title), p.workbook.report.T(decisionPrompt))
		decision.SetError(excelize.DataValidationErrorStyleStop, p.workbook.report.T(reports.ColDecision.Title),
			p.workbook.report.T(decisionRefusal))
		if err := p.workbook.file.AddDataValidation(p.name, decision); err != nil {
			return err
		}
		note := p.validation(reports.ColNote.Title, open)
		if err := note.SetRange(maxNote, "", excelize.DataValidationTypeTextLength,
			excelize.DataValidationOperatorLessThanOrEqual); err != nil {
			return err
		}
		note.SetError(excelize.DataValidationErrorStyleStop, p.workbook.report.T(reports.ColNote.Title),
			p.workbook.report.T(noteRefusal))
		if err := p.workbook.file.AddDataValidation(p.name, note); err != nil {
			return err
		}
	}
	return nil
}

// validation is one of a column's cells in some rows; blank is always right.
func (p *sheetPart) validation(title string, rows []rowRange) *excelize.DataValidation {
	column := p.columnName(title)
	refs := make([]string, len(rows))
	for i, r := range rows {
		refs[i] = fmt.Sprintf("%s%d", column, r.first)
		if r.last > r.first {
			refs[i] += fmt.Sprintf(":%s%d", column, r.last)
		}
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(strings.Join(refs, " "))
	return v
}
