package workbook

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"hhrecon/reports"
)

func TestCSV(t *testing.T) {
	s := everything()
	var out bytes.Buffer
	if err := reports.WriteCSV(context.Background(), &out, s, one(s), bishkek()); err != nil {
		t.Fatal(err)
	}
	text, found := strings.CutPrefix(out.String(), "\uFEFF")
	if !found {
		t.Error("the CSV has no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(rows)-1) != s.run.Selected {
		t.Errorf("%d rows for %d payins", len(rows)-1, s.run.Selected)
	}
	long := rows[len(rows)-1]
	if !strings.HasSuffix(long[len(long)-1], "[cut: the text is too long for a cell]") {
		t.Error("the long reason is not cut like a cell")
	}
	golden(t, "everything.csv", strings.ReplaceAll(strings.ReplaceAll(text, strings.Repeat("long ", 6500), "…"), "\r\n",
		"\n"))
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("a line does not end with CRLF (RFC 4180)")
	}
}

// TestCSVFormats checks the separator, the decimal mark and the encoding in each language and with each setting.
func TestCSVFormats(t *testing.T) {
	for _, c := range []struct {
		language string
		format   reports.CSVFormat
		want     []string
	}{
		{"en", reports.CSVFormat{}, []string{"\uFEFFNo.,", ",KGS,1500.00,", ",KWD,12345.678,", "A − M"}},
		{"ru", reports.CSVFormat{}, []string{"\uFEFF№;", ";KGS;1500,00;", ";KWD;12345,678;", ";-1,00;", ";JPY;15000;",
			`;"900 minor units of ""XXX""";`}},
		{"ky", reports.CSVFormat{}, []string{"\uFEFF№;", ";KGS;1500,00;", "төлөдү"}},
		{"ru", reports.CSVFormat{Separator: ','}, []string{"\uFEFF№,", `,KGS,"1500,00",`}},
		{"en", reports.CSVFormat{Separator: '\t'}, []string{"No.\t", "\tKGS\t1500.00\t"}},
		{"ru", reports.CSVFormat{CP1251: true}, []string{"№;", ";KGS;1500,00;", "A - M", "Сумма", "&#65533;gpj"}},
	} {
		o := bishkek()
		o.Language, o.CSV = c.language, c.format
		s := everything()
		var out bytes.Buffer
		if err := reports.WriteCSV(t.Context(), &out, s, one(s), o); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if c.format.CP1251 {
			var err error
			if text, err = charmap.Windows1251.NewDecoder().String(text); err != nil || strings.Contains(text, "\uFEFF") {
				t.Errorf("%v: %.100q", err, text)
			}
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s, %v: no %q in %.600s", c.language, c.format, want, text)
			}
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF")))
		if r.Comma = c.format.Separator; r.Comma == 0 {
			r.Comma = map[bool]rune{true: ',', false: ';'}[c.language == "en"]
		}
		if rows, err := r.ReadAll(); err != nil || len(rows) != len(s.findings)+1 || len(rows[0]) < 20 {
			t.Errorf("%s, %v: %d rows, %v", c.language, c.format, len(rows), err)
		}
	}
}

func TestJSON(t *testing.T) {
	s := everything()
	var out bytes.Buffer
	if err := reports.WriteJSON(context.Background(), &out, s, one(s), bishkek()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if int64(len(lines)) != s.run.Selected {
		t.Errorf("%d lines for %d payins", len(lines), s.run.Selected)
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("invalid JSON: %s", line)
		}
	}
	golden(t, "everything.jsonl", strings.ReplaceAll(out.String(), strings.Repeat("long ", 9999), "…"))
}
