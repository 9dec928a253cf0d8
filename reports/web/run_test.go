package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

// TestLaunch checks that a run has the requested period and the name of the user.
func TestLaunch(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 300000)
	p := tp.as(reconcile.RoleFinance)
	p.get("/launch").says("Som widget", "Days begin at midnight in Asia/Bishkek")
	tp.launch = func(r RunRequest) (int64, error) {
		return tp.run(reconcile.Request{DryRun: r.DryRun,
			Origin: reconcile.Origin{Trigger: reconcile.TriggerPage, By: r.By}}).ID, nil
	}
	p.post("/launch", url.Values{"project": {projectID}, "from": {" 2026-11-01 "}, "to": {""}, "dry_run": {"1"}}).follow().
		says("Run 1 Som widget COMPLETE DRY RUN", "This run has ended, and HighHelp answered about every payin.",
			"Started by finance, on this page", "1 correction of a dry run")
	want := RunRequest{ProjectID: projectID, From: "2026-11-01", DryRun: true, By: "finance"}
	if tp.launched[0] != want {
		t.Errorf("launched %+v", tp.launched[0])
	}
	tp.launch = func(RunRequest) (int64, error) { return 0, &reconcile.HeldError{Run: reconcile.Run{ID: 1}} }
	p.post("/launch", url.Values{"project": {projectID}}).follow().
		says("No run was started: run 1 is already active for this project.")
	tp.launch = func(RunRequest) (int64, error) { return 0, errors.New(`from: "soon" is not a time`) }
	p.post("/launch", url.Values{"project": {projectID},
		"from": {"soon"}}).wants(http.StatusUnprocessableEntity).says(`No run was started: from: "soon" is not a time`)
}

// TestProgress checks the progress of a run, the request to stop, and the reload of the page at the end.
func TestProgress(t *testing.T) {
	tp := newTestPage(t)
	for i := range 5 {
		tp.row(fmt.Sprint("KG-", i), 300000, "success", "", 300000, 300000, 300000)
	}
	project := reconcile.DefaultProject(projectID)
	n := reconcile.NewRun{Project: project, Owner: reconcile.ThisProcess(), Expired: reconcile.LeaseExpired}
	n.Selection = reconcile.Selection{Window: reconcile.Window{To: tp.later()}, Whole: true}
	n.StartedAt = tp.later()
	run, err := tp.store.OpenRun(t.Context(), n)
	tp.must(err)
	p := tp.as(reconcile.RoleFinance)
	p.get("/runs/1").says("This run is active.", "Asking HighHelp: 0 of 5 payins", "5 payins at 50/s, expected to end at ",
		"Stop this run").lacks("in time")
	a := p.get("/runs/1/progress").wants(http.StatusOK).says("Asking HighHelp: 0 of 5 payins")
	if a.header.Get("HX-Refresh") != "" || strings.Contains(a.body, "<html") ||
		!strings.Contains(a.body, `hx-get="/runs/1/progress"`) {
		t.Errorf("the part is %v\n%s", a.header, a.body)
	}
	if a.header.Get("Set-Cookie") != "" {
		t.Error("polling extends the session")
	}
	tp.late = "run 1 was to be done by now"
	p.get("/runs/1").says("The run will not end in time: run 1 was to be done by now.")
	p.get("/runs/1/progress").says("The run will not end in time")
	p.post("/runs/1/stop", nil).follow().says("Run 1 will stop within seconds.")
	var stopped *reconcile.StopError
	l := reconcile.Lease{RunID: run.ID, ProjectID: run.ProjectID, Token: run.Owner.Token}
	if err := tp.store.Heartbeat(t.Context(), l); !errors.As(err, &stopped) || stopped.By != "finance" {
		t.Errorf("the heartbeat of the run returns %v", err)
	}
	_, err = tp.store.InterruptRun(t.Context(), l, reconcile.Because("run.stopped_by", "finance"))
	tp.must(err)
	if a := p.get("/runs/1/progress").wants(http.StatusOK); a.header.Get("HX-Refresh") != "true" {
		t.Error("the page is not reloaded at the end")
	}
	p.get("/runs/1").says("This run was interrupted.", "Stopped by finance.").lacks("Stop this run")
	p.get("/").says("Run 1 of Som widget was interrupted. The next run of the project continues it.")
	p.post("/runs/1/stop", nil).follow().says("there is nothing to stop")
	p.get("/runs/1/workbook").wants(http.StatusConflict).says("Run 1 is not closed yet")
}

