package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/totals"
)

const controlPart = "xl/worksheets/sheet2.xml"

// changing returns a function that changes one part of the file. The change simulates an error of the
// disk or the writer.
func changing(t *testing.T, name, before, after string) func(*os.File) error {
	return func(spool *os.File) error {
		whole, err := io.ReadAll(io.NewSectionReader(spool, 0, 1<<30))
		if err != nil {
			return err
		}
		changed := withPart(t, whole, name, before, after)
		if err := spool.Truncate(0); err != nil {
			return err
		}
		_, err = spool.WriteAt(changed, 0)
		return err
	}
}

func withPart(t *testing.T, book []byte, name, before, after string) []byte {
	t.Helper()
	packed, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var changed bytes.Buffer
	out := zip.NewWriter(&changed)
	for _, file := range packed.File {
		text := partOf(t, book, file.Name)
		if file.Name == name {
			if !strings.Contains(text, before) {
				t.Fatalf("%s has no %s: %.2000s", name, before, text)
			}
			text = strings.Replace(text, before, after, 1)
		}
		w, err := out.Create(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return changed.Bytes()
}

// TestChangedAfterBuilding checks that a change of the packed file is detected. The workbook must not be delivered, and
// the name of the kept file must end with mismatchMark.
func TestChangedAfterBuilding(t *testing.T) {
	const allPart = "xl/worksheets/sheet9.xml"
	for _, c := range []struct {
		name, part, before, after, want string
	}{
		{"an amount", allPart, "<v>1500</v>", "<v>1500.01</v>",
			"confirmed in KGS: the sum of the merchant's amounts: 100 000 009 000.01 in the findings, 100 000 009 000.00 in " +
				"the database's totals"},
		{"an outcome", allPart, "<t>confirmed</t>", "<t>pending</t>",
			"confirmed in KGS: payins: 6 in the findings, 7 in the database's totals"},
		{"a currency", allPart, "<t>JPY</t>", "<t>KGS</t>", "in KGS: "},
		{"a correction", allPart, "<t>superseded</t>", "<t>applied</t>",
			"disputed in KGS: applied corrections: 1 in the findings, 0 in the database's totals"},
		{"a row", allPart, `<row r="3">`, `<row r="3"/><row r="3">`, ""},
		{"a row's end", allPart, `</row>`, ``, "confirmed in KGS: payins: 6 in the findings, 7 in the database's totals"},
		{"a heading", allPart, `>Amount (A)<`, `>Amount<`, `there is no column "Amount (A)"`},
		{"the other side", controlPart, "<v>25</v>", "<v>24</v>", "row 2 of the sheet Control"},
		{"a verdict", controlPart, "<v>agrees</v>", "<v>DOES NOT AGREE</v>", "row 2 of the sheet Control"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, o, dir := everything(), bishkek(), t.TempDir()
			o.KeepIn = dir
			var out bytes.Buffer
			_, err := write(t.Context(), &out, s, one(s), o,
				testHooks{excelize.TotalRows, changing(t, c.part, c.before, c.after)})
			if c.want == "" { // an additional empty row does not change a sum
				if err != nil {
					t.Error(err)
				}
				return
			}
			var untied *TotalsMismatchError
			if !errors.As(err, &untied) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if out.Len() != 0 {
				t.Errorf("%d bytes were delivered", out.Len())
			}
			if want := filepath.Join(dir, "hhrecon-som-widget-run-7-2026-11-01-DOES-NOT-TIE.xlsx"); untied.Path != want {
				t.Errorf("the workbook is kept as %q, not %q", untied.Path, want)
			}
			if _, err := os.Stat(untied.Path); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestUntiedShowsWhere checks that the Control sheet of a workbook with wrong totals shows the figure that differs.
func TestUntiedShowsWhere(t *testing.T) {
	s, o := everything(), bishkek()
	o.KeepIn = t.TempDir()
	s.tamper = func(f *reconcile.Finding) {
		if f.Seq == 14 {
			f.Amount++
		}
	}
	_, err := Write(t.Context(), io.Discard, s, one(s), o)
	var untied *TotalsMismatchError
	if !errors.As(err, &untied) {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(untied.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows(english(controlTitle))
	if err != nil {
		t.Fatal(err)
	}
	var off []string
	for _, row := range rows[1:] {
		if row[controlResult] != english(ties) {
			off = append(off, strings.Join(row, "|"))
		}
	}
	if diff := cmp.Diff([]string{"declined|KGS|Sum of M|130.00|130.01|+0.01|DOES NOT AGREE"}, off); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestIndependentReader makes LibreOffice calculate the formulas and write the sheets as CSV. Each figure of Control
// must equal the figure of the database. The test also adds up the sheet of all payins in integers. The test first
// replaces the cached values, so only calculated values can be correct.
func TestIndependentReader(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: skipped with -short")
	}
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	for _, c := range []struct {
		name    string
		archive interface {
			reconcile.Archive
			scope() reconcile.ReportScope
		}
		maxRows int
	}{
		{"everything", everything(), excelize.TotalRows},
		{"in pieces", everything(), 11},
		{"many", newLong(many()), excelize.TotalRows},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := write(t.Context(), &out, c.archive, c.archive.scope(), bishkek(), testHooks{maxRows: c.maxRows})
			if err != nil {
				t.Fatal(err)
			}
			want, err := c.archive.Totals(t.Context(), c.archive.scope())
			if err != nil {
				t.Fatal(err)
			}
			sheets := asCSV(t, soffice, withWrongCache(t, out.Bytes()))
			control := sheets[english(controlTitle)]
			if len(control) != 2+len(figures)*len(want) {
				t.Errorf("Control has %d rows", len(control))
			}
			for _, row := range control[1:] {
				if row[controlDatabase] != row[controlSheets] || strings.Trim(row[controlDifference], "0.") != "" ||
					row[controlResult] != english(ties) {
					t.Errorf("the Control sheet has %q", row)
				}
			}
			if diff := cmp.Diff(totals.ByName(want, reports.CurrencyName), addedUp(t, sheets)); diff != "" {
				t.Errorf("totals (-database +sheets):\n%s", diff)
			}
		})
	}
}

func (s *testArchive) scope() reconcile.ReportScope { return one(s) }

// many returns the number of rows that the environment variable HHRECON_SHEET_ROWS sets.
func many() int {
	if n, err := strconv.Atoi(os.Getenv("HHRECON_SHEET_ROWS")); err == nil {
		return n
	}
	return 2_000
}

// withWrongCache replaces the cached value of every formula for a number with 7.
func withWrongCache(t *testing.T, book []byte) []byte {
	t.Helper()
	pieces := strings.Split(partOf(t, book, controlPart), "</f><v>")
	for i := 1; i < len(pieces); i++ {
		_, rest, _ := strings.Cut(pieces[i], "</v>")
		pieces[i] = "7</v>" + rest
	}
	whole := partOf(t, book, controlPart)
	return withPart(t, book, controlPart, whole, strings.Join(pieces, "</f><v>"))
}

// asCSV returns the sheets as CSV, written by LibreOffice with the values that it shows.
func asCSV(t *testing.T, soffice string, book []byte) map[string][][]string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "book.xlsx")
	if err := os.WriteFile(path, book, 0o600); err != nil {
		t.Fatal(err)
	}
	// LibreOffice uses cached values unless a setting forces a recalculation.
	const recalculate = `<?xml version="1.0" encoding="UTF-8"?>` +
		`<oor:items xmlns:oor="http://openoffice.org/2001/registry">` +
		`<item oor:path="/org.openoffice.Office.Calc/Formula/Load">` +
		`<prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item></oor:items>`
	if err := os.MkdirAll(filepath.Join(dir, "profile", "user"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "profile", "user", "registrymodifications.xcu"), []byte(recalculate),
		0o600); err != nil {
		t.Fatal(err)
	}
	convert := exec.CommandContext(t.Context(), soffice, "--headless", "-env:UserInstallation=file://"+dir+"/profile",
		"--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", "--outdir", dir,
		path)
	if said, err := convert.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	files, err := filepath.Glob(filepath.Join(dir, "book-*.csv"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d sheets, %v", len(files), err)
	}
	sheets := make(map[string][][]string)
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		r := csv.NewReader(file)
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sheets[strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "book-"), ".csv")] = rows
	}
	return sheets
}

// addedUp adds up the amounts that LibreOffice shows in the sheet of all payins.
func addedUp(t *testing.T, sheets map[string][][]string) []reconcile.Total {
	t.Helper()
	sums := make(totals.Totals)
	for n := 1; ; n++ {
		name := english(allTitle)
		if n > 1 {
			name = fmt.Sprintf("%s (%d)", english(allTitle), n)
		}
		rows, found := sheets[name]
		if !found {
			return sums.List()
		}
		at := make(map[string]int)
		for i, title := range rows[0] {
			at[title] = i
		}
		for _, row := range rows[1:] {
			field := func(c *reports.Column) string { return row[at[english(c.Title)]] }
			f := reconcile.Finding{
				Payin: reconcile.Payin{Currency: field(&reports.ColCurrency),
					Amount: shown(t, field(&reports.ColAmount), field(&reports.ColCurrency))},
				Verdict:    reconcile.Verdict{Outcome: reconcile.Outcome(field(&reports.ColOutcome))},
				Correction: reconcile.Correction(field(&reports.ColCorrection)),
			}
			if field(&reports.ColDifference) != "" {
				f.ProviderStatus = "success"
				f.InitialAmount = shown(t, field(&reports.ColInitial), f.Currency)
				f.OldAmount = shown(t, field(&reports.ColOld), f.Currency)
				f.PaidAmount = shown(t, field(&reports.ColPaid), f.Currency)
			}
			sums.Add(&f)
		}
	}
}

// shown parses an amount that LibreOffice wrote. The amount is a number such as "1500.5" or a text such as "1 000.01".
func shown(t *testing.T, text, currency string) int64 {
	t.Helper()
	exponent, known := reconcile.Exponent(currency)
	if !known {
		text, _, _ = strings.Cut(text, " ")
	}
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(text, " ", ""), ".")
	minor, err := strconv.ParseInt((whole + fraction + "0000")[:len(whole)+exponent], 10, 64)
	if err != nil {
		t.Fatalf("%q is not an amount", text)
	}
	return minor
}
