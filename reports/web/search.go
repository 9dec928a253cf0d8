package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hhrecon/reconcile"
)

// findingsPage is the number of findings on one page of a list.
const findingsPage = 100

// findingsView is a list of findings. The findings belong to one run, match a search, or are about undecided payins.
type findingsView struct {
	Heading  string
	Run      *runRow // nil if the findings belong to several runs
	Filter   reconcile.FindingFilter
	Findings []findingRow
	Next     int64 // the next page lists findings after this finding; 0 on the last page
	More     bool  // some findings are not shown
	Searched bool
	Outcomes []reconcile.Outcome
}

// findingRow is a finding in a list.
type findingRow struct {
	reconcile.Finding
	Address string
}

// Difference returns HighHelp's amount minus the merchant's amount, A − M.
func (r *findingRow) Difference() int64 { return r.PaidAmount - r.Amount }

// Before returns the state of the merchant's row that the run read.
func (r *findingRow) Before() reconcile.State { return rowOf(&r.Finding) }

func rowOf(f *reconcile.Finding) reconcile.State {
	return reconcile.State{Status: f.Status, SubStatus: f.SubStatus, SettledAmount: f.SettledAmount}
}

func payinAddress(projectID, paymentID string) string {
	return "/payin?" + url.Values{"project": {projectID}, "id": {paymentID}}.Encode()
}

// listFindings shows the findings that match the filter. Without a search term, it shows no findings.
func (p runPages) listFindings(w http.ResponseWriter, r *http.Request, v findingsView) {
	v.Outcomes = reconcile.Outcomes
	if v.Searched {
		f := v.Filter
		f.Limit = findingsPage + 1
		found, err := p.Store.FindFindings(r.Context(), f)
		if err != nil {
			p.fail(w, r, fmt.Errorf("find findings: %w", err))
			return
		}
		if v.More = len(found) > findingsPage; v.More {
			found = found[:findingsPage]
		}
		if v.More && v.Run != nil {
			v.Next = found[findingsPage-1].Seq
		}
		v.Findings = reconcile.Map(found, func(f reconcile.Finding) findingRow {
			return findingRow{f, payinAddress(f.ProjectID, f.PaymentID)}
		})
	}
	p.render(w, r, http.StatusOK, "findings.html", v.Heading, v)
}

// filterOf reads a filter from the query parameters of the URL.
func filterOf(r *http.Request) reconcile.FindingFilter {
	f := reconcile.FindingFilter{
		ProjectID: r.FormValue("project"),
		Outcome:   reconcile.Outcome(r.FormValue("outcome")),
		Text:      strings.TrimSpace(r.FormValue("q")),
	}
	f.AfterSeq, _ = strconv.ParseInt(r.FormValue("beyond"), 10, 64) // 0 means the first page
	return f
}

// findings lists the findings of a run.
func (p runPages) findings(w http.ResponseWriter, r *http.Request, run reconcile.Run) {
	f := filterOf(r)
	f.RunID, f.ProjectID = run.ID, ""
	row := newRunRow(run)
	p.listFindings(w, r, findingsView{
		Filter:   f,
		Run:      &row,
		Heading:  fmt.Sprintf("Findings of run %d", run.ID),
		Searched: true,
	})
}

// search finds payins of all projects by part of their payment_id or of HighHelp's request_id.
func (p runPages) search(w http.ResponseWriter, r *http.Request) {
	f := filterOf(r)
	p.listFindings(w, r, findingsView{
		Filter:   f,
		Heading:  "Search payins",
		Searched: f.Text != "" || f.Outcome != "" || f.ProjectID != "",
	})
}

// waiting lists the payins that need a decision.
func (p runPages) waiting(w http.ResponseWriter, r *http.Request) {
	f := filterOf(r)
	f.Undecided = true
	p.listFindings(w, r, findingsView{Filter: f, Heading: "Payins that wait for a decision", Searched: true})
}
