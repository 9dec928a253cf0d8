package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"hhrecon/reconcile"
)

// newHeldPage returns a page of a database with run 1. The run holds two corrections that set the status decline, and
// has written one correction that sets the status success.
func newHeldPage(t *testing.T) *testPage {
	t.Helper()
	tp := newTestPage(t)
	tp.policy = func(p *reconcile.Project) { p.Hold.Count, p.Hold.Share = 1, 0.01 }
	tp.row("KG-1", 300000, "decline", "")
	tp.row("KG-2", 150000, "decline", "")
	tp.row("KG-3", 100000, "success", "", 100000, 100000, 100000)
	if run := tp.run(reconcile.Request{}); run.State != reconcile.Held {
		t.Fatalf("run 1 is %s", run.State)
	}
	return tp
}

var why = url.Values{"note": {"HighHelp confirmed it"}}

// TestRelease checks that the page shows counts and sums before a release, and requires a note.
func TestRelease(t *testing.T) {
	tp := newHeldPage(t)
	p := tp.as(reconcile.RoleFinance)
	p.get("/").says("Run 1 of Som widget is held. Release or discard its 2 corrections.")
	p.get("/runs/1").says("HELD", "A person must release or discard the held corrections", "Held 2 corrections",
		"Release…")
	p.get(payinAddress(projectID, "KG-1")).says("The correction of this payin is held by run 1. Release or " +
		"discard the run first.")
	p.get("/runs/1/release").says("Its 2 corrections will be written", "decline harmful 2 4 500.00 KGS",
		"Why it was held: ")
	p.post("/runs/1/release", nil).wants(http.StatusUnprocessableEntity).says("Give a reason")
	if s := tp.rowState("KG-1"); s != "pending//0" {
		t.Fatalf("the row is %s before the release", s)
	}
	p.post("/runs/1/release", why).wants(http.StatusSeeOther)
	tp.work.Wait()
	p.get("/runs/1").says("This run was held. A person released its corrections.",
		"finance started an action: release this run. Done: 2 rows changed, 0 not changed.",
		"finance released this run: 2 rows changed. HighHelp confirmed it")
	if s := tp.rowState("KG-1") + " " + tp.rowState("KG-3"); s != "decline//0 success//100000" {
		t.Errorf("the rows are %s", s)
	}
	p.post("/runs/1/release", why).wants(http.StatusConflict).says("Run 1 is not held. Its state is released.")
	p.get("/runs/1/discard").wants(http.StatusConflict)
	p.get(payinAddress(projectID, "KG-1")).says("The correction was held, so the merchant's row stayed pending. "+
		"The planned state was decline.", "finance released the run",
		"The merchant's row was changed from pending to decline.")
}

// TestRemovedProject checks that the page names a project that is not in the settings, but has a held run.
func TestRemovedProject(t *testing.T) {
	tp := newHeldPage(t)
	const removed = "Project " + projectID + " waits for decisions, but is not in the settings."
	p := tp.as(reconcile.RoleFinance)
	p.get("/").lacks(removed)
	tp.settings.Projects[0].ID = "11111111-b45d-42bf-bc5f-b7a499a01782"
	p.get("/").says(removed, "Run 1 of "+projectID+" is held.")
}

// TestDiscard checks that a discard writes no correction.
func TestDiscard(t *testing.T) {
	tp := newHeldPage(t)
	p := tp.as(reconcile.RoleFinance)
	p.get("/runs/1/discard").says("Its 2 corrections will be discarded")
	p.post("/runs/1/discard", why).wants(http.StatusSeeOther)
	tp.work.Wait()
	p.get("/runs/1").says("This run was held. A person discarded its corrections.", "finance discarded this run")
	p.get(payinAddress(projectID, "KG-1")).says("The planned state was decline.", "finance discarded the run",
		"The held corrections of the run were discarded.", "The merchant's row when hhrecon last read or wrote it: pending.").
		lacks("The correction of this payin is held")
	if s := tp.rowState("KG-1"); s != "pending//0" {
		t.Errorf("the row is %s", s)
	}
}

