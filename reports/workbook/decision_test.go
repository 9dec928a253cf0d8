package workbook

import (
	"bytes"
	"context"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// written returns an open workbook that a test can edit. The workbook is about a scope of the archive that
// the function everything returns.
func written(t *testing.T, scope reconcile.ReportScope) *excelize.File {
	t.Helper()
	book, ok := books[scope]
	if !ok {
		f, _ := makeWorkbook(t, everything(), scope, excelize.TotalRows)
		book = saved(t, f)
		books[scope] = book
	}
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// books caches the workbooks for the function written, because writing a workbook is slow with the race detector.
var books = make(map[reconcile.ReportScope][]byte)

var different = english(differentTitle)

// cellAt returns the name of a cell, found by its column's heading.
func cellAt(t *testing.T, f *excelize.File, title string, line int) string {
	t.Helper()
	rows, err := f.GetRows(different)
	if err != nil {
		t.Fatal(err)
	}
	cell, err := excelize.CoordinatesToCellName(1+slices.Index(rows[0], title), line)
	if err != nil {
		t.Fatal(err)
	}
	return cell
}

func set(t *testing.T, f *excelize.File, title string, line int, value any) {
	t.Helper()
	if err := f.SetCellValue(different, cellAt(t, f, title, line), value); err != nil {
		t.Fatal(err)
	}
}

func saved(t *testing.T, f *excelize.File) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// read reads the decisions of a workbook, and fails the test on an error. It clears the sheet names in the result.
func read(t *testing.T, book []byte) ([]DecisionRow, []Fault) {
	t.Helper()
	rows, faults, err := ReadDecisions(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if rows[i].Sheet != different {
			t.Errorf("line %d is from the sheet %q", rows[i].Line, rows[i].Sheet)
		}
		rows[i].Sheet = ""
	}
	for i := range faults {
		faults[i].Sheet = ""
	}
	return rows, faults
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// decided contains the decisions that the function decide fills in.
var decided = []DecisionRow{
	{Line: 2, RunID: 7, Seq: 7, PaymentID: "PAYMENT-KGS-123462", Choice: reconcile.ChoiceAccept,
		Note: "asked the customer =1+1 ж"},
	{Line: 6, RunID: 7, Seq: 17, PaymentID: "PAYMENT-KGS-123472", Choice: reconcile.ChoiceKeep},
	{Line: 7, RunID: 7, Seq: 22, PaymentID: "PAYMENT-KWD-123477", Choice: reconcile.ChoiceDecline, Note: "refunded"},
}

func decide(t *testing.T, f *excelize.File) {
	t.Helper()
	set(t, f, english(reports.ColDecision.Title), 2, "accept")
	set(t, f, english(reports.ColNote.Title), 2, "asked the customer =1+1 ж")
	set(t, f, english(reports.ColDecision.Title), 6, " Keep ")
	set(t, f, english(reports.ColNote.Title), 6, "   ")
	set(t, f, english(reports.ColDecision.Title), 7, "DECLINE")
	set(t, f, english(reports.ColNote.Title), 7, "refunded")
}

func TestDecisionsComeBack(t *testing.T) {
	for name, scope := range map[string]reconcile.ReportScope{
		"run":    one(everything()),
		"period": {Window: reconcile.Window{From: at("2026-11-01T00:00:00+06:00"), To: at("2026-12-01T00:00:00+06:00")}},
	} {
		t.Run(name, func(t *testing.T) {
			f := written(t, scope)
			rows, faults := read(t, saved(t, f))
			if len(rows)+len(faults) != 0 {
				t.Errorf("an undecided workbook has %v, %v", rows, faults)
			}
			decide(t, f)
			rows, faults = read(t, saved(t, f))
			same(t, "decisions", decided, rows)
			same(t, "faults", []Fault(nil), faults)
		})
	}
}

// TestDecisionsThroughLibreOffice checks decisions in a file that LibreOffice has opened and saved.
func TestDecisionsThroughLibreOffice(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: skipped with -short")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice (soffice) is not installed")
	}
	dir := t.TempDir()
	f := written(t, one(everything()))
	decide(t, f)
	if err := os.WriteFile(filepath.Join(dir, "report.xlsx"), saved(t, f), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	// With a separate profile, a LibreOffice that is already open does not execute the command.
	run := exec.CommandContext(ctx, office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
		"--headless", "--convert-to", "xlsx", "--outdir", filepath.Join(dir, "saved"), filepath.Join(dir, "report.xlsx"))
	if text, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	book, err := os.ReadFile(filepath.Join(dir, "saved", "report.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	rows, faults := read(t, book)
	same(t, "decisions", decided, rows)
	same(t, "faults", []Fault(nil), faults)
	again, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	dropDowns(t, again, []string{"S2", "S6:S7"})
}

// dropDowns checks that exactly the given cells have a drop-down list.
func dropDowns(t *testing.T, f *excelize.File, cells []string) {
	t.Helper()
	validations, err := f.GetDataValidations(different)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range validations {
		if v.Type != "list" {
			continue
		}
		if html.UnescapeString(v.Formula1) != `"accept,decline,keep"` || !v.AllowBlank || !v.ShowErrorMessage ||
			!v.ShowInputMessage || *v.Prompt != english(decisionPrompt) {
			t.Errorf("drop-down of %s: %+v", v.Sqref, v)
		}
		got = append(got, strings.Fields(v.Sqref)...)
	}
	for i, ref := range got { // LibreOffice writes the range A1:A1 as A1
		if first, last, ok := strings.Cut(ref, ":"); ok && first == last {
			got[i] = first
		}
	}
	slices.Sort(got)
	same(t, "drop-downs", cells, got)
}

// TestDropDowns checks that only lines that wait for a decision have drop-down lists and input cells, and that the
// filter and the frozen panes exist.
func TestDropDowns(t *testing.T) {
	f := written(t, one(everything()))
	dropDowns(t, f, []string{"S2", "S6:S7"})
	for line, waits := range map[int]bool{2: true, 3: false, 4: false, 5: false, 6: true, 7: true} {
		value, err := f.GetCellValue(different, cellAt(t, f, english(reports.ColDecision.Title), line))
		if err != nil || (value == reports.NoDecision) == waits {
			t.Errorf("line %d: %q, %v", line, value, err)
		}
	}
	part := partOf(t, saved(t, f), "xl/worksheets/sheet4.xml")
	for _, element := range []string{`state="frozen"`, `<autoFilter ref="$A$1:$V$7"`} {
		if !strings.Contains(part, element) {
			t.Errorf("the sheet has no %s", element)
		}
	}
	dry := everything()
	dry.run.DryRun = true
	for name, s := range map[string]*testArchive{"dry": dry, "empty": newTestArchive()} {
		f, summary := makeWorkbook(t, s, one(s), excelize.TotalRows)
		if summary.Waiting != 0 {
			t.Errorf("%s: %d payins wait", name, summary.Waiting)
		}
		dropDowns(t, f, nil)
	}
}

// TestManyDropDowns checks that many separate rows with drop-down lists are split into several validations.
func TestManyDropDowns(t *testing.T) {
	s := newTestArchive()
	for n := range 2*maxRanges + 3 {
		p := payin(n, 1000, "KGS")
		status := "success"
		if n%2 == 1 {
			status = "processing"
		}
		s.add(p, theirs(p, status, "", 1000, 1000, 2000), reconcile.ResultAnswered, "")
	}
	f, summary := makeWorkbook(t, s, one(s), excelize.TotalRows)
	if summary.Waiting != maxRanges+2 {
		t.Errorf("%d payins wait", summary.Waiting)
	}
	validations, err := f.GetDataValidations(different)
	if err != nil || len(validations) != 4 { // two of the validations are lists, and two are length limits
		t.Errorf("%d validations, %v", len(validations), err)
	}
}

func TestFaults(t *testing.T) {
	f := written(t, one(everything()))
	if err := f.DuplicateRowTo(different, 2, 8); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("ж", maxNote)
	set(t, f, english(reports.ColDecision.Title), 2, "accept")
	set(t, f, english(reports.ColNote.Title), 2, long) // the note has the maximum length
	set(t, f, english(reports.ColDecision.Title), 8, "decline")
	set(t, f, english(reports.ColDecision.Title), 3, "acept")
	set(t, f, english(reports.ColRun.Title), 3, "")
	set(t, f, english(reports.ColRow.Title), 3, 1.5)
	set(t, f, english(reports.ColDecision.Title), 4, "keep") // only the caller of ReadDecisions can refuse this decision
	set(t, f, english(reports.ColRun.Title), 4, "7")
	set(t, f, english(reports.ColRow.Title), 4, " 9.0 ")
	set(t, f, english(reports.ColDecision.Title), 5, "accept")
	set(t, f, english(reports.ColRow.Title), 5, "-3")
	set(t, f, english(reports.ColNote.Title), 5, long+"!")
	set(t, f, english(reports.ColDecision.Title), 6, true)
	set(t, f, english(reports.ColPayment.Title), 6, " ")
	set(t, f, english(reports.ColRun.Title), 6, "99999999999999999999")
	set(t, f, english(reports.ColNote.Title), 6, "a\u202eb\nc")
	rows, faults := read(t, saved(t, f))
	same(t, "decisions", []DecisionRow{{Line: 4, RunID: 7, Seq: 9, PaymentID: "PAYMENT-KGS-123464",
		Choice: reconcile.ChoiceKeep}}, rows)
	same(t, "faults", []Fault{
		{Line: 2, PaymentID: "PAYMENT-KGS-123462", Text: "line 8 has another decision about the " +
			"same payin: keep only one of the " +
			"two lines."},
		{Line: 3, PaymentID: "PAYMENT-KGS-123463", Text: `"acept" is not a decision: choose accept, decline or keep; ` +
			`Run is empty: restore the value that hhrecon wrote; Row is "1.5", which is not a positive ` +
			`whole number: restore the value that hhrecon wrote.`},
		{Line: 5, PaymentID: "PAYMENT-KGS-123466",
			Text: `Row is "-3", which is not a positive whole number: restore the value that hhrecon wrote; ` +
				`the note has 2 001 characters: shorten it to 2 000.`},
		{Line: 6, PaymentID: " ", Text: `"true" is not a decision: choose accept, decline or keep; ` +
			`Payment ID is empty: restore the value that hhrecon wrote; ` +
			`Run is "99999999999999999999", which is not a positive whole number: restore the value that hhrecon wrote; ` +
			`the note: "a\u202eb\nc" has a line break, a control character or a direction mark (U+202E): remove it.`},
		{Line: 8, PaymentID: "PAYMENT-KGS-123462", Text: "line 2 has another decision about the " +
			"same payin: keep only one of the " +
			"two lines."},
	}, faults)
}

// TestOnePayinTwice checks that equal lines about one payin are one decision, and that different or
// invalid lines are errors.
func TestOnePayinTwice(t *testing.T) {
	for _, c := range []struct {
		name         string
		title        string
		value        any
		rows, faults int
	}{
		{"the same", "", nil, 1, 0},
		{"another choice", english(reports.ColDecision.Title), "keep", 0, 2},
		{"a misspelt word", english(reports.ColDecision.Title), "acept", 0, 2},
		{"another row", english(reports.ColRow.Title), 8, 0, 2},
		{"another run", english(reports.ColRun.Title), 8, 0, 2},
		{"another note", english(reports.ColNote.Title), "other", 0, 2},
		{"another payin", english(reports.ColPayment.Title), "other", 2, 0},
		{"not decided", english(reports.ColDecision.Title), "", 1, 0},
	} {
		f := written(t, one(everything()))
		set(t, f, english(reports.ColDecision.Title), 2, "accept")
		if err := f.DuplicateRowTo(different, 2, 8); err != nil {
			t.Fatal(err)
		}
		if c.title != "" {
			set(t, f, c.title, 8, c.value)
		}
		if rows, faults := read(t, saved(t, f)); len(rows) != c.rows || len(faults) != c.faults {
			t.Errorf("%s: %v, %v", c.name, rows, faults)
		}
	}
	f := written(t, one(everything()))
	set(t, f, english(reports.ColDecision.Title), 2, "accept")
	for _, line := range []int{8, 9} {
		if err := f.DuplicateRowTo(different, 2, line); err != nil {
			t.Fatal(err)
		}
	}
	set(t, f, english(reports.ColDecision.Title), 9, "decline") // the first two lines are equal, but the third differs
	if rows, faults := read(t, saved(t, f)); len(rows) != 0 || len(faults) != 3 {
		t.Errorf("two equal lines and another: %v, %v", rows, faults)
	}
}
