package workbook

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
	"hhrecon/reports/xlsx"
)

// DecisionRow is a decision that a person filled in. The decision is about finding Seq of run RunID.
type DecisionRow struct {
	Sheet     string // "Different amounts" or a continuation of this sheet
	Line      int    // row of the sheet, from 1
	RunID     int64
	Seq       int64
	PaymentID string
	Choice    reconcile.Choice
	Note      string // may be empty
}

// Fault says why the decision in a line is invalid.
type Fault struct {
	Sheet     string
	Line      int
	PaymentID string // may be empty
	Text      string // a sentence that describes the error and the remedy
}

// ReadDecisions reads the decisions from a workbook that Write wrote and a person edited and saved. ReadDecisions finds
// the sheet by its name and the columns by their headings, and skips lines without a decision. ReadDecisions returns
// each other line, in the order of the sheet, as a DecisionRow or as a Fault. If two lines about one payin differ, both
// lines are returned as Faults. If both lines are equal, only the first line is returned.
//
// The caller must check each decision against its finding. The finding must exist, belong to this payin, and wait for a
// decision. An error concerns the whole file and says how to fix the file.
func ReadDecisions(r io.Reader) ([]DecisionRow, []Fault, error) {
	book, err := xlsx.Open(r, english(differentTitle))
	if err != nil {
		return nil, nil, fmt.Errorf("read decisions: %w", err)
	}
	var all []*filledRow
	found := false
	for _, sheet := range book.Sheets {
		if !differentSheet().MatchString(sheet.Name) {
			continue
		}
		found = true
		lines, err := readFilled(book, sheet)
		if err != nil {
			return nil, nil, fmt.Errorf("read decisions: sheet %q: %w", sheet.Name, err)
		}
		all = append(all, lines...)
	}
	if !found {
		return nil, nil, fmt.Errorf("read decisions: the workbook has no sheet %q, only %s: "+
			"use a report that hhrecon wrote, and restore its sheet names", english(differentTitle), book.Names())
	}
	rows, faults := sortOut(all)
	return rows, faults, nil
}

// differentSheet matches the sheet's name in every language, and the names of its continuations.
var differentSheet = sync.OnceValue(func() *regexp.Regexp {
	names := reconcile.Map(i18n.Every(differentTitle), regexp.QuoteMeta)
	return regexp.MustCompile(`(?i)^\s*(` + strings.Join(names, "|") + `)( \(\d+\))?\s*$`)
})

// isTitle reports whether a cell has the title in any language.
func isTitle(text, title string) bool {
	return slices.ContainsFunc(i18n.Every(title), func(name string) bool {
		return strings.EqualFold(strings.TrimSpace(text), name)
	})
}

// filledRow is a row of the sheet whose Decision cell is not empty.
type filledRow struct {
	DecisionRow
	project string   // project name as shown on the sheet, if the report is about several projects
	faults  []string // clauses for Fault.Text
}

func (l *filledRow) fault(format string, values ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, values...))
}