// TestRun checks the outcomes, findings and workbook of a run.
func TestRun(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 300000)
	tp.row("KG-2", 300000, "success", "", 300000, 300000, 700000)
	tp.row("KG-3", 100000, "decline", "")
	delete(tp.answers, "KG-3")
	tp.run(reconcile.Request{})
	p := tp.as(reconcile.RoleViewer)
	p.get("/").says("Run 1", "COMPLETE")
	p.get("/runs").says("Run 1")
	p.get("/runs/1").says("confirmed the customer paid the requested amount", "different amount", "3 000.00 KGS",
		"7 000.00 KGS", "+4 000.00",
		"not found HighHelp does not know the payin", "Compared 2 6 000.00 KGS 10 000.00 KGS +4 000.00",
		"Not compared 1 1 000.00 KGS – –", "All 3 7 000.00 KGS – –").lacks("Undo", "Release")
	p.get("/runs/1/findings").says("KG-1", "KG-2", "KG-3")
	p.get("/runs/1/findings?outcome=not_found").says("KG-3").lacks("KG-1", "KG-2")
	p.get("/search?q=kg-2").says("KG-2").lacks("KG-1")
	p.get("/search").says("Enter part of a payin's payment_id")
	p.get("/search?q=nowhere").says("No finding matches.")
	p.get("/runs/99").wants(http.StatusNotFound).says("There is no such run")
	p.get("/runs/x").wants(http.StatusNotFound)

	a := p.get("/runs/1/workbook").wants(http.StatusOK)
	if d := a.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=hhrecon-som-widget-run-1-") {
		t.Errorf("Content-Disposition is %q", d)
	}
	var by string
	tp.must(tp.db.Get(&by, "select who || ' ' || facts from hhrecon_action where kind = 'download'"))
	if by != `viewer {"run":"1","via":"page"}` {
		t.Errorf("the entry of the download is %s", by)
	}
	book, err := excelize.OpenReader(bytes.NewReader([]byte(a.body)))
	tp.must(err)
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows("Different amounts")
	tp.must(err)
	if text := fmt.Sprint(rows); !strings.Contains(text, "KG-2") || strings.Contains(text, "KG-1") {
		t.Errorf("the sheet contains %s", text)
	}
}

// TestWorkbookTies checks that a workbook is not sent if its totals do not agree.
func TestWorkbookTies(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 300000)
	tp.run(reconcile.Request{})
	p := &page{Options: Options{Store: Store{Archive: wrongTotals{tp.store}},
		Settings: func() Settings { return Settings{} },
		Now:      nowFunc,
		Logger:   discard}, workbookSlots: make(chan struct{}, 1)}
	p.sessions = newSessions(tp.store.Sessions())
	viewer := &sessionUser{Name: "viewer", Role: reconcile.RoleViewer}
	w, r := record("/runs/1/workbook", map[string]string{"id": "1"}, viewer, p)
	ofRun(runPages.workbook)(p, w, r)
	if w.Code != http.StatusInternalServerError || strings.HasPrefix(w.Body.String(), "PK") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// TestWorkbooksWait checks that a workbook waits for a slot, and that each slot is released.
func TestWorkbooksWait(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 300000)
	tp.run(reconcile.Request{})
	p := &page{Options: Options{Store: Store{Archive: tp.store}}, workbookSlots: make(chan struct{}, 1)}
	options := reports.Options{Zone: time.UTC, Now: nowFunc()}
	for range 2 {
		tp.must(runPages{p}.writeWorkbook(t.Context(), io.Discard, 1, options))
	}
	p.workbookSlots <- struct{}{}
	p.Store = Store{} // the test does not use the store
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	var text bytes.Buffer
	if err := (runPages{p}).writeWorkbook(canceled, &text, 1, options); !errors.Is(err, context.Canceled) ||
		text.Len() > 0 {
		t.Errorf("without a slot: %v, and %d bytes", err, text.Len())
	}
}

// TestOutcomeRows checks that both amounts in a row belong to the same payins, and that each part of the
// table has a sum.
func TestOutcomeRows(t *testing.T) {
	total := func(outcome reconcile.Outcome, currency string, count, compared, amount, ours,
		theirs int64) reconcile.Total {
		return reconcile.Total{Outcome: outcome, Currency: currency, Count: count, Compared: compared,
			Amount: reconcile.SumOf(amount), ComparedAmount: reconcile.SumOf(ours), PaidAmount: reconcile.SumOf(theirs)}
	}
	rows := outcomeRows([]reconcile.Total{
		total(reconcile.Confirmed, "KGS", 4, 4, 40000, 40000, 40000), total(reconcile.Timeout, "KGS", 3, 1, 9000, 3000, 2000),
		total(reconcile.Confirmed, "UZS", 1, 1, 500, 500, 500), total(reconcile.NotFound, "XOF", 2, 0, 700, 0, 0),
	})
	var got strings.Builder
	for _, r := range rows {
		theirs := "–"
		if r.Compared {
			theirs = signed(r.HighHelp, r.Currency) + " " + signed(r.Difference(), r.Currency)
		}
		fmt.Fprintf(&got, "%s%s %d %s %s %d\n", r.Outcome, r.Sum, r.Count, money(r.Merchant, r.Currency), theirs,
			r.Bar.Length)
	}
	const want = `confirmed 4 400.00 KGS +400.00 0.00 1000
timeout 1 30.00 KGS +20.00 -10.00 250
Compared 5 430.00 KGS +420.00 -10.00 0
timeout 2 60.00 KGS – 500
Not compared 2 60.00 KGS – 0
All 7 490.00 KGS – 0
confirmed 1 5.00 UZS +5.00 0.00 250
All 1 5.00 UZS +5.00 0.00 0
not_found 2 700 XOF – 500
All 2 700 XOF – 0
`
	if text := strings.ReplaceAll(got.String(), "\u00a0", " "); text != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
}

// TestBars checks that bars fit their width, and that a value above zero is visible.
func TestBars(t *testing.T) {
	for _, c := range []struct {
		got, want bar
	}{
		{newBar(0, 10, "x"), bar{0, 0, "x"}},
		{newBar(1, 1_000_000, "x"), bar{0, 4, "x"}},
		{newBar(1<<62, 1<<62, "x"), bar{0, 1000, "x"}},
		{signedBar(5, 10), bar{500, 250, "plus"}},
		{signedBar(-10, 10), bar{0, 500, "minus"}},
		{signedBar(0, 10), bar{}},
	} {
		if c.got != c.want {
			t.Errorf("got %+v, want %+v", c.got, c.want)
		}
	}
}
