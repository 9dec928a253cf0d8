package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"hhrecon/reconcile"
	"hhrecon/reports"
)

const (
	supportDays = 90  // the page shows cases of runs of the last 90 days, as `hhrecon support` does
	supportPage = 100 // number of cases on a page; a form with all these cases is smaller than maxForm
)

// supportFilter selects the cases to show.
type supportFilter struct {
	State     reconcile.SupportState // "" selects all states except settled
	ProjectID string
	Skip      int // cases on the previous pages
}

// supportView is the list of questions for HighHelp's support.
type supportView struct {
	Filter  supportFilter
	Total   int // number of cases on all pages
	Cases   []caseRow
	States  []supportChoice
	Days    int
	Note    string
	Mark    reconcile.SupportState // the state chosen in the form
	Problem string
}

// supportChoice is a support state with its meaning.
type supportChoice struct {
	State reconcile.SupportState
	Means string
}

var supportChoices = []supportChoice{
	{reconcile.SupportNew, "the question was not sent to HighHelp's support yet, or must be sent again"},
	{reconcile.SupportSent, "the question was sent to HighHelp's support"},
	{reconcile.SupportAnswered, "HighHelp's support answered, and a person must still act on the answer"},
	{reconcile.SupportSettled, "no question is left; the payin is not listed until HighHelp's answer changes"},
}

// caseRow is a support case in the list.
type caseRow struct {
	*reports.Case
	Address string
	Pick    string // the value of its check box
	Picked  bool
}

// Marked reports whether a person has set the support state of the case, for the current or for an earlier answer of
// HighHelp.
func (c *caseRow) Marked() bool { return c.Mark.State != "" }

// Stale reports whether HighHelp's answer has changed since a person set the support state.
func (c *caseRow) Stale() bool { return c.Marked() && c.Mark.Answer != c.SupportAnswer() }

// Next returns the address of the next page, or "" if there is none.
func (v *supportView) Next() string {
	next := v.Filter
	if next.Skip += len(v.Cases); next.Skip >= v.Total {
		return ""
	}
	return next.Address("/support")
}

// Address returns the URL of the list, or of a file with the cases of the list. The argument path is the
// path of the URL.
func (f supportFilter) Address(path string) string {
	return path + "?" + url.Values{"state": {string(f.State)}, "project": {f.ProjectID},
		"skip": {strconv.Itoa(f.Skip)}}.Encode()
}

func supportFilterOf(r *http.Request) supportFilter {
	f := supportFilter{State: reconcile.SupportState(r.FormValue("state")), ProjectID: r.FormValue("project")}
	f.Skip, _ = strconv.Atoi(r.FormValue("skip")) // 0 means the first page
	f.Skip = max(f.Skip, 0)
	return f
}

func (f supportFilter) wants(c *reports.Case) bool {
	if f.State == "" {
		return c.State != reconcile.SupportSettled
	}
	return c.State == f.State
}

// supportCases lists all cases of the last days, in any state.
func (p supportPages) supportCases(ctx context.Context, projectID string) ([]reports.Case, error) {
	now := p.Now()
	cases, err := reports.SupportCases(ctx, p.Store, p.Store,
		reconcile.ReportScope{ProjectID: projectID, Window: reconcile.Window{From: now.AddDate(0, 0, -supportDays), To: now}})
	if err != nil {
		return nil, fmt.Errorf("list support cases: %w", err)
	}
	return cases, nil
}

// shownCases lists the cases of one page, and counts the cases of all pages.
func (p supportPages) shownCases(ctx context.Context, f supportFilter) ([]reports.Case, int, error) {
	cases, err := p.supportCases(ctx, f.ProjectID)
	if err != nil {
		return nil, 0, err
	}
	cases = slices.DeleteFunc(cases, func(c reports.Case) bool { return !f.wants(&c) })
	total := len(cases)
	cases = cases[min(f.Skip, total):]
	return cases[:min(supportPage, len(cases))], total, nil
}

func (p supportPages) support(w http.ResponseWriter, r *http.Request) {
	p.showSupport(w, r, http.StatusOK, "")
}

// showSupport shows the list of cases. If a form was refused, problem contains the reason.
func (p supportPages) showSupport(w http.ResponseWriter, r *http.Request, status int, problem string) {
	f := supportFilterOf(r)
	cases, total, err := p.shownCases(r.Context(), f)
	if err == nil && f.Skip > 0 && len(cases) == 0 { // the list has become shorter since the page was shown
		f.Skip = 0
		cases, total, err = p.shownCases(r.Context(), f)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v := supportView{Filter: f, Total: total, States: supportChoices, Days: supportDays, Note: r.PostFormValue("note"),
		Mark: reconcile.SupportState(r.PostFormValue("mark")), Problem: problem}
	for i := range cases {
		c := &cases[i]
		pick := pickOf(c)
		v.Cases = append(v.Cases, caseRow{
			c, payinAddress(c.ProjectID, c.PaymentID), pick, r.FormValue("tick") == "all" ||
				slices.Contains(r.PostForm["pick"], pick),
		})
	}
	p.render(w, r, status, "support.html", "For HighHelp's support", &v)
}

// supportLetter sends the shown cases as the text of a letter to HighHelp's support.
func (p supportPages) supportLetter(w http.ResponseWriter, r *http.Request) {
	p.supportFile(w, r, "text/plain; charset=utf-8", "txt", reports.WriteSupportLetter)
}

// supportCSV sends the shown cases as a CSV file.
func (p supportPages) supportCSV(w http.ResponseWriter, r *http.Request) {
	p.supportFile(w, r, "text/csv; charset=utf-8", "csv", reports.WriteSupportCSV)
}

func (p supportPages) supportFile(w http.ResponseWriter, r *http.Request, kind, ending string,
	write func(io.Writer, []reports.Case, reports.Options) error) {
	cases, _, err := p.shownCases(r.Context(), supportFilterOf(r))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if len(cases) == 0 {
		p.refuse(w, r, http.StatusNotFound, "There is nothing to send",
			"No payin is in this state now. Open the list again.")
		return
	}
	o := p.reportOptions()
	var text bytes.Buffer
	if err := write(&text, cases, o); err != nil {
		p.fail(w, r, fmt.Errorf("the %s for HighHelp's support: %w", ending, err))
		return
	}
	name := "highhelp-support-" + o.Now.In(p.view(r, "", nil).zone()).Format(time.DateOnly) + "." + ending
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = w.Write(text.Bytes()) // an error means that the browser has disconnected
}

// pickOf identifies a case together with the shown answer of HighHelp and the shown support state. If the answer or the
// state has changed, the value does not match the case.
func pickOf(c *reports.Case) string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%q %q %q %s", c.ProjectID, c.PaymentID, c.SupportAnswer(),
		c.State)))
}
