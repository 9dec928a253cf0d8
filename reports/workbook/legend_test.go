package workbook

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// TestLegend checks that the legend explains every cause, outcome and step.
func TestLegend(t *testing.T) {
	f, _ := workbookWith(t, everything(), one(everything()), bishkek(), excelize.TotalRows)
	rows, err := f.GetRows(english(legendTitle))
	if err != nil {
		t.Fatal(err)
	}
	explained := make(map[string]string)
	for _, row := range rows[1:] {
		if row[2] == "" {
			t.Errorf("%s %s is not explained", row[0], row[1])
		}
		explained[row[0]] += row[1] + " "
	}
	for kind, words := range map[string][]string{
		"Cause": reconcile.Causes(0xff).Names(), "Outcome": names(reconcile.Outcomes...),
		"Since previous run": names(reconcile.TransitionKinds...),
	} {
		if got, want := strings.Fields(explained[kind]), words; !slices.Equal(got, want) {
			t.Errorf("%s: %q are explained, want %q", kind, got, want)
		}
	}
}

// TestPassword checks that a workbook opens only with its password.
func TestPassword(t *testing.T) {
	s, o := everything(), bishkek()
	o.Password = "ойлоп тапкан"
	var out bytes.Buffer
	if _, err := Write(t.Context(), &out, s, one(s), o); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("workbook.xml")) {
		t.Error("the workbook is not encrypted")
	}
	if f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()), excelize.Options{Password: "guess"}); err == nil {
		_ = f.Close()
		t.Error("a wrong password opens the workbook")
	}
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()), excelize.Options{Password: o.Password})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if got := cellsOf(t, f); !strings.Contains(got, "== All payins ==") {
		t.Errorf("%.200s", got)
	}
	properties, err := f.GetDocProps()
	if err != nil || !strings.Contains(properties.Description,
		"Run 7 · Som widget; 2026-10-02T02:30:00+06:00 – 2026-11-01T02:15:00+06:00; Asia/Bishkek; hhrecon 1.0.0") {
		t.Errorf("%+v, %v", properties, err)
	}
}
