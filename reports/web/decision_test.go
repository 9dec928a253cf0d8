package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hhrecon/reconcile"
)

// choice returns the fields of a decision's form.
func choice(id, input, note, run, seq string) url.Values {
	return url.Values{"project": {projectID}, "id": {id}, "choice": {input}, "note": {note}, "run": {run}, "seq": {seq}}
}

// TestDecideTwice checks that a second decision is refused with a message that names the first person.
func TestDecideTwice(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 700000)
	tp.run(reconcile.Request{})
	finance, admin := tp.as(reconcile.RoleFinance), tp.as(reconcile.RoleAdmin)
	finance.post("/payin/decide", choice("KG-1", "decline", "not ours", "1",
		"1")).follow().says("the merchant's row is now decline")
	admin.post("/payin/decide", choice("KG-1", "accept", "it is ours", "1", "1")).wants(http.StatusConflict).
		says("Nothing was done: finance already decided this payin, on 20")
	if s := tp.rowState("KG-1"); s != "decline//0" {
		t.Errorf("the row is %s", s)
	}
}

// TestDecideStale checks that a decision about an earlier finding is refused.
func TestDecideStale(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 700000)
	tp.run(reconcile.Request{})
	tp.says("KG-1", "success", "", 300000, 300000, 900000)
	tp.run(reconcile.Request{})
	finance := tp.as(reconcile.RoleFinance)
	finance.post("/payin/decide", choice("KG-1", "accept", "seven thousand", "1", "1")).wants(http.StatusConflict).
		says("Nothing was done: this payin was reconciled again in run 2",
			"the merchant's row becomes success, settled 9 000.00 KGS")
	if s := tp.rowState("KG-1"); s != "dispute/different_amount/900000" {
		t.Errorf("the row is %s", s)
	}
}

// TestDecideSuperseded checks that a decision does not change a row that has changed since the finding.
func TestDecideSuperseded(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 700000)
	tp.run(reconcile.Request{})
	const change = "update payins set status = 'processing', updated_at = '2026-01-01T00:00:00.000000Z'"
	if _, err := tp.db.Exec(change); err != nil {
		t.Fatal(err)
	}
	finance := tp.as(reconcile.RoleFinance)
	finance.post("/payin/decide", choice("KG-1", "accept", "why", "1",
		"1")).wants(http.StatusConflict).says("Nothing was done: the merchant's row was not changed")
	if s := tp.rowState("KG-1"); s != "processing/different_amount/700000" {
		t.Errorf("the row is %s", s)
	}
}

// TestDecideFaults checks that an invalid form is refused, and that the form keeps the text of the user.
func TestDecideFaults(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 700000)
	tp.row("KG-2", 300000, "success", "", 300000, 300000, 300000)
	tp.run(reconcile.Request{})
	finance := tp.as(reconcile.RoleFinance)
	finance.post("/payin/decide", choice("KG-1", "", "my note", "1",
		"1")).wants(http.StatusUnprocessableEntity).says("choose accept, decline or keep", "my note")
	finance.post("/payin/decide", choice("KG-1", "accept", "  ", "1",
		"1")).wants(http.StatusUnprocessableEntity).says("give a reason")
	finance.post("/payin/decide", choice("KG-1", "perhaps", "why", "1",
		"1")).wants(http.StatusConflict).says(`"perhaps" is not a choice`)
	finance.post("/payin/decide", choice("KG-2", "accept", "why", "1",
		"2")).wants(http.StatusConflict).says("does not wait for a decision")
	finance.post("/payin/decide", choice("KG-9", "accept", "why", "1", "2")).wants(http.StatusNotFound)
	if s := tp.rowState("KG-1"); s != "dispute/different_amount/700000" {
		t.Errorf("the row is %s", s)
	}
}

// TestWaiting checks that the page lists payins until they are decided.
func TestWaiting(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 700000)
	tp.row("KG-2", 300000, "success", "", 300000, 300000, 300000)
	tp.run(reconcile.Request{})
	finance := tp.as(reconcile.RoleFinance)
	finance.get("/").says("1 payin of Som widget waits for a decision.")
	finance.get("/waiting").says("KG-1", "+4 000.00").lacks("KG-2")
	finance.post("/payin/decide", choice("KG-1", "keep", "we wait", "1",
		"1")).follow().says("the merchant's row stays as it is")
	finance.get("/waiting").says("No payin waits for a decision.")
	finance.get("/").says("Nothing to do: no run is held")
}

// approval returns the fields of the form that approves a proposal.
func approval(id string) url.Values { return url.Values{"project": {projectID}, "action": {id}} }

