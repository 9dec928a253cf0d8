package workbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// maxNote is the maximum length of a note, in characters.
const maxNote = 2000

// rowRange is a range of adjacent rows.
type rowRange struct{ first, last int }

// addOpenRow adds a row in which a person can fill in a decision.
func (p *sheetPart) addOpenRow(row int) {
	if n := len(p.open); n > 0 && p.open[n-1].last == row-1 {
		p.open[n-1].last = row
		return
	}
	p.open = append(p.open, rowRange{row, row})
}

// A spreadsheet program shows these texts for an input cell. Excel allows at most 255 characters.
const (
	decisionPrompt  = "decision.prompt"
	decisionRefusal = "decision.refusal"
	noteRefusal     = "decision.note_refusal"
)

// maxRanges is the maximum number of cell ranges in one validation. Some programs do not accept long lists.
const maxRanges = 500

// askForDecisions adds a drop-down list to each Decision cell that waits for a decision, and a length limit to the Note
// cell of the same row.
func (p *sheetPart) askForDecisions() error {
	for open := range slices.Chunk(p.open, maxRanges) {
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

// validation returns a data validation for a column's cells in some rows. It allows blank cells.
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
