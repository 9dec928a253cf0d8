package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
)

// TestLegend explains every cause, outcome and step that there is.
func TestLegend(t *testing.T) {
	causes := reconcile.Causes(0xff).Names()
	if len(causes) != len(causesLegend) {
		t.Errorf("%d causes are explained, of %d", len(causesLegend), len(causes))
	}
	for i, e := range causesLegend {
		if e.word != causes[i] {
			t.Errorf("%q is explained in the place of %q", e.word, causes[i])
		}
	}
	for _, outcome := range reconcile.Outcomes {
		if meanings[outcome] == "" {
			t.Errorf("%s is not explained", outcome)
		}
	}
	for _, step := range reconcile.Steps {
		if stepMeanings[step] == "" {
			t.Errorf("%s is not explained", step)
		}
	}
}

// TestPassword: only who knows it reads the workbook.
func TestPassword(t *testing.T) {
	s, o := everything(), bishkek()
	o.Password = "ойлоп тапкан"
	var out bytes.Buffer
	if _, err := WriteWorkbook(t.Context(), &out, s, one(s), o); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("workbook.xml")) {
		t.Error("the package is open to read")
	}
	if f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()), excelize.Options{Password: "guess"}); err == nil {
		_ = f.Close()
		t.Error("a guess opens it")
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
	if err != nil || !strings.Contains(properties.Description, "Run 7 · Som widget; 2026-10-02T02:30:00+06:00 – 2026-11-01T02:15:00+06:00; Asia/Bishkek; hhrecon 1.0.0") {
		t.Errorf("%+v, %v", properties, err)
	}
}