// TestUndo checks that an undo restores the rows that a run changed, and that the page shows the number of rows before
// the undo.
func TestUndo(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 300000)
	tp.row("KG-2", 300000, "success", "", 300000, 300000, 300000)
	tp.run(reconcile.Request{})
	if _, err := tp.db.Exec("update payins set status = 'processing', updated_at = '2026-01-01T00:00:00.000000Z' where " +
		"payment_id = 'KG-2'"); err != nil {
		t.Fatal(err)
	}
	p := tp.as(reconcile.RoleAdmin)
	p.get("/runs/1/undo").says("1 row will be restored to the state before this run",
		"1 row cannot be restored, because it has changed since.")
	if s := tp.rowState("KG-1"); s != "success//300000" {
		t.Fatalf("the confirmation page changed the row to %s", s)
	}
	p.post("/runs/1/undo", why).wants(http.StatusSeeOther)
	tp.work.Wait()
	p.get("/runs/1").says("1 row changed, 1 not changed", "admin undid this run: 1 row changed, 1 not changed.")
	if s := tp.rowState("KG-1"); s != "pending//0" {
		t.Errorf("the row is %s", s)
	}
}

// panickingStore is a store that panics when it executes an action.
type panickingStore struct{ reconcile.ActionStore }

func (panickingStore) Execute(context.Context, reconcile.RunAction, func(reconcile.Action) error) error {
	panic("no such table")
}

// TestActionPanics checks that a panic in an action does not end the process.
func TestActionPanics(t *testing.T) {
	p := &page{Options: Options{Store: Store{ActionStore: panickingStore{}}, Logger: discard}}
	action := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: 7, By: "Aida"}
	p.actions.begin(action)
	actionPages{p}.execute(t.Context(), action)
	if s := p.actions.of(7); !s.Done || s.Problem == "" {
		t.Errorf("the action's state is %+v", s)
	}
}

// TestActionTwice checks that a second action on a run cannot start before the first is done.
func TestActionTwice(t *testing.T) {
	var s runActions
	action := reconcile.RunAction{Kind: reconcile.ActionRelease, RunID: 7, By: "Aida"}
	if !s.begin(action) || s.begin(action) {
		t.Fatal("two orders about one run at once")
	}
	s.change(7, func(s *actionState) { s.Done = true })
	if !s.begin(action) {
		t.Fatal("no action can start after the first has ended")
	}
}

// TestReleaseLate checks that a run can no longer be released after a later run has got answers about all its held
// payins.
func TestReleaseLate(t *testing.T) {
	tp := newHeldPage(t)
	tp.policy = func(*reconcile.Project) {}
	tp.run(reconcile.Request{})
	p := tp.as(reconcile.RoleFinance)
	p.get("/").lacks("Run 1 of Som widget is held")
	p.get("/runs/1/release").wants(http.StatusConflict).says("Run 1 is not held.")
	if s := tp.rowState("KG-1"); s != "decline//0" {
		t.Errorf("the row is %s", s)
	}
}

// TestShadow checks that the page names a project in shadow, and refuses actions that write.
func TestShadow(t *testing.T) {
	tp := newHeldPage(t)
	tp.change(func(s *Settings) { s.Projects = []Project{{ID: projectID, Name: "Som widget", Shadow: true}} })
	p := tp.as(reconcile.RoleAdmin)
	p.get("/").says("Som widget is in shadow, so its runs write nothing to the merchant's table. " +
		"Clean nights in a row: 0 of 7.")
	for _, kind := range []string{"release", "undo"} {
		p.post("/runs/1/"+kind, why).wants(http.StatusSeeOther)
		tp.work.Wait()
		p.get("/runs/1").says("It ended early: the project is in shadow, so hhrecon does not write")
	}
	if s := tp.rowState("KG-1") + " " + tp.rowState("KG-3"); s != "pending//0 success//100000" {
		t.Errorf("the rows are %s", s)
	}
	p.post("/payin/decide", choice("KG-3", "accept", "the receipt", "1", "3")).wants(http.StatusConflict).
		says("the project is in shadow")
	p.post("/runs/1/discard", why).wants(http.StatusSeeOther)
	tp.work.Wait()
	p.get("/runs/1").says("A person discarded its corrections")
}
