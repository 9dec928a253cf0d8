package workbook

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// partOf returns the text of one part of a workbook's package.
func partOf(t *testing.T, book []byte, name string) string {
	t.Helper()
	packed, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	part, err := packed.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = part.Close() }()
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDayBoundary checks that a payin shortly before midnight UTC has the next day's date in Bishkek.
func TestDayBoundary(t *testing.T) {
	s := newTestArchive()
	for i, created := range []string{"2026-10-31T17:59:59Z", "2026-10-31T18:00:00Z"} {
		p := payin(i, 1000, "KGS")
		p.CreatedAt = at(created)
		s.add(p, theirs(p, "success", "", 1000, 1000, 1000), reconcile.ResultAnswered, "Paid as asked.")
	}
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	for cell, want := range map[string]string{
		"C1": "Created (Asia/Bishkek)", "C2": "2026-10-31 23:59:59", "C3": "2026-11-01 00:00:00",
	} {
		if got, err := f.GetCellValue(english(allTitle), cell); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", cell, got, err, want)
		}
	}
	if kind, err := f.GetCellType(english(allTitle), "C2"); err != nil || kind != excelize.CellTypeUnset { // not a text
		t.Errorf("a time is stored as %v, %v", kind, err)
	}
}

// TestHarmfulTexts checks that untrusted text stays text, and that a visible character replaces characters that XML
// forbids.
func TestHarmfulTexts(t *testing.T) {
	hostile := map[string]string{
		"=1+1":                             "=1+1",
		"=HYPERLINK(\"http://x\",\"pay\")": "=HYPERLINK(\"http://x\",\"pay\")",
		"+1":                               "+1",
		"-2+3":                             "-2+3",
		"@SUM(A1)":                         "@SUM(A1)",
		"<v>1</v>&amp;":                    "<v>1</v>&amp;",
		"nul\x00bell\x07del\x7f":           "nul\uFFFDbell\uFFFDdel\uFFFD",
		"bad \xff utf-8":                   "bad \uFFFD utf-8",
		"\uFFFE\uFFFF":                     "\uFFFD\uFFFD",
		"\u202Egpj.exe":                    "\uFFFDgpj.exe",
		"_x0041_":                          "_x0041_",
		"_x0041_x0042_ _x005F_x0041_ _x0":  "_x0041_x0042_ _x005F_x0041_ _x0",
		"line\r\nline\rline":               "line\nline\nline",
		" spaces ":                         " spaces ",
		"😀 платёж":                         "😀 платёж",
		"00123":                            "00123",
		"1e9":                              "1e9",
	}
	s := newTestArchive()
	var order []string
	for text := range hostile {
		p := payin(len(order), 1000, "KGS")
		p.PaymentID = text
		order = append(order, text)
		s.add(p, nil, reconcile.ResultNotFound, text)
	}
	f, _ := makeWorkbook(t, s, one(s), excelize.TotalRows)
	for i, text := range order {
		cell, _ := excelize.CoordinatesToCellName(2, i+2)
		got, err := f.GetCellValue(english(allTitle), cell)
		if err != nil || got != hostile[text] {
			t.Errorf("%q is shown as %q, %v, want %q", text, got, err, hostile[text])
		}
		if formula, err := f.GetCellFormula(english(allTitle), cell); err != nil || formula != "" {
			t.Errorf("%q became the formula %q, %v", text, formula, err)
		}
		if kind, err := f.GetCellType(english(allTitle), cell); err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("%q is stored as %v, %v", text, kind, err)
		}
	}
}

// The formulas of a waterfall contain only references to cells of their sheet, numbers and five functions.
var (
	anyFormula       = regexp.MustCompile(`<f[^>]*>([^<]*)</f>`)
	waterfallFormula = regexp.MustCompile(`^(ROUND|MIN|MAX|AND|IF|[A-Z]{1,2}[0-9]+|[0-9.]+|[-+*/(),:<=]|&[lg]t;|` +
		`&#39;Summary&#39;![$A-Z0-9:]+)+$`)
)

// TestNoFormulas checks that only Control and the cells of a waterfall in the Summary have formulas, and that these
// formulas contain no untrusted text.
func TestNoFormulas(t *testing.T) {
	var out bytes.Buffer
	if _, err := Write(context.Background(), &out, everything(), one(everything()), bishkek()); err != nil {
		t.Fatal(err)
	}
	packed, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range packed.File {
		if !strings.HasPrefix(part.Name, "xl/worksheets/sheet") || part.Name == controlPart {
			continue
		}
		for _, formula := range anyFormula.FindAllStringSubmatch(partOf(t, out.Bytes(), part.Name), -1) {
			if part.Name != "xl/worksheets/sheet1.xml" || !waterfallFormula.MatchString(formula[1]) {
				t.Errorf("%s has the formula %s", part.Name, formula[1])
			}
		}
	}
}

func TestLongTextsAreCutVisibly(t *testing.T) {
	for name, text := range map[string]string{
		"letters": strings.Repeat("a", excelize.TotalCellChars+1),
		"pairs":   strings.Repeat("😀", excelize.TotalCellChars/2+1), // each character of this text has two UTF-16 units
		"mixed":   "x" + strings.Repeat("ж😀", excelize.TotalCellChars),
	} {
		got := reports.Clean(text)
		units := 0
		for _, c := range got {
			units++
			if c > 0xFFFF {
				units++
			}
		}
		if units > excelize.TotalCellChars || units < excelize.TotalCellChars-2 ||
			!strings.HasSuffix(got, "[cut: the text is too long for a cell]") {
			t.Errorf("%s: %d units, ending in %q", name, units, got[len(got)-40:])
		}
	}
	for _, text := range []string{strings.Repeat("a", excelize.TotalCellChars),
		strings.Repeat("ж", excelize.TotalCellChars)} {
		if reports.Clean(text) != text {
			t.Errorf("a text within the limit was cut")
		}
	}
}