// TestApprove checks that only a second account can approve a proposal. The same account under another name
// cannot approve the proposal.
func TestApprove(t *testing.T) {
	tp, at := newOIDCPage(t)
	tp.change(func(s *Settings) { s.Projects[0].Above = 799999 })
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 700000)
	tp.row("KG-2", 300000, "success", "", 300000, 300000, 700000)
	tp.run(reconcile.Request{})
	aida := tp.newBrowser()
	aida.visit(at).wants(http.StatusSeeOther)
	aida.post("/payin/decide", choice("KG-1", "accept", "two\nlines", "1", "1")).wants(http.StatusUnprocessableEntity).
		says("has a line break")
	aida.post("/payin/decide", choice("KG-1", "accept", "below the sum", "1", "1")).follow().says("Decided: accept")

	at.claims["email"] = "aida.b@merchant.example" // the same account with another name
	renamed := tp.newBrowser()
	renamed.visit(at).wants(http.StatusSeeOther)
	renamed.post("/payin/decide", choice("KG-2", "accept", "together above it", "1", "2")).follow().
		says("Proposed: accept. Nothing is written until another person approves the proposal",
			"aida.b@merchant.example proposed on")
	const id = "4" // positions 1 to 3 of the audit log are two findings and a decision
	aida.get("/payin?project=" + projectID + "&id=KG-2").lacks("Your name is saved in the audit log beside")
	aida.post("/approve", approval(id)).wants(http.StatusConflict).says("so another person must approve it")
	tp.as(reconcile.RoleViewer).post("/approve", approval(id)).wants(http.StatusForbidden)
	finance := tp.as(reconcile.RoleFinance)
	finance.post("/approve", approval("3")).wants(http.StatusConflict).says("is not a proposal")
	if s := tp.rowState("KG-2"); s != "dispute/different_amount/700000" {
		t.Errorf("the row is %s before the approval", s)
	}
	finance.get("/").says("aida.b@merchant.example proposes to decide payin KG-2: accept, up to 7 000.00 KGS")
	tp.change(func(s *Settings) { s.Projects[0].Shadow = true })
	finance.post("/approve", approval(id)).wants(http.StatusConflict).says("the project is in shadow")
	tp.change(func(s *Settings) { s.Projects[0].Shadow = false })
	finance.post("/approve", approval(id)).follow().says("Decided: accept", "approved by finance")
	if s := tp.rowState("KG-2"); s != "success//700000" {
		t.Errorf("the row is %s", s)
	}
	finance.post("/approve", approval(id)).wants(http.StatusConflict).
		says("the payin or run was decided or undone in the meantime")
	finance.get("/runs/1").says("proposed to decide payin KG-2: accept, up to 7 000.00 KGS",
		"aida.b@merchant.example, approved by finance, decided payin KG-2")
}

// TestApproveUndo checks that a second administrator must approve an undo.
func TestApproveUndo(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 300000)
	tp.run(reconcile.Request{})
	tp.change(func(s *Settings) { s.Projects[0].Above = 1 })
	tp.as(reconcile.RoleAdmin).post("/runs/1/undo", url.Values{"note": {"a mistake"}}).follow()
	tp.work.Wait()
	if s := tp.rowState("KG-1"); s != "success//300000" {
		t.Errorf("the row is %s", s)
	}
	tp.as(reconcile.RoleFinance).post("/approve", approval("2")).wants(http.StatusForbidden).
		says("An administrator must approve this")
	u := reconcile.User{Name: "Cholpon", Role: reconcile.RoleAdmin, Hash: passwordHash()}
	tp.must(tp.store.SaveUser(t.Context(), u))
	cholpon := tp.newBrowser()
	cholpon.signIn("cholpon", password).wants(http.StatusSeeOther)
	cholpon.get("/runs/1").says("admin proposed on", "to undo run 1, up to 3 000.00 KGS")
	cholpon.post("/approve", approval("2")).wants(http.StatusSeeOther)
	tp.work.Wait()
	cholpon.get("/runs/1").says("admin, approved by Cholpon, undid this run: 1 row changed")
	if s := tp.rowState("KG-1"); s != "pending//0" {
		t.Errorf("the row is %s", s)
	}
}

// TestUnprovenProposer checks a proposal whose author has no verified identity. The page must say that the
// name is not verified. The first user who approves the proposal becomes its author, and another user must
// then approve the proposal.
func TestUnprovenProposer(t *testing.T) {
	tp := newTestPage(t)
	tp.row("KG-1", 300000, "success", "", 300000, 300000, 700000)
	tp.run(reconcile.Request{})
	now := time.Now()
	input := reconcile.DecisionInput{Choice: reconcile.ChoiceAccept, By: "admin", Note: "why", At: now,
		Consent: reconcile.Consent{
			Via: reconcile.ViaCLI, Identity: "os:root", Above: 1,
		}}
	decision, err := reconcile.NewDecision(t.Context(), tp.store, projectID, "KG-1", input)
	tp.must(err)
	decision.Answer = &decision.Finding
	decision.Answer.CheckedAt = time.Now()
	_, err = tp.store.ApplyDecision(t.Context(), decision)
	tp.must(err)
	admin, finance := tp.as(reconcile.RoleAdmin), tp.as(reconcile.RoleFinance)
	admin.get("/payin?project="+projectID+"&id=KG-1").says("os:root (says: admin)", "this becomes your proposal")
	admin.post("/approve", approval("2")).follow().says("Nothing is written until another person approves the proposal",
		"admin proposed on").lacks("this becomes your proposal")
	admin.post("/approve", approval("3")).wants(http.StatusConflict).says("so another person must approve it")
	finance.post("/approve", approval("2")).wants(http.StatusConflict).says("another proposal replaced it")
	if s := tp.rowState("KG-1"); s != "dispute/different_amount/700000" {
		t.Errorf("the row is %s after one person", s)
	}
	finance.post("/approve", approval("3")).follow().says("Decided: accept",
		"admin decided this on", "approved by finance")
	if s := tp.rowState("KG-1"); s != "success//700000" {
		t.Errorf("the row is %s", s)
	}
}