// readFilled reads the lines of a sheet whose Decision cell is not empty.
func readFilled(b *xlsx.Book, sheet xlsx.Sheet) ([]*filledRow, error) {
	var lines []*filledRow
	var columns headings
	merges, err := b.EachRow(sheet, func(line int, cells []xlsx.Cell) error {
		if columns == nil {
			var err error
			columns, err = findHeadings(line, cells)
			return err
		}
		if l := columns.line(cells); l != nil {
			l.Sheet, l.Line = sheet.Name, line
			lines = append(lines, l)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if columns == nil {
		return nil, missing(needed[:])
	}
	for _, m := range merges {
		if !columns.within(m) {
			continue
		}
		first, _ := slices.BinarySearchFunc(lines, m.FirstRow, func(l *filledRow, row int) int { return l.Line - row })
		for _, l := range lines[first:] {
			if l.Line > m.LastRow {
				break
			}
			l.fault("the cells of the line are merged (%s): unmerge the cells, and fill in each line", m.Ref)
		}
	}
	return lines, nil
}

// english returns a text in English, for error messages.
func english(key string) string { return i18n.English().T(key) }

// headings maps the title of each column to the number of the column.
type headings map[string]int

var needed = [...]string{reports.ColPayment.Title, reports.ColDecision.Title, reports.ColNote.Title,
	reports.ColRun.Title, reports.ColRow.Title}

// headingRows is the number of rows that are searched for the headings, because a person may insert a
// title above the headings.
const headingRows = 20

// findHeadings returns the headings, or nil if the row does not have all of them.
func findHeadings(line int, cells []xlsx.Cell) (headings, error) {
	columns := make(headings)
	for _, c := range cells {
		for _, title := range [...]string{reports.ColPayment.Title, reports.ColDecision.Title, reports.ColNote.Title,
			reports.ColRun.Title, reports.ColRow.Title, reports.ColProject.Title} {
			if !isTitle(c.Text, title) {
				continue
			}
			if _, twice := columns[title]; twice {
				return nil, fmt.Errorf("line %d has two columns %q: rename or delete the one that is not hhrecon's",
					line, english(title))
			}
			columns[title] = c.Column
		}
	}
	absent := slices.DeleteFunc(slices.Clone(needed[:]), func(title string) bool {
		_, there := columns[title]
		return there
	})
	_, decision := columns[reports.ColDecision.Title]
	_, payment := columns[reports.ColPayment.Title]
	switch {
	case len(absent) == 0:
		return columns, nil
	case decision && payment, line >= headingRows:
		return nil, missing(absent)
	}
	return nil, nil
}

func missing(titles []string) error {
	return fmt.Errorf("there is no column %q: use a report that hhrecon wrote, and restore its headings",
		reconcile.Map(titles, english))
}

// within reports whether a range of merged cells includes a column that hhrecon needs.
func (h headings) within(m xlsx.Merge) bool {
	return slices.ContainsFunc(needed[:], func(title string) bool {
		return h[title] >= m.FirstColumn && h[title] <= m.LastColumn
	})
}

// line reads one row of the sheet. If the row has no decision, line returns nil.
func (h headings) line(cells []xlsx.Cell) *filledRow {
	get := func(title string) xlsx.Cell {
		column, ok := h[title]
		if i := slices.IndexFunc(cells, func(c xlsx.Cell) bool { return c.Column == column }); ok && i >= 0 {
			return cells[i]
		}
		return xlsx.Cell{}
	}
	word := strings.ToLower(strings.TrimSpace(get(reports.ColDecision.Title).Text))
	none := word == "" || word == reports.NoDecision || word == "-" || word == "—"
	if none && !get(reports.ColDecision.Title).Formula {
		return nil
	}
	l := &filledRow{project: get(reports.ColProject.Title).Text}
	for _, title := range needed {
		if get(title).Formula {
			l.fault("%s is a formula: replace it by its value (copy the column, and paste it as values)", english(title))
		}
	}
	switch l.Choice = reconcile.Choice(word); l.Choice {
	case reconcile.ChoiceAccept, reconcile.ChoiceDecline, reconcile.ChoiceKeep:
	default:
		l.fault("%.60q is not a decision: choose accept, decline or keep", word)
	}
	l.PaymentID = get(reports.ColPayment.Title).Text
	if strings.TrimSpace(l.PaymentID) == "" {
		l.fault("%s is empty: restore the value that hhrecon wrote", english(reports.ColPayment.Title))
	} else if reports.Clean(l.PaymentID) != l.PaymentID {
		l.PaymentID = reports.Clean(l.PaymentID)
		l.fault("%s has characters that hhrecon never writes: restore the value that hhrecon wrote",
			english(reports.ColPayment.Title))
	}
	l.RunID, l.Seq = l.number(reports.ColRun.Title, get(reports.ColRun.Title)),
		l.number(reports.ColRow.Title, get(reports.ColRow.Title))
	note := strings.TrimSpace(get(reports.ColNote.Title).Text)
	n, err := utf8.RuneCountInString(note), reconcile.CheckNote(note)
	switch l.Note = reports.Clean(note); {
	case n > maxNote:
		l.fault("the note has %s characters: shorten it to %s", reports.FormatCount(int64(n)), reports.FormatCount(maxNote))
	case err != nil:
		l.fault("the note: %v", err)
	}
	return l
}

// number reads a positive whole number. A spreadsheet program may have changed the number to a decimal or to text.
func (l *filledRow) number(title string, c xlsx.Cell) int64 {
	text := strings.TrimSpace(c.Text)
	if text == "" {
		l.fault("%s is empty: restore the value that hhrecon wrote", english(title))
		return 0
	}
	whole, decimals, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 1 || strings.Trim(decimals, "0") != "" {
		l.fault("%s is %.60q, which is not a positive whole number: restore the value that hhrecon wrote", english(title),
			text)
		return 0
	}
	return n
}

// sortOut separates valid decisions from invalid decisions.
func sortOut(lines []*filledRow) ([]DecisionRow, []Fault) {
	type payin struct{ project, paymentID string }
	first := make(map[payin]*filledRow)
	again := make(map[*filledRow]*filledRow) // maps a repeated line to the first line about the same payin
	for _, l := range lines {
		key := payin{l.project, l.PaymentID}
		before, twice := first[key]
		switch {
		case l.PaymentID == "":
		case !twice:
			first[key] = l
		case before.Choice != l.Choice || before.RunID != l.RunID || before.Seq != l.Seq || before.Note != l.Note:
			l.fault("line %d has another decision about the same payin: keep only one of the two lines", before.Line)
			if len(before.faults) == 0 {
				before.fault("line %d has another decision about the same payin: keep only one of the two lines", l.Line)
			}
		default:
			again[l] = before
		}
	}
	var rows []DecisionRow
	var faults []Fault
	for _, l := range lines {
		if before := again[l]; before != nil && len(before.faults) > 0 && len(l.faults) == 0 {
			l.fault("line %d has the same decision and is invalid: fix that line", before.Line)
		}
		switch {
		case len(l.faults) > 0:
			faults = append(faults, Fault{l.Sheet, l.Line, l.PaymentID, strings.Join(l.faults, "; ") + "."})
		case again[l] == nil:
			rows = append(rows, l.DecisionRow)
		}
	}
	return rows, faults
}
