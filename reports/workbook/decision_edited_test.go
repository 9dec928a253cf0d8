package workbook

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reports"
)

// TestEditedSheets checks sheets with other changes than decisions.
func TestEditedSheets(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		edit func(f *excelize.File)
		rows int
		say  string // text about the only invalid decision, or text of the error
	}{
		{"nothing", func(*excelize.File) {}, 1, ""},
		{"a title above", func(f *excelize.File) {
			must(f.InsertRows(different, 1, 3))
			must(f.SetCellValue(different, "A1", "Our decisions"))
		}, 1, ""},
		{"a column before", func(f *excelize.File) { must(f.InsertCols(different, "A", 1)) }, 1, ""},
		{"a column removed", func(f *excelize.File) { must(f.RemoveCol(different, "B")) }, 1, ""},
		{"other sheets removed", func(f *excelize.File) {
			for _, name := range f.GetSheetList() {
				if name != different {
					must(f.DeleteSheet(name))
				}
			}
		}, 1, ""},
		{"a sheet in capitals", func(f *excelize.File) { must(f.SetSheetName(different, "DIFFERENT AMOUNTS")) }, 1, ""},
		{"headings in capitals", func(f *excelize.File) { set(t, f, english(reports.ColDecision.Title), 1, " DECISION ") }, 1,
			""},
		{"a formula", func(f *excelize.File) {
			must(f.SetCellFormula(different, cellAt(t, f, english(reports.ColDecision.Title), 2), `"accept"`))
		}, 0,
			"Decision is a formula: replace it by its value"},
		{"a formula with a result", func(f *excelize.File) {
			set(t, f, english(reports.ColDecision.Title), 2, "accept")
			must(f.SetCellFormula(different, cellAt(t, f, english(reports.ColDecision.Title), 2), `"dec"&"line"`))
		}, 0, "Decision is a formula"},
		{"a formula for a row", func(f *excelize.File) {
			must(f.SetCellFormula(different, cellAt(t, f, english(reports.ColRow.Title), 2), "ROW()"))
		}, 0,
			"Row is a formula"},
		{"merged cells", func(f *excelize.File) {
			must(f.MergeCell(different, cellAt(t, f, english(reports.ColDecision.Title), 2),
				cellAt(t, f, english(reports.ColDecision.Title), 5)))
		}, 0, "the cells of the line are merged (S2:S5): unmerge the cells, and fill in each line."},
		{"merged cells elsewhere", func(f *excelize.File) { must(f.MergeCell(different, "C2", "D5")) }, 1, ""},
		{"another sheet", func(f *excelize.File) { must(f.SetSheetName(different, "Sheet2")) }, 0,
			`the workbook has no sheet "Different amounts", only "Summary", "Control", "Since previous run", "Sheet2", ` +
				`"Timeouts"`},
		{"a heading removed", func(f *excelize.File) { set(t, f, "Run", 1, ""); set(t, f, "Row", 1, "") }, 0,
			`sheet "Different amounts": there is no column ["Run" "Row"]: use a report that hhrecon wrote`},
		{"all headings removed", func(f *excelize.File) { must(f.RemoveRow(different, 1)) }, 0,
			`there is no column ["Payment ID" "Decision" "Note" "Run" "Row"]`},
		{"a heading twice", func(f *excelize.File) { set(t, f, "Created (Asia/Bishkek)", 1, "decision") }, 0,
			`line 1 has two columns "Decision"`},
	} {
		f := written(t, one(everything()))
		set(t, f, english(reports.ColDecision.Title), 2, "accept")
		c.edit(f)
		rows, faults, err := ReadDecisions(bytes.NewReader(saved(t, f)))
		said := fmt.Sprint(err)
		if err == nil && len(faults) == 1 {
			said = faults[0].Text
		}
		if len(rows) != c.rows || (c.say == "") != (err == nil && len(faults) == 0) || !strings.Contains(said, c.say) &&
			c.say != "" {
			t.Errorf("%s: %v, %v, %v", c.name, rows, faults, err)
		}
	}
}

// TestContinuedSheets checks that decisions are also read from the continuation of a sheet.
func TestContinuedSheets(t *testing.T) {
	f, _ := makeWorkbook(t, everything(), one(everything()), 4)
	for _, cell := range []string{"S2", "S4"} {
		if err := f.SetCellValue(different+" (2)", cell, "keep"); err != nil {
			t.Fatal(err)
		}
	}
	rows, faults, err := ReadDecisions(bytes.NewReader(saved(t, f)))
	if err != nil || len(rows) != 2 || rows[1].Sheet != "Different amounts (2)" || rows[1].Line != 4 || rows[1].Seq != 22 {
		t.Errorf("%v, %v, %v", rows, faults, err)
	}
}
