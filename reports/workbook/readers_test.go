package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path"
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

// TestPackage checks the container of each kind of workbook as strict readers do.
func TestPackage(t *testing.T) {
	for kind, book := range allKinds(t) {
		t.Run(kind, func(t *testing.T) {
			packed, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
			if err != nil {
				t.Fatal(err)
			}
			parts := make(map[string]string)
			for _, part := range packed.File {
				if _, twice := parts[strings.ToLower(part.Name)]; twice {
					t.Errorf("two parts have the name %s", part.Name)
				}
				parts[strings.ToLower(part.Name)] = partOf(t, book, part.Name) // checks the size and the CRC
				checkLocalHeader(t, book, part)
				checkXML(t, part.Name, partOf(t, book, part.Name))
			}
			checkReferences(t, parts)
		})
	}
}

// checkLocalHeader checks that the header before a part has the sizes and the date of the directory.
func checkLocalHeader(t *testing.T, book []byte, part *zip.File) {
	t.Helper()
	at, err := part.DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	header := book[at-int64(30+len(part.Name)+len(part.Extra)):]
	if string(header[:4]) != "PK\x03\x04" || string(header[30:30+len(part.Name)]) != part.Name {
		t.Fatalf("%s has no local header", part.Name)
	}
	flags, crc := binary.LittleEndian.Uint16(header[6:]), binary.LittleEndian.Uint32(header[14:])
	small, size := binary.LittleEndian.Uint32(header[18:]), binary.LittleEndian.Uint32(header[22:])
	if flags&8 != 0 || crc != part.CRC32 || uint64(small) != part.CompressedSize64 ||
		uint64(size) != part.UncompressedSize64 {
		t.Errorf("%s: flags %x, CRC %x, %d of %d bytes; the directory has %x, %d of %d", part.Name, flags, crc, small, size,
			part.CRC32, part.CompressedSize64, part.UncompressedSize64)
	}
	if year, month, day := part.Modified.UTC().Date(); year < 1980 || month < 1 || day < 1 {
		t.Errorf("%s has the date %s", part.Name, part.Modified)
	}
}

func checkXML(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "dimension" {
			t.Errorf("%s has a dimension, which readers of streams take for the range of all cells", name)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "lastModifiedBy" && !strings.Contains(text,
			"<cp:lastModifiedBy>") {
			t.Errorf("%s has no prefix cp, which exceljs requires", name)
		}
	}
}

// checkReferences checks that each part has a content type, and that each content type and relationship has a part.
func checkReferences(t *testing.T, parts map[string]string) {
	t.Helper()
	var types struct {
		Default []struct {
			Extension string `xml:",attr"`
		}
		Override []struct {
			PartName string `xml:",attr"`
		}
	}
	if err := xml.Unmarshal([]byte(parts["[content_types].xml"]), &types); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	for _, o := range types.Override {
		name := strings.ToLower(strings.TrimPrefix(o.PartName, "/"))
		if parts[name] == "" || named[name] {
			t.Errorf("the content type of %s has no part, or occurs twice", name)
		}
		named[name] = true
	}
	for name, text := range parts {
		if name != "[content_types].xml" && path.Ext(name) != ".rels" && !named[name] {
			t.Errorf("%s has no content type", name)
		}
		if path.Ext(name) != ".rels" {
			continue
		}
		var related struct {
			Items []struct {
				Target string `xml:",attr"`
			} `xml:"Relationship"`
		}
		if err := xml.Unmarshal([]byte(text), &related); err != nil {
			t.Fatal(err)
		}
		for _, r := range related.Items {
			target := path.Join(path.Dir(path.Dir(name)), r.Target)
			if path.IsAbs(r.Target) {
				target = r.Target[1:]
			}
			if parts[strings.ToLower(target)] == "" {
				t.Errorf("%s refers to %s, which does not exist", name, r.Target)
			}
		}
	}
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
	if exec.Command("/usr/bin/python3", "-c", "import openpyxl").Run() == nil { // Debian's package is not for others
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
