package workbook

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/xlsx"
)

// allKinds returns a workbook of each kind: runs in several states, a period with its histories and daily totals, a
// correction, worksheets that continue, and a workbook that a password protects.
func allKinds(t *testing.T) map[string][]byte {
	t.Helper()
	dry, days := everything(), everything()
	dry.run.DryRun = true
	for i := range dry.findings {
		dry.findings[i].Correction = reconcile.CorrectionDryRun
	}
	days.days = daysOf(days, 30)
	ours, corrected := everything(), everything()
	correction := one(corrected)
	correction.Correction = 1
	russian, secret, corrects := bishkek(), bishkek(), corrected.corrects(t, one(corrected), correction)
	russian.Language, secret.Password = "ru", "ойлоп тапкан"
	kinds := make(map[string][]byte)
	for _, c := range []struct {
		name    string
		archive *testArchive
		scope   reconcile.ReportScope
		options reports.Options
		maxRows int
	}{
		{"run", ours, one(ours), russian, excelize.TotalRows},
		{"empty", newTestArchive(), one(newTestArchive()), bishkek(), excelize.TotalRows},
		{"held", heldArchive(), one(heldArchive()), bishkek(), excelize.TotalRows},
		{"dry", dry, one(dry), bishkek(), excelize.TotalRows},
		{"days", days, one(days), bishkek(), excelize.TotalRows},
		{"period", threeRuns(), november, bishkek(), excelize.TotalRows},
		{"correction", corrected, correction, corrects, excelize.TotalRows},
		{"pieces", ours, one(ours), bishkek(), 11},
		{"hostile", hostile(), one(hostile()), bishkek(), excelize.TotalRows},
		{"hostile period", hostile(), november, russian, excelize.TotalRows},
		{"password", ours, one(ours), secret, excelize.TotalRows},
	} {
		var out bytes.Buffer
		if _, err := write(t.Context(), &out, c.archive, c.scope, c.options, testHooks{maxRows: c.maxRows}); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		kinds[c.name] = out.Bytes()
		if c.options.Password != "" {
			opened, err := excelize.Decrypt(out.Bytes(), &excelize.Options{Password: c.options.Password})
			if err != nil {
				t.Fatal(err)
			}
			kinds[c.name] = opened
		}
	}
	return kinds
}

