package workbook

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

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
