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
	supportDays = 90  // how far back runs are looked at, as `hhrecon support` does
	supportPage = 100 // cases on one page; a form with all of them fits in maxForm
)

// supportFilter is which cases are shown.
type supportFilter struct {
	State     reconcile.SupportState // "": all but settled
	ProjectID string
	Skip      int // cases on the pages before
}

// supportView lists what HighHelp's support is to be asked about, and was.
type supportView struct {
	Filter  supportFilter
	Total   int // on all pages
	Cases   []caseRow
	States  []supportChoice
	Days    int
	Note    string
	Mark    reconcile.SupportState // that was chosen in the form
	Problem string
}

// supportChoice is a state and its meaning.
type supportChoice struct {
	State reconcile.SupportState
	Means string
}

var supportChoices = []supportChoice{
	{reconcile.SupportNew, "not asked yet, or to be asked again"},
	{reconcile.SupportSent, "HighHelp's support was asked"},
	{reconcile.SupportAnswered, "it answered; somebody must still act on it"},
	{reconcile.SupportSettled, "there is nothing more to ask; it leaves the list until HighHelp says something else"},
}

// caseRow is a case in the list.
type caseRow struct {
	*reports.Case
	Address string
	Pick    string // what its check box sends
	Picked  bool
}

// Marked reports whether a person has marked the case, even about an earlier answer.
func (c *caseRow) Marked() bool { return c.Mark.State != "" }

// Stale reports whether the mark is about an earlier answer of HighHelp.
func (c *caseRow) Stale() bool { return c.Marked() && c.Mark.Answer != c.SupportAnswer() }

// Next leads to the next page, if there is one.
func (v *supportView) Next() string {
	next := v.Filter
	if next.Skip += len(v.Cases); next.Skip >= v.Total {
		return ""
	}
	return next.Address("/support")
}

// Address is the address of the list, or of a file with its cases.
func (f supportFilter) Address(path string) string {
	return path + "?" + url.Values{"state": {string(f.State)}, "project": {f.ProjectID},
		"skip": {strconv.Itoa(f.Skip)}}.Encode()
}

func supportFilterOf(r *http.Request) supportFilter {
	f := supportFilter{State: reconcile.SupportState(r.FormValue("state")), ProjectID: r.FormValue("project")}
	f.Skip, _ = strconv.Atoi(r.FormValue("skip")) // 0, the first page, if it is not a number
	f.Skip = max(f.Skip, 0)
	return f
}

func (f supportFilter) wants(c *reports.Case) bool {
	if f.State == "" {
		return c.State != reconcile.SupportSettled
	}
	return c.State == f.State
}

// supportCases lists the cases of the latest days that there are at all.
func (p supportPages) supportCases(ctx context.Context, projectID string) ([]reports.Case, error) {
	now := p.Now()
	cases, err := reports.SupportCases(ctx, p.Store, p.Store, reconcile.ReportScope{
		ProjectID: projectID, Window: reconcile.Window{From: now.AddDate(0, 0, -supportDays), To: now},
	})
	if err != nil {
		return nil, fmt.Errorf("what to ask HighHelp's support: %w", err)
	}
	return cases, nil
}

// shownCases are those of one page, and how many there are on all pages.
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

// showSupport lists the cases; problem says why none was marked just now.
func (p supportPages) showSupport(w http.ResponseWriter, r *http.Request, status int, problem string) {
	f := supportFilterOf(r)
	cases, total, err := p.shownCases(r.Context(), f)
	if err == nil && f.Skip > 0 && len(cases) == 0 { // the list got shorter meanwhile
		f.Skip = 0
		cases, total, err = p.shownCases(r.Context(), f)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v := supportView{
		Filter: f, Total: total, States: supportChoices, Days: supportDays,
		Note: r.PostFormValue("note"), Mark: reconcile.SupportState(r.PostFormValue("mark")), Problem: problem,
	}
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

// supportLetter hands out the shown cases as a letter to HighHelp's support.
func (p supportPages) supportLetter(w http.ResponseWriter, r *http.Request) {
	p.supportFile(w, r, "text/plain; charset=utf-8", "txt", reports.WriteSupportLetter)
}

// supportCSV hands out the shown cases as a table.
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
			"No payin is in this state any more: look at the list again.")
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
	_, _ = w.Write(text.Bytes()) // an error is the browser's leaving
}

// pickOf names a case together with HighHelp's answer and the state that were shown, so that a mark never applies to
// a case that has changed.
func pickOf(c *reports.Case) string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%q %q %q %s", c.ProjectID, c.PaymentID, c.SupportAnswer(),
		c.State)))
}