// TestControlExact evaluates each formula of Control. The columns of the sheet of all payins contain texts that are
// equal to KGS or confirmed except for case, spaces or patterns. excelize cannot compare ranges exactly, so the test
// evaluates a formula row by row.
func TestControlExact(t *testing.T) {
	s := hostile()
	for n, text := range []string{"Confirmed", "CONFIRMED", "confirmed ", "c*", "confirme?", "<>"} {
		p := payin(900+n, 7, "KGS")
		s.add(p, theirs(p, "success", "", 7, 7, 7), reconcile.ResultAnswered, "").Outcome = reconcile.Outcome(text)
	}
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	control, all := english(controlTitle), english(allTitle)
	rows, err := f.GetRows(control)
	if err != nil {
		t.Fatal(err)
	}
	last, err := f.GetRows(all)
	if err != nil {
		t.Fatal(err)
	}
	span := regexp.MustCompile(`('[^']+'!\$[A-Z]+\$)2:\$[A-Z]+\$\d+`)
	evaluated := 0
	for n, figures := range rows[1:] {
		formula, err := f.GetCellFormula(control, fmt.Sprint("E", n+2))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(formula, "IFS(") {
			t.Fatalf("row %d compares a text as a criterion: %s", n+2, formula)
		}
		if !strings.Contains(formula, "SUMPRODUCT(") {
			continue
		}
		evaluated++
		sum := 0.0
		for row := range last {
			if row == 0 {
				continue
			}
			cell := fmt.Sprintf("${1}%d", row+1)
			must(t, f.SetCellFormula(control, "Z1", span.ReplaceAllString(formula, cell)))
			text, err := f.CalcCellValue(control, "Z1")
			must(t, err)
			value, err := strconv.ParseFloat(text, 64)
			must(t, err)
			sum += value
		}
		want, err := strconv.ParseFloat(strings.ReplaceAll(figures[controlDatabase], ",", ""), 64)
		must(t, err)
		if math.Abs(sum-want) > 0.001 {
			t.Errorf("row %d: %v, want %q: %s", n+2, sum, figures, formula)
		}
	}
	if evaluated < 7 {
		t.Errorf("%d formulas", evaluated)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestReaders checks that other programs read each cell of each kind of workbook as hhrecon wrote it. Control must
// agree after LibreOffice has calculated its formulas.
func TestReaders(t *testing.T) {
	if os.Getenv("HHRECON_READERS") == "" {
		t.Skip("takes minutes: HHRECON_READERS=1 runs it; it needs LibreOffice, node with exceljs and xlsx, and openpyxl")
	}
	python := "python3"
	if exec.Command("/usr/bin/python3", "-c", "import openpyxl").Run() == nil { // Debian's package is only for this Python
		python = "/usr/bin/python3"
	}
	readers := map[string][]string{
		"exceljs": {"node", "exceljs.js"}, "SheetJS": {"node", "sheetjs.js"}, "openpyxl": {python, "read_openpyxl.py"},
		"openpyxl read_only": {python, "read_openpyxl.py", "read_only"},
		"openpyxl data_only": {python, "read_openpyxl.py", "data_only"},
		"openpyxl both":      {python, "read_openpyxl.py", "read_only,data_only"},
	}
	for kind, book := range allKinds(t) {
		name := filepath.Join(t.TempDir(), kind+".xlsx")
		must(t, os.WriteFile(name, book, 0o600))
		want := cellsByName(t, book)
		for reader, command := range readers {
			t.Run(kind+"/"+reader, func(t *testing.T) {
				arguments := append([]string{"testdata/readers/" + command[1], name}, command[2:]...)
				read := exec.CommandContext(t.Context(), command[0], arguments...)
				var said bytes.Buffer
				read.Stderr = &said
				out, err := read.Output()
				if err != nil {
					t.Fatalf("%v: %s", err, said.String())
				}
				compareCells(t, want, out)
			})
		}
		t.Run(kind+"/LibreOffice", func(t *testing.T) {
			compareSheets(t, book, asCSV(t, "soffice", withWrongCache(t, book)))
		})
	}
}

// TestCSVInLibreOffice checks that LibreOffice reads each amount of a CSV as a number and changes no ID, although it
// looks for special numbers as Excel does.
func TestCSVInLibreOffice(t *testing.T) {
	if os.Getenv("HHRECON_READERS") == "" {
		t.Skip("needs LibreOffice: HHRECON_READERS=1 runs it")
	}
	for language, filter := range map[string]string{"en": "44,34,76,1,,1033", "ru": "59,34,76,1,,1049"} {
		s, o, dir, out := hostile(), bishkek(), t.TempDir(), new(bytes.Buffer)
		o.Language = language
		must(t, reports.WriteCSV(t.Context(), out, s, one(s), o))
		must(t, os.WriteFile(filepath.Join(dir, "book.csv"), out.Bytes(), 0o600))
		said, err := exec.CommandContext(t.Context(), "soffice", "--headless", "-env:UserInstallation=file://"+dir+"/profile",
			"--infilter=CSV:"+filter+",false,true", "--convert-to", "xlsx", "--outdir", dir,
			filepath.Join(dir, "book.csv")).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		f, err := excelize.OpenFile(filepath.Join(dir, "book.xlsx"))
		must(t, err)
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\uFEFF")))
		r.Comma = map[string]rune{"en": ',', "ru": ';'}[language]
		rows, err := r.ReadAll()
		must(t, err)
		sheet := f.GetSheetName(0)
		for i, row := range rows[1:] {
			id, err := f.GetCellValue(sheet, fmt.Sprint("B", i+2))
			if must(t, err); id != row[1] {
				t.Errorf("%s: the ID %.80q became %.80q", language, row[1], id)
			}
			amount, err := f.GetCellValue(sheet, fmt.Sprint("E", i+2), excelize.Options{RawCellValue: true})
			must(t, err)
			if want := fmt.Sprint(float64(s.findings[i].Amount) / 100); row[3] == "KGS" && amount != want {
				t.Errorf("%s: %s became %s, not %s", language, row[4], amount, want)
			}
		}
		must(t, f.Close())
	}
}

// cellsByName returns the cells of all sheets. Their keys are a JSON array of the sheet and the cell's name.
func cellsByName(t *testing.T, book []byte) map[[2]string]xlsx.Cell {
	t.Helper()
	index, err := xlsx.Open(bytes.NewReader(book), "")
	if err != nil {
		t.Fatal(err)
	}
	cells := make(map[[2]string]xlsx.Cell)
	for _, sheet := range index.Sheets {
		if _, err := index.EachRow(sheet, func(line int, row []xlsx.Cell) error {
			for _, c := range row {
				at, err := excelize.CoordinatesToCellName(c.Column, line)
				if err != nil {
					return err
				}
				cells[[2]string{sheet.Name, at}] = c
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return cells
}

// compareCells compares the lines that a reader printed with the cells that hhrecon wrote. A time is null.
func compareCells(t *testing.T, want map[[2]string]xlsx.Cell, out []byte) {
	t.Helper()
	read, wrong := 0, 0
	for line := range bytes.Lines(out) {
		var cell [3]any
		if err := json.Unmarshal(line, &cell); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		c, known := want[[2]string{cell[0].(string), cell[1].(string)}]
		switch value := cell[2].(type) {
		case string:
			value = strings.ReplaceAll(value, "_x005F_", "_") // exceljs and openpyxl do not decode this escape
			known = known && (value == c.Text || c.Formula && strings.HasPrefix(value, "="))
		case float64:
			number, err := strconv.ParseFloat(c.Text, 64)
			known = known && err == nil && math.Abs(value-number) <= math.Abs(number)*1e-15
		}
		if read++; !known {
			if wrong++; wrong <= 5 {
				t.Errorf("%.300s, want %.200q", line, c.Text)
			}
		}
	}
	if read != len(want) {
		t.Errorf("%d cells, want %d", read, len(want))
	}
}

// compareSheets checks Control, and the IDs and the number of rows of the other sheets.
func compareSheets(t *testing.T, book []byte, sheets map[string][][]string) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	control := f.GetSheetList()[1]
	for _, row := range sheets[control][1:] {
		if row[controlDatabase] != row[controlSheets] || !slices.Contains(agreeWords(t), row[controlResult]) {
			t.Errorf("Control has %.200q", row)
		}
	}
	for _, name := range f.GetSheetList()[1:] {
		want, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) != len(sheets[name]) {
			t.Errorf("%s has %d rows, want %d", name, len(sheets[name]), len(want))
			continue
		}
		for i, row := range want {
			for j, text := range row[:min(3, len(row))] {
				if got := sheets[name][i][j]; got != text {
					t.Errorf("%s, row %d: %.200q, want %.200q", name, i+1, got, text)
				}
			}
		}
	}
}

func agreeWords(t *testing.T) []string {
	t.Helper()
	return reconcile.Map([]string{"en", "ru", "ky"}, func(language string) string { return textIn(t, language, ties) })
}
